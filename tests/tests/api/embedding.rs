//! The accounts inside another application.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION};
use http::{Request, StatusCode};
use rest_auth_http::prelude::*;
use rest_auth_http::testing::{self, TestUser};
use rest_auth_http::{Builder, OpenError, OverTls};
use rest_auth_store::SessionRow;
use rest_auth_tests::provider::OpenIdProvider;
use rest_auth_tests::server::HandClock;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::fixture::*;

/// Accounts in a folder of their own, with hashes that cost next to nothing.
fn builder(folder: &TempDir) -> Builder {
    RestAuth::builder()
        .set("database.url", format!("sqlite://{}/accounts.sqlite3", folder.path().display()))
        .set("email.backend", "memory")
        .set("auth.argon2_memory_kib", 64)
        .set("auth.argon2_time_cost", 1)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

async fn open(builder: Builder) -> RestAuth {
    builder.open().await.expect("the accounts open")
}

async fn refusal(builder: Builder) -> String {
    builder.open().await.map(drop).expect_err("the accounts do not open").to_string()
}

/// An application that tells what it knows of whoever asks.
fn app(accounts: &RestAuth) -> Router {
    let api = Router::new()
        .route("/strict", get(async |user: CurrentUser| user.username.clone()))
        .route(
            "/lenient",
            get(async |OptionalUser(user): OptionalUser| {
                user.map_or_else(|| "nobody".to_owned(), |user| user.username)
            }),
        )
        .route(
            "/credential",
            get(async |by: Authenticated| {
                format!("{:?} {:?}", by.scheme, by.age.map(|age| age.num_seconds()))
            }),
        )
        .nest("/api/auth", accounts.router());
    Router::new().nest("/v1", api).with_state(accounts.api())
}

async fn answer(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let Ok(response) = app.clone().oneshot(request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn ask(app: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(HOST, "localhost").body(Body::empty());
    answer(app, request.expect("a request")).await
}

async fn ask_as(app: &Router, user: &TestUser, path: &str) -> (StatusCode, String) {
    answer(app, user.request("GET", path).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_configuration_with_errors_does_not_open_wherever_they_come_from() {
    let folder = folder();
    let by_variable = [("REST_AUTH__ACCOUNT__EMAIL_VERIFICATION", "mandatry")];
    let told = refusal(builder(&folder).variables(by_variable)).await;
    assert!(told.contains("REST_AUTH__ACCOUNT__EMAIL_VERIFICATION"), "{told}");
    assert!(told.contains("`account.email_verification` must be one of"), "{told}");

    let told = refusal(builder(&folder).set("rest_auth.use_jtw", true)).await;
    assert!(told.contains("did you mean `rest_auth.use_jwt`?"), "{told}");

    let file = folder.path().join("rest-auth.toml");
    std::fs::write(&file, "[session]\ncookie_age = \"soon\"\n").expect("a file");
    let told = refusal(builder(&folder).file(&file)).await;
    assert!(told.contains("rest-auth.toml:2:1"), "{told}");

    let missing = RestAuth::from_file(folder.path().join("missing.toml")).await;
    assert!(matches!(missing, Err(OpenError::File { .. })), "{missing:?}");
}

#[tokio::test]
async fn warnings_are_returned_and_do_not_keep_it_closed() {
    let folder = folder();
    let accounts = open(builder(&folder).set("server.trusted_proxies", vec!["0.0.0.0/0"])).await;
    let keys: Vec<_> = accounts.warnings().iter().map(|finding| finding.key.as_str()).collect();
    assert_eq!(keys, ["server.trusted_proxies"]);
}

#[tokio::test]
async fn the_document_names_the_path_at_which_the_application_mounts_it() {
    let folder = folder();
    let accounts = open(builder(&folder).set("server.base_path", "/accounts")).await;
    let app: Router = Router::new()
        .nest("/first", accounts.router())
        .nest("/a/second", accounts.router())
        .merge(accounts.router());
    for (path, server) in
        [("/first/schema/", "/first"), ("/a/second/schema", "/a/second"), ("/schema/", "/")]
    {
        let (_, body) = ask(&app, path).await;
        let document: Value = serde_json::from_str(&body).expect("a document");
        assert_eq!(document["servers"], json!([{"url": server}]), "{path}");
    }
}

#[tokio::test]
async fn a_provider_sends_the_browser_back_to_where_the_application_mounts_the_api() {
    let (folder, provider) = (folder(), OpenIdProvider::start().await);
    let browser = json!({
        "server": {"public_url": "https://api.example.com", "base_path": "/elsewhere"},
        "socialaccount": {"redirect_url": "https://app.example.com/", "hand_over": "cookies"},
    });
    let config = toml::to_string(&merged(&provider.config(), &browser)).expect("TOML");
    let file = folder.path().join("rest-auth.toml");
    std::fs::write(&file, config).expect("a file");
    let accounts = open(builder(&folder).file(&file)).await;
    let app: Router = Router::new()
        .nest("/accounts", accounts.router())
        .nest("/v1", Router::new().nest("/auth", accounts.router()))
        .merge(accounts.router());
    for mount in ["/accounts", "/v1/auth", ""] {
        let request = Request::get(format!("{mount}/example/begin/"))
            .header(HOST, "api.example.com")
            .extension(OverTls)
            .body(Body::empty());
        let Ok(response) = app.clone().oneshot(request.expect("a request")).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{mount}");
        let there = response.headers()[LOCATION].to_str().expect("an address");
        let back = provider.asked(there).get("redirect_uri").to_owned();
        let path = format!("{mount}/example/callback/");
        assert_eq!(back, format!("https://api.example.com{path}"));
        let (status, page) = ask(&app, &path).await;
        assert_ne!(status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[tokio::test]
async fn pages_behind_mailed_links_are_merged_at_the_root() {
    let folder = folder();
    let accounts = open(builder(&folder)).await;
    let app = app(&accounts).merge(accounts.link_pages());
    let dead = "This link does not work";
    let (status, page) = ask(&app, "/password-reset/confirm/1/a-token/").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains(dead), "{page}");
    let (status, page) = ask(&app, "/v1/api/auth/password-reset/confirm/1/a-token/").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!page.contains(dead), "{page}");
}

#[tokio::test]
async fn handlers_tell_users_from_strangers() {
    let folder = folder();
    let accounts = open(builder(&folder)).await;
    let app = app(&accounts);
    let ada = testing::user(&accounts, "ada").await.expect("a user");
    assert_eq!(ask(&app, "/v1/strict").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, "/v1/lenient").await, (StatusCode::OK, "nobody".to_owned()));
    assert_eq!(ask(&app, "/v1/credential").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask_as(&app, &ada, "/v1/strict").await, (StatusCode::OK, "ada".to_owned()));
    assert_eq!(ask_as(&app, &ada, "/v1/lenient").await.1, "ada");
}

#[tokio::test]
async fn handlers_learn_the_kind_and_the_age_of_the_credential() {
    let jwt = ("rest_auth.use_jwt", true);
    let one_only = ("rest_auth.session_login", false);
    let session_only = ("rest_auth.token_model", false);
    for (keys, seen) in [
        (vec![one_only], "Token Some(60)"),
        (vec![one_only, jwt], "Jwt Some(60)"),
        (vec![session_only], "Session Some(60)"),
    ] {
        let folder = folder();
        let clock = Arc::new(HandClock::new());
        let described = keys.iter().fold(builder(&folder), |b, (key, value)| b.set(*key, *value));
        let accounts = open(described.clock(clock.clone())).await;
        let ada = testing::user(&accounts, "ada").await.expect("a user");
        clock.advance(MINUTE);
        let told = ask_as(&app(&accounts), &ada, "/v1/credential").await;
        assert_eq!(told, (StatusCode::OK, seen.to_owned()), "{keys:?}");
    }
}

#[tokio::test]
async fn a_test_user_may_also_change_things_by_a_session() {
    let folder = folder();
    let accounts = open(builder(&folder).set("rest_auth.token_model", false)).await;
    let ada = testing::user(&accounts, "ada").await.expect("a user");
    assert!(ada.headers.contains_key(COOKIE) && !ada.headers.contains_key(AUTHORIZATION));
    let change = ada
        .request("PATCH", "/v1/api/auth/user/")
        .header(HOST, "localhost")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"first_name": "Ada"}"#))
        .expect("a request");
    let (status, body) = answer(&app(&accounts), change).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn expired_rows_are_removed_without_being_asked_for() {
    let folder = folder();
    let first = open(builder(&folder)).await;
    let (auth, second) = (first.api().auth().clone(), Duration::from_secs(1));
    let row = SessionRow { data: String::new(), expire_date: auth.now() - second };
    auth.store().insert_session("old", &row).await.expect("a session");
    first.shut_down().await;

    let accounts = open(builder(&folder)).await;
    let store = accounts.api().auth().store().clone();
    let removed = async {
        // A row of this key can be written again as soon as the old one is gone.
        while store.insert_session("old", &row).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(10 * second, removed).await.expect("the row is removed");
}

#[tokio::test]
async fn mails_are_delivered_without_being_asked_for() {
    let folder = folder();
    let mails = folder.path().join("mails");
    let described = builder(&folder)
        .set("email.backend", "file")
        .set("email.file_path", mails.to_string_lossy().into_owned());
    let accounts = open(described).await;
    let reset = Request::post("/v1/api/auth/password/reset/")
        .header(HOST, "localhost")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"email": "ada@example.com"}"#))
        .expect("a request");
    testing::user(&accounts, "ada").await.expect("a user");
    assert_eq!(answer(&app(&accounts), reset).await.0, StatusCode::OK);
    let arrived = async {
        while std::fs::read_dir(&mails).map_or(0, Iterator::count) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), arrived).await.expect("the mail arrives");
    accounts.shut_down().await;
}

/// A request with a JSON body to an endpoint of the accounts.
fn with_json(method: &str, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("/v1/api/auth/{path}"))
        .header(HOST, "localhost")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request")
}

#[tokio::test]
async fn an_application_is_told_of_registrations_logins_and_deletions() {
    let folder = folder();
    let (tell, told) = std::sync::mpsc::channel();
    let described = builder(&folder)
        .set("rest_auth.user_deletion", true)
        .on_event(move |occurrence| tell.send(occurrence.clone()).expect("a listener"));
    let accounts = open(described).await;
    let app = app(&accounts);
    let ada = json!({
        "username": "ada", "email": "ada@example.com", "password1": PASSWORD, "password2": PASSWORD,
    });
    let (status, body) = answer(&app, with_json("POST", "registration/", &ada)).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    let wrong = json!({"username": "ada", "password": "wrong"});
    answer(&app, with_json("POST", "login/", &wrong)).await;
    let right = json!({"username": "ada", "password": PASSWORD});
    let (_, body) = answer(&app, with_json("POST", "login/", &right)).await;
    let key = serde_json::from_str::<Value>(&body).expect("a key")["key"].clone();
    let mut end = with_json("DELETE", "user/", &json!({"password": PASSWORD}));
    let token = format!("Token {}", key.as_str().expect("a token"));
    end.headers_mut().insert(AUTHORIZATION, token.parse().expect("a header"));
    assert_eq!(answer(&app, end).await.0, StatusCode::NO_CONTENT);

    let told: Vec<_> = told.try_iter().collect();
    let names: Vec<_> = told.iter().map(|occurrence| occurrence.event.name()).collect();
    assert_eq!(names, ["registration", "login", "login_failed", "login", "account_deleted"]);
    let user = told[0].event.user();
    assert!(user.is_some() && told.iter().all(|occurrence| occurrence.event.user() == user));
    assert!(told.iter().all(|occurrence| occurrence.request_id.is_some()), "{told:?}");
}
