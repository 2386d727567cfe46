//! Hands log lines to a thread that writes them.
//!
//! Standard error may be a full disk, a pipe whose reader is gone, or one whose reader has stopped
//! to read. None of that may fail a request or keep it waiting, so whoever logs only puts the line
//! into a queue. What does not fit is lost, and what cannot be written too.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

/// How many lines may wait.
const PLACES: usize = 8_192;

/// How long the end of the program waits for lines that are not written yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// The queue of lines. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    sender: SyncSender<Entry>,
    lost: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Entry {
    Text(Vec<u8>),
    /// Dropped when everything before it is written.
    Mark(#[expect(dead_code, reason = "only its drop is waited for")] SyncSender<()>),
}

impl Lines {
    /// Starts the thread that writes to standard error.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(PLACES);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        thread::Builder::new().name("log".to_owned()).spawn(move || write(&receiver, &counted))?;
        Ok(Self { sender, lost })
    }

    /// Waits until the lines so far are written, but not for long.
    pub(super) fn flush(&self) {
        let (mark, written) = sync_channel(0);
        let begun = Instant::now();
        let mut entry = Entry::Mark(mark);
        while let Err(TrySendError::Full(refused)) = self.sender.try_send(entry) {
            if begun.elapsed() > PATIENCE {
                return;
            }
            entry = refused;
            thread::sleep(Duration::from_millis(5));
        }
        // Nothing is sent: the end of the channel is what is waited for.
        let _ = written.recv_timeout(PATIENCE.saturating_sub(begun.elapsed()));
    }
}

/// Writes lines until nobody can log any more.
fn write(entries: &Receiver<Entry>, lost: &AtomicU64) {
    for entry in entries {
        if let Entry::Text(line) = entry {
            // There is no other place to tell that it failed.
            let _ = io::stderr().lock().write_all(&line);
        }
        let lines = lost.swap(0, Ordering::Relaxed);
        if lines > 0 {
            tracing::warn!(lines, "log lines were lost, because standard error is too slow");
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// The log writes each line at once.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.sender.try_send(Entry::Text(line.to_owned())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
