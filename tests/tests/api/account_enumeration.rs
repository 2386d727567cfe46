//! What a stranger learns of who is registered: nothing, from bodies, headers or time.

use std::time::Instant;

use rest_auth_store::testing::statements;
use rest_auth_tests::timing::{Comparison, Samples};

use crate::fixture::*;
use crate::social::{by_id_token, start_with_step};

on_every_database!(
    registrations_take_the_same_time,
    accounts_by_a_provider_take_the_same_time,
    resets_take_the_same_time,
    verification_mails_take_the_same_time,
    keys_that_django_keeps_take_the_same_time,
    reset_confirmations_take_the_same_time,
    codes_take_the_same_time_dead_or_unknown,
    logins_take_the_same_time,
    logins_that_cost_less_are_told_apart,
    a_name_is_refused_whether_the_address_is_taken_or_not,
    a_name_that_is_an_address_is_refused_whoever_has_it,
    a_name_of_an_account_by_a_provider_tells_nothing_of_addresses,
    a_new_name_of_a_user_tells_nothing_of_addresses,
);

/// Somebody whom the server knows, or nobody.
#[derive(Clone, Copy, PartialEq)]
enum Account {
    Known,
    Unknown,
}

impl Account {
    fn email(self, number: usize) -> String {
        match self {
            Self::Known => "ada@example.com".to_owned(),
            Self::Unknown => format!("somebody{number}@example.com"),
        }
    }
}

/// No limits, and mandatory verification.
fn unlimited() -> Value {
    json!({
        "account": {"email_verification": "mandatory", "rate_limits": false},
        "rest_auth": {"session_login": false},
    })
}

