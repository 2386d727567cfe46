//! Requests that come at the same moment.

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(
    of_fifty_registrations_one_succeeds,
    ten_refreshes_with_one_token_get_one_successor,
    without_grace_one_of_ten_refreshes_wins_and_the_login_ends,
    without_families_one_of_ten_refreshes_wins,
    of_ten_registrations_of_one_name_one_wins,
    names_that_are_made_up_at_the_same_moment_differ,
    of_ten_who_come_with_one_invitation_one_gets_in,
    ten_logins_share_djangos_one_token,
    ten_logins_get_ten_tokens_of_ours,
    of_two_new_passwords_with_one_link_one_wins,
);

/// Sends the same from ten clients at once.
async fn ten_times(server: &Arc<Server>, path: &str, document: &Value) -> Vec<Answer> {
    let mut requests = JoinSet::new();
    for _ in 0..10 {
        let mut client = Client::new(server);
        let (path, document) = (path.to_owned(), document.clone());
        requests.spawn(async move { send(&mut client, &path, &document).await });
    }
    requests.join_all().await
}

/// How often a client comes again that a busy server has asked to: for ten seconds, which is
/// many times what ten requests take.
const ATTEMPTS: u32 = 500;

/// Sends again what a server that is busy asks to be sent again.
async fn send(client: &mut Client, path: &str, document: &Value) -> Answer {
    for attempt in 1..=ATTEMPTS {
        let answer = client.post(path, document).await;
        if answer.status() != 503 {
            eprintln!("{path}: answered {} at attempt {attempt}", answer.status());
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path}: still busy at attempt {ATTEMPTS}")
}

async fn ten_refreshes_with_one_token_get_one_successor(backend: Backend) {
    ten_get_one_successor(server(backend, jwt_mode()).await).await;
}

pub(crate) async fn ten_get_one_successor(server: Arc<Server>) {
    let (_, token) = jwt_pair(&server).await;
    let answers = ten_times(&server, "/token/refresh/", &json!({"refresh": token})).await;
    assert_eq!(count(&answers, 200), 10, "{answers:?}");
    let successors: BTreeSet<_> = answers.iter().map(|answer| answer.text("refresh")).collect();
    assert_eq!(successors.len(), 1);
    refresh(&server, successors.first().expect("one")).await.is(200);
}

async fn without_grace_one_of_ten_refreshes_wins_and_the_login_ends(backend: Backend) {
    let config = json!({"simple_jwt": {"reuse_grace": "0s"}});
    let server = server(backend, merged(&jwt_mode(), &config)).await;
    let (access, token) = jwt_pair(&server).await;
    let answers = ten_times(&server, "/token/refresh/", &json!({"refresh": token})).await;
    assert_eq!((count(&answers, 200), count(&answers, 401)), (1, 9), "{answers:?}");
    bearer(&server, &access).get("/user/").await.is(401);
}

async fn without_families_one_of_ten_refreshes_wins(backend: Backend) {
    let config = json!({"simple_jwt": {"refresh_families": false}});
    let server = server(backend, merged(&jwt_mode(), &config)).await;
    let (_, token) = jwt_pair(&server).await;
    let answers = ten_times(&server, "/token/refresh/", &json!({"refresh": token})).await;
    assert_eq!((count(&answers, 200), count(&answers, 401)), (1, 9), "{answers:?}");
}

async fn of_ten_registrations_of_one_name_one_wins(backend: Backend) {
    one_of_ten_registers(empty_server(backend, token_mode()).await).await;
}

pub(crate) async fn one_of_ten_registers(server: Arc<Server>) {
    let form = json!({"username": "ada", "password1": PASSWORD, "password2": PASSWORD});
    let answers = ten_times(&server, "/registration/", &form).await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 9), "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status() == 400) {
        answer.says(400, "username");
    }
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

/// Fifty who want one name and one address, at the same moment.
async fn fifty_register(server: &Arc<Server>, form: &Value) -> Vec<Answer> {
    let mut requests = JoinSet::new();
    for _ in 0..50 {
        let (mut client, form) = (Client::new(server), form.clone());
        requests.spawn(async move { client.post("/registration/", &form).await });
    }
    requests.join_all().await
}

