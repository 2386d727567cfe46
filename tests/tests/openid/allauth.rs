//! django-allauth as the provider, which `REST_AUTH_TEST_OPENID_ALLAUTH` starts.

use serde_json::json;

use super::{FRONT, Peer, browser, location, login, server, there_and_back};

const PROVIDER: &str = "REST_AUTH_TEST_OPENID_ALLAUTH";

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid_allauth), ignore = "REST_AUTH_TEST_OPENID_ALLAUTH names no provider")]
async fn a_login_in_the_browser_goes_there_and_back() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, json!({})).await;
    let mut first = browser(&server);
    let back = there_and_back(&mut peer, &mut first, "ada").await;
    assert_eq!(location(&first.get(&back).await), FRONT);
    let user = first.get("/user/").await.of(200).document();
    assert_eq!(user["email"], "ada@example.org");
    assert_eq!(user["first_name"], "Ada");
    // The same answer in another browser, and again in this one.
    let refused = format!("{FRONT}?error=state_invalid");
    assert_eq!(location(&browser(&server).get(&back).await), refused);
    assert_eq!(location(&first.get(&back).await), refused);
    // Who comes again is the same user.
    let mut second = browser(&server);
    let back = there_and_back(&mut peer, &mut second, "ada").await;
    assert_eq!(location(&second.get(&back).await), FRONT);
    assert_eq!(second.get("/user/").await.of(200).document(), user);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid_allauth), ignore = "REST_AUTH_TEST_OPENID_ALLAUTH names no provider")]
async fn a_code_works_with_its_proof_key_and_a_token_with_its_nonce() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, json!({})).await;
    for (name, other) in [("code_challenge", "A".repeat(43)), ("nonce", "another".to_owned())] {
        let mut browser = browser(&server);
        let there = location(&browser.get("/peer/begin/").await);
        assert!(there.contains("code_challenge_method=S256"), "{there}");
        let (before, value) = there.split_once(&format!("&{name}=")).expect("the parameter");
        let after = value.split_once('&').map_or("", |(_, after)| after);
        let changed = format!("{before}&{name}={other}&{after}");
        let back = peer.browse(&changed, "ada");
        let back = back.strip_prefix("https://api.example.com").expect("our callback");
        let told = location(&browser.get(back).await);
        assert_eq!(told, format!("{FRONT}?error=login_failed"), "{name}");
        browser.get("/user/").await.is(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid_allauth), ignore = "REST_AUTH_TEST_OPENID_ALLAUTH names no provider")]
async fn an_id_token_of_an_app_logs_in_and_no_other_does() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, json!({})).await;
    let own = peer.tell("tokens", json!({"login": "ada", "nonce": "n"}));
    let form = |nonce: &str| json!({"id_token": own["id_token"], "nonce": nonce});
    login(&server, form("another")).await.1.is(400);
    let (mut client, answer) = login(&server, form("n")).await;
    answer.is(204);
    assert_eq!(client.get("/user/").await.of(200).text("email"), "ada@example.org");
    login(&server, form("n")).await.1.is(400);
    let foreign = peer.tell("tokens", json!({"login": "ada", "client": "other-app"}));
    login(&server, json!({"id_token": foreign["id_token"]})).await.1.is(400);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(openid_allauth), ignore = "REST_AUTH_TEST_OPENID_ALLAUTH names no provider")]
async fn a_user_who_refuses_is_not_logged_in() {
    let mut peer = Peer::start(PROVIDER);
    let server = server(&peer, json!({})).await;
    let mut browser = browser(&server);
    let there = location(&browser.get("/peer/begin/").await);
    let back = peer.refuse(&there);
    let back = back.strip_prefix("https://api.example.com").expect("our callback");
    assert_eq!(location(&browser.get(back).await), format!("{FRONT}?error=cancelled"));
    browser.get("/user/").await.is(401);
}
