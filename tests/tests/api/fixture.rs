//! What the tests of every feature begin with: servers, users, logins and their mails.

pub(crate) use std::sync::Arc;
pub(crate) use std::time::Duration;

pub(crate) use rest_auth_store::Backend;
pub(crate) use rest_auth_tests::client::{Answer, Client};
pub(crate) use rest_auth_tests::contract::{Subject as _, merged};
pub(crate) use rest_auth_tests::server::Server;
pub(crate) use serde_json::{Value, json};

pub(crate) use crate::every_database::on_every_database;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const NEW_PASSWORD: &str = "rotten donkey capacitor nail";

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Until what a login proved is too old for changes of ways to log in.
pub(crate) const STALE: Duration = Duration::from_mins(5);

/// A second less.
pub(crate) fn just_before(end: Duration) -> Duration {
    end.saturating_sub(SECOND)
}

/// What lies under the configuration of every test: hashes that cost next to nothing.
pub(crate) fn base() -> Value {
    json!({
        "server": {
            "base_path": "/",
            "secret_key": "the key of the API tests, which is long enough",
        },
        "auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1, "pbkdf2_iterations": 1000},
    })
}

/// A server on an empty database.
pub(crate) async fn empty_server(backend: Backend, config: Value) -> Arc<Server> {
    let server = Server::start(&merged(&base(), &config), backend).await;
    Arc::new(server.expect("the server starts"))
}

/// A server that knows Ada, with a verified address.
pub(crate) async fn server(backend: Backend, config: Value) -> Arc<Server> {
    with_ada(empty_server(backend, config).await).await
}

/// The same server, which knows Ada then.
pub(crate) async fn with_ada(server: Arc<Server>) -> Arc<Server> {
    create(
        &server,
        json!({
            "username": "ada",
            "password": PASSWORD,
            "email": "ada@example.com",
            "email_verified": true,
        }),
    )
    .await;
    server
}

pub(crate) async fn create(server: &Server, user: Value) {
    server.create_user(user).await.expect("the user is created");
}

pub(crate) async fn change(server: &Server, username: &str, set: Value) {
    let change = json!({"username": username, "set": set});
    server.change_user(change).await.expect("the user is changed");
}

/// Tokens and nothing else.
pub(crate) fn token_mode() -> Value {
    json!({"rest_auth": {"session_login": false}})
}

/// JWTs in bodies and headers.
pub(crate) fn jwt_mode() -> Value {
    json!({
        "rest_auth": {"use_jwt": true, "session_login": false, "jwt_auth_httponly": false},
        "apps": {"token_blacklist": true},
    })
}

/// JWTs in cookies.
pub(crate) fn jwt_cookie_mode() -> Value {
    json!({"rest_auth": {
        "use_jwt": true,
        "session_login": false,
        "jwt_auth_cookie": "access",
        "jwt_auth_refresh_cookie": "refresh",
    }})
}

/// Sessions and nothing else.
pub(crate) fn session_mode() -> Value {
    json!({"rest_auth": {"token_model": false}})
}

/// Whether one of the tests' registrations, which all choose [`NEW_PASSWORD`], made an account of
/// this name.
pub(crate) async fn is_registered(server: &Arc<Server>, username: &str) -> bool {
    let answer = try_login(&mut Client::new(server), username, NEW_PASSWORD).await;
    match answer.status() {
        200 | 204 => true,
        400 if answer.document() == json!({"non_field_errors": ["E-mail is not verified."]}) => {
            true
        }
        _ => {
            answer.says(400, "Unable to log in with provided credentials.");
            false
        }
    }
}

/// A server and a client of Ada, who has an address, is logged in by a token and has no password.
pub(crate) async fn without_password(backend: Backend, config: Value) -> (Arc<Server>, Client) {
    let server = empty_server(backend, config).await;
    let key = "0123456789abcdef0123456789abcdef01234567";
    create(
        &server,
        json!({
            "username": "ada",
            "email": "ada@example.com",
            "email_verified": true,
            "token": key,
        }),
    )
    .await;
    let client = Client::new(&server).with_token(key);
    (server, client)
}

