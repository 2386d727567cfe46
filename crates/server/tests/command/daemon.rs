//! Servers of others that a test runs for itself, and that refuse to run as root.

use std::ffi::OsStr;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::PATIENCE;

/// Whom root lends its processes to, by convention the user and the group `nobody`.
const NOBODY: u32 = 65_534;

/// A folder that a process of such a server owns.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A command that works here. What it says goes to a file, `<name>.log`.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let name = program.file_name().and_then(OsStr::to_str).unwrap();
        let log = self.path().join(format!("{name}.log"));
        let log = fs::File::options().create(true).append(true).open(log).unwrap();
        let mut command = Command::new(program);
        command.current_dir(self.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// What a program of this path has said.
    pub(crate) fn log_of(&self, program: &Path) -> String {
        self.log(program.file_name().and_then(OsStr::to_str).unwrap())
    }

    /// What a program of this name has said.
    pub(crate) fn log(&self, program: &str) -> String {
        fs::read_to_string(self.path().join(format!("{program}.log"))).unwrap_or_default()
    }
}

/// A process that is killed when it is dropped.
pub(crate) struct Daemon(pub(crate) Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address where nothing listens. Somebody may take it before it is used, but only who looks
/// for one in this moment.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Waits until somebody listens.
pub(crate) fn wait_until_listening(address: SocketAddr) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "nobody listens at {address}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
