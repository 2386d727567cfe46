//! Somebody who registers and forgets the password, against a server that may be gone at any time.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Answer, PATIENCE, exchange, request};

/// What every visitor chooses at first.
pub(crate) const PASSWORD: &str = "correct-horse-9";
/// How long a visitor waits before the next try.
const PAUSE: Duration = Duration::from_millis(30);

/// A visitor by number.
#[derive(Clone, Copy)]
pub(crate) struct Visitor {
    pub(crate) number: usize,
    pub(crate) server: SocketAddr,
}

/// The answer to one request, and how many were sent until there was one.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) tries: usize,
    pub(crate) took: Duration,
}

impl Answered {
    /// The token in the answer to a login.
    pub(crate) fn key(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["key"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
    }
}

impl Visitor {
    pub(crate) fn name(self) -> String {
        format!("visitor{}", self.number)
    }

    pub(crate) fn address(self) -> String {
        format!("visitor{}@example.org", self.number)
    }

    /// Registers.
    pub(crate) fn register(self) -> Answered {
        let form = json!({"username": self.name(), "email": self.address(),
            "password1": PASSWORD, "password2": PASSWORD});
        self.insist("registration/", &form)
    }

    /// Asks for a link to choose a new password by.
    pub(crate) fn forget(self) -> Answered {
        self.insist("password/reset/", &json!({"email": self.address()}))
    }

    /// Logs in.
    pub(crate) fn log_in(self, password: &str) -> Answered {
        self.insist("login/", &json!({"username": self.name(), "password": password}))
    }

    /// Sends a request with the token that a login gave.
    pub(crate) fn ask(self, key: &str, method: &str, path: &str, body: &str) -> Answer {
        let request = request(method, &format!("/api/auth/{path}"), body);
        let shown = format!("\r\nAuthorization: Token {key}\r\n");
        let stream = TcpStream::connect(self.server).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        exchange(stream, &request.replacen("\r\n", &shown, 1))
    }

    /// Posts until somebody answers.
    pub(crate) fn insist(self, path: &str, body: &Value) -> Answered {
        let begun = Instant::now();
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = Instant::now();
            if let Ok((status, body)) = self.post(path, body) {
                return Answered { status, body, tries, took: sent.elapsed() };
            }
            assert!(begun.elapsed() < PATIENCE, "nobody answers");
            std::thread::sleep(PAUSE);
        }
    }

    fn post(self, path: &str, body: &Value) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect_timeout(&self.server, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let path = format!("/api/auth/{path}");
        stream.write_all(request("POST", &path, &body.to_string()).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(broken)?, body.to_owned()))
    }
}
