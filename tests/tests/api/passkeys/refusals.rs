//! Logins by passkey that are refused.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator, SoftwareCeremony};

use super::{
    ORIGIN, add, answer, begin, begin_login, complete, django, log_in, made, with_passkey,
};
use crate::fixture::*;

on_every_database!(
    each_check_refuses_a_login,
    each_check_refuses_a_new_passkey,
    a_challenge_works_once_and_for_its_purpose,
    a_challenge_ends,
    what_is_no_credential_is_refused_as_dj_rest_auth_does,
    the_handle_of_another_user_is_none,
    a_disabled_user_does_not_log_in,
    without_user_verification_a_passkey_does_not_log_in,
    user_verification_is_asked_for_as_the_configuration_says,
    the_origins_of_the_configuration_and_no_others_log_in,
    an_unverified_address_stops_a_login,
);

const FAILED: &str = "Authentication verification failed.";

async fn each_check_refuses_a_login(backend: Backend) {
    let (server, _, device) = with_passkey(backend, json!({})).await;
    for quirk in [
        Quirk::Type("webauthn.create"),
        Quirk::Challenge("b3RoZXI"),
        Quirk::Origin("http://localhost:8001"),
        Quirk::Origin("https://localhost:8000"),
        Quirk::Origin("http://localhost:8000.evil.test"),
        Quirk::RpId("example.com"),
        Quirk::NotPresent,
        Quirk::NotVerified,
        Quirk::BackedUpOnly,
        Quirk::NotEligible,
        Quirk::Trailing,
        Quirk::OtherKey,
    ] {
        let mut wrong = device.clone().quirks(&[quirk]);
        log_in(&server, &mut wrong).await.says(400, FAILED);
    }
    log_in(&server, &mut device.clone()).await.is(200);
}

async fn each_check_refuses_a_new_passkey(backend: Backend) {
    let limits = json!({"account": {"rate_limits": {"reauthenticate": "100/m/user"}}});
    let server = server(backend, merged(&token_mode(), &limits)).await;
    let (mut ada, _) = token_client(&server).await;
    for (quirk, words) in [
        (Quirk::Type("webauthn.get"), "Registration verification failed."),
        (Quirk::Challenge("b3RoZXI"), "Registration challenge has expired."),
        (Quirk::Origin("https://evil.test"), "Registration verification failed."),
        (Quirk::RpId("example.com"), "Registration verification failed."),
        (Quirk::NotPresent, "Registration verification failed."),
        (Quirk::NotVerified, "Registration verification failed."),
        (Quirk::BackedUpOnly, "Registration verification failed."),
        (Quirk::Trailing, "Registration verification failed."),
        (Quirk::NoCredential, "Registration verification failed."),
        (Quirk::OtherId, "Registration verification failed."),
        (Quirk::Statement("none"), "Registration verification failed."),
    ] {
        let options = begin(&mut ada).await;
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa).quirks(&[quirk]);
        let form = json!({"credential": made(&mut device, &options)});
        ada.post("/passkeys/register/complete/", &form).await.says(400, words);
        // Whatever came of it, the challenge is used up.
        let mut right = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let form = json!({"credential": made(&mut right, &options)});
        let again = ada.post("/passkeys/register/complete/", &form).await;
        let is_used = !matches!(quirk, Quirk::Challenge(_));
        assert_eq!(again.status(), if is_used { 400 } else { 201 }, "{quirk:?}");
    }
    for quirk in [Quirk::Statement("packed"), Quirk::Extensions, Quirk::NotEligible] {
        add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa).quirks(&[quirk])).await;
    }
}

async fn a_challenge_works_once_and_for_its_purpose(backend: Backend) {
    let (server, mut ada, mut device) = with_passkey(backend, json!({})).await;
    let expired = "Authentication challenge has expired. Please start over.";
    let (one, two) = (begin_login(&server).await, begin_login(&server).await);
    let first = answer(&mut device, &one);
    complete(&server, &first).await.is(200);
    complete(&server, &first).await.says(400, expired);
    // The answer to one challenge is none to another, which is used up by that.
    let mut mixed = answer(&mut device, &one);
    mixed["session_id"] = two["session_id"].clone();
    complete(&server, &mixed).await.says(400, FAILED);
    complete(&server, &answer(&mut device, &two)).await.says(400, expired);
    // Nor is the challenge of a new passkey one.
    let mut enrolment = begin(&mut ada).await;
    enrolment["rpId"] = json!("localhost");
    enrolment["session_id"] = json!("0123456789abcdef0123456789abcdef");
    complete(&server, &answer(&mut device, &enrolment)).await.says(400, expired);
}

async fn a_challenge_ends(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    let (one, two) = (begin_login(&server).await, begin_login(&server).await);
    server.advance(just_before(MINUTE * 5));
    complete(&server, &answer(&mut device, &one)).await.is(200);
    server.advance(SECOND);
    complete(&server, &answer(&mut device, &two)).await.says(400, "expired");
}

