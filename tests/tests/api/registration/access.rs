//! Who may register: `rest_auth.register`.

use bytes::Bytes;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_flows::context::Context;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::registration::{self, Registered, Registration};

use crate::fixture::*;

on_every_database!(
    closed_means_nobody,
    strangers_are_told_to_log_in_where_users_register_others,
    users_register_others_and_stay_themselves,
    staff_means_staff,
    staff_is_told_which_address_is_taken,
    a_cookie_that_has_expired_bars_nobody_from_an_open_registration,
    a_registration_sets_the_cookies_of_a_login,
    the_flow_itself_asks_who_may_register,
);

fn config(access: &str) -> Value {
    merged(&token_mode(), &json!({"rest_auth": {"register": access}}))
}

fn form(name: &str) -> Value {
    json!({"username": name, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
}

const DENIED: &str = "You do not have permission to perform this action.";

async fn closed_means_nobody(backend: Backend) {
    let server = server(backend, config("closed")).await;
    Client::new(&server).post("/registration/", &form("bob")).await.says(403, DENIED);
    let mut stranger = Client::new(&server);
    let described = stranger.send("OPTIONS", "/registration/", "", Bytes::new()).await;
    described.says(403, DENIED);
    change(&server, "ada", json!({"is_staff": true, "is_superuser": true})).await;
    let (mut ada, _) = token_client(&server).await;
    ada.post("/registration/", &form("bob")).await.says(403, DENIED);
    assert!(!is_registered(&server, "bob").await);
}

async fn strangers_are_told_to_log_in_where_users_register_others(backend: Backend) {
    for access in ["authenticated", "staff"] {
        let server = server(backend, config(access)).await;
        let refused = Client::new(&server).post("/registration/", &form("bob")).await.of(401);
        assert_eq!(refused.header("WWW-Authenticate"), Some("Token"));
        refused.says(401, "Authentication credentials were not provided.");
        // Whatever is wrong with the form is not told.
        Client::new(&server).post("/registration/", &json!({})).await.is(401);
        assert!(!is_registered(&server, "bob").await);
    }
}

async fn users_register_others_and_stay_themselves(backend: Backend) {
    let config = merged(&session_mode(), &json!({"rest_auth": {"register": "authenticated"}}));
    let server = server(backend, config).await;
    let (ada, _) = login(&server).await;
    let mut ada = ada.with_csrf();
    let session = ada.cookies.get("sessionid").cloned();
    assert!(session.is_some());
    let answer = ada.post("/registration/", &form("bob")).await.of(201);
    assert_eq!(answer.document()["username"], "bob");
    assert!(answer.document().get("key").is_none(), "{answer}");
    assert!(answer.set_cookie("sessionid").is_none(), "{answer}");
    assert_eq!(ada.cookies.get("sessionid").cloned(), session);
    assert_eq!(ada.get("/user/").await.document()["username"], "ada");
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(204);
}

async fn staff_means_staff(backend: Backend) {
    let server = server(backend, config("staff")).await;
    let (mut ada, _) = token_client(&server).await;
    ada.post("/registration/", &form("bob")).await.says(403, DENIED);
    assert!(!is_registered(&server, "bob").await);
    change(&server, "ada", json!({"is_staff": true})).await;
    let answer = ada.post("/registration/", &form("bob")).await.of(201);
    assert_eq!(answer.document()["username"], "bob");
    assert!(answer.document().get("key").is_none(), "{answer}");
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
}

async fn staff_is_told_which_address_is_taken(backend: Backend) {
    let mandatory = json!({"account": {"email_verification": "mandatory"}});
    let server = server(backend, merged(&config("staff"), &mandatory)).await;
    change(&server, "ada", json!({"is_staff": true})).await;
    let (mut ada, _) = token_client(&server).await;
    let taken = merged(&form("bob"), &json!({"email": "ada@example.com"}));
    ada.post("/registration/", &taken).await.says(400, "already registered");
    let free = merged(&form("bob"), &json!({"email": "bob@example.com"}));
    ada.post("/registration/", &free).await.says(201, "Verification e-mail sent.");
}

async fn a_cookie_that_has_expired_bars_nobody_from_an_open_registration(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (mut ada, _) = login(&server).await;
    server.advance(HOUR);
    ada.cookies.remove("refresh");
    ada.get("/csrf/").await.is(204);
    let answer = ada.with_csrf().post("/registration/", &form("bob")).await;
    answer.is(201);
}

async fn a_registration_sets_the_cookies_of_a_login(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let mut bob = Client::new(&server);
    let answer = bob.post("/registration/", &form("bob")).await.of(201);
    for name in ["access", "refresh"] {
        let cookie = answer.set_cookie(name).unwrap_or_else(|| panic!("no {name} in {answer}"));
        assert!(cookie.contains("HttpOnly"), "{cookie}");
    }
    // A script that may not read the cookie must not find the token in the body either.
    assert_eq!(answer.text("refresh"), "");
    assert_eq!(bob.get("/user/").await.of(200).document()["username"], "bob");
    bob.get("/csrf/").await.is(204);
    bob.with_csrf().post("/token/refresh/", &json!({})).await.is(200);
}

/// A registration by an application that embeds the flows and asks no endpoint.
async fn by_flow(server: &Server, asked_by: Option<&str>) -> Result<Registered, AuthError> {
    let (auth, store) = (server.auth(), server.auth().store());
    let asked_by = match asked_by {
        Some(name) => store.user_by_username(name).await.expect("an answer"),
        None => None,
    };
    let context = Context::for_command(auth, LinkBase::configured(""));
    let form = Registration {
        username: Some("bob".to_owned()),
        password1: Some(NEW_PASSWORD.to_owned()),
        password2: Some(NEW_PASSWORD.to_owned()),
        ..Registration::default()
    };
    registration::register(auth, &context, asked_by.as_ref(), form, FieldErrors::new()).await
}

async fn the_flow_itself_asks_who_may_register(backend: Backend) {
    let closed = server(backend, config("closed")).await;
    let refused = by_flow(&closed, Some("ada")).await;
    assert!(matches!(refused, Err(AuthError::Forbidden(_))), "{refused:?}");
    let staff = server(backend, config("staff")).await;
    let refused = by_flow(&staff, None).await;
    assert!(matches!(refused, Err(AuthError::Unauthenticated(_))), "{refused:?}");
    let refused = by_flow(&staff, Some("ada")).await;
    assert!(matches!(refused, Err(AuthError::Forbidden(_))), "{refused:?}");
    assert!(!is_registered(&closed, "bob").await && !is_registered(&staff, "bob").await);
    change(&staff, "ada", json!({"is_staff": true})).await;
    let done = by_flow(&staff, Some("ada")).await;
    assert!(matches!(done, Ok(Registered::ForAnother(..))), "{done:?}");
}