/// The default costs of hashing, in place of those of tests: with a cheap hash it would count that
/// an unoptimised build reads the row of somebody slowly.
fn real_hashing() -> Value {
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

/// Sends requests about somebody and about nobody in turn, which must get the same answer after the
/// same number of statements, and compares their times once all are answered. `number` is another
/// one for every request.
async fn compared<F>(rounds: usize, mut ask: impl FnMut(Account, usize) -> F) -> Comparison
where
    F: Future<Output = Answer>,
{
    let mut samples = Samples::default();
    for round in 0..rounds {
        let mut taken = [Duration::ZERO; 2];
        let mut answers = Vec::new();
        // Whichever comes first might be slower.
        let order = [Account::Known, Account::Unknown];
        let order = if round % 2 == 0 { order } else { [order[1], order[0]] };
        for (place, who) in order.into_iter().enumerate() {
            let (begun, before) = (Instant::now(), statements());
            let answer = ask(who, 2 * round + place).await;
            taken[usize::from(who == Account::Unknown)] = begun.elapsed();
            answers.push((seen(&answer), statements() - before));
        }
        assert_eq!(answers[0], answers[1]);
        samples.push(taken[0], taken[1]);
    }
    let compared = samples.compare();
    eprintln!("somebody and nobody: {compared:?}");
    compared
}

fn same(compared: Comparison) {
    assert!(!compared.tells_apart(), "time tells who is registered: {compared:?}");
}

async fn registrations_take_the_same_time(backend: Backend) {
    let server = server(backend, merged(&unlimited(), &real_hashing())).await;
    let register = |who: Account, number| {
        let mut client = Client::new(&server);
        let form = json!({"username": format!("somebody{number}"), "email": who.email(number),
            "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
        async move { client.post("/registration/", &form).await.of(201) }
    };
    same(compared(120, register).await);
}

async fn accounts_by_a_provider_take_the_same_time(backend: Backend) {
    const ROUNDS: usize = 100;
    let asking = json!({"account": {"signup_fields": ["email*", "username", "password1*"]}});
    let (server, provider) = start_with_step(backend, merged(&asking, &unlimited())).await;
    let server = with_ada(server).await;
    let mut tokens = Vec::new();
    for number in 0..2 * ROUNDS {
        let claims = json!({"sub": number.to_string(), "jti": number.to_string(), "email": null});
        let step = by_id_token(&server, &provider.id_token(&claims)).await.of(200);
        tokens.push(step.text("signup_token"));
    }
    let complete = |who: Account, number: usize| {
        let mut client = Client::new(&server);
        let form = json!({"signup_token": tokens[number], "username": format!("somebody{number}"),
            "email": who.email(number)});
        async move { client.post("/social/signup/", &form).await.of(201) }
    };
    same(compared(ROUNDS, complete).await);
    // The same without that step, by an address that the provider knows and has not verified.
    let log_in = |who: Account, number: usize| {
        let email = match who {
            Account::Known => who.email(number),
            Account::Unknown => format!("other-{}", who.email(number)),
        };
        let id = format!("other-{number}");
        let claims = json!({"sub": id, "jti": id, "email": email, "email_verified": false,
            "preferred_username": id});
        let token = provider.id_token(&claims);
        let server = Arc::clone(&server);
        async move { by_id_token(&server, &token).await.of(400) }
    };
    same(compared(ROUNDS, log_in).await);
}

async fn resets_take_the_same_time(backend: Backend) {
    let server = server(backend, unlimited()).await;
    let reset = |who: Account, number| {
        let mut client = Client::new(&server);
        let form = json!({"email": who.email(number)});
        async move { client.post("/password/reset/", &form).await.of(200) }
    };
    same(compared(300, reset).await);
    // What was written for nobody went nowhere.
    let mails = server.new_mails().await;
    let to_ada = |mail: &Vec<u8>| String::from_utf8_lossy(mail).contains("To: ada@example.com");
    assert!(mails.len() >= 300 && mails.iter().all(to_ada));
}

async fn verification_mails_take_the_same_time(backend: Backend) {
    let server = empty_server(backend, unlimited()).await;
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": false});
    create(&server, ada).await;
    let resend = |who: Account, number| {
        let mut client = Client::new(&server);
        let form = json!({"email": who.email(number)});
        async move { client.post("/registration/resend-email/", &form).await.of(200) }
    };
    same(compared(300, resend).await);
}

async fn keys_that_django_keeps_take_the_same_time(backend: Backend) {
    let keys = json!({"account": {"email_confirmation_keys": "django",
        "email_confirmation_hmac": false}});
    let server = empty_server(backend, merged(&unlimited(), &keys)).await;
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": false});
    create(&server, ada).await;
    let resend = |who: Account, number| {
        let mut client = Client::new(&server);
        let form = json!({"email": who.email(number)});
        async move { client.post("/registration/resend-email/", &form).await.of(200) }
    };
    same(compared(300, resend).await);
    let server = self::server(backend, merged(&unlimited(), &keys)).await;
    let register = |who: Account, number| {
        let mut client = Client::new(&server);
        let form = json!({"username": format!("somebody{number}"), "email": who.email(number),
            "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
        async move { client.post("/registration/", &form).await.of(201) }
    };
    same(compared(120, register).await);
}

async fn reset_confirmations_take_the_same_time(backend: Backend) {
    let server = server(backend, unlimited()).await;
    let (uid, _) = reset_link(&server).await;
    let confirm = |who: Account, number: usize| {
        let mut client = Client::new(&server);
        let uid = match who {
            Account::Known => uid.clone(),
            Account::Unknown => format!("zz{number}"),
        };
        let form = json!({"uid": uid, "token": "abc-0123456789", "new_password1": NEW_PASSWORD,
            "new_password2": NEW_PASSWORD});
        async move { client.post("/password/reset/confirm/", &form).await.of(400) }
    };
    same(compared(300, confirm).await);
}

async fn codes_take_the_same_time_dead_or_unknown(backend: Backend) {
    let by_code = json!({"account": {
        "email_verification_by_code_enabled": true,
        "password_reset_by_code_enabled": true,
    }});
    let server = server(backend, merged(&unlimited(), &by_code)).await;
    let asked = json!({"email": "ada@example.com"});
    Client::new(&server).post("/password/reset/", &asked).await.is(200);
    let try_code = |who: Account, number: usize| {
        let mut client = Client::new(&server);
        let form = json!({"email": who.email(number), "code": "BBBB-BBBB",
            "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD});
        async move { client.post("/password/reset/confirm/", &form).await.of(400) }
    };
    // The last one of these is dead, and the first for which the row of all such attempts is made.
    for number in 0..4 {
        try_code(Account::Known, number).await;
    }
    same(compared(300, try_code).await);
}

/// A server on which a hash takes most of the time of a login.
async fn login_server(backend: Backend) -> Arc<Server> {
    let server = server(backend, merged(&unlimited(), &real_hashing())).await;
    create(&server, json!({"username": "eve", "password": PASSWORD, "is_active": false})).await;
    create(&server, json!({"username": "bot"})).await;
    server
}

/// Compares wrong logins of somebody with those of nobody.
async fn logins(server: &Arc<Server>, name: &str, wrong: [&str; 2]) -> Comparison {
    let login = |who: Account, _| {
        let mut client = Client::new(server);
        let (name, wrong) = match who {
            Account::Known => (name.to_owned(), wrong[0].to_owned()),
            Account::Unknown => ("nobody".to_owned(), wrong[1].to_owned()),
        };
        async move { try_login(&mut client, &name, &wrong).await.of(400) }
    };
    compared(50, login).await
}

async fn logins_take_the_same_time(backend: Backend) {
    let server = login_server(backend).await;
    // Also for what has to be tried in two forms.
    for wrong in ["something else", "cafe\u{301} cre\u{300}me"] {
        for name in ["ada", "eve", "bot"] {
            same(logins(&server, name, [wrong, wrong]).await);
        }
    }
}

/// Or the tests above would see nothing.
async fn logins_that_cost_less_are_told_apart(backend: Backend) {
    let server = login_server(backend).await;
    let two_hashes_and_one = ["cafe\u{301} cre\u{300}me", "something else"];
    let compared = logins(&server, "ada", two_hashes_and_one).await;
    assert!(compared.tells_apart() && compared.shift > 0.0, "{compared:?}");
}

async fn a_name_is_refused_whether_the_address_is_taken_or_not(backend: Backend) {
    let server = server(backend, unlimited()).await;
    for email in ["ada@example.com", "bob@example.com"] {
        let form = json!({"username": "ada", "email": email, "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD});
        let refused = Client::new(&server).post("/registration/", &form).await.of(400);
        let taken = json!({"username": ["A user with that username already exists."]});
        assert_eq!(refused.document(), taken);
    }
    assert!(server.new_mails().await.is_empty());
}

/// What is told of a user name that is an e-mail address.
fn is_address() -> Value {
    json!({"username": [
        "A username may not be the email address of somebody else. Choose another one."
    ]})
}

async fn a_name_that_is_an_address_is_refused_whoever_has_it(backend: Backend) {
    let server = server(backend, unlimited()).await;
    for name in ["ada@example.com", "ADA@example.com", "nobody@example.com"] {
        let form = json!({"username": name, "email": "mallory@example.com",
            "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
        let answer = Client::new(&server).post("/registration/", &form).await.of(400);
        assert_eq!(answer.document(), is_address(), "{name}");
        // With other mistakes it would cost nothing to ask.
        let form = json!({"username": name, "email": "x", "password1": "1", "password2": "1"});
        let answer = Client::new(&server).post("/registration/", &form).await.of(400).document();
        assert_eq!(answer["username"], is_address()["username"], "{name}");
    }
    for own in ["ada@example.com", "bob@example.com"] {
        let form = json!({"username": own.to_uppercase(), "email": own,
            "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
        Client::new(&server).post("/registration/", &form).await.is(201);
    }
}

async fn a_name_of_an_account_by_a_provider_tells_nothing_of_addresses(backend: Backend) {
    let asking = json!({"account": {"signup_fields": ["email*", "username", "password1*"]}});
    let (server, provider) = start_with_step(backend, merged(&asking, &unlimited())).await;
    let server = with_ada(server).await;
    let token = provider.id_token(&json!({"email": null}));
    let token = by_id_token(&server, &token).await.of(200).text("signup_token");
    for name in ["ada@example.com", "nobody@example.com"] {
        let form = json!({"signup_token": token, "username": name, "email": "m@example.com"});
        let answer = Client::new(&server).post("/social/signup/", &form).await.of(400);
        assert_eq!(answer.document(), is_address(), "{name}");
    }
    let own = json!({"signup_token": token, "username": "m@example.com", "email": "m@example.com"});
    Client::new(&server).post("/social/signup/", &own).await.is(201);
}

async fn a_new_name_of_a_user_tells_nothing_of_addresses(backend: Backend) {
    let server = server(backend, merged(&token_mode(), &unlimited())).await;
    let (mut ada, _) = token_client(&server).await;
    create(
        &server,
        json!({"username": "bob", "password": PASSWORD, "email": "bob@example.com",
        "email_verified": true}),
    )
    .await;
    for name in ["bob@example.com", "nobody@example.com"] {
        let answer = ada.json("PATCH", "/user/", &json!({"username": name})).await.of(400);
        assert_eq!(answer.document(), is_address(), "{name}");
    }
    ada.json("PATCH", "/user/", &json!({"username": "Ada@example.com"})).await.is(200);
}
