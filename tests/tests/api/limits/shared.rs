//! Limits that several instances keep together, in the database or in Redis, and what becomes of
//! them while Redis is away.

use std::time::Instant;

use chrono::{DateTime, Utc};
use rest_auth_flows::cleanup;
use rest_auth_store::testing::{TestDatabase, TestRedis};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::fixture::*;

/// Two instances on one database, with clocks that show the same.
struct Pair {
    servers: [Arc<Server>; 2],
    /// Dropped last.
    _database: TestDatabase,
}

impl Pair {
    async fn start(backend: Backend, config: Value) -> Self {
        let database = TestDatabase::fresh(backend).await;
        let database = database.expect("the environment has the URL of the server");
        let connections = json!({"database": {
            "url": database.url(),
            "max_connections": 4,
            "acquire_timeout": "60s",
        }});
        let config = merged(&merged(&base(), &token_mode()), &merged(&connections, &config));
        let noon: DateTime<Utc> = "2026-02-03T12:00:00Z".parse().expect("a time");
        let one = Server::start_at(&config, noon).await.expect("one starts");
        let other = Server::start_at(&config, noon).await.expect("the other starts");
        Self { servers: [Arc::new(one), Arc::new(other)], _database: database }
    }

    fn advance(&self, by: Duration) {
        for server in &self.servers {
            server.advance(by);
        }
    }

    /// Sends fifty requests at once, half of them to each, and tells how many passed.
    async fn passed_of_fifty(&self, address: &str) -> usize {
        let mut requests = JoinSet::new();
        for number in 0..50 {
            let mut client = Client::new(&self.servers[number % 2]);
            let form = json!({ "email": address });
            requests.spawn(async move { client.post("/password/reset/", &form).await });
        }
        let answers = requests.join_all().await;
        let good = |answer: &Answer| matches!(answer.status(), 200 | 429);
        assert!(answers.iter().all(good), "{answers:?}");
        answers.iter().filter(|answer| answer.status() == 200).count()
    }
}

async fn ask(server: &Arc<Server>, address: &str) -> u16 {
    let form = json!({ "email": address });
    Client::new(server).post("/password/reset/", &form).await.status()
}

/// Seven resets a minute from one address, three for one e-mail address.
fn limited(cache: &Value) -> Value {
    json!({
        "cache": cache,
        "account": {"rate_limits": {"reset_password": "7/m/ip,3/m/key"}},
    })
}

async fn two_instances_keep_one_limit(pair: Pair) {
    assert_eq!(pair.passed_of_fifty("ada@example.com").await, 3);
    // The refused ones counted nowhere: four of seven are left for other addresses.
    for number in 0..4 {
        let address = format!("user{number}@example.com");
        assert_eq!(ask(&pair.servers[number % 2], &address).await, 200, "number {number}");
    }
    assert_eq!(ask(&pair.servers[0], "bob@example.com").await, 429);
    pair.advance(just_before(MINUTE));
    assert_eq!(ask(&pair.servers[1], "bob@example.com").await, 429);
    pair.advance(SECOND);
    assert_eq!(pair.passed_of_fifty("ada@example.com").await, 3);
}

async fn two_instances_keep_one_throttle(cache: Value, backend: Backend) {
    let config = json!({
        "cache": cache,
        "account": {"rate_limits": false},
        "rest_framework": {
            "default_throttle_classes": ["anon"],
            "default_throttle_rates": {"anon": "9/m"},
        },
    });
    let pair = Pair::start(backend, config).await;
    assert_eq!(pair.passed_of_fifty("ada@example.com").await, 9);
    pair.advance(MINUTE);
    assert_eq!(pair.passed_of_fifty("ada@example.com").await, 9);
}

async fn failures_count_together_and_a_success_forgives_them(cache: Value) {
    let pair = Pair::start(Backend::Sqlite, json!({ "cache": cache })).await;
    let [one, other] = &pair.servers;
    let user = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com"});
    create(one, user).await;
    let wrong = "a wrong password";
    for server in [one, other, one, other] {
        try_login(&mut Client::new(server), "ada", wrong).await.is(400);
    }
    try_login(&mut Client::new(one), "ada", PASSWORD).await.is(200);
    for server in [other, one, other, one, other] {
        try_login(&mut Client::new(server), "ada", wrong).await.is(400);
    }
    for server in [one, other] {
        try_login(&mut Client::new(server), "ada", PASSWORD).await.is(429);
    }
}

mod in_the_database {
    use super::*;

    fn cache() -> Value {
        json!({"backend": "database"})
    }

