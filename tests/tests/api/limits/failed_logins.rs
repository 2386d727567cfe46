//! Limits on guessing, and whose word counts for where somebody is.

use crate::fixture::*;

on_every_database!(
    after_five_failures_a_name_has_to_wait,
    unknown_names_wait_just_the_same,
    a_name_in_another_case_is_the_same_name,
    a_success_forgives_the_failures_before_it,
    after_ten_failures_an_address_has_to_wait,
    one_good_account_does_not_pay_for_guessing_at_others,
    nobody_can_lock_somebody_else_out_from_afar,
    an_ipv6_network_counts_as_one_address,
    an_ipv4_address_in_ipv6_spelling_is_the_same_address,
    without_trusted_proxies_a_header_changes_nothing,
    what_a_client_writes_before_its_proxy_is_not_believed,
    parallel_guesses_do_not_slip_past_the_limit,
    parallel_guesses_do_not_tell_who_exists,
);

async fn fail(client: &mut Client, username: &str) -> Answer {
    try_login(client, username, "a wrong password").await
}

/// A client behind a trusted proxy, at an address.
fn at(server: &Arc<Server>, address: &str) -> Client {
    Client::new(server).with("X-Forwarded-For", address)
}

async fn proxied_server(backend: Backend) -> Arc<Server> {
    let proxies = json!({"server": {"trusted_proxies": ["127.0.0.1"]}});
    server(backend, merged(&token_mode(), &proxies)).await
}

async fn after_five_failures_a_name_has_to_wait(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for _ in 0..5 {
        fail(&mut client, "ada").await.is(400);
    }
    let answer = try_login(&mut client, "ada", PASSWORD).await.of(429);
    assert_eq!(answer.header("Retry-After"), Some("300"), "{answer}");
    server.advance(5 * MINUTE);
    try_login(&mut client, "ada", PASSWORD).await.is(200);
}

async fn unknown_names_wait_just_the_same(backend: Backend) {
    let server = server(backend, token_mode()).await;
    for _ in 0..5 {
        let known = fail(&mut Client::new(&server), "ada").await.of(400);
        let unknown = fail(&mut Client::new(&server), "nobody").await.of(400);
        assert_eq!(known.body(), unknown.body());
        server.advance(7 * SECOND);
    }
    let known = fail(&mut Client::new(&server), "ada").await.of(429);
    let unknown = fail(&mut Client::new(&server), "nobody").await.of(429);
    assert_eq!(known.body(), unknown.body());
    assert_eq!(known.header("Retry-After"), unknown.header("Retry-After"));
}

async fn a_name_in_another_case_is_the_same_name(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for name in ["ada", "Ada", "ADA", "aDa", "adA"] {
        fail(&mut client, name).await.is(400);
    }
    try_login(&mut client, "ada", PASSWORD).await.is(429);
}

async fn a_success_forgives_the_failures_before_it(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for _ in 0..3 {
        for _ in 0..4 {
            fail(&mut client, "ada").await.is(400);
        }
        try_login(&mut client, "ada", PASSWORD).await.is(200);
        server.advance(MINUTE);
    }
}

async fn after_ten_failures_an_address_has_to_wait(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for number in 0..10 {
        fail(&mut client, &format!("user{number}")).await.is(400);
    }
    let answer = fail(&mut client, "user10").await.of(429);
    assert_eq!(answer.header("Retry-After"), Some("60"), "{answer}");
    server.advance(MINUTE);
    fail(&mut client, "user10").await.is(400);
}

async fn one_good_account_does_not_pay_for_guessing_at_others(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for number in 0..10 {
        fail(&mut client, &format!("user{number}")).await.is(400);
        if number < 9 {
            try_login(&mut client, "ada", PASSWORD).await.is(200);
        }
    }
    fail(&mut client, "user10").await.is(429);
}

async fn nobody_can_lock_somebody_else_out_from_afar(backend: Backend) {
    let server = proxied_server(backend).await;
    for _ in 0..5 {
        fail(&mut at(&server, "203.0.113.9"), "ada").await.is(400);
    }
    fail(&mut at(&server, "203.0.113.9"), "ada").await.is(429);
    try_login(&mut at(&server, "198.51.100.7"), "ada", PASSWORD).await.is(200);
}

async fn an_ipv6_network_counts_as_one_address(backend: Backend) {
    let server = proxied_server(backend).await;
    for host in 1..=5 {
        fail(&mut at(&server, &format!("2001:db8:1:2::{host}")), "ada").await.is(400);
    }
    let mut neighbour = at(&server, "2001:db8:1:2:ffff::1");
    fail(&mut neighbour, "ada").await.is(429);
    fail(&mut at(&server, "2001:db8:1:3::1"), "ada").await.is(400);
}

async fn an_ipv4_address_in_ipv6_spelling_is_the_same_address(backend: Backend) {
    let server = proxied_server(backend).await;
    for _ in 0..5 {
        fail(&mut at(&server, "::ffff:203.0.113.9"), "ada").await.is(400);
    }
    fail(&mut at(&server, "203.0.113.9"), "ada").await.is(429);
    fail(&mut at(&server, "203.0.113.10"), "ada").await.is(400);
}

async fn without_trusted_proxies_a_header_changes_nothing(backend: Backend) {
    let server = server(backend, token_mode()).await;
    for number in 0..5 {
        fail(&mut at(&server, &format!("203.0.113.{number}")), "ada").await.is(400);
    }
    fail(&mut at(&server, "203.0.113.200"), "ada").await.is(429);
}

async fn what_a_client_writes_before_its_proxy_is_not_believed(backend: Backend) {
    let server = proxied_server(backend).await;
    for number in 0..5 {
        let forged = format!("198.51.100.{number}, 203.0.113.9");
        fail(&mut at(&server, &forged), "ada").await.is(400);
    }
    fail(&mut at(&server, "198.51.100.99, 203.0.113.9"), "ada").await.is(429);
}

async fn parallel_guesses_do_not_slip_past_the_limit(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let mut client = Client::new(&server);
        guesses.spawn(async move { fail(&mut client, "ada").await });
    }
    let answers = guesses.join_all().await;
    let tried = answers.iter().filter(|answer| answer.status() == 400).count();
    assert!(answers.iter().all(|answer| matches!(answer.status(), 400 | 429 | 503)));
    assert!(tried <= 5, "{tried} passwords were tried at once");
}

async fn parallel_guesses_do_not_tell_who_exists(backend: Backend) {
    // A hash takes so long that all guesses arrive while the first of them is looked at.
    let limits = json!({
        "account": {"rate_limits": {"login_failed": ""}},
        "auth": {
            "hashing_threads": 1,
            "hashing_queue": 40,
            "hashing_max_wait": "60s",
            "argon2_memory_kib": 65_536,
            "argon2_time_cost": 4,
        },
    });
    let server = server(backend, merged(&token_mode(), &limits)).await;
    let mut refused = Vec::new();
    for name in ["ada", "nobody"] {
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let mut client = Client::new(&server);
            guesses.spawn(async move { fail(&mut client, name).await });
        }
        let answers = guesses.join_all().await;
        refused.push(answers.iter().filter(|answer| answer.status() == 503).count());
    }
    let (known, unknown) = (refused[0], refused[1]);
    assert!(known > 0 && unknown > 0, "nobody was refused, so nothing was compared");
    assert!(known.abs_diff(unknown) <= 2, "{known} were too busy for Ada, {unknown} for nobody");
}
