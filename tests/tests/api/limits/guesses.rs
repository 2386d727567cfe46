//! Wrong passwords for one account from many addresses.

use chrono::{DateTime, Utc};
use rest_auth_flows::accounts;
use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;
use crate::mfa::{SECRET, code as app_code};

on_every_database!(
    a_guesser_with_many_addresses_has_to_wait,
    a_password_that_may_be_guessed_needs_a_mailed_code_too,
    waiting_does_not_make_a_guessed_password_any_better,
    a_mailed_code_completes_its_own_login_once_and_few_times,
    the_code_goes_where_a_password_reset_would_go,
    without_an_address_a_password_that_may_be_guessed_is_like_a_wrong_one,
    without_second_factors_it_has_to_wait,
    a_second_factor_is_asked_for_in_place_of_a_code,
    whoever_guessed_cannot_set_a_second_factor_up,
    basic_authentication_is_refused_where_a_code_is_needed,
    codes_are_mailed_as_often_as_the_limit_says,
    unknown_names_wait_just_the_same,
    names_and_addresses_of_one_account_count_together,
    a_user_gets_in_from_a_client_that_they_know,
    a_reset_password_lets_its_owner_in_on_a_new_client,
    a_success_forgives_the_failures_before_it,
    a_success_at_home_does_not_forgive_a_guesser_elsewhere,
    a_second_factor_forgives_the_failures_before_it,
    a_password_of_an_administrator_forgives_them_in_every_process,
    a_guessed_password_stays_one_when_its_hash_is_renewed,
    a_user_whom_nothing_reaches_is_not_kept_out_for_good,
    the_django_profile_does_not_count_them,
);

async fn proxied_server(backend: Backend, config: Value) -> Arc<Server> {
    let proxies = json!({
        "server": {"trusted_proxies": ["127.0.0.1"]},
        "account": {"login_methods": ["username", "email"]},
    });
    server(backend, merged(&merged(&token_mode(), &proxies), &config)).await
}

/// A client at an address of its own.
fn at(server: &Arc<Server>, address: &str) -> Client {
    Client::new(server).with("X-Forwarded-For", address)
}

/// A client that nobody has logged in from.
fn stranger(server: &Arc<Server>) -> Client {
    at(server, "198.51.100.7")
}

fn noon() -> DateTime<Utc> {
    "2026-02-03T12:00:00Z".parse().expect("a time")
}

/// So many wrong passwords, each from a network of its own.
async fn guess(server: &Arc<Server>, username: &str, times: u8) -> Vec<u16> {
    let mut answers = Vec::new();
    for number in 0..times {
        let mut client = at(server, &format!("203.0.{number}.9"));
        answers.push(try_login(&mut client, username, "a wrong password").await.status());
    }
    answers
}

async fn a_guesser_with_many_addresses_has_to_wait(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    let answers = guess(&server, "ada", 150).await;
    assert!(answers[..100].iter().all(|status| *status == 400), "{answers:?}");
    assert!(answers[100..].iter().all(|status| *status == 429), "{answers:?}");
    let right = try_login(&mut stranger(&server), "ada", PASSWORD).await.of(429);
    assert_eq!(right.header("Retry-After"), Some("86400"), "{right}");
    server.advance(DAY);
    try_login(&mut stranger(&server), "ada", PASSWORD).await.is(200);
}

async fn unknown_names_wait_just_the_same(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    let (known, unknown) = (guess(&server, "ada", 105).await, guess(&server, "nobody", 105).await);
    assert_eq!(known, unknown);
    let mut answers = Vec::new();
    for name in ["ada", "nobody"] {
        let answer = try_login(&mut stranger(&server), name, PASSWORD).await.of(429);
        answers.push((answer.body().clone(), answer.header("Retry-After").map(str::to_owned)));
    }
    assert_eq!(answers[0], answers[1]);
}

/// The token of a login that waits for a mailed code.
async fn waiting(client: &mut Client, username: &str) -> String {
    let answer = try_login(client, username, PASSWORD).await.of(200);
    assert_eq!(answer.document()["methods"], json!(["mailed_code"]), "{answer}");
    assert_eq!(answer.document()["mfa_required"], json!(true), "{answer}");
    assert!(answer.document().get("key").is_none(), "{answer}");
    answer.text("ephemeral_token")
}