    async fn on(backend: Backend) {
        two_instances_keep_one_limit(Pair::start(backend, limited(&cache())).await).await;
        two_instances_keep_one_throttle(cache(), backend).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite() {
        on(Backend::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
    async fn postgres() {
        on(Backend::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
    async fn mysql() {
        on(Backend::Mysql).await;
    }

    #[tokio::test]
    async fn failed_logins() {
        failures_count_together_and_a_success_forgives_them(cache()).await;
    }

    #[tokio::test]
    async fn what_has_expired_is_removed() {
        let pair = Pair::start(Backend::Sqlite, limited(&cache())).await;
        let [one, other] = &pair.servers;
        assert_eq!(ask(one, "ada@example.com").await, 200);
        assert_eq!(cleanup::clean(other.auth()).await, 1, "the secret of a mail to nobody");
        pair.advance(just_before(MINUTE));
        assert_eq!(cleanup::clean(other.auth()).await, 0);
        pair.advance(SECOND);
        assert_eq!(cleanup::clean(other.auth()).await, 2, "one by address, one by e-mail address");
    }
}

/// Long, because a busy machine must not be taken for a Redis that is away.
const PATIENT: &str = "10s";

fn redis() -> (TestRedis, Value) {
    let redis = TestRedis::fresh().expect("the environment has the URL of the server");
    let cache = json!({"url": redis.url(), "key_prefix": redis.prefix(), "timeout": PATIENT});
    (redis, cache)
}

mod in_redis {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    #[cfg_attr(not(redis), ignore = "needs REST_AUTH_TEST_REDIS_URL")]
    async fn limits() {
        let (redis, cache) = redis();
        two_instances_keep_one_limit(Pair::start(Backend::Sqlite, limited(&cache)).await).await;
        let keys = redis.keys();
        assert!(!keys.is_empty());
        for key in keys {
            let (_, digest) = key.split_once(':').expect("a prefix");
            assert_eq!(digest.len(), 64, "{key}");
            assert!(digest.chars().all(|c| c.is_ascii_hexdigit()), "{key}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    #[cfg_attr(not(redis), ignore = "needs REST_AUTH_TEST_REDIS_URL")]
    async fn throttles() {
        let (_redis, cache) = redis();
        two_instances_keep_one_throttle(cache, Backend::Sqlite).await;
    }

    #[tokio::test]
    #[cfg_attr(not(redis), ignore = "needs REST_AUTH_TEST_REDIS_URL")]
    async fn failed_logins() {
        let (_redis, cache) = redis();
        failures_count_together_and_a_success_forgives_them(cache).await;
    }

    /// Passes connections on to Redis until it is aborted.
    async fn pass_on(listener: TcpListener, redis: String) {
        let mut connections = JoinSet::new();
        while let Ok((mut here, _)) = listener.accept().await {
            let redis = redis.clone();
            connections.spawn(async move {
                let mut there = TcpStream::connect(redis).await?;
                copy_bidirectional(&mut here, &mut there).await
            });
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    #[cfg_attr(not(redis), ignore = "needs REST_AUTH_TEST_REDIS_URL")]
    async fn one_that_goes_away_and_comes_back() {
        let (redis, cache) = redis();
        let url = redis.url().trim_start_matches("redis://").to_owned();
        let (host, database) = url.split_once('/').unwrap_or((&url, "0"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let through = json!({"url": format!("redis://127.0.0.1:{port}/{database}")});
        let config = json!({
            "cache": merged(&cache, &through),
            "account": {"rate_limits": {"reset_password": "5/m/key"}},
        });
        let pair = Pair::start(Backend::Sqlite, config).await;
        let [one, other] = &pair.servers;

        let way = tokio::spawn(pass_on(listener, host.to_owned()));
        for server in [one, one, one, other] {
            assert_eq!(ask(server, "ada@example.com").await, 200);
        }
        way.abort();
        let _ = way.await;
        // Each goes on with what it has counted by itself.
        for (server, left) in [(one, 2), (other, 4)] {
            for _ in 0..left {
                assert_eq!(ask(server, "ada@example.com").await, 200);
            }
            assert_eq!(ask(server, "ada@example.com").await, 429);
        }

        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the same port");
        let way = tokio::spawn(pass_on(listener, host.to_owned()));
        let deadline = Instant::now() + MINUTE;
        for number in 0.. {
            let address = format!("user{number}@example.com");
            for _ in 0..5 {
                assert_eq!(ask(one, &address).await, 200);
            }
            // It knows what the first has counted: both are with Redis again.
            if ask(other, &address).await == 429 {
                break;
            }
            assert!(Instant::now() < deadline, "they do not come back");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        way.abort();
    }
}

#[tokio::test]
async fn without_redis_an_instance_keeps_its_limits_by_itself() {
    // Nobody listens at port 1.
    let cache = json!({"url": "redis://127.0.0.1:1", "timeout": PATIENT});
    let pair = Pair::start(Backend::Sqlite, limited(&cache)).await;
    for server in &pair.servers {
        for _ in 0..3 {
            assert_eq!(ask(server, "ada@example.com").await, 200);
        }
        assert_eq!(ask(server, "ada@example.com").await, 429);
    }
    pair.advance(MINUTE);
    assert_eq!(ask(&pair.servers[0], "ada@example.com").await, 200);
}

#[tokio::test]
async fn a_redis_that_hangs_is_waited_for_once() {
    // The system accepts connections, and nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let timeout = Duration::from_secs(3);
    let cache = json!({"url": format!("redis://127.0.0.1:{port}"), "timeout": "3s"});
    let config = json!({"cache": cache, "account": {"rate_limits": {"reset_password": "99/m/ip"}}});
    let pair = Pair::start(Backend::Sqlite, config).await;
    let began = Instant::now();
    assert_eq!(ask(&pair.servers[0], "ada@example.com").await, 200);
    assert!(began.elapsed() >= timeout, "it was not even asked");
    // Four times as many would take twelve times as long if each waited.
    let began = Instant::now();
    for _ in 0..12 {
        assert_eq!(ask(&pair.servers[0], "ada@example.com").await, 200);
    }
    assert!(began.elapsed() < 3 * timeout, "it is waited for again and again");
}
