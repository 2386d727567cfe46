//! More passwords than can be hashed.

use std::time::Instant;

use rest_auth_store::testing::{TestRedis, run_test};
use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(
    a_flood_of_logins_is_turned_away_and_who_is_in_does_not_notice,
    after_the_flood_everything_is_as_before,
    clients_that_go_away_do_not_leave_their_place_taken,
    whoever_is_turned_away_has_not_tried,
    the_owner_gets_in_while_ten_addresses_and_a_48_flood_the_queue,
);

/// Hashes that take a moment, one at a time, and next to no queue.
fn narrow() -> Value {
    json!({
        "auth": {
            "hashing_threads": 1,
            "hashing_queue": 1,
            "argon2_memory_kib": 19456,
            "argon2_time_cost": 4,
        },
        "account": {"rate_limits": false},
    })
}

async fn a_flood_of_logins_is_turned_away_and_who_is_in_does_not_notice(backend: Backend) {
    let server = server(backend, merged(&jwt_mode(), &narrow())).await;
    let (access, _) = jwt_pair(&server).await;
    let mut logins = JoinSet::new();
    for number in 0..40 {
        let mut client = Client::new(&server);
        let name = if number % 2 == 0 { "ada" } else { "nobody" };
        logins.spawn(async move { try_login(&mut client, name, PASSWORD).await });
    }
    let mut client = bearer(&server, &access);
    for _ in 0..5 {
        let started = Instant::now();
        client.get("/user/").await.is(200);
        let taken = started.elapsed();
        assert!(taken.as_secs_f64() < 1.0, "somebody who is in waited {taken:?}");
    }
    let answers = logins.join_all().await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status() == 503).collect();
    assert!(!busy.is_empty(), "nobody was turned away");
    assert!(busy.len() < answers.len(), "everybody was turned away");
    for answer in &answers {
        assert!(matches!(answer.status(), 200 | 400 | 503), "{answer}");
    }
    for answer in busy {
        let wait: u64 = answer.header("Retry-After").and_then(|s| s.parse().ok()).unwrap_or(0);
        assert!((1..=10).contains(&wait), "{:?}: {answer}", answer.header("Retry-After"));
        assert!(answer.document()["detail"].is_string(), "{answer}");
    }
}

async fn after_the_flood_everything_is_as_before(backend: Backend) {
    let server = server(backend, merged(&token_mode(), &narrow())).await;
    let mut logins = JoinSet::new();
    for _ in 0..20 {
        let mut client = Client::new(&server);
        logins.spawn(async move { try_login(&mut client, "ada", PASSWORD).await });
    }
    logins.join_all().await;
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

async fn clients_that_go_away_do_not_leave_their_place_taken(backend: Backend) {
    let server = server(backend, merged(&token_mode(), &narrow())).await;
    let mut logins = JoinSet::new();
    for _ in 0..20 {
        let mut client = Client::new(&server);
        logins.spawn(async move { try_login(&mut client, "ada", PASSWORD).await });
    }
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    logins.shutdown().await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

async fn whoever_is_turned_away_has_not_tried(backend: Backend) {
    for cache in ["memory", "database"] {
        turned_away_without_a_try(backend, &json!({"backend": cache})).await;
    }
}

#[test]
#[cfg_attr(not(redis), ignore = "needs REST_AUTH_TEST_REDIS_URL")]
fn whoever_is_turned_away_has_not_tried_in_redis() {
    run_test(Box::pin(async {
        let redis = TestRedis::fresh().expect("the environment has the URL of the server");
        let cache = json!({"url": redis.url(), "key_prefix": redis.prefix(), "timeout": "5s"});
        turned_away_without_a_try(Backend::Sqlite, &cache).await;
        assert!(!redis.keys().is_empty(), "nothing was counted there");
    }));
}

/// Of those who come while there is no place nobody is counted.
async fn turned_away_without_a_try(backend: Backend, cache: &Value) {
    let counted = json!({
        "account": {"rate_limits": {"login": "8/h/ip", "login_failed": "8/h/ip"}},
        "rest_framework": {
            "default_throttle_classes": ["scoped"],
            "default_throttle_rates": {"dj_rest_auth": "8/h"},
        },
        "cache": cache,
    });
    let config = merged(&merged(&token_mode(), &narrow()), &counted);
    let server = server(backend, config).await;
    let (mut admitted, mut refused) = (0, 0);
    for _ in 0..20 {
        let mut logins = JoinSet::new();
        for _ in 0..4 {
            let mut client = Client::new(&server);
            logins.spawn(async move { try_login(&mut client, "ada", PASSWORD).await });
        }
        let answers = logins.join_all().await;
        (admitted, refused) = (admitted + count(&answers, 200), refused + count(&answers, 503));
        if admitted >= 8 {
            break;
        }
    }
    assert!(admitted == 8 && refused > 0, "{admitted} and {refused}: {cache}");
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(429);
}

/// Somebody at an address.
fn at(server: &Arc<Server>, address: &str) -> Client {
    Client::new(server).with("X-Forwarded-For", address)
}

async fn the_owner_gets_in_while_ten_addresses_and_a_48_flood_the_queue(backend: Backend) {
    let wide = json!({
        "auth": {
            "hashing_threads": 1,
            "hashing_queue": 30,
            "argon2_memory_kib": 8192,
            "argon2_time_cost": 2,
            "hashing_max_wait": 20,
        },
        "server": {"trusted_proxies": ["127.0.0.1"]},
    });
    let limits = json!({"account": {"rate_limits": false}});
    let server = server(backend, merged(&merged(&token_mode(), &wide), &limits)).await;
    let mut flood = JoinSet::new();
    for number in 0..400 {
        let address = match number % 2 {
            0 => format!("203.0.113.{}", number / 2 % 10),
            _ => format!("2001:db8:1:{number:x}::1"),
        };
        let mut client = at(&server, &address);
        flood.spawn(async move {
            let name = format!("nobody{number}");
            while matches!(try_login(&mut client, &name, PASSWORD).await.status(), 400 | 503) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    for host in 1..=4 {
        let mut owner = at(&server, &format!("198.51.100.{host}"));
        try_login(&mut owner, "ada", PASSWORD).await.is(200);
    }
    flood.shutdown().await;
}
