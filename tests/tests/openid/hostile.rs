//! A provider that misbehaves, `oauth2-mock-server`, which `REST_AUTH_TEST_OPENID_HOSTILE` starts.
//! `tests/openid/hostile.mjs` says in what ways.

use std::sync::Arc;

use rest_auth_store::testing::Content;
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::json;

use super::{FRONT, Peer, browser, codes_of_apps, location, login, server, there_and_back};

/// What is a misdeed of the network rather than of the answer: the user may try again.
const NO_ANSWERS: [&str; 6] =
    ["keys_down", "keys_html", "keys_of_another_shape", "profile_down", "token_huge", "token_slow"];

/// What accounts and credentials consist of.
const TABLES: [&str; 7] = [
    "account_emailaddress",
    "auth_user",
    "authtoken_token",
    "django_session",
    "socialaccount_socialaccount",
    "socialaccount_socialtoken",
    "token_blacklist_outstandingtoken",
];

/// A server where a verified address logs in to the account that has it, and every account needs
/// one. Ada has one already.
async fn server_with_ada(peer: &Peer) -> Arc<Server> {
    let config = json!({
        "account": {"rate_limits": false, "signup_fields": ["email*", "username"]},
        "socialaccount": {
            "cache_age": 0,
            "requests_timeout": 1,
            "signup_step": false,
            "email_authentication": true,
            "store_tokens": true,
        },
    });
    let server = server(peer, merged(&codes_of_apps(), &config)).await;
    let ada = json!({"username": "ada", "email": "ada@example.org", "email_verified": true});
    server.create_user(ada).await.expect("an account");
    server
}

async fn accounts(server: &Server) -> Content {
    let all = Content::read(server.database().url()).await.expect("the database can be read");
    Content(all.0.into_iter().filter(|(table, _)| TABLES.contains(&table.as_str())).collect())
}

fn misbehave(peer: &mut Peer, how: &str, login: &str) {
    peer.tell("misbehave", json!({"how": how, "login": login}));
}

/// The status of a login by code, and the word that a front end is told.
fn told(how: &str) -> (u16, &'static str) {
    match how {
        how if NO_ANSWERS.contains(&how) => (502, "provider_unavailable"),
        "email_object" => (400, "email_missing"),
        "email_verified_in_words" => (400, "email_taken"),
        _ => (400, "login_failed"),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid_hostile), ignore = "REST_AUTH_TEST_OPENID_HOSTILE names no provider")]
async fn no_misdeed_makes_an_account_and_a_right_answer_does_afterwards() {
    let mut peer = Peer::start("REST_AUTH_TEST_OPENID_HOSTILE");
    let server = server_with_ada(&peer).await;
    let names = peer.tell("misdeeds", json!({}))["names"].clone();
    let names: Vec<String> = serde_json::from_value(names).unwrap();
    for how in &names {
        let person = how.replace('_', "-");
        let (status, word) = told(how);
        let before = accounts(&server).await;
        misbehave(&mut peer, how, &person);
        let (_, answer) = login(&server, peer.tell("code", json!({}))).await;
        assert_eq!(answer.status(), status, "{how}: {answer}");
        let mut first = browser(&server);
        let back = there_and_back(&mut peer, &mut first, "").await;
        let refused = format!("{FRONT}?error={word}");
        assert_eq!(location(&first.get(&back).await), refused, "{how}");
        first.get("/user/").await.is(401);
        assert_eq!(before.changes_to(&accounts(&server).await), [""; 0], "{how}");
        misbehave(&mut peer, "none", &person);
        let (mut client, answer) = login(&server, peer.tell("code", json!({}))).await;
        assert_eq!(answer.status(), 204, "after {how}: {answer}");
        assert_eq!(client.get("/user/").await.of(200).text("username"), person);
    }
    assert_eq!(names.len(), 43, "the misdeeds");
    let followed = peer.tell("followed", json!({}));
    assert_eq!(followed["times"], 0, "a redirect of the token endpoint is not followed");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid_hostile), ignore = "REST_AUTH_TEST_OPENID_HOSTILE names no provider")]
async fn an_address_that_is_verified_logs_in_to_the_account_that_has_it() {
    let mut peer = Peer::start("REST_AUTH_TEST_OPENID_HOSTILE");
    let server = server_with_ada(&peer).await;
    misbehave(&mut peer, "none", "ada");
    let (mut client, answer) = login(&server, peer.tell("code", json!({}))).await;
    answer.is(204);
    let user = client.get("/user/").await.of(200).document();
    assert_eq!((&user["pk"], &user["username"]), (&json!(1), &json!("ada")));
}
