//! A login by passkey.

use std::collections::BTreeSet;

use rest_auth_domain::encoding::base64url;
use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator};
use tokio::task::JoinSet;

use super::{answer, begin_login, complete, django, log_in, name_of, with_passkey};
use crate::fixture::*;

on_every_database!(
    a_passkey_logs_in_without_a_name,
    the_options_are_those_of_dj_rest_auth,
    nobody_learns_who_is_registered,
    a_login_is_what_the_configuration_says,
    of_fifty_answers_to_one_challenge_one_logs_in,
    a_copied_device_is_found_out_and_told,
    of_two_copies_at_once_one_logs_in,
    devices_that_do_not_count_log_in_again_and_again,
    logins_begin_thirty_times_a_minute,
);

async fn a_passkey_logs_in_without_a_name(backend: Backend) {
    let (server, mut ada, mut device) = with_passkey(backend, json!({})).await;
    let done = log_in(&server, &mut device).await.of(200);
    assert_eq!(name_of(&server, &done).await, "ada");
    let listed = ada.get("/passkeys/").await.of(200).document();
    assert!(listed[0]["last_used_at"].is_string(), "{listed}");
    // Some devices keep no handle.
    let mut quiet = device.quirks(&[Quirk::NoHandle]);
    log_in(&server, &mut quiet).await.is(200);
}

async fn the_options_are_those_of_dj_rest_auth(backend: Backend) {
    let (server, _, device) = with_passkey(backend, django()).await;
    let begun = Client::new(&server).post("/passkeys/login/begin/", &json!({})).await.of(200);
    let text = String::from_utf8_lossy(begun.body()).into_owned();
    let options = begun.document();
    let part = |name: &str| options[name].as_str().expect("a text").to_owned();
    let (challenge, session_id) = (part("challenge"), part("session_id"));
    assert_eq!((challenge.len(), session_id.len()), (86, 32));
    let expected = format!(
        r#"{{"challenge":"{challenge}","timeout":300000,"rpId":"localhost","allowCredentials":[],"userVerification":"preferred","session_id":"{session_id}"}}"#
    );
    assert_eq!(text, expected);
    let known = json!([{"id": base64url(device.id()), "type": "public-key"}]);
    for (form, expected) in [
        (json!({"username": "ada"}), &known),
        (json!({"email": "ada@example.com"}), &known),
        (json!({"username": "", "email": ""}), &json!([])),
        (json!({"username": "nobody"}), &json!([])),
    ] {
        let begun = Client::new(&server).post("/passkeys/login/begin/", &form).await.of(200);
        assert_eq!(begun.document()["allowCredentials"], *expected, "{form}");
    }
    let wrong = json!({"email": "no address"});
    Client::new(&server).post("/passkeys/login/begin/", &wrong).await.says(400, "valid email");
}

async fn nobody_learns_who_is_registered(backend: Backend) {
    let (server, _, _) = with_passkey(backend, json!({})).await;
    for name in ["ada", "nobody"] {
        let form = json!({"username": name});
        let begun = Client::new(&server).post("/passkeys/login/begin/", &form).await.of(200);
        let options = begun.document();
        assert_eq!(options["allowCredentials"], json!([]));
        assert_eq!(options["userVerification"], "required");
    }
}

async fn a_login_is_what_the_configuration_says(backend: Backend) {
    for (mode, cookie) in
        [(session_mode(), "sessionid"), (jwt_cookie_mode(), "access"), (jwt_mode(), "")]
    {
        let (server, _, mut device) = with_passkey(backend, json!({})).await;
        let config = merged(&base(), &mode);
        let other = Server::start_beside(&config, server.database(), server.now());
        let other = Arc::new(other.await.expect("the server starts"));
        let done = log_in(&other, &mut device).await;
        match cookie {
            "sessionid" => done.is(204),
            _ => assert_eq!(done.document()["user"]["username"], "ada"),
        }
        assert!(cookie.is_empty() || done.set_cookie(cookie).is_some(), "{done}");
    }
}

async fn of_fifty_answers_to_one_challenge_one_logs_in(backend: Backend) {
    let limits = json!({"account": {"rate_limits": {"login": "1000/m/ip"}}});
    let (server, _, device) = with_passkey(backend, limits).await;
    let mut device = device.quirks(&[Quirk::NoCounter]);
    let options = begin_login(&server).await;
    let form = answer(&mut device, &options);
    let mut requests = JoinSet::new();
    for _ in 0..50 {
        let (server, form) = (server.clone(), form.clone());
        requests.spawn(async move {
            loop {
                let answer = complete(&server, &form).await;
                if answer.status() != 503 {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    let answers = requests.join_all().await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 49), "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status() == 400) {
        refused.says(400, "Authentication challenge has expired. Please start over.");
    }
}

async fn a_copied_device_is_found_out_and_told(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    let mut copy = device.clone();
    log_in(&server, &mut device).await.is(200);
    log_in(&server, &mut device).await.is(200);
    server.new_mails().await;
    let words = "Authentication verification failed.";
    log_in(&server, &mut copy).await.says(400, words);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("may have been copied"), "{mail}");
    log_in(&server, &mut copy).await.says(400, words);
    let mut back = device.clone().counting_from(0);
    log_in(&server, &mut back).await.says(400, words);
    log_in(&server, &mut device).await.is(200);
}

async fn of_two_copies_at_once_one_logs_in(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    for _ in 0..3 {
        let mut copy: SoftwareAuthenticator = device.clone();
        let (one, two) = (begin_login(&server).await, begin_login(&server).await);
        let (one, two) = (answer(&mut device, &one), answer(&mut copy, &two));
        let (one, two) = tokio::join!(complete(&server, &one), complete(&server, &two));
        let statuses: BTreeSet<_> = [one.status(), two.status()].into();
        assert_eq!(statuses, BTreeSet::from([200, 400]), "{one} {two}");
    }
}

async fn devices_that_do_not_count_log_in_again_and_again(backend: Backend) {
    let (server, _, device) = with_passkey(backend, json!({})).await;
    let mut device = device.quirks(&[Quirk::NoCounter]);
    for _ in 0..3 {
        log_in(&server, &mut device).await.is(200);
    }
}

async fn logins_begin_thirty_times_a_minute(backend: Backend) {
    let server = server(backend, token_mode()).await;
    for _ in 0..30 {
        begin_login(&server).await;
    }
    Client::new(&server).post("/passkeys/login/begin/", &json!({})).await.is(429);
    server.advance(MINUTE);
    begin_login(&server).await;
}