async fn of_fifty_registrations_one_succeeds(backend: Backend) {
    let config = json!({
        "account": {"rate_limits": {"signup": ""}},
        "auth": {"hashing_queue": 1000, "hashing_max_wait": "60s"},
        "database": {"acquire_timeout": "60s"},
        "rest_auth": {"session_login": false},
    });
    let server = empty_server(backend, config).await;
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
        "password2": PASSWORD});
    let answers = fifty_register(&server, &form).await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 49), "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status() == 400) {
        let taken = json!({"username": ["A user with that username already exists."]});
        assert_eq!(answer.document(), taken);
    }
    // No half of any account is left of those who lost, and one mail is on its way.
    assert_eq!(server.new_mails().await.len(), 1);
    let key = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200).text("key");
    let addresses = Client::new(&server).with_token(&key).get("/emails/").await.of(200).document();
    assert_eq!(addresses.as_array().map(Vec::len), Some(1), "{addresses}");
}

async fn names_that_are_made_up_at_the_same_moment_differ(backend: Backend) {
    let config = json!({
        "account": {"signup_fields": ["email*", "username", "password1*", "password2*"]},
    });
    let server = empty_server(backend, merged(&token_mode(), &config)).await;
    let form = json!({"email": "ada@example.com", "password1": PASSWORD, "password2": PASSWORD});
    let answers = ten_times(&server, "/registration/", &form).await;
    assert_eq!(count(&answers, 201), 10, "{answers:?}");
    let mut names = BTreeSet::new();
    for answer in answers {
        let mut newcomer = Client::new(&server).with_token(&answer.text("key"));
        names.insert(newcomer.get("/user/").await.of(200).text("username"));
    }
    assert_eq!(names.len(), 10, "{names:?}");
    assert!(names.contains("ada"), "{names:?}");
}

async fn of_ten_who_come_with_one_invitation_one_gets_in(backend: Backend) {
    let config = json!({"rest_auth": {"register": "invite"}});
    let server = empty_server(backend, merged(&token_mode(), &config)).await;
    let code = super::invitations::code(&server).await;
    let mut requests = JoinSet::new();
    for number in 0..10 {
        let mut client = Client::new(&server);
        let form = json!({"username": format!("user{number}"), "password1": PASSWORD,
            "password2": PASSWORD, "invitation_code": code});
        requests.spawn(async move { send(&mut client, "/registration/", &form).await });
    }
    let answers = requests.join_all().await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 9), "{answers:?}");
    let mut let_in = 0;
    for number in 0..10 {
        let name = format!("user{number}");
        let answer = try_login(&mut Client::new(&server), &name, PASSWORD).await;
        let_in += usize::from(answer.status() == 200);
    }
    assert_eq!(let_in, 1);
}

async fn ten_logins_share_djangos_one_token(backend: Backend) {
    let config = json!({"rest_auth": {"session_login": false}, "profile": "django"});
    let server = server(backend, config).await;
    let answers = ten_times(&server, "/login/", &credentials("ada", PASSWORD)).await;
    assert_eq!(count(&answers, 200), 10, "{answers:?}");
    let keys: BTreeSet<_> = answers.iter().map(|answer| answer.text("key")).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
}

async fn ten_logins_get_ten_tokens_of_ours(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let answers = ten_times(&server, "/login/", &credentials("ada", PASSWORD)).await;
    let keys: BTreeSet<_> = answers.iter().map(|answer| answer.text("key")).collect();
    assert_eq!(keys.len(), 10);
    for key in keys {
        Client::new(&server).with_token(&key).get("/user/").await.is(200);
    }
}

async fn of_two_new_passwords_with_one_link_one_wins(backend: Backend) {
    one_of_two_passwords_wins(server(backend, token_mode()).await).await;
}

pub(crate) async fn one_of_two_passwords_wins(server: Arc<Server>) {
    let link = reset_link(&server).await;
    let passwords = ["rotten donkey capacitor nail", "shiny zebra resistor screw"];
    let mut confirms = JoinSet::new();
    for password in passwords {
        let (server, link) = (Arc::clone(&server), link.clone());
        confirms.spawn(async move { confirm_reset(&server, &link, password).await });
    }
    let answers = confirms.join_all().await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 1), "{answers:?}");
    let mut let_in = 0;
    for password in passwords {
        let answer = try_login(&mut Client::new(&server), "ada", password).await;
        let_in += usize::from(answer.status() == 200);
    }
    assert_eq!(let_in, 1);
}
