//! Runs the command in a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An empty working directory.
pub(crate) struct Folder(TempDir);

/// What a command left behind.
pub(crate) struct Finished {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with a configuration file, `auth.toml`.
    pub(crate) fn configured(content: &str) -> Self {
        let folder = Self::new();
        folder.write("auth.toml", content);
        folder
    }

    /// One with a configuration file and a database, as a server leaves it behind.
    pub(crate) fn prepared(content: &str) -> Self {
        let key = "a-secret-key-that-is-long-enough-for-every-test";
        let folder = Self::configured(&format!("server = {{ secret_key = \"{key}\" }}\n{content}"));
        folder.run(&["migrate"], "").ok();
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.path().join(name), content).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.here(Command::new(env!("CARGO_BIN_EXE_rest-auth")));
        command.args(arguments);
        command
    }

    fn here(&self, mut command: Command) -> Command {
        command.current_dir(self.path()).env_clear();
        if self.path().join("auth.toml").exists() {
            command.env("REST_AUTH_CONFIG", "auth.toml");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Finished {
        let mut child = self.start(arguments);
        // A command that refuses to start reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Finished::of(child)
    }

    /// Starts a command. Whoever calls this waits for its end.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Starts a server at any free port and waits until it listens.
    pub(crate) fn serve(&self) -> Server {
        self.serve_at("127.0.0.1:0")
    }

    /// A command with a limit of the shell's `ulimit`, such as `-n 256`.
    pub(crate) fn within(&self, limit: &str, arguments: &[&str]) -> Command {
        let mut command = self.here(Command::new("/bin/sh"));
        command.arg("-c").arg(format!("ulimit {limit} && exec \"$0\" \"$@\""));
        command.arg(env!("CARGO_BIN_EXE_rest-auth")).args(arguments);
        command
    }

    /// Starts a server at any free port with such a limit, and waits until it listens.
    pub(crate) fn serve_within(&self, limit: &str) -> Server {
        Server::of(self.within(limit, &["--bind", "127.0.0.1:0"]).spawn().unwrap())
    }

    /// Starts a server at an address and waits until it listens.
    pub(crate) fn serve_at(&self, address: &str) -> Server {
        Server::of(self.command(&["--bind", address]).spawn().unwrap())
    }
}

impl Server {
    /// Waits until a server listens.
    pub(crate) fn of(mut child: Child) -> Self {
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut server = Server { child, log, said: Vec::new(), url: String::new() };
        let line = server.wait_for("listening on ");
        let url = line.split("listening on ").nth(1).unwrap();
        // In JSON the sentence ends with a quotation mark.
        server.url.push_str(url.split(['"', ' ']).next().unwrap());
        server
    }
}

impl Finished {
    /// Waits for the end of a command that nobody killed.
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The lines of standard output as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The same outcome if the command succeeded.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.stderr);
        self
    }
}

/// A server that runs; it is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    log: Receiver<String>,
    /// What it has logged so far, as far as somebody waited for it.
    pub(crate) said: Vec<String>,
    /// Where the API is, as the server says.
    pub(crate) url: String,
}

impl Server {
    /// Waits for a line of the log.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {text:?} after {:#?}", self.said));
            self.said.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Whether a line of the log so far contains a text.
    pub(crate) fn has_said(&self, text: &str) -> bool {
        self.said.iter().any(|line| line.contains(text))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let authority = self.url.split("://").nth(1).unwrap();
        authority.split('/').next().unwrap().parse().unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Asks for a page.
    pub(crate) fn get(&self, path: &str) -> Answer {
        exchange(self.connect(), &request("GET", path, ""))
    }

    /// Posts JSON to the API.
    pub(crate) fn post(&self, path: &str, json: &Value) -> Answer {
        let path = format!("/api/auth/{path}");
        exchange(self.connect(), &request("POST", &path, &json.to_string()))
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").arg("-c").arg(line).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }
}

/// A request as it travels.
pub(crate) fn request(method: &str, path: &str, json: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
        json.len()
    )
}

/// Sends a request and reads the answer to its end.
pub(crate) fn exchange(mut stream: impl Read + Write, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A connection on which one request follows another.
pub(crate) struct KeptAlive {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl KeptAlive {
    pub(crate) fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { stream, reader }
    }

    /// Sends a request, reads the answer to the end of its body, and returns its first line.
    pub(crate) fn ask(&mut self, request: &str) -> String {
        self.stream.write_all(request.as_bytes()).unwrap();
        let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
        self.reader.read_line(&mut first).unwrap();
        loop {
            line.clear();
            self.reader.read_line(&mut line).unwrap();
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim_end().parse().unwrap();
            }
        }
        self.reader.read_exact(&mut vec![0; length]).unwrap();
        first
    }
}
