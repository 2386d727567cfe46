//! A program that plays an `OpenID` provider of another make, and a user agent of its user.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// An `OpenID` provider, which ends with the test.
pub struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    url: String,
}

impl Peer {
    /// Starts the one that this variable of the environment names.
    ///
    /// # Panics
    /// If it names none, or that does not start.
    #[must_use]
    pub fn start(variable: &str) -> Self {
        let command = env::var_os(variable).expect("a command");
        let command = command.into_string().expect("a command in UTF-8");
        let mut words = command.split_whitespace();
        let mut child = Command::new(words.next().expect("a program"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the provider starts");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut peer = Self { child, input, output, url: String::new() };
        let answer = peer.answer();
        answer["url"].as_str().expect("an address").clone_into(&mut peer.url);
        peer
    }

    /// Its issuer.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the program answers to a command.
    ///
    /// # Panics
    /// If it answers an error.
    pub fn tell(&mut self, command: &str, given: Value) -> Value {
        let mut line = given;
        line["command"] = json!(command);
        writeln!(self.input, "{line}").expect("the provider listens");
        let answer = self.answer();
        assert!(answer.get("error").is_none(), "{answer}");
        answer
    }

    /// Where a browser ends that logs in at this address.
    ///
    /// # Panics
    /// If it ends nowhere.
    pub fn browse(&mut self, address: &str, login: &str) -> String {
        let answer = self.tell("browse", json!({"address": address, "login": login}));
        answer["location"].as_str().expect("a location").to_owned()
    }

    /// Where a browser ends whose user refuses.
    ///
    /// # Panics
    /// If it ends nowhere.
    pub fn refuse(&mut self, address: &str) -> String {
        let answer = self.tell("browse", json!({"address": address, "login": "x", "deny": true}));
        answer["location"].as_str().expect("a location").to_owned()
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the provider answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
