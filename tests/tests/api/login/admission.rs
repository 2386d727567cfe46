//! What Basic authentication and refresh ask for beside the credentials.

use crate::fixture::*;

on_every_database!(
    basic_authentication_asks_for_a_verified_address,
    a_refresh_asks_for_a_verified_address,
    neither_does_where_the_steps_of_a_login_are_not_looked_at_again,
    a_closed_account_gets_in_by_neither,
);

/// `ada:correct horse battery staple`
const BASIC: &str = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";

fn mandatory(config: &Value) -> Value {
    merged(config, &json!({"account": {"email_verification": "mandatory"}}))
}

fn basic_mode() -> Value {
    json!({"rest_framework": {"default_authentication_classes": ["basic"]}})
}

/// As in DRF and SimpleJWT.
fn not_again(config: &Value) -> Value {
    merged(config, &json!({"account": {"recheck_login_steps": false}}))
}

async fn basic(server: &Arc<Server>) -> Answer {
    Client::new(server).with("Authorization", BASIC).get("/user/").await
}

async fn basic_authentication_asks_for_a_verified_address(backend: Backend) {
    let server = server(backend, mandatory(&basic_mode())).await;
    basic(&server).await.is(200);
    change(&server, "ada", json!({"email_verified": false})).await;
    basic(&server).await.says(401, "not verified");
}

async fn a_refresh_asks_for_a_verified_address(backend: Backend) {
    let server = server(backend, mandatory(&jwt_mode())).await;
    let (_, token) = jwt_pair(&server).await;
    change(&server, "ada", json!({"email_verified": false})).await;
    refresh(&server, &token).await.says(401, "No active account");
}

async fn neither_does_where_the_steps_of_a_login_are_not_looked_at_again(backend: Backend) {
    let by_name = server(backend, not_again(&mandatory(&basic_mode()))).await;
    change(&by_name, "ada", json!({"email_verified": false})).await;
    basic(&by_name).await.is(200);
    let by_jwt = server(backend, not_again(&mandatory(&jwt_mode()))).await;
    let (_, token) = jwt_pair(&by_jwt).await;
    change(&by_jwt, "ada", json!({"email_verified": false})).await;
    refresh(&by_jwt, &token).await.is(200);
}

async fn a_closed_account_gets_in_by_neither(backend: Backend) {
    let by_name = server(backend, basic_mode()).await;
    change(&by_name, "ada", json!({"is_active": false})).await;
    basic(&by_name).await.says(401, "Invalid username/password");
    let by_jwt = server(backend, jwt_mode()).await;
    let (_, token) = jwt_pair(&by_jwt).await;
    change(&by_jwt, "ada", json!({"is_active": false})).await;
    refresh(&by_jwt, &token).await.is(401);
}
