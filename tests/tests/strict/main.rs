//! What the strict profile promises beyond the recorded contract: the rows of
//! `docs/differences.md`, and what parallel requests must not break.

mod account_deletion;
mod csrf;
mod email_replacement;
mod emails;
mod embedding;
mod flow_limits;
mod headers;
mod invitations;
mod jwt;
mod limits;
mod links;
mod neutral;
mod notices;
mod overload;
mod passwords;
mod races;
mod register_access;
mod registration;
mod reset;
mod revocation;
mod sessions;
mod settings;
mod shared_limits;
mod tokens;
mod user_fields;
mod verification;

use std::sync::Arc;
use std::time::Duration;

use rest_auth_store::Backend;
use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";
const NEW_PASSWORD: &str = "rotten donkey capacitor nail";

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const SECOND: Duration = Duration::from_secs(1);

/// A second less.
fn just_before(end: Duration) -> Duration {
    end.saturating_sub(SECOND)
}

/// What lies under the configuration of every test: hashes that cost next to nothing.
fn base() -> Value {
    json!({
        "server": {
            "base_path": "/",
            "secret_key": "the key of the strict tests, which is long enough",
        },
        "auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1, "pbkdf2_iterations": 1000},
    })
}

/// A server on an empty database.
async fn empty_server(config: Value) -> Arc<Server> {
    let server = Server::start(&merged(&base(), &config), Backend::Sqlite).await;
    Arc::new(server.expect("the server starts"))
}

/// A server that knows Ada, with a verified address.
async fn server(config: Value) -> Arc<Server> {
    let server = empty_server(config).await;
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

async fn create(server: &Server, user: Value) {
    server.create_user(user).await.expect("the user is created");
}

async fn change(server: &Server, username: &str, set: Value) {
    let change = json!({"username": username, "set": set});
    server.change_user(change).await.expect("the user is changed");
}

/// Tokens and nothing else.
fn token_mode() -> Value {
    json!({"rest_auth": {"session_login": false}})
}

/// JWTs in bodies and headers.
fn jwt_mode() -> Value {
    json!({
        "rest_auth": {"use_jwt": true, "session_login": false, "jwt_auth_httponly": false},
        "apps": {"token_blacklist": true},
    })
}

/// JWTs in cookies.
fn jwt_cookie_mode() -> Value {
    json!({"rest_auth": {
        "use_jwt": true,
        "session_login": false,
        "jwt_auth_cookie": "access",
        "jwt_auth_refresh_cookie": "refresh",
    }})
}

/// Sessions and nothing else.
fn session_mode() -> Value {
    json!({"rest_auth": {"token_model": false}})
}

fn credentials(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

async fn try_login(client: &mut Client, username: &str, password: &str) -> Answer {
    client.post("/login/", &credentials(username, password)).await
}

/// A new client of Ada with the cookies of its login, and the answer to it.
async fn login(server: &Arc<Server>) -> (Client, Answer) {
    let mut client = Client::new(server);
    let answer = client.post("/login/", &credentials("ada", PASSWORD)).await;
    let done = matches!(answer.status(), 200 | 204);
    assert!(done, "the login failed: {answer}");
    (client, answer)
}

/// A new client of Ada that shows the token of its login.
async fn token_client(server: &Arc<Server>) -> (Client, String) {
    let (client, answer) = login(server).await;
    let key = answer.text("key");
    (client.with_token(&key), key)
}

/// The tokens of a login of Ada: access and refresh.
async fn jwt_pair(server: &Arc<Server>) -> (String, String) {
    let (_, answer) = login(server).await;
    (answer.text("access"), answer.text("refresh"))
}

fn bearer(server: &Arc<Server>, access: &str) -> Client {
    Client::new(server).with_bearer(access)
}

async fn refresh(server: &Arc<Server>, token: &str) -> Answer {
    Client::new(server).post("/token/refresh/", &json!({"refresh": token})).await
}

fn password_change(old: &str, new: &str) -> Value {
    json!({"old_password": old, "new_password1": new, "new_password2": new})
}

/// The text of the only mail that was sent since the last call.
async fn only_mail(server: &Server) -> String {
    let mails = server.new_mails().await;
    let [mail] = mails.as_slice() else { panic!("{} mails in place of one", mails.len()) };
    String::from_utf8_lossy(mail).replace("=\r\n", "").replace("=3D", "=")
}

/// The only mail that was sent since the last call, which went to this address.
async fn mail_to(server: &Server, address: &str) -> String {
    let mail = only_mail(server).await;
    assert!(mail.contains(&format!("To: {address}")), "to somebody else: {mail}");
    mail
}

/// The code in a mail, as it is shown unless configured otherwise.
fn code_of(mail: &str) -> String {
    let is_code = |word: &&str| {
        let (parts, all) = (word.split('-'), word.replace('-', ""));
        parts.map(str::len).eq([4, 4]) && all.bytes().all(|b| b.is_ascii_uppercase())
    };
    let code = mail.split_whitespace().find(is_code);
    code.unwrap_or_else(|| panic!("no code in {mail}")).to_owned()
}

/// `uid` and `token` of the link in a reset mail that is asked for Ada.
async fn reset_link(server: &Arc<Server>) -> (String, String) {
    let asked = json!({"email": "ada@example.com"});
    Client::new(server).post("/password/reset/", &asked).await.is(200);
    let mail = only_mail(server).await;
    let link = mail.split_whitespace().find(|word| word.contains("/confirm/"));
    let link = link.unwrap_or_else(|| panic!("no link in {mail}"));
    let mut parts = link.trim_end_matches('/').rsplit('/').map(str::to_owned);
    let token = parts.next().expect("a token");
    (parts.next().expect("a uid"), token)
}

async fn confirm_reset(server: &Arc<Server>, link: &(String, String), new: &str) -> Answer {
    let (uid, token) = link;
    let form = json!({"uid": uid, "token": token, "new_password1": new, "new_password2": new});
    Client::new(server).post("/password/reset/confirm/", &form).await
}

/// Everything that the database has written, as text.
fn bytes_of(database: &str) -> Vec<u8> {
    let file = database.strip_prefix("sqlite://").expect("a file");
    ["", "-wal"]
        .iter()
        .filter_map(|end| std::fs::read(format!("{file}{end}")).ok())
        .flatten()
        .collect()
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}
