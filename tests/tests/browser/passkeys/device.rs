//! An authenticator that the browser plays, and what the page does with it.

use rest_auth_tests::browser::Browser;
use serde_json::{Value, json};

/// A browser with an authenticator.
pub(crate) struct Device {
    pub(crate) browser: Browser,
    path: String,
}

impl Device {
    /// A browser with an authenticator built in, which verifies the user.
    pub(crate) fn start() -> Self {
        Self::with(&json!({"transport": "internal", "hasUserVerification": true}))
    }

    /// A browser with a key that has neither a PIN nor a sensor.
    pub(crate) fn without_verification() -> Self {
        Self::with(&json!({"transport": "usb", "hasUserVerification": false}))
    }

    fn with(kind: &Value) -> Self {
        let browser = Browser::start();
        let id = browser.post(
            "/webauthn/authenticator",
            &json!({
                "protocol": "ctap2",
                "transport": kind["transport"],
                "hasResidentKey": true,
                "hasUserVerification": kind["hasUserVerification"],
                "isUserConsenting": true,
                "isUserVerified": true,
                "defaultBackupEligibility": true,
                "defaultBackupState": true,
            }),
        );
        let path = format!("/webauthn/authenticator/{}", id.as_str().expect("an id"));
        Self { browser, path }
    }

    /// Whether the user is verified from now on, when the device asks.
    pub(crate) fn verifies(&self, is_verified: bool) {
        let path = format!("{}/uv", self.path);
        self.browser.post(&path, &json!({"isUserVerified": is_verified}));
    }

    /// What the device keeps, keys and counters included.
    pub(crate) fn credentials(&self) -> Vec<Value> {
        let all = self.browser.get(&format!("{}/credentials", self.path));
        all.as_array().expect("a list").clone()
    }

    /// Takes all credentials out.
    pub(crate) fn has_none(&self) {
        self.browser.delete(&format!("{}/credentials", self.path));
    }

    /// Puts a credential in, in the place of all that are there.
    pub(crate) fn has(&self, credential: &Value) {
        self.has_none();
        self.browser.post(&format!("{}/credential", self.path), credential);
    }

    /// Calls a function of the page: what it returns.
    #[track_caller]
    pub(crate) fn call(&self, function: &str, arguments: &[Value]) -> Value {
        let outcome = self.outcome(function, arguments);
        assert!(outcome.get("refused").is_none(), "{function}: {outcome}");
        outcome["done"].clone()
    }

    /// Calls a function of the page that the server or the browser refuses: the answer, or the name
    /// of the error.
    #[track_caller]
    pub(crate) fn refusal(&self, function: &str, arguments: &[Value]) -> Value {
        let mut outcome = self.outcome(function, arguments);
        assert!(outcome.get("refused").is_some(), "{function}: {outcome}");
        outcome["refused"].take()
    }

    fn outcome(&self, function: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "return ({function})(...arguments).then(
                (done) => ({{done: done ?? null}}),
                (refused) => ({{refused: refused instanceof Error ? refused.name : refused}}))"
        );
        self.browser.run(&script, arguments)
    }

    /// The token that the page has.
    pub(crate) fn key(&self) -> Value {
        self.browser.run("return key", &[])
    }

    /// Makes the page forget its login.
    pub(crate) fn forget(&self) {
        self.browser.run("key = null", &[]);
    }
}
