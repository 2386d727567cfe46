//! Fifty who come with one code, one recovery code or one login at the same moment.

use rest_auth_domain::mfa::allauth::{RecoveryShape, unused_recovery_codes};
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use tokio::task::JoinSet;

use super::setup::waiting;
use super::*;
use crate::passkeys::{begin, made};

on_every_database!(
    of_fifty_who_type_one_code_one_gets_in,
    of_fifty_who_type_one_recovery_code_one_gets_in,
    of_fifty_who_go_on_with_one_login_one_gets_in,
    fifty_guesses_at_one_login_are_five,
    of_fifty_who_type_one_readable_recovery_code_one_gets_in,
    of_fifty_who_type_one_recovery_code_of_allauth_one_gets_in,
    of_fifty_who_set_up_one_login_one_gets_in,
    of_an_app_and_a_passkey_at_once_one_is_set_up,
    of_fifty_answers_one_adds_a_passkey,
);

/// Room for fifty at once, and no limit that stops them before.
fn busy() -> Value {
    json!({
        "account": {"rate_limits": false},
        "auth": {"hashing_queue": 1000, "hashing_max_wait": "60s"},
        "database": {"acquire_timeout": "60s"},
        "mfa": {"max_attempts": 100},
        "rest_auth": {"session_login": false},
    })
}

async fn at_once(server: &Arc<Server>, forms: Vec<Value>) -> Vec<Answer> {
    all_at_once(&Client::new(server), "/mfa/verify/", forms).await
}

async fn all_at_once(client: &Client, path: &'static str, forms: Vec<Value>) -> Vec<Answer> {
    let mut requests = JoinSet::new();
    for form in forms {
        let mut client = client.clone();
        requests.spawn(async move { client.post(path, &form).await });
    }
    requests.join_all().await
}

async fn fifty_logins(server: &Arc<Server>, code: &str) -> Vec<Value> {
    let mut forms = Vec::new();
    for _ in 0..50 {
        forms.push(json!({"ephemeral_token": first_step(server).await, "code": code}));
    }
    forms
}

fn assert_one_got_in(answers: &[Answer]) {
    assert_eq!((count(answers, 200), count(answers, 400)), (1, 49), "{answers:?}");
}

async fn of_fifty_who_type_one_code_one_gets_in(backend: Backend) {
    let server = with_factor(backend, busy()).await;
    let forms = fifty_logins(&server, &code(&server)).await;
    assert_one_got_in(&at_once(&server, forms).await);
}

async fn of_fifty_who_type_one_recovery_code_one_gets_in(backend: Backend) {
    let server = server(backend, busy()).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = enroll(&server, &mut ada).await;
    let forms = fifty_logins(&server, &codes[0]).await;
    assert_one_got_in(&at_once(&server, forms).await);
}

async fn of_fifty_who_go_on_with_one_login_one_gets_in(backend: Backend) {
    let server = server(backend, busy()).await;
    let (mut ada, _) = token_client(&server).await;
    let (secret, codes) = enroll(&server, &mut ada).await;
    let token = first_step(&server).await;
    // Every code is good by itself.
    let mut good = codes;
    good.extend([1, 1, 1].map(|period| code_of(&server, &secret, period)));
    let forms =
        (0..50).map(|number| json!({"ephemeral_token": token, "code": good[number % good.len()]}));
    assert_one_got_in(&at_once(&server, forms.collect()).await);
    let mut ada = Client::new(&server);
    let (last, first) = (good[9].clone(), good[0].clone());
    let mut left = 0;
    for code in [last, first] {
        let answer = verify(&mut ada, &first_step(&server).await, &code).await;
        left += usize::from(answer.status() == 200);
    }
    assert!(left >= 1, "those who lost used up no code");
}

async fn fifty_guesses_at_one_login_are_five(backend: Backend) {
    let server = with_factor(backend, merged(&busy(), &json!({"mfa": {"max_attempts": 5}}))).await;
    let token = first_step(&server).await;
    let forms =
        (0..50).map(|guess| json!({"ephemeral_token": token, "code": format!("{guess:06}")}));
    let answers = at_once(&server, forms.collect()).await;
    let wrong = answers.iter().filter(|answer| answer.document().get("code").is_some());
    assert_eq!((wrong.count(), count(&answers, 400)), (5, 50), "{answers:?}");
}

