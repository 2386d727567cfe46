//! How often each flow may be tried: `account.rate_limits`.

mod failed_logins;
mod guesses;
mod shared;

use crate::fixture::*;

on_every_database!(
    thirty_logins_a_minute_from_one_address,
    twenty_registrations_a_minute_from_one_address_whether_they_succeed_or_not,
    five_resets_a_minute_for_one_address_known_or_not,
    twenty_resets_a_minute_from_one_address,
    twenty_reset_links_a_minute_from_one_address,
    one_verification_mail_in_three_minutes_for_one_address_known_or_not,
    whoever_has_just_registered_may_ask_for_another_mail_at_once,
    five_password_changes_a_minute_for_one_user_wherever_they_are,
    what_is_configured_holds_and_false_switches_everything_off,
    the_django_profile_limits_what_dj_rest_auth_limits,
    a_forged_header_evades_no_limit,
    how_much_of_an_ipv6_address_counts_is_a_setting,
);

/// Sends the same so many times, which must go well, and once more, which must not. Gives the
/// answer to that.
async fn exhaust(client: &mut Client, path: &str, document: &Value, times: usize) -> Answer {
    for number in 0..times {
        let answer = client.post(path, document).await;
        assert_ne!(answer.status(), 429, "number {number} of {times}: {answer}");
        assert!(answer.status() < 500, "{answer}");
    }
    client.post(path, document).await.of(429)
}

/// A request that is allowed so many times.
struct Limited<'a> {
    path: &'a str,
    document: &'a Value,
    times: usize,
}

/// Exhausts a limit, which must be over after a minute.
async fn is_limited(server: &Server, client: &mut Client, limited: Limited<'_>) {
    let Limited { path, document, times } = limited;
    let answer = exhaust(client, path, document, times).await;
    let seconds = MINUTE.as_secs();
    assert_eq!(answer.header("Retry-After"), Some(seconds.to_string().as_str()), "{answer}");
    let detail = format!("Request was throttled. Expected available in {seconds} seconds.");
    assert_eq!(answer.document(), json!({ "detail": detail }));
    server.advance(just_before(MINUTE));
    client.post(path, document).await.is(429);
    server.advance(SECOND);
    let answer = client.post(path, document).await;
    assert_ne!(answer.status(), 429, "{answer}");
}

fn registration(number: usize) -> Value {
    json!({
        "username": format!("user{number}"),
        "email": format!("user{number}@example.com"),
        "password1": PASSWORD,
        "password2": PASSWORD,
    })
}

fn address(address: &str) -> Value {
    json!({ "email": address })
}

async fn thirty_logins_a_minute_from_one_address(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    let form = credentials("ada", PASSWORD);
    let limited = Limited { path: "/login/", document: &form, times: 30 };
    is_limited(&server, &mut client, limited).await;
}

async fn twenty_registrations_a_minute_from_one_address_whether_they_succeed_or_not(
    backend: Backend,
) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for number in 0..10 {
        client.post("/registration/", &registration(number)).await.is(201);
    }
    for number in 0..10 {
        client.post("/registration/", &registration(number)).await.is(400);
    }
    client.post("/registration/", &registration(20)).await.is(429);
    server.advance(MINUTE);
    client.post("/registration/", &registration(20)).await.is(201);
}

async fn five_resets_a_minute_for_one_address_known_or_not(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut refused = Vec::new();
    for asked in ["ada@example.com", "nobody@example.com"] {
        let mut client = Client::new(&server);
        let form = address(asked);
        refused.push(exhaust(&mut client, "/password/reset/", &form, 5).await);
        // In another spelling it is the same address.
        let loud = address(&asked.to_uppercase());
        client.post("/password/reset/", &loud).await.is(429);
    }
    let (known, unknown) = (&refused[0], &refused[1]);
    assert_eq!(known.body(), unknown.body());
    assert_eq!(known.header("Retry-After"), unknown.header("Retry-After"));
    assert_eq!(server.new_mails().await.len(), 5, "what is refused sends no mail");
    server.advance(MINUTE);
    Client::new(&server).post("/password/reset/", &address("ada@example.com")).await.is(200);
}

async fn twenty_resets_a_minute_from_one_address(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for number in 0..20 {
        let form = address(&format!("user{number}@example.com"));
        client.post("/password/reset/", &form).await.is(200);
    }
    client.post("/password/reset/", &address("ada@example.com")).await.is(429);
    assert_eq!(server.new_mails().await.len(), 0);
}

async fn twenty_reset_links_a_minute_from_one_address(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    let guess = json!({
        "uid": "1",
        "token": "guessed",
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    });
    let path = "/password/reset/confirm/";
    is_limited(&server, &mut client, Limited { path, document: &guess, times: 20 }).await;
}

