//! JSON Web Tokens that SimpleJWT signed.

use rest_auth_tests::client::{Answer, Client};
use serde_json::{Value, json};

use crate::project::{Project, assert_none, text};

/// The configurations under which a token is to be shown.
pub(crate) fn variants(token: &Value) -> impl Iterator<Item = &str> {
    let variants = token["profiles"].as_array().expect("the token's configurations");
    variants.iter().map(|variant| variant.as_str().expect("a name"))
}

#[tokio::test]
async fn access_tokens_let_their_owners_in() {
    let project = Project::load();
    let mut failures = Vec::new();
    for token in project.list("/jwt/access") {
        for variant in variants(token) {
            let (_copy, server) = project.server(variant).await;
            let answer = Client::new(&server).with_bearer(text(token, "token")).get("/user/").await;
            let fits = match text(token, "expect") {
                "ok" => answer.status() == 200 && answer.document()["pk"] == token["user_id"],
                code => answer.status() == 401 && answer.document()["code"] == code,
            };
            if !fits {
                failures.push(format!("{} in {variant}: {answer}", token["note"]));
            }
        }
    }
    assert_none(&failures);
}

#[tokio::test]
async fn access_tokens_work_as_cookies() {
    let project = Project::load();
    for token in project.list("/jwt/access").iter().filter(|token| token["expect"] == "ok") {
        for variant in variants(token) {
            let cookie = &project.fact("profiles")[variant]["REST_AUTH"]["JWT_AUTH_COOKIE"];
            let Some(cookie) = cookie.as_str() else { continue };
            let (_copy, server) = project.server(variant).await;
            let mut client = Client::new(&server);
            client.cookies.insert(cookie.to_owned(), text(token, "token").to_owned());
            assert_eq!(client.get("/user/").await.of(200).document()["pk"], token["user_id"]);
        }
    }
}

/// Whether dj-rest-auth lets a refresh token go on of whose pair it refuses the access token: it
/// hands out access tokens that are good for nothing. Here both are refused.
fn is_of_a_dead_pair(project: &Project, token: &Value) -> bool {
    let mut accesses = project.list("/jwt/access").iter();
    accesses.any(|access| {
        let same = ["user_id", "note", "profiles"].iter().all(|key| access[key] == token[key]);
        same && access["expect"] == "password_changed"
    })
}

/// What a refresh must say, by status and a part of the body.
fn wanted(project: &Project, token: &Value) -> (u16, &'static str) {
    match text(token, "expect") {
        "ok" if is_of_a_dead_pair(project, token) => (401, "password_changed"),
        "ok" => (200, "access"),
        "blacklisted" => (401, "Token is blacklisted"),
        "no_active_account" | "error" => (401, "No active account found"),
        "token_not_valid" => (401, "token_not_valid"),
        other => panic!("what does {other:?} mean?"),
    }
}

#[tokio::test]
async fn refresh_tokens_make_new_tokens_as_django_would() {
    let project = Project::load();
    let mut failures = Vec::new();
    for token in project.list("/jwt/refresh") {
        let (status, words) = wanted(&project, token);
        for variant in variants(token) {
            let (_copy, server) = project.server(variant).await;
            let mut client = Client::new(&server);
            let form = json!({"refresh": token["token"]});
            let answer = client.post("/token/refresh/", &form).await;
            if !fits(&answer, status, words) {
                failures.push(format!("{} in {variant}: {answer}", token["note"]));
            } else if status == 200 {
                go_on(&mut client, &answer, token).await;
            }
        }
    }
    assert_none(&failures);
}

fn fits(answer: &Answer, status: u16, words: &str) -> bool {
    answer.status() == status && String::from_utf8_lossy(answer.body()).contains(words)
}

/// What a refresh handed out is good, and what it was asked with is not any more.
pub(crate) async fn go_on(client: &mut Client, answer: &Answer, old: &Value) {
    let access = answer.text("access");
    let user = client.clone().with_bearer(&access).get("/user/").await;
    assert_eq!(user.of(200).document()["pk"], old["user_id"]);
    let next = json!({"refresh": answer.text("refresh")});
    client.post("/token/refresh/", &next).await.is(200);
    let old = json!({"refresh": old["token"]});
    client.post("/token/refresh/", &old).await.says(401, "Token is blacklisted");
}
