//! Requests that come at the same moment.

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(
    of_fifty_registrations_one_succeeds,
    of_fifty_registrations_in_different_case_one_succeeds,
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
    at_once(server, path, (0..10).map(|_| document.clone())).await
}

/// Sends each of these from a client of its own, all at once.
async fn at_once(
    server: &Arc<Server>,
    path: &str,
    documents: impl Iterator<Item = Value>,
) -> Vec<Answer> {
    let mut requests = JoinSet::new();
    for document in documents {
        let (mut client, path) = (Client::new(server), path.to_owned());
        requests.spawn(async move { send(&mut client, &path, &document).await });
    }
    let (answers, refusals): (Vec<_>, Vec<_>) = requests.join_all().await.into_iter().unzip();
    let (refused, clients) = (refusals.iter().sum::<u32>(), refusals.len());
    assert!(refused as usize <= MOST_REFUSALS * clients, "{path}: {refused} of {clients} clients");
    answers
}

/// How often a server may ask one of many clients that come at once to come again, on average: the
/// database has taken back what it did five times before.
const MOST_REFUSALS: usize = 2;

/// How often it may ask the same client.
const MOST_OF_ONE: u32 = 20;

/// Sends again what a server that is busy asks to be sent again, and tells how often it did.
async fn send(client: &mut Client, path: &str, document: &Value) -> (Answer, u32) {
    for refusals in 0..=MOST_OF_ONE {
        let answer = client.post(path, document).await;
        if answer.status() != 503 {
            return (answer, refusals);
        }
        let pause = answer.header("retry-after").and_then(|pause| pause.parse::<u32>().ok());
        assert!(pause.is_some_and(|pause| pause > 0), "it does not say when: {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path}: still busy after {MOST_OF_ONE} attempts")
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

/// A server that lets fifty register at the same moment.
async fn server_for_fifty(backend: Backend) -> Arc<Server> {
    let config = json!({
        "account": {"rate_limits": {"signup": ""}},
        "auth": {"hashing_queue": 1000, "hashing_max_wait": "60s"},
        "database": {"acquire_timeout": "60s"},
        "rest_auth": {"session_login": false},
    });
    empty_server(backend, config).await
}

/// Of fifty who want one name and one address, one is registered, and nothing is left of the
/// others.
async fn one_of_fifty_registers(server: &Arc<Server>, names: impl Iterator<Item = String>) {
    let forms = names.map(|name| {
        let email = format!("{name}@example.com");
        json!({"username": name, "email": email, "password1": PASSWORD, "password2": PASSWORD})
    });
    let answers = at_once(server, "/registration/", forms).await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 49), "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status() == 400) {
        let taken = json!({"username": ["A user with that username already exists."]});
        assert_eq!(answer.document(), taken);
    }
    // No half of any account is left of those who lost, and one mail is on its way.
    assert_eq!(server.new_mails().await.len(), 1);
    let key = try_login(&mut Client::new(server), "ada", PASSWORD).await.of(200).text("key");
    let addresses = Client::new(server).with_token(&key).get("/emails/").await.of(200).document();
    assert_eq!(addresses.as_array().map(Vec::len), Some(1), "{addresses}");
}

async fn of_fifty_registrations_one_succeeds(backend: Backend) {
    let server = server_for_fifty(backend).await;
    one_of_fifty_registers(&server, (0..50).map(|_| "ada".to_owned())).await;
}

async fn of_fifty_registrations_in_different_case_one_succeeds(backend: Backend) {
    let server = server_for_fifty(backend).await;
    let cases = ["ada", "Ada", "aDa", "adA", "ADa", "AdA", "aDA", "ADA"];
    one_of_fifty_registers(&server, cases.into_iter().cycle().take(50).map(str::to_owned)).await;
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
    let forms = (0..10).map(|number| {
        json!({"username": format!("user{number}"), "password1": PASSWORD,
            "password2": PASSWORD, "invitation_code": code})
    });
    let answers = at_once(&server, "/registration/", forms).await;
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
    let passwords = ["rotten donkey capacitor nail", "shiny zebra resistor screw"];
    let (uid, token) = reset_link(&server).await;
    let forms = passwords
        .iter()
        .map(|new| json!({"uid": uid, "token": token, "new_password1": new, "new_password2": new}));
    let answers = at_once(&server, "/password/reset/confirm/", forms).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 1), "{answers:?}");
    let mut let_in = 0;
    for password in passwords {
        let answer = try_login(&mut Client::new(&server), "ada", password).await;
        let_in += usize::from(answer.status() == 200);
    }
    assert_eq!(let_in, 1);
}
