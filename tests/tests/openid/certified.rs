//! A certified provider, `oidc-provider`, which `REST_AUTH_TEST_OPENID` starts.

use serde_json::json;

use super::{FRONT, Peer, browser, codes_of_apps, location, login, server, there_and_back};

const PROVIDER: &str = "REST_AUTH_TEST_OPENID";

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid), ignore = "REST_AUTH_TEST_OPENID names no provider")]
async fn an_id_token_of_an_app_logs_in_and_no_other_does() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, json!({})).await;
    let own = peer.tell("tokens", json!({"login": "ada", "nonce": "n"}));
    let form = |nonce: &str| json!({"id_token": own["id_token"], "nonce": nonce});
    login(&server, form("another")).await.1.is(400);
    let (mut client, answer) = login(&server, form("n")).await;
    answer.is(204);
    let user = client.get("/user/").await.of(200).document();
    assert_eq!((&user["username"], &user["email"]), (&json!("ada"), &json!("ada@example.org")));
    let other = json!({"login": "ada", "client": "other-app", "secret": "other-secret"});
    let foreign = peer.tell("tokens", other);
    login(&server, json!({"id_token": foreign["id_token"]})).await.1.is(400);
    login(&server, json!({"access_token": own["access_token"]})).await.1.is(400);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid), ignore = "REST_AUTH_TEST_OPENID names no provider")]
async fn a_code_with_its_proof_key_logs_in_once() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, codes_of_apps()).await;
    let got = peer.tell("code", json!({"login": "ada"}));
    let form = json!({"code": got["code"], "code_verifier": got["code_verifier"]});
    let (mut client, answer) = login(&server, form.clone()).await;
    answer.is(204);
    assert_eq!(client.get("/user/").await.of(200).text("username"), "ada");
    login(&server, form).await.1.says(400, "Failed to exchange code");
    let got = peer.tell("code", json!({"login": "ada"}));
    let form = json!({"code": got["code"], "code_verifier": "x".repeat(43)});
    login(&server, form).await.1.says(400, "Failed to exchange code");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid), ignore = "REST_AUTH_TEST_OPENID names no provider")]
async fn keys_of_another_kind_are_taken_when_the_provider_changes_them() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, json!({"socialaccount": {"cache_age": 0}})).await;
    for algorithm in ["RS256", "ES256"] {
        peer.tell("rotate", json!({"algorithm": algorithm}));
        let own = peer.tell("tokens", json!({"login": "ada"}));
        login(&server, json!({"id_token": own["id_token"]})).await.1.is(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid), ignore = "REST_AUTH_TEST_OPENID names no provider")]
async fn a_login_in_the_browser_goes_there_and_back() {
    let mut peer = Peer::start(PROVIDER);
    peer.tell("callback", json!({"address": "https://api.example.com/peer/callback/"}));
    let server = server(&peer, json!({})).await;
    let mut first = browser(&server);
    let back = there_and_back(&mut peer, &mut first, "ada").await;
    assert!(back.contains("iss="), "the provider names itself: {back}");
    assert_eq!(location(&first.get(&back).await), FRONT);
    assert_eq!(first.get("/user/").await.of(200).text("username"), "ada");
    // The same answer in another browser, and again in this one.
    let refused = format!("{FRONT}?error=state_invalid");
    assert_eq!(location(&browser(&server).get(&back).await), refused);
    assert_eq!(location(&first.get(&back).await), refused);
    let mut second = browser(&server);
    let there = location(&second.get("/peer/begin/").await);
    let back = peer.refuse(&there);
    let back = back.strip_prefix("https://api.example.com").expect("our callback");
    assert_eq!(location(&second.get(back).await), format!("{FRONT}?error=cancelled"));
}
