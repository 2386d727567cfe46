//! Every way in asks for the second factor of a user who has one: the document lists all operations
//! that can answer with a credential, and each of them is tried.

use std::collections::BTreeSet;

use rest_auth_domain::webauthn::Algorithm;
use rest_auth_domain::webauthn::testing::Authenticator;

use super::*;

on_every_database!(
    no_operation_gives_a_credential_without_the_second_factor,
    a_password_in_the_header_is_no_way_around,
    what_was_issued_before_the_factor_is_dead,
    an_app_of_allauth_counts,
);

/// The bodies that carry a credential.
const BODIES: [&str; 3] = ["TokenKey", "JwtPair", "RefreshedTokens"];
/// The cookies that do.
const COOKIES: [&str; 3] = ["sessionid", "access", "refresh"];

/// The modes, each with all ways in that there are. `providers` tries those of social login.
fn modes() -> [Value; 4] {
    let all = json!({
        "mfa": {"required": "always"},
        "rest_auth": {"user_deletion": true},
        "account": {"email_verification": "optional", "rate_limits": false},
    });
    [token_mode(), jwt_mode(), jwt_cookie_mode(), session_mode()].map(|mode| merged(&mode, &all))
}

/// The operations that can answer with a credential, and that nobody has to be logged in for.
fn operations(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let is_open = operation["security"]
                .as_array()
                .is_none_or(|ways| ways.is_empty() || ways.iter().any(|way| *way == json!({})));
            let gives = operation["responses"].as_object().is_some_and(|responses| {
                responses.iter().any(|(status, response)| {
                    status.starts_with('2') && carries_credential(document, &response.to_string())
                })
            });
            if is_open && gives {
                found.insert(format!("{method} {path}"));
            }
        }
    }
    found
}

/// Whether an answer carries a credential, also as one of several bodies.
fn carries_credential(document: &Value, response: &str) -> bool {
    if COOKIES.iter().any(|cookie| response.contains(&format!("`{cookie}`"))) {
        return true;
    }
    let (mut names, mut seen) = (schemas_in(response), BTreeSet::new());
    while let Some(name) = names.pop() {
        if BODIES.contains(&name.as_str()) {
            return true;
        }
        if seen.insert(name.clone()) {
            names.extend(schemas_in(&document["components"]["schemas"][&name].to_string()));
        }
    }
    false
}

fn schemas_in(text: &str) -> Vec<String> {
    let references = text.split("#/components/schemas/").skip(1);
    references.filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
}

/// What somebody sends who knows Ada's password and no more.
async fn attempt(server: &Arc<Server>, operation: &str, old_refresh: &str) -> Answer {
    let mut thief = Client::new(server);
    match operation {
        "post /login/" => try_login(&mut thief, "ada", PASSWORD).await,
        "post /mfa/verify/" => verify(&mut thief, &first_step(server).await, "000000").await,
        "post /passkeys/login/complete/" => {
            let mut invented = Authenticator::new(Algorithm::EdDsa);
            crate::passkeys::log_in(server, &mut invented).await
        }
        "post /mfa/setup/complete/" => {
            let ephemeral_token = first_step(server).await;
            let form = json!({"ephemeral_token": ephemeral_token, "activation_token": "x",
                "code": "000000"});
            thief.post("/mfa/setup/complete/", &form).await
        }
        "post /registration/" => {
            let form = json!({"username": "ada", "email": "ada@example.com",
                "password1": PASSWORD, "password2": PASSWORD});
            thief.post("/registration/", &form).await
        }
        "post /logout/" => thief.post("/logout/", &json!({})).await,
        "post /registration/verify-email/" => {
            thief.post("/registration/verify-email/", &json!({"key": "x"})).await
        }
        "post /token/refresh/" => {
            thief.cookies.insert("refresh".to_owned(), old_refresh.to_owned());
            thief.post("/token/refresh/", &json!({"refresh": old_refresh})).await
        }
        other => panic!("{other} can answer with a credential: try it here"),
    }
}