async fn what_is_no_credential_is_refused_as_dj_rest_auth_does(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    complete(&server, &json!({})).await.is(400);
    let missing = complete(&server, &json!({})).await.document();
    let required = json!(["This field is required."]);
    assert_eq!(missing, json!({"credential": required, "session_id": required}));
    for id in ["x", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcde"] {
        let form = json!({"credential": {}, "session_id": id});
        let refused = complete(&server, &form).await.of(400).document();
        assert_eq!(
            refused,
            json!({"session_id": ["This value does not match the required pattern."]})
        );
    }
    let format = "Invalid credential format.";
    for credential in [json!("text"), json!([]), json!(1), json!({}), json!({"id": "AQ"})] {
        let options = begin_login(&server).await;
        let form = json!({"credential": credential, "session_id": options["session_id"]});
        complete(&server, &form).await.says(400, format);
    }
    for (member, value, words) in [
        ("clientDataJSON", json!("e30"), FAILED),
        ("authenticatorData", json!(null), FAILED),
        ("signature", json!("?"), FAILED),
    ] {
        let options = begin_login(&server).await;
        let mut form = answer(&mut device, &options);
        form["credential"]["response"][member] = value;
        complete(&server, &form).await.says(400, words);
    }
    let mut unknown = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    log_in(&server, &mut unknown).await.says(400, "Credential not found.");
}

async fn the_handle_of_another_user_is_none(backend: Backend) {
    let (server, mut ada, device) = with_passkey(backend, json!({})).await;
    let id = ada.get("/user/").await.document()["pk"].as_i64().expect("an id");
    for (handle, is_right) in
        [(id.to_string(), true), ((id + 1).to_string(), false), ("other".to_owned(), false)]
    {
        let mut device = device.clone().quirks(&[Quirk::NoCounter]);
        device.keep_handle(handle.as_bytes());
        let done = log_in(&server, &mut device).await;
        if is_right {
            done.is(200);
        } else {
            done.says(400, FAILED);
        }
    }
}

async fn a_disabled_user_does_not_log_in(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    change(&server, "ada", json!({"is_active": false})).await;
    log_in(&server, &mut device).await.says(400, "User account is disabled.");
    let mut thief = device.clone().quirks(&[Quirk::OtherKey]);
    log_in(&server, &mut thief).await.says(400, FAILED);
}

async fn without_user_verification_a_passkey_does_not_log_in(backend: Backend) {
    let (server, _, device) = with_passkey(backend, json!({})).await;
    let mut thief = device.clone().quirks(&[Quirk::NotVerified]);
    log_in(&server, &mut thief).await.says(400, FAILED);
    let mut owner = device;
    log_in(&server, &mut owner).await.is(200);
}

async fn user_verification_is_asked_for_as_the_configuration_says(backend: Backend) {
    for asked in ["preferred", "discouraged"] {
        let config = json!({"passkeys": {"user_verification": asked}});
        let (server, _, device) = with_passkey(backend, config).await;
        assert_eq!(begin_login(&server).await["userVerification"], asked);
        let mut device = device.quirks(&[Quirk::NotVerified]);
        log_in(&server, &mut device).await.is(200);
    }
    let (server, _, device) = with_passkey(backend, django()).await;
    log_in(&server, &mut device.quirks(&[Quirk::NotVerified])).await.is(200);
}

async fn the_origins_of_the_configuration_and_no_others_log_in(backend: Backend) {
    let android = "android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0";
    let origins = json!([ORIGIN, "https://app.example.com", android]);
    let config = json!({"passkeys": {"rp_origins": origins}});
    let (server, _, mut device) = with_passkey(backend, config).await;
    for (origin, is_listed) in
        [("https://app.example.com", true), (android, true), ("https://example.com", false)]
    {
        let options = begin_login(&server).await;
        let form = json!({
            "credential": device.log_in(&SoftwareCeremony::of(origin, &options)),
            "session_id": options["session_id"],
        });
        let done = complete(&server, &form).await;
        assert_eq!(done.status(), if is_listed { 200 } else { 400 }, "{origin}");
    }
    // Browsers ask for the origins that lie outside of the domain.
    let related = Client::new(&server).get("/.well-known/webauthn").await.of(200).document();
    assert_eq!(related, json!({"origins": [ORIGIN, "https://app.example.com"]}));
    let (alone, ..) = with_passkey(backend, json!({})).await;
    Client::new(&alone).get("/.well-known/webauthn").await.is(404);
}

async fn an_unverified_address_stops_a_login(backend: Backend) {
    let mandatory = json!({"account": {"email_verification": "optional"}});
    let (server, _, mut device) = with_passkey(backend, mandatory).await;
    let strict = merged(&base(), &token_mode());
    let mandatory = json!({"account": {"email_verification": "mandatory"}});
    let strict = merged(&strict, &mandatory);
    let beside = Server::start_beside(&strict, server.database(), server.now()).await;
    let beside = Arc::new(beside.expect("the server starts"));
    log_in(&beside, &mut device).await.is(200);
    change(&server, "ada", json!({"email": "new@example.com"})).await;
    log_in(&beside, &mut device).await.says(400, "E-mail is not verified.");
}