async fn of_fifty_who_type_one_readable_recovery_code_one_gets_in(backend: Backend) {
    let seed = json!({"mfa": {"recovery_codes": "django"}});
    let server = server(backend, merged(&busy(), &seed)).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = enroll(&server, &mut ada).await;
    let forms = fifty_logins(&server, &codes[0]).await;
    assert_one_got_in(&at_once(&server, forms).await);
}

async fn of_fifty_who_type_one_recovery_code_of_allauth_one_gets_in(backend: Backend) {
    let server = with_factor(backend, busy()).await;
    let data = json!({"seed": "0123456789abcdef".repeat(5), "used_mask": 0});
    let row = format!(
        "INSERT INTO mfa_authenticator (type, data, user_id, created_at) SELECT \
         'recovery_codes', '{data}', id, '2026-01-31 12:00:00' FROM auth_user"
    );
    server.database().execute(&row).await.expect("the row is written");
    let shape = RecoveryShape::new(10, 8).expect("a shape");
    let codes = unused_recovery_codes(&data, shape);
    let forms = fifty_logins(&server, &codes[0]).await;
    assert_one_got_in(&at_once(&server, forms).await);
}

async fn of_fifty_who_set_up_one_login_one_gets_in(backend: Backend) {
    let required = json!({"mfa": {"required": "always"}});
    let server = server(backend, merged(&busy(), &required)).await;
    let token = first_step(&server).await;
    let form = json!({"ephemeral_token": token});
    let begun = Client::new(&server).post("/mfa/setup/begin/", &form).await.of(200);
    let form = json!({
        "ephemeral_token": token,
        "activation_token": begun.text("activation_token"),
        "code": code_of(&server, &begun.text("secret"), 0),
    });
    let client = Client::new(&server);
    let answers = all_at_once(&client, "/mfa/setup/complete/", vec![form; 50]).await;
    assert_one_got_in(&answers);
}

async fn of_an_app_and_a_passkey_at_once_one_is_set_up(backend: Backend) {
    let required = json!({"mfa": {"required": "always"}});
    let server = empty_server(backend, merged(&busy(), &required)).await;
    for name in ["ada", "bob", "eve", "grace", "joan", "mary"] {
        create(&server, json!({"username": name, "password": PASSWORD})).await;
        let (app, key) = (waiting(&server, name).await, waiting(&server, name).await);
        let mut client = Client::new(&server);
        let form = json!({"ephemeral_token": app});
        let begun = client.post("/mfa/setup/begin/", &form).await.of(200);
        let by_app = json!({"ephemeral_token": app, "code": code_of(&server, &begun.text("secret"), 0),
            "activation_token": begun.text("activation_token")});
        let form = json!({"ephemeral_token": key});
        let options = client.post("/mfa/setup/passkey/begin/", &form).await.of(200).document();
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let by_key = json!({"ephemeral_token": key, "credential": made(&mut device, &options)});
        let mut requests = JoinSet::new();
        for (path, form) in
            [("/mfa/setup/complete/", by_app), ("/mfa/setup/passkey/complete/", by_key)]
        {
            let mut client = client.clone();
            requests.spawn(async move { client.post(path, &form).await });
        }
        let answers = requests.join_all().await;
        assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 1), "{answers:?}");
    }
}

async fn of_fifty_answers_one_adds_a_passkey(backend: Backend) {
    let server = server(backend, busy()).await;
    let (mut ada, _) = token_client(&server).await;
    let options = begin(&mut ada).await;
    let form = json!({"credential": made(&mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa), &options)});
    let answers = all_at_once(&ada, "/passkeys/register/complete/", vec![form; 50]).await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 49), "{answers:?}");
    assert_eq!(ada.get("/passkeys/").await.document().as_array().map(Vec::len), Some(1));
}