async fn show_code(client: &mut Client, token: &str, code: &str) -> Answer {
    client.post("/mfa/verify/", &json!({"ephemeral_token": token, "code": code})).await
}

async fn a_password_that_may_be_guessed_needs_a_mailed_code_too(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    assert!(guess(&server, "ada", 20).await.iter().all(|status| *status == 400));
    let mut owner = stranger(&server);
    let token = waiting(&mut owner, "ada").await;
    let mail = mail_to(&server, "ada@example.com").await;
    let code = code_of(&mail);
    let done = show_code(&mut owner, &token, &code.to_lowercase().replace('-', " ")).await.of(200);
    assert!(done.text("key").starts_with("ra_"), "{done}");
    // The client is known from now on.
    assert!(guess(&server, "ada", 20).await.iter().all(|status| *status == 400));
    assert!(!try_login(&mut owner, "ada", PASSWORD).await.of(200).text("key").is_empty());
}

async fn waiting_does_not_make_a_guessed_password_any_better(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await.is(200);
    guess(&server, "ada", 20).await;
    waiting(&mut stranger(&server), "ada").await;
    server.advance(7 * DAY);
    waiting(&mut stranger(&server), "ada").await;
    let done = try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await.of(200);
    let mut known = Client::new(&server).with_token(&done.text("key"));
    let change = password_change(PASSWORD, NEW_PASSWORD);
    known.post("/password/change/", &change).await.is(200);
    let form = json!({"username": "ada", "password": NEW_PASSWORD});
    let done = stranger(&server).post("/login/", &form).await.of(200);
    assert!(done.document().get("key").is_some(), "{done}");
}

async fn a_mailed_code_completes_its_own_login_once_and_few_times(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 20).await;
    let mut owner = stranger(&server);
    let first = waiting(&mut owner, "ada").await;
    let of_first = code_of(&only_mail(&server).await);
    let second = waiting(&mut owner, "ada").await;
    let of_second = code_of(&only_mail(&server).await);
    let other = show_code(&mut owner, &second, &of_first).await.of(400);
    assert_eq!(other.document(), json!({"code": ["Invalid code."]}));
    for _ in 0..4 {
        show_code(&mut owner, &second, "BBBB-BBBB").await.is(400);
    }
    let ended = show_code(&mut owner, &second, &of_second).await.of(400);
    assert!(ended.document().get("ephemeral_token").is_some(), "{ended}");
    show_code(&mut owner, &first, &of_first).await.is(200);
    show_code(&mut owner, &first, &of_first).await.is(400);
}

async fn the_code_goes_where_a_password_reset_would_go(backend: Backend) {
    let optional = json!({"account": {"email_verification": "optional"}});
    let server = proxied_server(backend, optional).await;
    let bob = json!({"username": "bob", "password": PASSWORD, "email": "bob@example.com"});
    create(&server, bob).await;
    guess(&server, "bob", 20).await;
    let mut owner = stranger(&server);
    let token = waiting(&mut owner, "bob").await;
    let code = code_of(&mail_to(&server, "bob@example.com").await);
    show_code(&mut owner, &token, &code).await.is(200);
}

async fn without_an_address_a_password_that_may_be_guessed_is_like_a_wrong_one(backend: Backend) {
    let optional = json!({"account": {"email_verification": "optional"}});
    let server = proxied_server(backend, optional).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let answers = guess(&server, "bob", 25).await;
    assert!(answers.iter().all(|status| *status == 400), "{answers:?}");
    let right = try_login(&mut stranger(&server), "bob", PASSWORD).await.of(400);
    let wrong = try_login(&mut stranger(&server), "bob", "a wrong password").await.of(400);
    assert_eq!(right.document(), wrong.document());
    server.advance(HOUR);
    let done = try_login(&mut stranger(&server), "bob", PASSWORD).await.of(200);
    assert!(done.document().get("key").is_some(), "{done}");
}

async fn without_second_factors_it_has_to_wait(backend: Backend) {
    let server = proxied_server(backend, json!({"apps": {"mfa": false, "passkeys": false}})).await;
    let answers = guess(&server, "ada", 25).await;
    assert!(answers[..20].iter().all(|status| *status == 400), "{answers:?}");
    assert!(answers[20..].iter().all(|status| *status == 429), "{answers:?}");
    try_login(&mut stranger(&server), "ada", PASSWORD).await.is(429);
}

