//! `mfa.required`: a passkey in place of an app, before the login is complete.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};

use super::setup::{required, waiting};
use super::*;
use crate::passkeys::{begin, handle, log_in, made};

on_every_database!(
    a_login_without_a_factor_adds_a_passkey,
    the_passkey_is_a_factor_of_the_login,
    a_passkey_answers_in_every_mode,
    a_passkey_is_added_by_the_login_that_began_it,
    a_login_allows_only_so_many_tries,
    a_challenge_is_used_up_by_the_first_answer_to_it,
    a_login_sets_up_one_factor,
    of_two_passkeys_at_once_one_is_added,
    a_passkey_that_does_not_count_is_not_offered,
);

const BEGIN: &str = "/mfa/setup/passkey/begin/";
const COMPLETE: &str = "/mfa/setup/passkey/complete/";
const EXPIRED: &str = "Registration challenge has expired. Please start over.";
const ENDED: &str = "Invalid or expired token.";

fn device() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)
}

async fn options(server: &Arc<Server>, token: &str) -> Value {
    let form = json!({"ephemeral_token": token});
    Client::new(server).post(BEGIN, &form).await.of(200).document()
}

fn form(token: &str, credential: &Value) -> Value {
    json!({"ephemeral_token": token, "credential": credential, "name": "Laptop"})
}

/// Completes a login by a new passkey.
async fn complete(server: &Arc<Server>, token: &str, credential: &Value) -> Answer {
    Client::new(server).post(COMPLETE, &form(token, credential)).await
}

async fn a_login_without_a_factor_adds_a_passkey(backend: Backend) {
    let server = server(backend, required("always")).await;
    let before = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200).document();
    assert_eq!(before["methods"], json!(["totp", "passkey"]), "{before}");
    let token = waiting(&server, "ada").await;
    let mut device = device();
    let options = options(&server, &token).await;
    assert_eq!(
        (&options["user"]["name"], &options["excludeCredentials"]),
        (&json!("ada"), &json!([]))
    );
    let credential = made(&mut device, &options);
    let done = complete(&server, &token, &credential).await.of(200);
    let codes = texts(&done, "recovery_codes");
    assert_eq!(codes.len(), 10);
    let mut ada = Client::new(&server).with_token(&done.text("key"));
    let passkeys = ada.get("/passkeys/").await.of(200).document();
    assert_eq!(passkeys[0]["name"], "Laptop", "{passkeys}");
    complete(&server, &token, &credential).await.says(400, ENDED);
    // From now on logins ask for it, and by itself it is enough.
    let step = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200).document();
    assert_eq!(step["methods"], json!(["recovery_code", "passkey"]), "{step}");
    assert!(log_in(&server, &mut device).await.of(200).document()["key"].is_string());
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &codes[0]).await.is(200);
    let mails = server.new_mails().await;
    assert!(mails.iter().any(|mail| String::from_utf8_lossy(mail).contains("asskey")));
}

async fn the_passkey_is_a_factor_of_the_login(backend: Backend) {
    let config = merged(&jwt_mode(), &json!({"mfa": {"required": "always"}}));
    let server = server(backend, config).await;
    let token = waiting(&server, "ada").await;
    let credential = made(&mut device(), &options(&server, &token).await);
    let done = complete(&server, &token, &credential).await.of(200);
    let (_, amr, acr) = claims::said(&done.text("access"));
    assert_eq!((amr, acr), (json!(["pwd", "swk", "user", "mfa"]), json!("aal2")));
}

async fn a_passkey_answers_in_every_mode(backend: Backend) {
    let required = json!({"mfa": {"required": "always"}});
    for mode in [jwt_cookie_mode(), session_mode()] {
        let server = server(backend, merged(&mode, &required)).await;
        let token = waiting(&server, "ada").await;
        let credential = made(&mut device(), &options(&server, &token).await);
        let mut client = Client::new(&server);
        let done = client.post(COMPLETE, &form(&token, &credential)).await.of(200);
        assert_eq!(texts(&done, "recovery_codes").len(), 10);
        client.get("/user/").await.is(200);
    }
}

