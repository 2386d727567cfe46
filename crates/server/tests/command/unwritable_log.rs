//! Standard error that cannot be written: lines are lost, and nothing else.

use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::harness::{Folder, KeptAlive, PATIENCE, exchange, request};

/// A server that is stopped at the end.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts a server with a standard error of one's own, at a port that was free a moment ago.
    fn start(folder: &Folder, stderr: Stdio) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = folder.command(&["serve", "--bind", &address.to_string()]);
        let child = command.stderr(stderr).stdout(Stdio::null()).spawn().unwrap();
        let mut running = Self { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert_eq!(running.child.try_wait().unwrap(), None, "it has ended");
            assert!(begun.elapsed() < PATIENCE, "it does not listen");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        running
    }

    fn status(&self, method: &str, path: &str) -> u16 {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        exchange(stream, &request(method, path, "{}")).status
    }

    /// Asks for what is logged, in one connection.
    fn ask(&self, times: usize) {
        let mut connection = KeptAlive::connect(self.address);
        for _ in 0..times {
            let line = connection.ask("GET /api/auth/user/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assert!(line.starts_with("HTTP/1.1 401 "), "{line:?}");
        }
    }

    /// Answers, and ends as it should.
    fn works_and_ends(mut self) {
        self.ask(20);
        assert_eq!(self.status("POST", "/api/auth/login/"), 400);
        assert_eq!(self.status("GET", "/no/such/page"), 404);
        assert_eq!(self.status("GET", "/readyz"), 200);
        let line = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").arg("-c").arg(line).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn full_disk() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_full_disk_fails_no_request() {
    let folder = Folder::new();
    Running::start(&folder, full_disk().into()).works_and_ends();
}

#[test]
fn a_pipe_without_a_reader_fails_no_request() {
    let folder = Folder::configured("[log]\nlevel = \"trace\"\nformat = \"json\"\n");
    let mut running = Running::start(&folder, Stdio::piped());
    drop(running.child.stderr.take());
    running.works_and_ends();
}

#[test]
fn a_pipe_whose_reader_has_stopped_keeps_no_request_waiting() {
    let folder = Folder::configured("[log]\nlevel = \"debug\"\nformat = \"json\"\n");
    let running = Running::start(&folder, Stdio::piped());
    // Each line has about two hundred bytes, and a pipe takes 64 KiB.
    running.ask(2_000);
    running.works_and_ends();
}

#[test]
fn commands_end_as_they_should() {
    let folder = Folder::configured("[server]\nbind = \"nowhere\"\n");
    for arguments in [&["check"][..], &["serve"], &["user", "list"], &["migrate"]] {
        let mut command = folder.command(arguments);
        let mut child = command.stderr(full_disk()).stdout(Stdio::null()).spawn().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{arguments:?}");
    }
}