async fn a_second_factor_is_asked_for_in_place_of_a_code(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    let carol = json!({"username": "carol", "password": PASSWORD, "email": "carol@example.com",
        "email_verified": true, "totp_secret": SECRET});
    create(&server, carol).await;
    guess(&server, "carol", 25).await;
    let answer = try_login(&mut stranger(&server), "carol", PASSWORD).await.of(200);
    assert_eq!(answer.document()["methods"], json!(["totp", "recovery_code"]), "{answer}");
    let (token, code) = (answer.text("ephemeral_token"), app_code(&server));
    show_code(&mut stranger(&server), &token, &code).await.is(200);
    assert!(server.new_mails().await.is_empty());
}

async fn whoever_guessed_cannot_set_a_second_factor_up(backend: Backend) {
    let server = proxied_server(backend, json!({"mfa": {"required": "always"}})).await;
    guess(&server, "ada", 20).await;
    let mut owner = stranger(&server);
    let token = waiting(&mut owner, "ada").await;
    let code = code_of(&only_mail(&server).await);
    owner.post("/mfa/setup/begin/", &json!({"ephemeral_token": token})).await.is(400);
    let next = show_code(&mut owner, &token, &code).await.of(200);
    assert_eq!(next.document()["mfa_setup_required"], json!(true), "{next}");
    let token = next.text("ephemeral_token");
    owner.post("/mfa/setup/begin/", &json!({"ephemeral_token": token})).await.is(200);
}

async fn basic_authentication_is_refused_where_a_code_is_needed(backend: Backend) {
    let schemes = json!({"rest_framework":
        {"default_authentication_classes": ["basic", "token"]}});
    let server = proxied_server(backend, schemes).await;
    guess(&server, "ada", 20).await;
    // `ada` with the right password.
    let header = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";
    stranger(&server).with("Authorization", header).get("/user/").await.is(401);
    assert!(server.new_mails().await.is_empty());
}

async fn codes_are_mailed_as_often_as_the_limit_says(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 20).await;
    for _ in 0..3 {
        waiting(&mut stranger(&server), "ada").await;
    }
    try_login(&mut stranger(&server), "ada", PASSWORD).await.is(429);
    assert_eq!(server.new_mails().await.len(), 3);
}

async fn names_and_addresses_of_one_account_count_together(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    for name in ["ada", "ada@example.com", "ADA", "Ada@Example.com"] {
        assert!(guess(&server, name, 5).await.iter().all(|status| *status == 400), "{name}");
    }
    waiting(&mut stranger(&server), "ada").await;
}

async fn a_user_gets_in_from_a_client_that_they_know(backend: Backend) {
    for (notices, guesses) in [(true, 25), (false, 105)] {
        let settings = json!({"account": {"new_sign_in_notification": notices}});
        let server = proxied_server(backend, settings).await;
        try_login(&mut stranger(&server), "ada", PASSWORD).await.is(200);
        guess(&server, "ada", guesses).await;
        let mut known = at(&server, "198.51.100.8");
        try_login(&mut known, "ada", "a typing error").await.is(400);
        let elsewhere = try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await;
        assert!(elsewhere.document().get("key").is_none(), "{elsewhere}");
        let done = try_login(&mut known, "ada", PASSWORD).await.of(200);
        assert!(done.document().get("key").is_some(), "{done}");
    }
}

async fn a_reset_password_lets_its_owner_in_on_a_new_client(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 105).await;
    let (uid, token) = reset_link(&server).await;
    let form = json!({"uid": uid, "token": token, "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD});
    let mut owner = at(&server, "192.0.2.1");
    owner.post("/password/reset/confirm/", &form).await.is(200);
    // The guesser goes on.
    guess(&server, "ada", 105).await;
    let done = try_login(&mut owner, "ada", NEW_PASSWORD).await.of(200);
    assert!(done.document().get("key").is_some(), "{done}");
}

async fn a_success_forgives_the_failures_before_it(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 19).await;
    let done = try_login(&mut stranger(&server), "ada", PASSWORD).await.of(200);
    assert!(done.document().get("key").is_some(), "{done}");
    assert!(guess(&server, "ada", 19).await.iter().all(|status| *status == 400));
    let elsewhere = try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await.of(200);
    assert!(elsewhere.document().get("key").is_some(), "{elsewhere}");
}

