//! The application lets in who has logged in by the API that it embeds.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use rest_auth_embed_example::routes;
use rest_auth_http::{RestAuth, testing};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The application with empty accounts in a folder of their own.
async fn start() -> (Router, RestAuth, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let accounts = RestAuth::builder()
        .file("rest-auth.toml")
        .set("database.url", format!("sqlite://{}/accounts.sqlite3", folder.path().display()))
        .set("email.backend", "memory")
        .open()
        .await
        .unwrap();
    (routes("Welcome back", &accounts), accounts, folder)
}

async fn answer(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn only_who_is_logged_in_is_greeted() {
    let (app, accounts, _folder) = start().await;
    let ada = testing::user(&accounts, "ada").await.unwrap();
    assert_eq!(answer(&app, get("/hello")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(answer(&app, get("/")).await.1, "Who are you?");

    let login = Request::post("/accounts/login/")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("username=ada&password=correct+horse+battery+staple"))
        .unwrap();
    let (_, body) = answer(&app, login).await;
    let token = serde_json::from_str::<Value>(&body).unwrap();
    let token = format!("Token {}", token["key"].as_str().unwrap());
    let greeted = Request::get("/hello").header(AUTHORIZATION, token).body(Body::empty()).unwrap();
    assert_eq!(answer(&app, greeted).await.1, "Welcome back, ada!");

    let by_helper = ada.request("GET", "/").body(Body::empty()).unwrap();
    assert_eq!(answer(&app, by_helper).await.1, "It is you, ada.");
    let fresh = ada.request("GET", "/secret").body(Body::empty()).unwrap();
    assert_eq!(answer(&app, fresh).await.1, "42");
    accounts.shut_down().await;
}

#[tokio::test]
async fn the_document_names_the_path_of_the_application() {
    let (app, _accounts, _folder) = start().await;
    let (_, body) = answer(&app, get("/accounts/schema/")).await;
    let document: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(document["servers"][0]["url"], "/accounts");
}
