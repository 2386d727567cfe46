//! Second factors: what the formats promise, and the rows that stay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rest_auth_domain::mfa::allauth::RecoveryShape;
use rest_auth_domain::mfa::{
    Owner, TotpSecret, TotpShape, allauth, authenticator, challenge, recovery_codes,
};
use rest_auth_store::FactorKind;
use rest_auth_tests::client::Client;
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::passwords::by_name;
use crate::project::{Copy, Project, text};

/// Longer than any token of the project lives.
const AGES: i64 = 3_153_600_000;

fn codes(factor: &Value) -> Vec<String> {
    let codes = factor["recovery_codes"].as_array().expect("recovery codes");
    codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect()
}

fn unused(factor: &Value) -> Vec<String> {
    let used = factor["used_indexes"].as_array().expect("the codes that were used");
    let codes = codes(factor).into_iter().enumerate();
    codes.filter(|(index, _)| !used.contains(&json!(index))).map(|(_, code)| code).collect()
}

fn shape(factor: &Value) -> TotpShape {
    let number = |key: &str| u32::try_from(factor[key].as_u64().expect("a number"));
    let (digits, period) = (number("digits").expect("digits"), number("period").expect("seconds"));
    TotpShape::new(digits, period).expect("a shape of codes")
}

/// The code that the user's app shows.
fn shown(project: &Project, factor: &Value) -> String {
    let secret = TotpSecret::parse(text(factor, "totp_secret")).expect("a secret");
    let shape = shape(factor);
    secret.code(shape.step(project.moment()).expect("a moment of our time"), shape)
}

#[tokio::test]
async fn second_factors_of_dj_rest_auth_can_be_read() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let (_copy, server) = project.server(variant).await;
    let (keys, now) = (project.keys(), project.moment());
    let ours = |factor: &&Value| factor["app"] == "dj_rest_auth.mfa";
    let factors: Vec<_> = project.list("/mfa").iter().filter(ours).collect();
    assert!(!factors.is_empty(), "somebody has a second factor");
    for factor in factors {
        let id = factor["user_id"].as_i64().expect("an id");
        let of_kind = async |kind| {
            let row = server.auth().store().authenticator(id, kind).await;
            row.expect("the database answers").expect("the factor is there").data
        };
        let owner = Owner { user_id: id, keys: &keys };
        let totp = of_kind(FactorKind::Totp).await;
        let secret = authenticator::secret(&totp, owner).expect("the secret is signed");
        assert_eq!(secret.base32(), text(factor, "totp_secret"));
        let code = shown(&project, factor);
        let used = authenticator::use_code(&totp, &code, shape(factor), owner, now);
        let used = used.expect("the code is good").data;
        assert!(authenticator::use_code(&used, &code, shape(factor), owner, now).is_none());
        let paper = of_kind(FactorKind::RecoveryCodes).await;
        let count = u32::try_from(codes(factor).len()).expect("few codes");
        assert_eq!(recovery_codes::all(&paper, count), codes(factor));
        assert_eq!(recovery_codes::unused(&paper, count), unused(factor));
        for code in codes(factor) {
            let is_good = recovery_codes::use_code(&paper, &code, count).is_some();
            assert_eq!(is_good, unused(factor).contains(&code), "{code} of user {id}");
        }
        let token = text(factor, "ephemeral_token");
        assert_eq!(challenge::read_ephemeral_token(token, AGES, &keys, now), Ok(id));
    }
}

#[tokio::test]
async fn second_factors_of_allauth_can_be_read() {
    let project = Project::load();
    let copy = project.copy();
    let theirs = |factor: &&Value| factor["app"] == "allauth.mfa";
    let factors: Vec<_> = project.list("/mfa").iter().filter(theirs).collect();
    assert!(!factors.is_empty(), "somebody has a second factor of allauth");
    for factor in factors {
        let rows = data_of(&copy, &factor["user_id"]).await;
        let (shape, now) = (shape(factor), project.moment());
        let code = shown(&project, factor);
        assert!(allauth::totp_step(&rows["'totp'"], &code, shape, 0, now).is_some());
        let paper = &rows["'recovery_codes'"];
        assert_eq!(allauth::recovery_codes(paper, RecoveryShape::default()), codes(factor));
        assert_eq!(allauth::unused_recovery_codes(paper, RecoveryShape::default()), unused(factor));
    }
}

/// The rows of allauth's table by type.
async fn data_of(copy: &Copy, user: &Value) -> BTreeMap<String, Value> {
    let rows = copy.rows("mfa_authenticator", "user_id", user).await;
    let read = rows.into_iter().map(|row| {
        let data = row["data"].trim_matches('\'').replace("''", "'");
        (row["type"].clone(), serde_json::from_str(&data).expect("JSON"))
    });
    read.collect()
}

#[tokio::test]
async fn an_activation_that_was_begun_can_be_read() {
    let project = Project::load();
    let begun = project.fact("mfa_activation");
    let (token, keys) = (text(begun, "activation_token"), project.keys());
    let read = challenge::read_activation_token(token, AGES, &keys, project.moment());
    let read = read.expect("the token is signed");
    assert_eq!(json!(read.user_id), begun["user_id"]);
    assert_eq!(read.secret.base32(), text(begun, "secret"));
}

/// Sends the password of a user and then the code that `code` makes of the time; the status of the
/// second answer.
async fn log_in_with(server: &Arc<Server>, user: &Value, code: impl Fn(&Server) -> String) -> u16 {
    // Failures before must not count.
    server.advance(Duration::from_mins(10));
    let mut client = Client::new(server);
    let first = client.post("/login/", &by_name(user)).await.of(200);
    let form = json!({"ephemeral_token": first.text("ephemeral_token"), "code": code(server)});
    let done = client.post("/mfa/verify/", &form).await;
    if matches!(done.status(), 200 | 204) {
        assert_eq!(client.get("/user/").await.of(200).document()["pk"], user["id"]);
    }
    done.status()
}

#[tokio::test]
async fn factors_of_both_applications_log_in() {
    let project = Project::load();
    let variant = project.variants_with("SessionAuthentication")[0];
    let asks = json!({"apps": {"mfa": true}, "mfa": {"allauth_factors": true}});
    let config = merged(&project.config(variant), &asks);
    let mut apps = BTreeSet::new();
    for factor in project.list("/mfa") {
        let copy = project.copy();
        let server = copy.serve(&config, &project).await;
        let user = project.user(&factor["user_id"]);
        let secret = TotpSecret::parse(text(factor, "totp_secret")).expect("a secret");
        let shape = shape(factor);
        let shown = |server: &Server| {
            secret.code(shape.step(server.now()).expect("a moment of our time"), shape)
        };
        let is_in = |status: u16| matches!(status, 200 | 204);
        assert_eq!(log_in_with(&server, user, |_| "000000".to_owned()).await, 400);
        assert!(is_in(log_in_with(&server, user, shown).await), "{factor}");
        let unused = unused(factor);
        // Every login costs the work of a password.
        for code in codes(factor).into_iter().take(2) {
            let status = log_in_with(&server, user, |_| code.clone()).await;
            assert_eq!(is_in(status), unused.contains(&code), "{code}");
        }
        let code = &unused[unused.len() - 1];
        assert!(is_in(log_in_with(&server, user, |_| code.clone()).await), "{code}");
        assert_eq!(log_in_with(&server, user, |_| code.clone()).await, 400);
        apps.insert(text(factor, "app").to_owned());
    }
    assert_eq!(apps.len(), 2, "{apps:?}");
}