async fn no_operation_gives_a_credential_without_the_second_factor(backend: Backend) {
    for mode in modes() {
        let mut before = mode.clone();
        before["mfa"]["required"] = json!("never");
        let document = server_document(backend, &mode).await;
        let operations = operations(&document);
        assert!(operations.len() >= 4, "{operations:?}");
        let server = server(backend, before).await;
        let (thief, stolen) = login(&server).await;
        let old_refresh = refresh_of(&thief, &stolen);
        let (client, answer) = login(&server).await;
        let mut client = authenticated(client, &answer);
        enroll_by(&server, &mut client).await;
        for operation in operations {
            if operation == "post /mfa/setup/complete/" {
                continue;
            }
            let answer = attempt(&server, &operation, &old_refresh).await;
            assert_no_credential(&operation, &answer);
        }
        // Where a factor must be set up, that way is open to those alone who have none.
        let strict = with_factor(backend, mode).await;
        let operation = "post /mfa/setup/complete/";
        assert_no_credential(operation, &attempt(&strict, operation, "").await);
    }
}

async fn server_document(backend: Backend, mode: &Value) -> Value {
    let server = empty_server(backend, mode.clone()).await;
    Client::new(&server).get("/schema/").await.of(200).document()
}

fn refresh_of(client: &Client, answer: &Answer) -> String {
    let in_body = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    let in_body = in_body["refresh"].as_str().filter(|token| !token.is_empty());
    in_body
        .map(str::to_owned)
        .or_else(|| client.cookies.get("refresh").cloned())
        .unwrap_or_default()
}

/// The client with whatever its login has issued.
fn authenticated(client: Client, answer: &Answer) -> Client {
    let document = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    if let Some(key) = document["key"].as_str() {
        return client.with_token(key);
    }
    match document["access"].as_str() {
        Some(access) if client.cookies.is_empty() => client.with_bearer(access),
        _ => client,
    }
}

async fn enroll_by(server: &Arc<Server>, client: &mut Client) {
    let mut client = client.clone();
    if !client.cookies.is_empty() {
        client.get("/csrf/").await;
        client = client.with_csrf();
    }
    enroll(server, &mut client).await;
}

fn assert_no_credential(operation: &str, answer: &Answer) {
    let document = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    for name in ["key", "access", "refresh"] {
        let value = document[name].as_str().unwrap_or_default();
        assert!(value.is_empty(), "{operation} gave {name}: {answer}");
    }
    for name in COOKIES {
        let cookie = answer.set_cookie(name).unwrap_or_default();
        let is_set = cookie.split(';').next().is_some_and(|pair| {
            !pair.trim_start_matches(&format!("{name}=")).trim_matches('"').is_empty()
        });
        assert!(!is_set, "{operation} set {name}: {cookie}");
    }
}

async fn a_password_in_the_header_is_no_way_around(backend: Backend) {
    // ada:correct horse battery staple
    let basic = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";
    for profile in ["strict", "django"] {
        let config = json!({
            "profile": profile,
            "apps": {"mfa": true},
            "rest_framework": {"default_authentication_classes": ["basic"]},
        });
        let without = server(backend, config.clone()).await;
        Client::new(&without).with("Authorization", basic).get("/user/").await.is(200);
        let with = with_factor(backend, config).await;
        let refused = Client::new(&with).with("Authorization", basic).get("/user/").await;
        refused.says(401, "A second factor is required.");
    }
}

async fn what_was_issued_before_the_factor_is_dead(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut phone, _) = token_client(&server).await;
    let (mut laptop, _) = token_client(&server).await;
    enroll(&server, &mut laptop).await;
    phone.get("/user/").await.is(401);
    laptop.get("/user/").await.is(200);
}

async fn an_app_of_allauth_counts(backend: Backend) {
    for (profile, is_asked) in [("strict", true), ("django", false)] {
        let config = json!({"profile": profile, "apps": {"mfa": true}, "rest_framework":
            {"default_authentication_classes": ["token"]}});
        let server = server(backend, merged(&token_mode(), &config)).await;
        let user = server.auth().store().user_by_username::<rest_auth_flows::User>("ada").await;
        let id = user.expect("the database answers").expect("Ada").id;
        let data = json!({"secret": SECRET}).to_string();
        let at = "2026-01-01 00:00:00";
        let row = format!(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at) \
             VALUES ('totp', '{data}', {id}, '{at}')"
        );
        server.database().execute(&row).await.expect("the row is written");
        let answer = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200);
        assert_eq!(answer.document()["mfa_required"] == true, is_asked, "{answer}");
        if is_asked {
            let token = answer.text("ephemeral_token");
            let code = code(&server);
            verify(&mut Client::new(&server), &token, &code).await.is(200);
            let token = first_step(&server).await;
            verify(&mut Client::new(&server), &token, &code).await.is(400);
        }
    }
}
