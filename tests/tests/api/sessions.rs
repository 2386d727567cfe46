//! Where a user is logged in, and how they end it.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_store::testing::statements;

use crate::fixture::*;
use crate::passkeys;
use crate::reauthentication::client_in;

on_every_database!(
    a_token_is_listed_until_it_is_ended,
    a_login_with_a_token_and_a_session_is_one_entry,
    a_refresh_family_is_listed_and_its_tokens_end_with_it,
    a_session_is_listed_and_ended,
    all_others_end_at_once,
    many_others_end_in_as_few_statements,
    to_end_the_own_login_is_a_logout,
    logins_of_others_do_not_exist,
    what_was_proven_is_told,
    what_a_passkey_proved_is_told_alike_in_every_mode,
    what_has_ended_is_not_listed,
    djangos_tokens_and_sessions_are_listed_as_far_as_they_are_known,
    simplejwts_record_is_listed_where_there_are_no_families,
    strangers_see_none,
);

const PATH: &str = "/sessions/";

async fn list(client: &mut Client) -> Vec<Value> {
    let listed = client.get(PATH).await.of(200).document();
    listed.as_array().expect("a list").clone()
}

fn path_of(entry: &Value) -> String {
    format!("{PATH}{}/", entry["id"].as_str().expect("an id"))
}

/// The entries that are not the caller's.
async fn others(client: &mut Client) -> Vec<Value> {
    let mut all = list(client).await;
    all.retain(|entry| entry["is_current"] == false);
    all
}

async fn end(client: &mut Client, entry: &Value) -> Answer {
    client.json("DELETE", &path_of(entry), &json!({})).await
}

async fn a_token_is_listed_until_it_is_ended(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut phone = Client::new(&server).with("User-Agent", "Phone/1.0");
    let answer = phone.post("/login/", &credentials("ada", PASSWORD)).await;
    let mut phone = phone.with_token(&answer.text("key"));
    server.advance(MINUTE);
    let (mut ada, _) = token_client(&server).await;
    let all = list(&mut ada).await;
    let [current, other] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((&current["is_current"], &other["is_current"]), (&json!(true), &json!(false)));
    assert_eq!((&other["kind"], &other["user_agent"]), (&json!("token"), &json!("Phone/1.0")));
    assert!(other["expires_at"].is_string() && other["created_at"].is_string(), "{other}");
    assert_eq!(other["id"].as_str().map(str::len), Some(22));
    phone.get("/user/").await.is(200);
    let seen = list(&mut ada).await[1]["last_seen_at"].clone();
    assert_ne!(seen, other["created_at"]);
    end(&mut ada, other).await.is(204);
    phone.get("/user/").await.is(401);
    assert_eq!(list(&mut ada).await.len(), 1);
    end(&mut ada, other).await.is(404);
}

async fn a_login_with_a_token_and_a_session_is_one_entry(backend: Backend) {
    let server = server(backend, json!({})).await;
    let (mut by_session, answer) = login(&server).await;
    let mut by_token = Client::new(&server).with_token(&answer.text("key"));
    for client in [&mut by_session, &mut by_token] {
        let all = list(client).await;
        let [entry] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((&entry["kind"], &entry["is_current"]), (&json!("token"), &json!(true)));
    }
    let (mut other, _) = token_client(&server).await;
    let old = others(&mut other).await;
    end(&mut other, &old[0]).await.is(204);
    by_token.get("/user/").await.is(401);
    by_session.get("/user/").await.is(401);
}

async fn a_refresh_family_is_listed_and_its_tokens_end_with_it(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (lost, refresh_token) = jwt_pair(&server).await;
    server.advance(MINUTE);
    let renewed = refresh(&server, &refresh_token).await.of(200);
    let (access, _) = jwt_pair(&server).await;
    let mut ada = bearer(&server, &access);
    let old = others(&mut ada).await;
    let [old] = old.as_slice() else { panic!("{old:?}") };
    assert_eq!(old["kind"], "jwt");
    assert_ne!(old["created_at"], old["last_seen_at"]);
    end(&mut ada, old).await.is(204);
    bearer(&server, &lost).get("/user/").await.is(401);
    bearer(&server, &renewed.text("access")).get("/user/").await.is(401);
    refresh(&server, &renewed.text("refresh")).await.is(401);
    assert_eq!(list(&mut ada).await.len(), 1);
}

async fn a_session_is_listed_and_ended(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut library, _) = login(&server).await;
    let (ada, _) = login(&server).await;
    let mut ada = ada.with_csrf();
    let old = others(&mut ada).await;
    assert_eq!((old.len(), &old[0]["kind"]), (1, &json!("session")));
    end(&mut ada, &old[0]).await.is(204);
    library.get("/user/").await.is(401);
    ada.get("/user/").await.is(200);
}

async fn all_others_end_at_once(backend: Backend) {
    for mode in [token_mode(), jwt_mode(), json!({})] {
        let server = server(backend, mode).await;
        let mut devices = Vec::new();
        for _ in 0..3 {
            let (_, answer) = login(&server).await;
            let document = answer.document();
            devices.push(match (&document["key"], &document["access"]) {
                (Value::String(key), _) => Client::new(&server).with_token(key),
                (_, Value::String(access)) => bearer(&server, access),
                _ => panic!("no credential: {document}"),
            });
        }
        let mut own = devices.pop().expect("a device");
        assert_eq!(list(&mut own).await.len(), 3);
        own.json("DELETE", PATH, &json!({})).await.is(204);
        for mut device in devices {
            device.get("/user/").await.is(401);
        }
        assert_eq!(list(&mut own).await.len(), 1);
    }
}