async fn one_verification_mail_in_three_minutes_for_one_address_known_or_not(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let bob = json!({"username": "bob", "email": "bob@example.com", "email_verified": false});
    create(&server, bob).await;
    let path = "/registration/resend-email/";
    let mut refused = Vec::new();
    for asked in ["bob@example.com", "nobody@example.com"] {
        let mut client = Client::new(&server);
        refused.push(exhaust(&mut client, path, &address(asked), 1).await);
    }
    let (known, unknown) = (&refused[0], &refused[1]);
    assert_eq!(known.body(), unknown.body());
    assert_eq!(known.header("Retry-After"), Some("180"));
    assert_eq!(known.header("Retry-After"), unknown.header("Retry-After"));
    assert_eq!(server.new_mails().await.len(), 1);
    server.advance(3 * MINUTE);
    Client::new(&server).post(path, &address("bob@example.com")).await.is(200);
    assert_eq!(server.new_mails().await.len(), 1);
}

async fn whoever_has_just_registered_may_ask_for_another_mail_at_once(backend: Backend) {
    let config = json!({"account": {"email_verification": "mandatory"}});
    let server = empty_server(backend, merged(&token_mode(), &config)).await;
    let mut client = Client::new(&server);
    client.post("/registration/", &registration(1)).await.is(201);
    let asked = address("user1@example.com");
    client.post("/registration/resend-email/", &asked).await.is(200);
    assert_eq!(server.new_mails().await.len(), 2);
    client.post("/registration/resend-email/", &asked).await.is(429);
}

async fn five_password_changes_a_minute_for_one_user_wherever_they_are(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    let guess = password_change("a wrong password", NEW_PASSWORD);
    for _ in 0..4 {
        client.post("/password/change/", &guess).await.is(400);
    }
    let done = password_change(PASSWORD, NEW_PASSWORD);
    other.post("/password/change/", &done).await.is(200);
    let back = password_change(NEW_PASSWORD, PASSWORD);
    let limited = Limited { path: "/password/change/", document: &back, times: 0 };
    is_limited(&server, &mut other, limited).await;
}

async fn what_is_configured_holds_and_false_switches_everything_off(backend: Backend) {
    let config = json!({"account": {"rate_limits": {"login": "2/m/ip", "signup": ""}}});
    let limited = server(backend, merged(&token_mode(), &config)).await;
    let mut client = Client::new(&limited);
    exhaust(&mut client, "/login/", &credentials("ada", PASSWORD), 2).await;
    for number in 0..25 {
        client.post("/registration/", &registration(number)).await.is(201);
    }
    let config = json!({"account": {"rate_limits": false}});
    let free = server(backend, merged(&token_mode(), &config)).await;
    let mut client = Client::new(&free);
    for _ in 0..35 {
        try_login(&mut client, "ada", "a wrong password").await.is(400);
    }
}

async fn the_django_profile_limits_what_dj_rest_auth_limits(backend: Backend) {
    let config = json!({
        "profile": "django",
        "rest_framework": {"default_authentication_classes": ["token"]},
        "account": {"rate_limits": {"change_password": "1/m/user"}},
    });
    let server = server(backend, merged(&token_mode(), &config)).await;
    let mut client = Client::new(&server);
    for _ in 0..25 {
        client.post("/password/reset/", &address("ada@example.com")).await.is(200);
        client.post("/registration/resend-email/", &address("x@example.com")).await.is(200);
    }
    for _ in 0..35 {
        try_login(&mut client, "ada", PASSWORD).await.is(200);
    }
    let (mut known, _) = token_client(&server).await;
    let form = json!({"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD});
    exhaust(&mut known, "/password/change/", &form, 1).await;
}

async fn a_forged_header_evades_no_limit(backend: Backend) {
    for trusted in [json!([]), json!(["127.0.0.1"])] {
        let config = json!({
            "server": {"trusted_proxies": trusted},
            "account": {"rate_limits": {"login": "3/m/ip"}},
        });
        let server = server(backend, merged(&token_mode(), &config)).await;
        let form = credentials("ada", PASSWORD);
        let mut answers = Vec::new();
        for number in 0..4 {
            // A proxy that is trusted puts the true address behind whatever came.
            let forged = format!("198.51.100.{number}, 203.0.113.9");
            let mut client = Client::new(&server).with("X-Forwarded-For", &forged);
            answers.push(client.post("/login/", &form).await.status());
        }
        assert_eq!(answers, [200, 200, 200, 429], "{trusted}");
    }
}

async fn how_much_of_an_ipv6_address_counts_is_a_setting(backend: Backend) {
    let config = json!({
        "server": {"trusted_proxies": ["127.0.0.1"]},
        "allauth": {"rate_limit_ipv6_prefix": 56},
        "account": {"rate_limits": {"login": "1/m/ip"}},
    });
    let server = server(backend, merged(&token_mode(), &config)).await;
    let from = |address: &str| Client::new(&server).with("X-Forwarded-For", address);
    try_login(&mut from("2001:db8:1:200::1"), "ada", PASSWORD).await.is(200);
    try_login(&mut from("2001:db8:1:2ff::1"), "ada", PASSWORD).await.is(429);
    try_login(&mut from("2001:db8:1:300::1"), "ada", PASSWORD).await.is(200);
}
