//! What a stranger learns of who is registered: nothing, from bodies, headers or time.

use std::time::Instant;

use super::*;

/// How often each of the two is tried.
const TRIES: usize = 200;
/// How far the medians may lie apart.
const TOLERANCE: f64 = 0.10;
/// How far they may lie apart in seconds where the compiler did not optimise: on SQLite the rows
/// that a known address finds cost about half a millisecond then. An answer without the pretended
/// letter is further away than this.
const UNOPTIMISED: f64 = if cfg!(debug_assertions) { 0.001 } else { 0.0 };
/// How often everything is measured, since the machine does other things meanwhile.
const MEASUREMENTS: usize = 5;

/// A request that is about a known address or an unknown one.
#[derive(Clone, Copy, PartialEq)]
enum Address {
    Known,
    Unknown,
}

impl Address {
    fn email(self, number: usize) -> String {
        match self {
            Self::Known => "ada@example.com".to_owned(),
            Self::Unknown => format!("somebody{number}@example.com"),
        }
    }
}

/// The real costs of hashing, no limits, and mandatory verification.
fn config(hashing: &Value) -> Value {
    let config = json!({
        "account": {
            "email_verification": "mandatory",
            "rate_limits": {"confirm_email": "", "reset_password": "", "signup": ""},
        },
        "rest_auth": {"session_login": false},
    });
    merged(&config, hashing)
}

async fn server_with_ada(hashing: &Value, backend: Backend) -> Arc<Server> {
    let config = merged(&base(), &config(hashing));
    let server = Arc::new(Server::start(&config, backend).await.expect("a server"));
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true});
    create(&server, ada).await;
    server
}

fn usual_hashing() -> Value {
    json!({"auth": {"argon2_memory_kib": 19456, "argon2_time_cost": 2}})
}

/// Everything of an answer that a client sees, but for what differs between any two requests.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers = answer
        .headers()
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let body = String::from_utf8_lossy(answer.body()).into_owned();
    (answer.status(), headers.collect(), body)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// Sends both kinds of requests in turn and holds the medians of their times against each other.
/// `number` is another one for every request.
async fn compare<F>(mut ask: impl FnMut(Address, usize) -> F)
where
    F: Future<Output = Answer>,
{
    let mut number = 0;
    let mut apart = Vec::new();
    for _ in 0..MEASUREMENTS {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for round in 0..TRIES {
            // Whichever comes first might be slower.
            let order = [Address::Known, Address::Unknown];
            let order = if round % 2 == 0 { order } else { [order[1], order[0]] };
            let mut answers = Vec::new();
            for address in order {
                number += 1;
                let begun = Instant::now();
                let answer = ask(address, number).await;
                let time = begun.elapsed();
                if address == Address::Known {
                    known.push(time);
                } else {
                    unknown.push(time);
                }
                answers.push(seen(&answer));
            }
            assert_eq!(answers[0], answers[1]);
        }
        let (known, unknown) = (median(known), median(unknown));
        let distance = (known - unknown).abs();
        let both = format!("{:.2} ms and {:.2} ms", known * 1e3, unknown * 1e3);
        eprintln!("medians of known and unknown addresses: {both}");
        if distance <= (known.max(unknown) * TOLERANCE).max(UNOPTIMISED) {
            return;
        }
        apart.push(both);
    }
    panic!("known and unknown addresses take {apart:?}");
}

async fn registrations_take_the_same_time(backend: Backend, hashing: Value) {
    let server = server_with_ada(&hashing, backend).await;
    compare(|address, number| {
        let mut client = Client::new(&server);
        async move {
            let email = address.email(number);
            let form = json!({"username": format!("somebody{number}"), "email": email,
                "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
            client.post("/registration/", &form).await.of(201)
        }
    })
    .await;
}

async fn resets_take_the_same_time(backend: Backend) {
    let server = server_with_ada(&json!({}), backend).await;
    compare(|address, number| {
        let mut client = Client::new(&server);
        async move {
            let email = address.email(number);
            client.post("/password/reset/", &json!({"email": email})).await.of(200)
        }
    })
    .await;
    // What was written for nobody went nowhere.
    assert!(
        server
            .new_mails()
            .await
            .iter()
            .all(|mail| { String::from_utf8_lossy(mail).contains("To: ada@example.com") })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_take_the_same_time_on_sqlite() {
    registrations_take_the_same_time(Backend::Sqlite, usual_hashing()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
async fn registrations_take_the_same_time_on_postgres() {
    registrations_take_the_same_time(Backend::Postgres, usual_hashing()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_take_the_same_time_on_sqlite() {
    resets_take_the_same_time(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
async fn resets_take_the_same_time_on_postgres() {
    resets_take_the_same_time(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
async fn resets_take_the_same_time_on_mysql() {
    resets_take_the_same_time(Backend::Mysql).await;
}

#[tokio::test]
async fn a_name_is_refused_whether_the_address_is_taken_or_not() {
    let server = server(config(&json!({}))).await;
    for email in ["ada@example.com", "bob@example.com"] {
        let form = json!({"username": "ada", "email": email, "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD});
        let refused = Client::new(&server).post("/registration/", &form).await.of(400);
        let taken = json!({"username": ["A user with that username already exists."]});
        assert_eq!(refused.document(), taken);
    }
    assert!(server.new_mails().await.is_empty());
}
