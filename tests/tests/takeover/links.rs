//! Links that Django mailed before the change.

use std::sync::Arc;

use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::merged;
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::passwords::log_in;
use crate::project::{Project, assert_none};

const NEW: &str = "a-password-of-one-who-forgot";

async fn confirm(server: &Arc<Server>, link: &Value) -> Answer {
    let form = json!({
        "uid": link["uid"],
        "token": link["token"],
        "new_password1": NEW,
        "new_password2": NEW,
    });
    Client::new(server).post("/password/reset/confirm/", &form).await
}

/// What differs, if a link does not do what it must.
async fn difference(project: &Project, server: &Arc<Server>, link: &Value) -> Option<String> {
    let answer = confirm(server, link).await;
    let wanted = if link["expect"] == "ok" { 200 } else { 400 };
    if answer.status() != wanted {
        return Some(format!("{}: {answer}", link["note"]));
    }
    let user = project.user(&link["user_id"]);
    let form = json!({"username": user["username"], "password": NEW});
    let outcome = log_in(server, &form).await;
    let is_in = outcome.as_ref() == Ok(&user["id"]);
    if is_in != (wanted == 200) {
        return Some(format!("{}: the new password: {outcome:?}", link["note"]));
    }
    let again = confirm(server, link).await;
    (again.status() != 400).then(|| format!("{}: a second time: {again}", link["note"]))
}

#[tokio::test]
async fn reset_links_of_allauth_set_a_password_once() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let mut failures = Vec::new();
    for link in project.list("/password_reset") {
        let (_copy, server) = project.server(variant).await;
        failures.extend(difference(&project, &server, link).await);
    }
    assert_none(&failures);
}

#[tokio::test]
async fn reset_links_of_django_itself_set_a_password_once() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let config = project.config(variant);
    let plain = merged(&config, &json!({"apps": {"allauth": false, "registration": false}}));
    let mut failures = Vec::new();
    for link in project.list("/password_reset_without_allauth") {
        let copy = project.copy();
        let server = copy.serve(&plain, &project).await;
        failures.extend(difference(&project, &server, link).await);
    }
    assert_none(&failures);
    // Where allauth is installed its links are taken, whether registration is offered or not.
    let unoffered = merged(&config, &json!({"apps": {"registration": false}}));
    for link in project.list("/password_reset") {
        let copy = project.copy();
        confirm(&copy.serve(&plain, &project).await, link).await.is(400);
        let copy = project.copy();
        let server = copy.serve(&unoffered, &project).await;
        failures.extend(difference(&project, &server, link).await);
    }
    assert_none(&failures);
}

#[tokio::test]
async fn keys_of_confirmation_mails_verify_their_addresses() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let mut failures = Vec::new();
    for key in project.list("/email_confirmation") {
        let signed = key["variant"] == "hmac";
        let config = json!({"ACCOUNT_EMAIL_CONFIRMATION_HMAC": signed});
        let copy = project.copy();
        let server = copy.serve(&merged(&project.config(variant), &config), &project).await;
        let form = json!({"key": key["key"]});
        let verify = async || Client::new(&server).post("/registration/verify-email/", &form).await;
        let before = copy.rows("account_emailaddress", "id", &key["address_id"]).await;
        let answer = verify().await;
        let after = copy.rows("account_emailaddress", "id", &key["address_id"]).await;
        let is_new = before[0]["verified"] == "0" && after[0]["verified"] == "1";
        let is_ok = key["expect"] == "ok";
        let wanted = if is_ok { 200 } else { 404 };
        if answer.status() != wanted || is_new != is_ok {
            failures.push(format!("{} {}: {answer}", key["variant"], key["note"]));
        }
        verify().await.is(404);
    }
    assert_none(&failures);
}
