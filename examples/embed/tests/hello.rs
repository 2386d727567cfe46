//! The application lets in who has logged in by the API that it embeds.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use rest_auth::config::{ConfigFile, load};
use rest_auth_embed_example::{App, routes};
use rest_auth_flows::accounts;
use rest_auth_store::testing::TestDatabase;
use serde_json::Value;
use tower::ServiceExt as _;

async fn text(response: axum::response::Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn only_who_is_logged_in_is_greeted() {
    let database = TestDatabase::fresh(rest_auth_store::Backend::Sqlite).await.unwrap();
    let content = format!(
        "[server]\nsecret_key = \"long enough for a test, and a bit longer than that\"\n\
         [database]\nurl = \"{}\"\n",
        database.url()
    );
    let file = ConfigFile { path: Path::new("test.toml"), content: &content };
    let api = rest_auth::app::open(&load(Some(file), std::iter::empty()).settings).await.unwrap();
    let ada = serde_json::json!({"username": "ada", "password": "correct horse battery staple"});
    accounts::create(api.auth(), serde_json::from_value(ada).unwrap()).await.unwrap();
    let app = routes(App { greeting: "Welcome back", api });

    let request = Request::get("/hello").body(Body::empty()).unwrap();
    let refused = app.clone().oneshot(request).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);

    let login = Request::post("/accounts/login/")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("username=ada&password=correct+horse+battery+staple"))
        .unwrap();
    let answer = app.clone().oneshot(login).await.unwrap();
    let answer: Value = serde_json::from_str(&text(answer).await).unwrap();
    let token = format!("Token {}", answer["key"].as_str().unwrap());

    let request = Request::get("/hello").header(AUTHORIZATION, token).body(Body::empty()).unwrap();
    let greeted = app.oneshot(request).await.unwrap();
    assert_eq!(text(greeted).await, "Welcome back, ada!");
}