async fn a_passkey_is_added_by_the_login_that_began_it(backend: Backend) {
    let server = server(backend, required("staff")).await;
    let (mut ada, _) = token_client(&server).await;
    for name in ["ada", "eve"] {
        if name == "eve" {
            create(&server, json!({"username": name, "password": PASSWORD})).await;
        }
        change(&server, name, json!({"is_staff": true})).await;
    }
    let token = waiting(&server, "ada").await;
    for other in [waiting(&server, "ada").await, waiting(&server, "eve").await] {
        let credential = made(&mut device(), &options(&server, &other).await);
        complete(&server, &token, &credential).await.says(400, EXPIRED);
    }
    // Nor is one that a user began who is logged in, or the reverse.
    let credential = made(&mut device(), &begin(&mut ada).await);
    complete(&server, &token, &credential).await.says(400, EXPIRED);
    let credential = made(&mut device(), &options(&server, &token).await);
    let logged_in = json!({"credential": credential});
    ada.post("/passkeys/register/complete/", &logged_in).await.says(400, EXPIRED);
    complete(&server, &token, &credential).await.is(200);
}

async fn a_login_allows_only_so_many_tries(backend: Backend) {
    let server = server(backend, required("always")).await;
    let token = waiting(&server, "ada").await;
    let credential = made(&mut device(), &options(&server, &token).await);
    let other = waiting(&server, "ada").await;
    let foreign = made(&mut device(), &options(&server, &other).await);
    for _ in 0..5 {
        complete(&server, &token, &foreign).await.is(400);
    }
    complete(&server, &token, &credential).await.says(400, ENDED);
}

async fn a_challenge_is_used_up_by_the_first_answer_to_it(backend: Backend) {
    let server = server(backend, required("always")).await;
    let token = waiting(&server, "ada").await;
    let options = options(&server, &token).await;
    let elsewhere = SoftwareCeremony::of("https://evil.example", &options);
    let stolen = device().register(&elsewhere, &handle(&options));
    complete(&server, &token, &stolen).await.says(400, "Registration verification failed.");
    complete(&server, &token, &made(&mut device(), &options)).await.says(400, EXPIRED);
}

async fn a_login_sets_up_one_factor(backend: Backend) {
    let server = server(backend, required("always")).await;
    let token = waiting(&server, "ada").await;
    let credential = made(&mut device(), &options(&server, &token).await);
    let ephemeral = json!({"ephemeral_token": token});
    let begun = Client::new(&server).post("/mfa/setup/begin/", &ephemeral).await.of(200);
    let app = json!({
        "ephemeral_token": token,
        "activation_token": begun.text("activation_token"),
        "code": code_of(&server, &begun.text("secret"), 0),
    });
    complete(&server, &token, &credential).await.is(200);
    Client::new(&server).post("/mfa/setup/complete/", &app).await.says(400, ENDED);
    Client::new(&server).post(BEGIN, &ephemeral).await.says(400, ENDED);
    // A login that waits for a factor which the user has is not one that adds another.
    let form = json!({"ephemeral_token": first_step(&server).await});
    Client::new(&server).post(BEGIN, &form).await.says(400, ENDED);
}

async fn of_two_passkeys_at_once_one_is_added(backend: Backend) {
    let config = json!({"mfa": {"revoke_on_change": false}});
    let server = server(backend, merged(&required("always"), &config)).await;
    let mut forms = Vec::new();
    for _ in 0..2 {
        let token = waiting(&server, "ada").await;
        let credential = made(&mut device(), &options(&server, &token).await);
        forms.push(form(&token, &credential));
    }
    let (mut first, mut second) = (Client::new(&server), Client::new(&server));
    let (first, second) =
        tokio::join!(first.post(COMPLETE, &forms[0]), second.post(COMPLETE, &forms[1]));
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{first} {second}");
}

async fn a_passkey_that_does_not_count_is_not_offered(backend: Backend) {
    let config = json!({"passkeys": {"second_factor": false}});
    let server = server(backend, merged(&required("always"), &config)).await;
    let step = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200);
    assert_eq!(step.document()["methods"], json!(["totp"]), "{step}");
    let form = json!({"ephemeral_token": step.text("ephemeral_token")});
    Client::new(&server).post(BEGIN, &form).await.is(404);
}
