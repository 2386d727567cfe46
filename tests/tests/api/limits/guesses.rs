//! Wrong passwords for one account from many addresses.

use crate::fixture::*;

on_every_database!(
    a_guesser_with_many_addresses_has_to_wait,
    unknown_names_wait_just_the_same,
    names_and_addresses_of_one_account_count_together,
    a_user_gets_in_from_a_client_that_they_know,
    a_reset_password_lets_its_owner_in_on_a_new_client,
    a_success_forgives_the_failures_before_it,
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
    assert!(answers[..20].iter().all(|status| *status == 400), "{answers:?}");
    assert!(answers[20..].iter().all(|status| *status == 429), "{answers:?}");
    let right = try_login(&mut at(&server, "198.51.100.7"), "ada", PASSWORD).await.of(429);
    assert_eq!(right.header("Retry-After"), Some("3600"), "{right}");
    server.advance(HOUR);
    try_login(&mut at(&server, "198.51.100.7"), "ada", PASSWORD).await.is(200);
}

async fn unknown_names_wait_just_the_same(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    let (known, unknown) = (guess(&server, "ada", 25).await, guess(&server, "nobody", 25).await);
    assert_eq!(known, unknown);
    let mut answers = Vec::new();
    for name in ["ada", "nobody"] {
        let answer = try_login(&mut at(&server, "198.51.100.7"), name, PASSWORD).await.of(429);
        answers.push((answer.body().clone(), answer.header("Retry-After").map(str::to_owned)));
    }
    assert_eq!(answers[0], answers[1]);
}

async fn names_and_addresses_of_one_account_count_together(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    for name in ["ada", "ada@example.com", "ADA", "Ada@Example.com"] {
        assert!(guess(&server, name, 5).await.iter().all(|status| *status == 400), "{name}");
    }
    try_login(&mut at(&server, "198.51.100.7"), "ada", PASSWORD).await.is(429);
}

async fn a_user_gets_in_from_a_client_that_they_know(backend: Backend) {
    for notices in [true, false] {
        let settings = json!({"account": {"new_sign_in_notification": notices}});
        let server = proxied_server(backend, settings).await;
        try_login(&mut at(&server, "198.51.100.7"), "ada", PASSWORD).await.is(200);
        guess(&server, "ada", 25).await;
        let mut known = at(&server, "198.51.100.8");
        try_login(&mut known, "ada", "a typing error").await.is(400);
        try_login(&mut at(&server, "192.0.2.1"), "ada", PASSWORD).await.is(429);
        try_login(&mut known, "ada", PASSWORD).await.is(200);
    }
}

async fn a_reset_password_lets_its_owner_in_on_a_new_client(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 25).await;
    let (uid, token) = reset_link(&server).await;
    let form = json!({"uid": uid, "token": token, "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD});
    let mut owner = at(&server, "192.0.2.1");
    owner.post("/password/reset/confirm/", &form).await.is(200);
    // The guesser goes on.
    guess(&server, "ada", 25).await;
    try_login(&mut owner, "ada", NEW_PASSWORD).await.is(200);
}

async fn a_success_forgives_the_failures_before_it(backend: Backend) {
    let server = proxied_server(backend, json!({})).await;
    guess(&server, "ada", 19).await;
    try_login(&mut at(&server, "198.51.100.7"), "ada", PASSWORD).await.is(200);
    assert!(guess(&server, "ada", 20).await.iter().all(|status| *status == 400));
}

async fn the_django_profile_does_not_count_them(backend: Backend) {
    let server = proxied_server(backend, json!({"profile": "django"})).await;
    assert!(guess(&server, "ada", 40).await.iter().all(|status| *status == 400));
}
