//! What somebody tries who has everything of Ada's but her second factor.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_http::testing::ApiOperation;
use rest_auth_tests::provider::OpenIdProvider;

use super::*;
use crate::social_browser::{go, location};

/// A thief, on a server where everybody must have a second factor.
pub(super) struct Thief {
    pub(super) server: Arc<Server>,
    /// The same, where registering takes an invitation.
    pub(super) by_invitation: Arc<Server>,
    /// Where Ada is `user-1`.
    pub(super) provider: OpenIdProvider,
    /// From before Ada had a second factor; empty where there are none.
    pub(super) old_refresh: String,
}

/// What somebody gets who has nothing.
pub(super) async fn stranger(server: &Arc<Server>, operation: &ApiOperation) -> Answer {
    let path = operation.path.replace("{id}", "1");
    let mut client = browser(server);
    match operation.method.as_str() {
        "GET" => client.get(&format!("/{path}")).await,
        method => client.json(method, &format!("/{path}"), &json!({})).await,
    }
}

impl Thief {
    /// The answers to all tries of an operation. A new one that can give credentials has none: write
    /// it here.
    pub(super) async fn tries(&self, operation: &ApiOperation) -> Vec<Answer> {
        match (operation.method.as_str(), operation.template) {
            ("POST", "login/") => vec![self.by_password().await],
            ("POST", "mfa/verify/") => self.second_step().await,
            ("POST", "mfa/setup/complete/") => self.set_up().await,
            ("POST", "mfa/setup/passkey/complete/") => self.set_up_passkey().await,
            ("POST", "passkeys/login/complete/") => self.by_own_passkey().await,
            ("POST", "registration/") => self.registers().await,
            ("POST", "token/refresh/") => self.refreshes().await,
            ("POST", "{provider}/") => self.by_provider(&operation.path).await,
            ("POST", "{provider}/connect/") => vec![self.connects(&operation.path).await],
            ("GET" | "POST", "{provider}/callback/") => vec![self.comes_back(operation).await],
            ("POST", "{provider}/onetap/") => vec![self.one_tap().await],
            ("POST", "social/exchange/") => vec![self.exchanges().await],
            ("POST", "social/signup/") => vec![self.signs_up().await],
            other => panic!("{other:?} can give credentials: try it here"),
        }
    }

    fn client(&self) -> Client {
        browser(&self.server)
    }

    async fn by_password(&self) -> Answer {
        asked(try_login(&mut self.client(), "ada", PASSWORD).await)
    }

    /// The token of a login that waits for the factor.
    async fn waiting(&self) -> String {
        self.by_password().await.text("ephemeral_token")
    }

    async fn second_step(&self) -> Vec<Answer> {
        let token = self.waiting().await;
        let mut invented = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let own = crate::passkeys::begin_login(&self.server).await;
        let credential = crate::passkeys::answer(&mut invented, &own)["credential"].clone();
        let mut answers = Vec::new();
        for form in [
            json!({"ephemeral_token": token, "code": "000000"}),
            json!({"ephemeral_token": token, "credential": credential}),
            json!({"ephemeral_token": "ra_mfa_guessed", "code": "000000"}),
        ] {
            answers.push(self.client().post("/mfa/verify/", &form).await.of(400));
        }
        answers
    }

    async fn set_up(&self) -> Vec<Answer> {
        let token = self.waiting().await;
        let form = json!({"ephemeral_token": token});
        let begun = self.client().post("/mfa/setup/begin/", &form).await.of(400);
        let form = json!({"ephemeral_token": token, "activation_token": "x", "code": "000000"});
        vec![begun, self.client().post("/mfa/setup/complete/", &form).await.of(400)]
    }

    /// With a passkey for an account of the thief's own, which has to set a factor up.
    async fn set_up_passkey(&self) -> Vec<Answer> {
        let token = self.waiting().await;
        let begin = "/mfa/setup/passkey/begin/";
        let mut answers = Vec::new();
        answers.push(self.client().post(begin, &json!({"ephemeral_token": token})).await.of(400));
        let own = json!({"username": "mallory", "email": "mallory@example.com",
            "password1": PASSWORD, "password2": PASSWORD});
        let own = self.client().post("/registration/", &own).await.of(201).text("ephemeral_token");
        let options = self.client().post(begin, &json!({"ephemeral_token": own})).await;
        let mut invented = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let credential = crate::passkeys::made(&mut invented, &options.of(200).document());
        let form = json!({"ephemeral_token": token, "credential": credential});
        let complete = "/mfa/setup/passkey/complete/";
        answers.push(self.client().post(complete, &form).await.of(400));
        answers
    }

    async fn by_own_passkey(&self) -> Vec<Answer> {
        let mut invented = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        vec![crate::passkeys::log_in(&self.server, &mut invented).await.of(400)]
    }