async fn a_success_at_home_does_not_forgive_a_guesser_elsewhere(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    let mut home = at(&server, "192.0.2.1");
    try_login(&mut home, "ada", PASSWORD).await.is(200);
    guess(&server, "ada", 20).await;
    assert!(!try_login(&mut home, "ada", PASSWORD).await.of(200).text("key").is_empty());
    waiting(&mut stranger(&server), "ada").await;
}

async fn a_second_factor_forgives_the_failures_before_it(backend: Backend) {
    let limits = json!({"login_code": "4/h/key", "login_failed_account": "6/h/key"});
    let server = proxied_server(backend, json!({"account": {"rate_limits": limits}})).await;
    let carol = json!({"username": "carol", "password": PASSWORD, "email": "carol@example.com",
        "email_verified": true, "totp_secret": SECRET});
    create(&server, carol).await;
    guess(&server, "carol", 5).await;
    let token = try_login(&mut stranger(&server), "carol", PASSWORD).await.text("ephemeral_token");
    show_code(&mut stranger(&server), &token, &app_code(&server)).await.is(200);
    assert_eq!(guess(&server, "carol", 4).await, [400; 4]);
}

async fn a_password_of_an_administrator_forgives_them_in_every_process(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 105).await;
    try_login(&mut stranger(&server), "ada", PASSWORD).await.is(429);
    // The command has counters of its own.
    let command = Server::start_beside(&base(), server.database(), noon()).await;
    let command = command.expect("the command opens the database");
    accounts::set_password(command.auth(), "ada", NEW_PASSWORD).await.expect("it is set");
    let done = try_login(&mut stranger(&server), "ada", NEW_PASSWORD).await.of(200);
    assert!(done.document().get("key").is_some(), "{done}");
}

async fn a_guessed_password_stays_one_when_its_hash_is_renewed(backend: Backend) {
    let database = TestDatabase::migrated(backend).await.expect("a database");
    let config = |memory: u32| {
        let proxies = json!({"server": {"trusted_proxies": ["127.0.0.1"]},
            "auth": {"argon2_memory_kib": memory}});
        merged(&merged(&base(), &token_mode()), &proxies)
    };
    let start = async |memory: u32| {
        let server = Server::start_beside(&config(memory), &database, noon()).await;
        Arc::new(server.expect("it starts"))
    };
    let server = start(64).await;
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true});
    create(&server, ada).await;
    try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await.is(200);
    guess(&server, "ada", 20).await;
    waiting(&mut stranger(&server), "ada").await;
    let server = start(128).await;
    let renewed = try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await.of(200);
    assert!(renewed.document().get("key").is_some(), "{renewed}");
    waiting(&mut stranger(&server), "ada").await;
}

async fn a_user_whom_nothing_reaches_is_not_kept_out_for_good(backend: Backend) {
    let config = json!({"account": {"email_verification": "optional"},
        "passkeys": {"second_factor": false}});
    let server = proxied_server(backend, config).await;
    // Their second factor confirmed the password once, or their address did.
    for (name, taken) in [
        ("carol", "DELETE FROM dj_rest_auth_mfa_authenticator"),
        ("dora", "UPDATE auth_user SET email = '' WHERE username = 'dora'"),
    ] {
        let factor = if name == "carol" {
            json!({"totp_secret": SECRET})
        } else {
            json!({"email": "dora@example.com"})
        };
        create(&server, merged(&json!({"username": name, "password": PASSWORD}), &factor)).await;
        guess(&server, name, 20).await;
        try_login(&mut stranger(&server), name, PASSWORD).await.is(200);
        for statement in [taken, "DELETE FROM account_emailaddress"] {
            server.database().execute(statement).await.expect("it is taken away");
        }
        try_login(&mut stranger(&server), name, PASSWORD).await.is(400);
        server.advance(2 * DAY);
        let done = try_login(&mut stranger(&server), name, PASSWORD).await.of(200);
        assert!(done.document().get("key").is_some(), "{name}: {done}");
    }
}

async fn the_django_profile_does_not_count_them(backend: Backend) {
    let server = proxied_server(backend, json!({"profile": "django"})).await;
    assert!(guess(&server, "ada", 40).await.iter().all(|status| *status == 400));
}
