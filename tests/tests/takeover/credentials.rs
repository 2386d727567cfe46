//! Tokens of Django REST framework, Django's sessions, and CSRF tokens.

use std::sync::Arc;

use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::project::{Copy, Project, assert_none, text};

#[tokio::test]
async fn tokens_of_drf_let_their_owners_in() {
    let project = Project::load();
    let variant = project.variants_with("TokenAuthentication")[0];
    let (_copy, server) = project.server(variant).await;
    for token in project.list("/drf_tokens") {
        let answer = Client::new(&server).with_token(text(token, "key")).get("/user/").await;
        match text(token, "expect") {
            "ok" => assert_eq!(answer.of(200).document()["pk"], token["user_id"]),
            "inactive" => answer.says(refusal(&server).await, "User inactive or deleted."),
            "invalid" => answer.says(refusal(&server).await, "Invalid token."),
            other => panic!("what does {other:?} mean?"),
        }
    }
}

/// The status with which strangers are refused under this configuration.
async fn refusal(server: &Arc<Server>) -> u16 {
    let status = Client::new(server).get("/user/").await.status();
    assert!(matches!(status, 401 | 403));
    status
}

/// A browser with a session of Django's.
fn browser(server: &Arc<Server>, session: &Value) -> Client {
    let mut client = Client::new(server);
    client.cookies.insert("sessionid".to_owned(), text(session, "cookie").to_owned());
    client
}

#[tokio::test]
async fn sessions_go_on() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let mut failures = Vec::new();
    for session in project.list("/sessions") {
        let (copy, server) = project.server(variant).await;
        let mut browser = browser(&server, session);
        let answer = browser.get("/user/").await;
        if let Err(problem) =
            check_login(session, &answer).and(row_after(&copy, session, &browser).await)
        {
            failures.push(format!("{}: {problem}", session["note"]));
        }
        // What was good stays good with the cookie of the answer.
        let again = check_login(session, &browser.get("/user/").await);
        failures.extend(again.err().map(|problem| format!("{}: later {problem}", session["note"])));
    }
    assert_none(&failures);
}

fn check_login(session: &Value, answer: &Answer) -> Result<(), String> {
    let fits = match text(session, "expect") {
        "authenticated" => answer.status() == 200 && answer.document()["pk"] == session["user_id"],
        "anonymous" => matches!(answer.status(), 401 | 403),
        other => panic!("what does {other:?} mean?"),
    };
    if fits { Ok(()) } else { Err(answer.to_string()) }
}

/// What must have become of the session's row.
async fn row_after(copy: &Copy, session: &Value, browser: &Client) -> Result<(), String> {
    let has = async |key: &Value| !copy.rows("django_session", "session_key", key).await.is_empty();
    let old = &session["cookie"];
    let now = json!(browser.cookies.get("sessionid"));
    let fits = match text(session, "row_after") {
        "kept" => has(old).await,
        "cycled" => !has(old).await && now != *old && has(&now).await,
        "flushed" | "missing" => !has(old).await,
        other => panic!("what does {other:?} mean?"),
    };
    if fits { Ok(()) } else { Err(format!("the row was not {}", session["row_after"])) }
}

#[tokio::test]
async fn csrf_tokens_of_django_count() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let (_copy, server) = project.server(variant).await;
    let csrf = project.fact("csrf");
    let sessions = project.list("/sessions").iter();
    let kept = sessions
        .filter(|session| session["expect"] == "authenticated" && session["row_after"] == "kept");
    let session = kept.take(1).next().expect("a session that is good");
    let name = json!({"first_name": "Ada"});
    for (list, status) in [("accepted_header_values", 200), ("rejected_header_values", 403)] {
        for value in project.list(&format!("/csrf/{list}")) {
            let mut browser = browser(&server, session);
            browser.cookies.insert("csrftoken".to_owned(), text(csrf, "cookie").to_owned());
            let value = value.as_str().expect("a text");
            let mut browser = browser.with(text(csrf, "header"), value);
            browser.json("PATCH", "/user/", &name).await.is(status);
        }
    }
}
