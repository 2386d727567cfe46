//! One file for each message, like Django's file backend; a file appears when it is complete.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use crate::message::MailMessage;

/// A folder of `.eml` files. Their names sort by the time they were written.
pub(crate) struct Folder {
    path: PathBuf,
    /// The number of messages written, which orders those of one microsecond.
    written: AtomicU64,
}

impl Folder {
    /// Uses a folder, which is made if it does not exist.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), written: AtomicU64::new(0) })
    }

    /// Writes a message. It is on the disk when this returns, because the outbox forgets it then.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) async fn write(&self, message: &MailMessage) -> io::Result<()> {
        let name = format!(
            "{}-{:06}-{}.eml",
            message.date().format("%Y%m%dT%H%M%S%.6fZ"),
            self.written.fetch_add(1, Ordering::Relaxed),
            // Several processes may write in the same microsecond.
            message.id().split('@').next().unwrap_or_default(),
        );
        let hidden = self.path.join(format!(".{name}.part"));
        let done = self.write_as(&hidden, &self.path.join(name), message.bytes()).await;
        if done.is_err() {
            // The first error is reported; there may be nothing to remove.
            let _ = fs::remove_file(&hidden).await;
        }
        done
    }

    async fn write_as(&self, hidden: &Path, name: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // Messages hold links that open accounts.
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(hidden).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        drop(file);
        fs::rename(hidden, name).await
    }
}