    /// Ada's name and address are taken, and a new account has to set a factor up.
    async fn registers(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for (name, status) in [("ada", 400), ("eve", 201), ("bob", 201)] {
            let mut form = json!({"username": name, "email": format!("{name}@example.com"),
                "password1": PASSWORD, "password2": PASSWORD});
            let mut client = self.client();
            if name == "bob" {
                let code = crate::invitations::code(&self.by_invitation).await;
                form["invitation_code"] = json!(code);
                client = browser(&self.by_invitation);
            }
            let answer = client.post("/registration/", &form).await.of(status);
            assert_eq!(answer.document()["mfa_setup_required"] == true, status == 201);
            answers.push(answer);
        }
        answers
    }

    async fn refreshes(&self) -> Vec<Answer> {
        let form = json!({"refresh": self.old_refresh});
        let in_body = self.client().post("/token/refresh/", &form).await.of(401);
        let mut client = self.client();
        client.cookies.insert("refresh".to_owned(), self.old_refresh.clone());
        vec![in_body, client.post("/token/refresh/", &json!({})).await]
    }

    fn id_token(&self) -> String {
        // Each works once.
        let number = rest_auth_domain::random::hex(&rest_auth_domain::random::OsRandom, 8);
        self.provider.id_token(&json!({"jti": number}))
    }

    async fn by_provider(&self, path: &str) -> Vec<Answer> {
        let mut forms = vec![json!({"id_token": self.id_token()})];
        if path == "example/" {
            let callback = "https://app.example.com/callback";
            forms.push(json!({"code": self.provider.code(json!({}), callback)}));
            let profile = json!({"sub": "user-1", "email": "grace@example.org"});
            forms.push(json!({"access_token": self.provider.access_token(profile)}));
        }
        let mut answers = Vec::new();
        for form in forms {
            answers.push(asked(self.client().post(&format!("/{path}"), &form).await));
        }
        answers
    }

    /// Nobody connects an account without being logged in.
    async fn connects(&self, path: &str) -> Answer {
        let form = json!({"id_token": self.id_token()});
        let answer = self.client().post(&format!("/{path}"), &form).await;
        assert!([401, 403].contains(&answer.status()), "{answer}");
        answer
    }

    /// Google's own pages are not there: its browser comes back with nothing.
    async fn comes_back(&self, operation: &ApiOperation) -> Answer {
        let path = format!("/{}", operation.path);
        if operation.path.starts_with("google/") {
            return self.client().json(&operation.method, &path, &json!({"state": "x"})).await;
        }
        let mut browser = self.client();
        if operation.method == "GET" {
            let answer = go(&mut browser, &self.provider, "/example/begin/").await;
            assert!(location(&answer).contains("?code="), "{answer}");
            return answer;
        }
        let there = location(&browser.get("/example/begin/").await);
        let query = self.provider.consent(&self.provider.asked(&there), json!({}));
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let fields: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        let answer = browser.form(&path, &fields).await;
        assert!(location(&answer).contains("?code="), "{answer}");
        answer
    }

    async fn one_tap(&self) -> Answer {
        let mut browser = self.client();
        browser.cookies.insert("g_csrf_token".to_owned(), "a".to_owned());
        let token = self.id_token();
        let fields = [("credential", &*token), ("g_csrf_token", "a")];
        let answer = browser.form("/google/onetap/", &fields).await;
        assert!(location(&answer).contains("?code="), "{answer}");
        answer
    }

    async fn exchanges(&self) -> Answer {
        let mut browser = self.client();
        let back = location(&go(&mut browser, &self.provider, "/example/begin/").await);
        let code = back.split("?code=").nth(1).unwrap_or_else(|| panic!("no code: {back}"));
        asked(browser.post("/social/exchange/", &json!({"code": code})).await)
    }

    /// Somebody new, whose account has to set a factor up before anything is given.
    async fn signs_up(&self) -> Answer {
        let new = json!({"sub": "user-9", "email": "ada@example.com", "jti": "new"});
        let form = json!({"id_token": self.provider.id_token(&new)});
        let step = self.client().post("/example/", &form).await.of(200);
        let form = json!({"signup_token": step.text("signup_token"), "email": "new@example.com",
            "username": "new"});
        let answer = self.client().post("/social/signup/", &form).await.of(200);
        assert_eq!(answer.document()["mfa_setup_required"], true, "{answer}");
        answer
    }
}

/// The login got as far as the second factor, and stopped for one that the user has.
fn asked(answer: Answer) -> Answer {
    let answer = answer.of(200);
    let document = answer.document();
    assert_eq!(document["mfa_required"], true, "{answer}");
    assert_eq!(document["mfa_setup_required"], Value::Null, "{answer}");
    answer
}