/// A script that logs in every minute has tens of thousands of logins.
async fn many_others_end_in_as_few_statements(backend: Backend) {
    let plain = json!({"account": {"rate_limits": false, "new_sign_in_notification": false}});
    for mode in [token_mode(), jwt_mode(), json!({})] {
        let server = server(backend, merged(&mode, &plain)).await;
        let mut counts = Vec::new();
        for number in [2, 20] {
            for _ in 0..number {
                login(&server).await;
            }
            let mut own = client_in(&server).await;
            assert_eq!(others(&mut own).await.len(), counts.len() + number);
            let before = statements();
            own.json("DELETE", PATH, &json!({})).await.is(204);
            counts.push(statements() - before);
            assert_eq!(list(&mut own).await.len(), 1);
        }
        assert_eq!(counts[0], counts[1], "{mode}");
    }
}

async fn to_end_the_own_login_is_a_logout(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (ada, _) = login(&server).await;
    let mut ada = ada.with_csrf();
    let own = list(&mut ada).await;
    let done = end(&mut ada, &own[0]).await;
    assert!(done.set_cookie("sessionid").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    done.is(204);
    ada.get("/user/").await.is(401);

    let server = crate::fixture::server(backend, jwt_cookie_mode()).await;
    let (mut ada, _) = login(&server).await;
    ada.get("/csrf/").await.is(204);
    let mut ada = ada.with_csrf();
    let own = list(&mut ada).await;
    let done = end(&mut ada, &own[0]).await.of(204);
    assert!(done.set_cookie("access").is_some() && done.set_cookie("refresh").is_some());
    ada.post("/token/refresh/", &json!({})).await.is(401);
}

async fn logins_of_others_do_not_exist(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    let own = list(&mut ada).await;
    assert_eq!(list(&mut bob).await.len(), 1);
    end(&mut bob, &own[0]).await.is(404);
    bob.json("DELETE", PATH, &json!({})).await.is(204);
    ada.get("/user/").await.is(200);
    for path in ["/sessions/1/", "/sessions/x.y/", "/sessions/AAAAAAAAAAAAAAAAAAAAAA/"] {
        ada.json("DELETE", path, &json!({})).await.is(404);
    }
}

async fn what_was_proven_is_told(backend: Backend) {
    let server = crate::mfa::with_factor(backend, token_mode()).await;
    let mut ada = crate::mfa::logged_in(&server).await;
    assert_eq!(list(&mut ada).await[0]["amr"], json!(["pwd", "otp", "mfa"]));
    let (_server, mut imported) = without_password(backend, token_mode()).await;
    assert_eq!(list(&mut imported).await[0]["amr"], json!([]));
}

async fn what_a_passkey_proved_is_told_alike_in_every_mode(backend: Backend) {
    for mode in [token_mode(), jwt_mode(), session_mode()] {
        let server = server(backend, mode.clone()).await;
        let mut ada = client_in(&server).await;
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        passkeys::add(&mut ada, &mut device).await;
        let form = passkeys::answer(&mut device, &passkeys::begin_login(&server).await);
        let mut client = Client::new(&server);
        let done = client.post("/passkeys/login/complete/", &form).await;
        let mut client = match done.status() {
            204 => client,
            _ if done.document()["key"].is_string() => client.with_token(&done.text("key")),
            _ => client.with_bearer(&done.text("access")),
        };
        let all = list(&mut client).await;
        let current = all.iter().find(|entry| entry["is_current"] == true);
        let amr = current.map(|entry| &entry["amr"]);
        assert_eq!(amr, Some(&json!(["swk", "user", "mfa"])), "{mode}");
    }
}

async fn what_has_ended_is_not_listed(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, old) = jwt_pair(&server).await;
    server.advance(40 * DAY);
    refresh(&server, &old).await.is(401);
    let (access, _) = jwt_pair(&server).await;
    let mut ada = bearer(&server, &access);
    assert_eq!(list(&mut ada).await.len(), 1);
    let changed = ada.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await;
    changed.is(200);
    let answer = try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await;
    let mut ada = bearer(&server, &answer.text("access"));
    assert_eq!(list(&mut ada).await.len(), 1);
}

async fn djangos_tokens_and_sessions_are_listed_as_far_as_they_are_known(backend: Backend) {
    let config = json!({"profile": "django", "apps": {"usersessions": true},
        "rest_framework": {"default_authentication_classes": ["token", "session"]}});
    let server = server(backend, config).await;
    let (_, answer) = login(&server).await;
    let mut ada = Client::new(&server).with_token(&answer.text("key"));
    let all = list(&mut ada).await;
    let [entry] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((&entry["kind"], &entry["is_current"]), (&json!("token"), &json!(true)));
    assert_eq!((&entry["expires_at"], &entry["ip"]), (&Value::Null, &Value::Null));
    end(&mut ada, entry).await.is(204);
    ada.get("/user/").await.is(401);
}

async fn simplejwts_record_is_listed_where_there_are_no_families(backend: Backend) {
    let config = merged(
        &jwt_mode(),
        &json!({"profile": "django", "apps": {"usersessions": true},
            "rest_framework": {"default_authentication_classes": ["jwt_cookie"]}}),
    );
    let server = server(backend, config).await;
    let (access, token) = jwt_pair(&server).await;
    let mut ada = bearer(&server, &access);
    let all = list(&mut ada).await;
    let [entry] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(entry["kind"], "jwt");
    end(&mut ada, entry).await.is(204);
    refresh(&server, &token).await.is(401);
    assert_eq!(list(&mut ada).await, Vec::<Value>::new());
}

async fn strangers_see_none(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut stranger = Client::new(&server);
    stranger.get(PATH).await.is(401);
    stranger.json("DELETE", PATH, &json!({})).await.is(401);
    stranger.json("DELETE", "/sessions/AAAAAAAAAAAAAAAAAAAAAA/", &json!({})).await.is(401);
}
