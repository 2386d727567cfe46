//! The program in which the packages of Django projects run.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rest_auth_domain::encoding::from_base64url;
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SigningKey, SoftwareAuthenticator};
use rest_auth_store::testing::TestDatabase;
use serde_json::{Value, json};

/// What signs on both sides.
pub(crate) const SECRET_KEY: &str = "the key of the tests with Django, which is long enough";

/// `tests/webauthn/peer.py`, which ends with the test.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the one that `REST_AUTH_TEST_WEBAUTHN` names, on a database.
    pub(crate) fn start(database: &TestDatabase) -> Self {
        let command = env::var_os("REST_AUTH_TEST_WEBAUTHN").expect("a command");
        let command = command.into_string().expect("a command in UTF-8");
        let mut words = command.split_whitespace();
        let mut child = Command::new(words.next().expect("a program"))
            .args(words)
            .env("DATABASE_URL", database.url())
            .env("SECRET_KEY", SECRET_KEY)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, input, output }
    }

    /// What the program answers to a command.
    pub(crate) fn tell(&mut self, command: &str, given: Value) -> Value {
        let mut line = given;
        line["command"] = json!(command);
        writeln!(self.input, "{line}").expect("the program listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the program answers");
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        if let Some(error) = answer["error"].as_str() {
            panic!("{command}: {error}");
        }
        answer
    }

    /// The device that has a passkey which the program makes.
    pub(crate) fn device(
        &mut self,
        command: &str,
        user: &str,
        algorithm: CoseAlgorithm,
    ) -> SoftwareAuthenticator {
        let asked = json!({"username": user, "algorithm": algorithm.number()});
        let kept = self.tell(command, asked);
        let bytes =
            |name: &str| from_base64url(kept[name].as_str().expect("a text")).expect("base64url");
        let key = SigningKey::from_pkcs8(algorithm, &bytes("key"));
        SoftwareAuthenticator::with(key, &bytes("id"), &bytes("handle"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