pub(crate) fn credentials(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

pub(crate) async fn try_login(client: &mut Client, username: &str, password: &str) -> Answer {
    client.post("/login/", &credentials(username, password)).await
}

/// A new client of Ada with the cookies of its login, and the answer to it.
pub(crate) async fn login(server: &Arc<Server>) -> (Client, Answer) {
    let mut client = Client::new(server);
    let answer = client.post("/login/", &credentials("ada", PASSWORD)).await;
    let done = matches!(answer.status(), 200 | 204);
    assert!(done, "the login failed: {answer}");
    (client, answer)
}

/// A new client of Ada that shows the token of its login.
pub(crate) async fn token_client(server: &Arc<Server>) -> (Client, String) {
    let (client, answer) = login(server).await;
    let key = answer.text("key");
    (client.with_token(&key), key)
}

/// The tokens of a login of Ada: access and refresh.
pub(crate) async fn jwt_pair(server: &Arc<Server>) -> (String, String) {
    let (_, answer) = login(server).await;
    (answer.text("access"), answer.text("refresh"))
}

pub(crate) fn bearer(server: &Arc<Server>, access: &str) -> Client {
    Client::new(server).with_bearer(access)
}

pub(crate) async fn refresh(server: &Arc<Server>, token: &str) -> Answer {
    Client::new(server).post("/token/refresh/", &json!({"refresh": token})).await
}

pub(crate) async fn verify_token(server: &Arc<Server>, token: &str) -> Answer {
    Client::new(server).post("/token/verify/", &json!({"token": token})).await
}

pub(crate) fn password_change(old: &str, new: &str) -> Value {
    json!({"old_password": old, "new_password1": new, "new_password2": new})
}

/// The text of the only mail that was sent since the last call.
pub(crate) async fn only_mail(server: &Server) -> String {
    let mails = server.new_mails().await;
    let [mail] = mails.as_slice() else { panic!("{} mails in place of one", mails.len()) };
    String::from_utf8_lossy(mail).replace("=\r\n", "").replace("=3D", "=")
}

/// The only mail that was sent since the last call, which went to this address.
pub(crate) async fn mail_to(server: &Server, address: &str) -> String {
    let mail = only_mail(server).await;
    assert!(mail.contains(&format!("To: {address}")), "to somebody else: {mail}");
    mail
}

/// The code in a mail, as it is shown unless configured otherwise.
pub(crate) fn code_of(mail: &str) -> String {
    let is_code = |word: &&str| {
        let (parts, all) = (word.split('-'), word.replace('-', ""));
        parts.map(str::len).eq([4, 4]) && all.bytes().all(|b| b.is_ascii_uppercase())
    };
    let code = mail.split_whitespace().find(is_code);
    code.unwrap_or_else(|| panic!("no code in {mail}")).to_owned()
}

/// `uid` and `token` of the link in a reset mail that is asked for Ada.
pub(crate) async fn reset_link(server: &Arc<Server>) -> (String, String) {
    let asked = json!({"email": "ada@example.com"});
    Client::new(server).post("/password/reset/", &asked).await.is(200);
    let mail = only_mail(server).await;
    let link = mail.split_whitespace().find(|word| word.contains("/confirm/"));
    let link = link.unwrap_or_else(|| panic!("no link in {mail}"));
    let mut parts = link.trim_end_matches('/').rsplit('/').map(str::to_owned);
    let token = parts.next().expect("a token");
    (parts.next().expect("a uid"), token)
}

pub(crate) async fn confirm_reset(
    server: &Arc<Server>,
    link: &(String, String),
    new: &str,
) -> Answer {
    let (uid, token) = link;
    let form = json!({"uid": uid, "token": token, "new_password1": new, "new_password2": new});
    Client::new(server).post("/password/reset/confirm/", &form).await
}

/// An answer that asks for a fresh proof, by one of these methods.
#[track_caller]
pub(crate) fn asks_for_proof(answer: Answer, methods: &[&str]) {
    let expected = json!({
        "detail": "Reauthentication required.",
        "code": "reauthentication_required",
        "methods": methods,
    });
    assert_eq!(answer.of(403).document(), expected);
}

/// How many answers have this status.
pub(crate) fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status() == status).count()
}

/// Everything that the database has written, as text.
pub(crate) fn bytes_of(database: &str) -> Vec<u8> {
    let file = database.strip_prefix("sqlite://").expect("a file");
    ["", "-wal"]
        .iter()
        .filter_map(|end| std::fs::read(format!("{file}{end}")).ok())
        .flatten()
        .collect()
}

pub(crate) fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}
