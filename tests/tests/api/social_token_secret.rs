//! Logins at X by OAuth 1.0a, as apps of `TwitterLoginSerializer` send them.

use axum::Router;
use axum::extract::RawQuery;
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;

use crate::fixture::*;
use crate::social::start;

on_every_database!(
    a_token_with_its_secret_logs_in,
    a_token_with_its_secret_is_connected,
    a_token_that_the_provider_refuses_is_answered_as_by_allauth,
    a_login_by_token_and_secret_has_these_two_fields,
);

/// What plays X: it knows the token `good`. Where it is.
async fn x() -> String {
    let profile = async |headers: HeaderMap, RawQuery(query): RawQuery| {
        let signed = headers["authorization"].to_str().expect("a text").to_owned();
        let has = |part: &str| signed.contains(part);
        if !has("oauth_token=\"good\"") || !has("oauth_consumer_key=\"the-key\"") {
            return (StatusCode::UNAUTHORIZED, r#"{"errors": [{"code": 89}]}"#.to_owned());
        }
        assert_eq!(query.as_deref(), Some("include_email=true"));
        let ada = json!({"id": 45_671_919, "screen_name": "ada", "name": "Ada Lovelace",
            "email": "ada@example.com"});
        (StatusCode::OK, ada.to_string())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = Router::new().route("/verify.json", get(profile));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/verify.json")
}

async fn server_with_x(backend: Backend) -> Arc<Server> {
    let more = json!({
        "account": {"email_verification": "optional"},
        "socialaccount": {"query_email": true, "providers": {"twitter": {
            "client_id": "the-key", "secret": "the-secret", "identity_url": x().await,
        }}},
    });
    start(backend, more).await.0
}

fn good() -> Value {
    json!({"access_token": "good", "token_secret": "s"})
}

async fn a_token_with_its_secret_logs_in(backend: Backend) {
    let server = server_with_x(backend).await;
    for _ in 0..2 {
        let key = Client::new(&server).post("/twitter/", &good()).await.of(200).text("key");
        let mut ada = Client::new(&server).with_token(&key);
        let user = ada.get("/user/").await.of(200).document();
        assert_eq!((&user["username"], &user["email"]), (&json!("ada"), &json!("ada@example.com")));
        let accounts = ada.get("/socialaccounts/").await.of(200).document();
        assert_eq!(accounts.as_array().map(Vec::len), Some(1));
        assert_eq!(
            (&accounts[0]["provider"], &accounts[0]["uid"]),
            (&json!("twitter"), &json!("45671919"))
        );
    }
}

async fn a_token_with_its_secret_is_connected(backend: Backend) {
    let server = with_ada(server_with_x(backend).await).await;
    Client::new(&server).post("/twitter/connect/", &good()).await.is(401);
    let (mut ada, _) = token_client(&server).await;
    ada.post("/twitter/connect/", &good()).await.is(200);
    let accounts = ada.get("/socialaccounts/").await.of(200).document();
    assert_eq!(accounts[0]["provider"], "twitter");
}

async fn a_token_that_the_provider_refuses_is_answered_as_by_allauth(backend: Backend) {
    let server = server_with_x(backend).await;
    let form = json!({"access_token": "bad", "token_secret": "s"});
    let answer = Client::new(&server).post("/twitter/", &form).await.of(400).document();
    let told = "No access to private resources at \"127.0.0.1\".";
    assert_eq!(answer, json!({"non_field_errors": [told]}));
}

async fn a_login_by_token_and_secret_has_these_two_fields(backend: Backend) {
    let server = server_with_x(backend).await;
    let answer = Client::new(&server).post("/twitter/", &json!({"code": "c"})).await.of(400);
    let required = json!(["This field is required."]);
    let both = json!({"access_token": required, "token_secret": required});
    assert_eq!(answer.document(), both);
    let form = json!({"access_token": "good", "token_secret": ""});
    Client::new(&server).post("/twitter/", &form).await.says(400, "token_secret");
    let document = Client::new(&server).get("/schema/?format=json").await.of(200).document();
    let fields = |path: &str| {
        let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        let name = body["schema"]["$ref"].as_str().expect("a form").rsplit('/').next();
        let form = &document["components"]["schemas"][name.expect("a name")]["properties"];
        form.as_object().expect("fields").keys().cloned().collect::<Vec<_>>()
    };
    for path in ["/twitter/", "/twitter/connect/"] {
        assert_eq!(fields(path), ["access_token", "token_secret"], "{path}");
    }
    assert!(!fields("/example/").contains(&"token_secret".to_owned()));
    assert_eq!(document["paths"].get("/twitter/begin/"), None);
}
