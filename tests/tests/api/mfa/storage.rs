//! What is kept of secrets and codes.

use super::*;

#[tokio::test]
async fn the_database_holds_neither_secret_nor_code() {
    let server = server(Backend::Sqlite, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (secret, codes) = enroll(&server, &mut ada).await;
    let token = first_step(&server).await;
    let bytes = bytes_of(server.database().url());
    assert!(holds(&bytes, "ra1:"), "the secret is encrypted");
    let bare = codes.iter().map(|code| code.replace('-', ""));
    for hidden in bare.chain(codes.clone()).chain([secret, token]) {
        assert!(!holds(&bytes, &hidden), "{hidden} is readable");
    }
}

on_every_database!(
    factors_that_django_wrote_go_on,
    new_keys_read_old_secrets,
    a_key_of_their_own_outlives_the_secret_key,
);

async fn factors_that_django_wrote_go_on(backend: Backend) {
    let django = json!({"profile": "django", "apps": {"mfa": true},
        "rest_framework": {"default_authentication_classes": ["token"]}});
    let database = rest_auth_store::testing::TestDatabase::migrated(backend).await;
    let database = database.expect("the database is there");
    let config = |more: &Value| merged(&merged(&base(), &token_mode()), more);
    let first = Server::start_on(&config(&django), database).await.expect("the server starts");
    let first = Arc::new(first);
    let user = json!({"username": "ada", "password": PASSWORD, "totp_secret": SECRET});
    create(&first, user).await;
    let mut ada = logged_in(&first).await;
    let shown = ada.post("/mfa/recovery-codes/", &json!({})).await.of(200);
    let old = texts(&shown, "codes");
    assert!(old.iter().all(|code| code.len() == 9), "{old:?}");
    let strict = Server::start_beside(&config(&json!({})), first.database(), first.now()).await;
    let strict = strict.expect("the server starts");
    let strict = Arc::new(strict);
    let token = first_step(&strict).await;
    verify(&mut Client::new(&strict), &token, &old[0]).await.is(200);
    strict.advance(MINUTE);
    let token = first_step(&strict).await;
    verify(&mut Client::new(&strict), &token, &code(&strict)).await.is(200);
}

async fn new_keys_read_old_secrets(backend: Backend) {
    let first = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&first).await;
    let (secret, codes) = enroll(&first, &mut ada).await;
    let rotated = json!({"server": {
        "secret_key": "another key of the API tests, which is long enough",
        "secret_key_fallbacks": ["the key of the API tests, which is long enough"],
    }});
    let config = merged(&merged(&base(), &token_mode()), &rotated);
    let second = Server::start_beside(&config, first.database(), first.now()).await;
    let second = Arc::new(second.expect("the server starts"));
    second.advance(MINUTE);
    let token = first_step(&second).await;
    verify(&mut Client::new(&second), &token, &code_of(&second, &secret, 0)).await.is(200);
    let token = first_step(&second).await;
    verify(&mut Client::new(&second), &token, &codes[0]).await.is(200);
}

async fn a_key_of_their_own_outlives_the_secret_key(backend: Backend) {
    let own = json!({"mfa": {"encryption_key": "a key of second factors, which is long enough"}});
    let first = server(backend, merged(&token_mode(), &own)).await;
    let (mut ada, _) = token_client(&first).await;
    let (secret, codes) = enroll(&first, &mut ada).await;
    let moved = json!({"server": {"secret_key": "another key of the API tests, long enough"}});
    let rotated = json!({"mfa": {
        "encryption_key": "the next key of second factors, which is long enough",
        "encryption_key_fallbacks": ["a key of second factors, which is long enough"],
    }});
    let mut left = codes.iter();
    for (keys, is_read) in [(&own, true), (&rotated, true), (&json!({}), false)] {
        let config = merged(&merged(&merged(&base(), &token_mode()), &moved), keys);
        let other = Server::start_beside(&config, first.database(), first.now()).await;
        let other = Arc::new(other.expect("the server starts"));
        first.advance(MINUTE);
        other.advance(MINUTE);
        let status = if is_read { 200 } else { 400 };
        let code = code_of(&other, &secret, 0);
        verify(&mut Client::new(&other), &first_step(&other).await, &code).await.is(status);
        let code = left.next().expect("a code");
        verify(&mut Client::new(&other), &first_step(&other).await, code).await.is(status);
    }
}
