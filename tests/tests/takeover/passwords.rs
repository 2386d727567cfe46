//! Passwords of every kind that Django ever stored.

use std::sync::Arc;
use std::time::Duration;

use rest_auth_tests::client::Client;
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::project::{Copy, Project, assert_none, text};

/// What is tried where nobody knows the password.
const GUESS: &str = "nobody-has-this-password";

/// Tries to log in; who is in then, by the cookies of the login.
pub(crate) async fn log_in(server: &Arc<Server>, form: &Value) -> Result<Value, String> {
    // Failures before must not count.
    server.advance(Duration::from_mins(10));
    let mut client = Client::new(server);
    let answer = client.post("/login/", form).await;
    match answer.status() {
        200 | 204 => Ok(client.get("/user/").await.of(200).document()["pk"].clone()),
        400 => Err(answer.to_string()),
        _ => panic!("neither in nor out: {answer}"),
    }
}

/// The form with which a user logs in by name.
pub(crate) fn by_name(user: &Value) -> Value {
    json!({"username": user["username"], "password": user["password"].as_str().unwrap_or(GUESS)})
}

/// Whether the user must get in.
pub(crate) fn is_let_in(user: &Value) -> bool {
    match text(user, "login") {
        "ok" => true,
        "refused" | "unknown password" => false,
        other => panic!("what does login {other:?} mean?"),
    }
}

/// Whether the login must renew the stored hash.
pub(crate) fn is_renewed(user: &Value) -> bool {
    let key = if is_let_in(user) { "rehash_on_login" } else { "rehash_on_refused_login" };
    user["password"].is_string() && user.get(key) == Some(&json!(true))
}

/// The difference between what a login did and what it had to do.
async fn difference(
    copy: &Copy,
    server: &Arc<Server>,
    user: &Value,
    preferred: &str,
) -> Option<String> {
    let (kind, id) = (&user["kind"], &user["id"]);
    let outcome = log_in(server, &by_name(user)).await;
    let wanted = is_let_in(user).then_some(id);
    if outcome.as_ref().ok() != wanted {
        return Some(format!("{kind}: wanted {wanted:?}, got {outcome:?}"));
    }
    let (before, after) = (text(user, "stored_hash"), copy.password_of(id).await);
    let renewed = after != before && after.starts_with(preferred);
    if renewed != is_renewed(user) || (!renewed && after != before) {
        return Some(format!("{kind}: renewed {before} to {after}"));
    }
    let again = if renewed && wanted.is_some() {
        log_in(server, &by_name(user)).await.ok()
    } else {
        wanted.cloned()
    };
    let lasts = again.as_ref() == wanted && copy.password_of(id).await == after;
    (!lasts).then(|| format!("{kind}: the renewed hash {after} is not good or not preferred"))
}

#[tokio::test]
async fn every_password_works_and_is_renewed_where_django_would() {
    let project = Project::load();
    let variant = project.variants_with("TokenAuthentication")[0];
    let (copy, server) = project.server(variant).await;
    let preferred = format!("pbkdf2_sha256${}$", project.fact("pbkdf2_iterations"));
    let mut failures = Vec::new();
    for user in project.list("/users") {
        failures.extend(difference(&copy, &server, user, &preferred).await);
    }
    assert_none(&failures);
}

#[tokio::test]
async fn a_wrong_password_lets_nobody_in() {
    let project = Project::load();
    let variant = project.variants_with("TokenAuthentication")[0];
    let (_copy, server) = project.server(variant).await;
    for user in project.list("/users") {
        let form = json!({"username": user["username"], "password": GUESS});
        assert!(log_in(&server, &form).await.is_err(), "{user}");
    }
}

/// The configuration in which people log in by address, which must be verified.
fn by_address(project: &Project) -> Value {
    let configs = project.fact("profiles").as_object().expect("configurations");
    let (name, _) = configs
        .iter()
        .find(|(_, config)| config.get("ACCOUNT_EMAIL_VERIFICATION") == Some(&json!("mandatory")))
        .expect("a configuration with mandatory verification");
    // What is renewed at a login is another test's.
    merged(&project.config(name), &json!({"auth": {"pbkdf2_iterations": 1000}}))
}

#[tokio::test]
async fn an_address_that_must_be_verified_decides_about_logins() {
    let project = Project::load();
    let copy = project.copy();
    let server = copy.serve(&by_address(&project), &project).await;
    let mut failures = Vec::new();
    for user in project.list("/users") {
        let password = user["password"].as_str().unwrap_or(GUESS);
        let form = json!({"email": user["email"], "password": password});
        let outcome = log_in(&server, &form).await;
        let wanted = match text(user, "login_when_verification_mandatory") {
            "ok" => Some(&user["id"]),
            _ => None,
        };
        if outcome.as_ref().ok() != wanted {
            failures.push(format!("{}: wanted {wanted:?}, got {outcome:?}", user["kind"]));
        }
    }
    assert_none(&failures);
}

#[tokio::test]
async fn addresses_lead_to_their_users() {
    let project = Project::load();
    let copy = project.copy();
    let config = merged(&by_address(&project), &json!({"ACCOUNT_EMAIL_VERIFICATION": "optional"}));
    let server = copy.serve(&config, &project).await;
    let lookups = project.fact("lookups");
    let mixed = &lookups["mixed_case_email"];
    let user = project.user(&mixed["user_id"]);
    for spelling in [&mixed["stored"], &mixed["address_row"]] {
        let form = json!({"email": spelling, "password": user["password"]});
        assert_eq!(log_in(&server, &form).await.as_ref(), Ok(&user["id"]));
    }
    let shared = &lookups["shared_unverified_email"];
    let owners = project.list("/users").iter().filter(|user| user["email"] == *shared);
    let known: Vec<_> = owners.filter(|user| user["password"].is_string()).collect();
    assert!(!known.is_empty(), "somebody shares {shared}");
    for user in known {
        let form = json!({"email": shared, "password": user["password"]});
        assert_eq!(log_in(&server, &form).await.as_ref(), Ok(&user["id"]));
    }
}

#[tokio::test]
async fn names_that_differ_in_case_lead_to_their_own_users() {
    let project = Project::load();
    let variant = project.variants_with("TokenAuthentication")[0];
    let (_copy, server) = project.server(variant).await;
    for name in project.list("/lookups/ambiguous_user_names") {
        let user = project.list("/users").iter().find(|user| user["username"] == *name);
        let mut form = by_name(user.expect("a user of that name"));
        assert!(log_in(&server, &form).await.is_ok(), "{name}");
        // Another spelling means both, so nobody.
        let other = name.as_str().expect("a name").to_lowercase();
        assert_ne!(*name, other);
        form["username"] = other.into();
        assert!(log_in(&server, &form).await.is_err(), "{name}");
    }
}
