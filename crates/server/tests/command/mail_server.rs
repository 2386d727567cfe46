//! A real mail server, `tests/smtp/server.py`, and what arrived there.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Where the front end of the tests is.
const FRONT_END: &str = "https://app.example";

/// A mail server; it ends when it is dropped.
pub(crate) struct MailServer {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
    port: u64,
}

/// A mail as its recipient's mail program reads it.
pub(crate) struct Received(Value);

impl MailServer {
    /// Starts the one that `REST_AUTH_TEST_SMTP` names.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts it with a certificate and its key, so that it speaks TLS.
    pub(crate) fn certified(certificate: &Path, key: &Path) -> Self {
        Self::with(&[certificate, key])
    }

    fn with(files: &[&Path]) -> Self {
        let command = std::env::var_os("REST_AUTH_TEST_SMTP").unwrap().into_string().unwrap();
        let mut words = command.split_whitespace();
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(words.next().unwrap())
            .args(words)
            .arg(folder.path())
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut mail_server = Self { child, orders, answers, folder, port: 0 };
        mail_server.port = mail_server.answer()["port"].as_u64().unwrap();
        mail_server
    }

    /// Where it listens on this machine.
    pub(crate) fn port(&self) -> u64 {
        self.port
    }

    /// The configuration of a server that sends its mails here.
    pub(crate) fn configuration(&self) -> String {
        format!(
            "[email]\nbackend = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntimeout = 2\n\
             [account]\nemail_confirmation_url = \"{FRONT_END}/verify/{{key}}\"\n\
             rate_limits = false\n\
             [rest_auth]\npassword_reset_url = \"{FRONT_END}/reset/{{uid}}/{{token}}\"\n\
             [auth]\nargon2_memory_kib = 64\nargon2_time_cost = 1\n",
            self.port
        )
    }

    /// Has it do something, see there.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        assert_eq!(self.answer()["done"], order);
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// All mails so far, in the order in which they came.
    pub(crate) fn received(&self) -> Vec<Received> {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        files.sort();
        let read = |path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        files.into_iter().map(|path| Received(read(path))).collect()
    }

    /// Waits until so many mails have come, and tells all.
    pub(crate) fn wait_for(&self, count: usize, patience: Duration) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            assert!(begun.elapsed() < patience, "{} of {count} mails came", received.len());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Received {
    /// What is said of it: `mail_from`, `rcpt_tos`, `type`, `raw_head`, `defects`.
    pub(crate) fn fact(&self, name: &str) -> &Value {
        self.0.get(name).unwrap()
    }

    /// Whom it came to.
    pub(crate) fn to(&self) -> &str {
        self.0["rcpt_tos"][0].as_str().unwrap()
    }

    /// A header, decoded.
    pub(crate) fn header(&self, name: &str) -> &str {
        let headers = self.0["headers"].as_array().unwrap();
        let mut values = headers.iter().filter(|header| header[0] == name);
        let value = values.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(values.next().is_none(), "{name} stands there twice");
        value[1].as_str().unwrap()
    }

    /// The text of a part, by its media type.
    pub(crate) fn part(&self, media_type: &str) -> &str {
        self.0["parts"][media_type].as_str().unwrap()
    }

    /// What follows this path in the one link of the mail; none if the mail has no such link.
    pub(crate) fn link(&self, path: &str) -> Option<&str> {
        let start = format!("{FRONT_END}/{path}/");
        let mut links =
            self.part("text/plain").lines().filter_map(|line| line.strip_prefix(&start));
        let link = links.next();
        assert!(links.next().is_none(), "there are two links");
        link
    }
}
