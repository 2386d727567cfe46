//! The same project under `profile = "strict"`: the formats of what people know and hold are read,
//! and what is written is ours.

use rest_auth_tests::client::Client;
use rest_auth_tests::contract::merged;
use serde_json::{Value, json};

use crate::jwts::{go_on, variants};
use crate::passwords::{by_name, is_let_in};
use crate::project::{Project, assert_none, text};

/// The strict profile with what cannot be left out: the project's keys and its kinds of hashes.
fn strict(project: &Project) -> Value {
    let settings = project.fact("settings");
    let hashers = settings["PASSWORD_HASHERS"].as_array().expect("hashers");
    let others = hashers.iter().filter(|hasher| *hasher != "argon2");
    let hashers: Vec<_> = [json!("argon2")].iter().chain(others).cloned().collect();
    json!({
        "profile": "strict",
        "SECRET_KEY": settings["SECRET_KEY"],
        "SECRET_KEY_FALLBACKS": settings["SECRET_KEY_FALLBACKS"],
        "PASSWORD_HASHERS": hashers,
        "server": {"base_path": "/"},
        "account": {"rate_limits": {"login": "", "login_failed": ""}},
    })
}

#[tokio::test]
async fn every_password_works_and_is_renewed() {
    let project = Project::load();
    let copy = project.copy();
    let server = copy.serve(&strict(&project), &project).await;
    let mut failures = Vec::new();
    for user in project.list("/users") {
        let answer = Client::new(&server).post("/login/", &by_name(user)).await;
        let status = if is_let_in(user) { 200 } else { 400 };
        if answer.status() != status {
            failures.push(format!("{}: {answer}", user["kind"]));
            continue;
        }
        if status == 400 {
            continue;
        }
        let renewed = copy.password_of(&user["id"]).await;
        if !renewed.starts_with("argon2$argon2id$") {
            failures.push(format!("{}: {renewed}", user["kind"]));
        }
        // `factors` goes on with those who have a second factor.
        if project.list("/mfa").iter().any(|factor| factor["user_id"] == user["id"]) {
            assert_eq!(answer.document()["mfa_required"], true, "{answer}");
            continue;
        }
        let key = answer.text("key");
        let whose = Client::new(&server).with_token(&key).get("/user/").await.of(200).document();
        assert_eq!(whose["pk"], user["id"]);
        Client::new(&server).post("/login/", &by_name(user)).await.is(200);
    }
    assert_none(&failures);
}

/// The strict profile with JWTs in bodies.
fn strict_jwt(project: &Project) -> Value {
    let jwt = json!({
        "rest_auth": {"use_jwt": true, "session_login": false, "jwt_auth_httponly": false},
    });
    merged(&strict(project), &jwt)
}

/// The tokens of a list that the project itself accepts without the claim about the password.
fn accepted<'a>(project: &'a Project, list: &str) -> Vec<&'a Value> {
    let plain = |token: &&Value| {
        let mut settings = variants(token).map(|variant| &project.fact("profiles")[variant]);
        settings.all(|own| own["SIMPLE_JWT"]["CHECK_REVOKE_TOKEN"] != true)
    };
    let tokens = project.list(list).iter().filter(plain);
    let tokens: Vec<_> = tokens.filter(|token| token["expect"] == "ok").collect();
    assert!(!tokens.is_empty(), "some of {list} are good");
    tokens
}

#[tokio::test]
async fn jwts_of_django_are_adopted_once() {
    let project = Project::load();
    for token in accepted(&project, "/jwt/access") {
        let copy = project.copy();
        let server = copy.serve(&strict_jwt(&project), &project).await;
        let mut client = Client::new(&server).with_bearer(text(token, "token"));
        assert_eq!(client.get("/user/").await.of(200).document()["pk"], token["user_id"]);
    }
    for token in accepted(&project, "/jwt/refresh") {
        let copy = project.copy();
        let server = copy.serve(&strict_jwt(&project), &project).await;
        let mut client = Client::new(&server);
        let form = json!({"refresh": token["token"]});
        let answer = client.post("/token/refresh/", &form).await.of(200);
        go_on(&mut client, &answer, token).await;
    }
}

#[tokio::test]
async fn jwts_that_django_refuses_are_refused() {
    let project = Project::load();
    let copy = project.copy();
    let server = copy.serve(&strict_jwt(&project), &project).await;
    let refused = |token: &&Value| {
        // Without the setting nobody asks for the claim about the password.
        !matches!(text(token, "expect"), "ok" | "password_changed")
    };
    for token in project.list("/jwt/access").iter().filter(refused) {
        Client::new(&server).with_bearer(text(token, "token")).get("/user/").await.is(401);
    }
    for token in project.list("/jwt/refresh").iter().filter(refused) {
        let form = json!({"refresh": token["token"]});
        Client::new(&server).post("/token/refresh/", &form).await.is(401);
    }
}
