//! Logout.

use rest_auth_domain::jwt::{Algorithm, Claims, JwtKeys, TokenSettings, Tokens};

use crate::fixture::*;

on_every_database!(
    logout_ends_the_token_that_was_shown_and_no_other,
    logout_ends_the_login_that_was_shown_and_no_other,
    an_access_token_alone_logs_its_login_out,
    logout_ends_the_session_on_the_server,
    what_is_no_token_does_not_log_out_where_logins_hand_out_tokens,
    head_logs_out_where_get_does,
    a_refresh_token_with_odd_claims_is_refused_or_revoked,
    whatever_logs_out_ends_all_that_its_login_handed_out,
    a_session_logs_the_tokens_of_its_login_out,
    an_expired_access_token_does_not_keep_its_login_open,
);

/// A refresh token with these claims, signed with the key of [`odd`].
fn signed(claims: &Value) -> String {
    let keys = JwtKeys::new(Algorithm::Hs256, KEY, None).expect("keys");
    let tokens = Tokens::new(keys, TokenSettings::default());
    let Value::Object(claims) = claims.clone() else { panic!("{claims} are no claims") };
    tokens.encode(&Claims::from(claims)).expect("it is signed")
}

const KEY: &str = "the key of odd tokens, which is long enough for HS256";

async fn what_is_no_token_does_not_log_out_where_logins_hand_out_tokens(backend: Backend) {
    let own = json!({"rest_framework": {
        "default_authentication_classes": ["basic", "token", "session"],
    }});
    let server = server(backend, merged(&token_mode(), &own)).await;
    let (mut client, _) = token_client(&server).await;
    let header = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";
    let mut basic = Client::new(&server).with("Authorization", header);
    basic.get("/user/").await.is(200);
    basic.post("/logout/", &json!({})).await.says(400, "You should be logged in to logout.");
    client.get("/user/").await.is(200);
    client.post("/logout/", &json!({})).await.is(200);
    client.get("/user/").await.is(401);
}

async fn head_logs_out_where_get_does(backend: Backend) {
    for (on_get, status) in [(true, 200), (false, 405)] {
        let own = json!({"account": {"logout_on_get": on_get}});
        let server = server(backend, merged(&token_mode(), &own)).await;
        let (mut client, _) = token_client(&server).await;
        let answer = client.send("HEAD", "/logout/", "", bytes::Bytes::new()).await.of(status);
        assert!(answer.body().is_empty(), "{answer}");
        client.get("/user/").await.is(if on_get { 401 } else { 200 });
    }
}

async fn a_refresh_token_with_odd_claims_is_refused_or_revoked(backend: Backend) {
    let own = json!({
        "simple_jwt": {"signing_key": KEY},
        "rest_framework": {"default_authentication_classes": ["jwt"]},
    });
    for profile in ["strict", "django"] {
        let profile = json!({"profile": profile});
        let config = merged(&merged(&jwt_mode(), &own), &profile);
        let server = server(backend, config).await;
        let id = "0".repeat(32);
        let plain = json!({
            "token_type": "refresh", "exp": 4_102_444_800_u64, "iat": 1_700_000_000,
            "jti": id, "user_id": "1",
        });
        let odd = [
            json!({"user_id": "4711"}),
            json!({"user_id": "nobody"}),
            json!({"user_id": [1]}),
            json!({"user_id": "\0"}),
            json!({"user_id": 9_223_372_036_854_775_807_u64}),
            json!({"user_id": null}),
            json!({"jti": null}),
            json!({"jti": 5}),
            json!({"jti": "\0"}),
            json!({"jti": "j".repeat(300)}),
            json!({"jti": {"a": 1}}),
            json!({"exp": null}),
            json!({"exp": "never"}),
            json!({"exp": 1e300}),
            json!({"token_type": null}),
            json!({"token_type": "access"}),
            json!({"sid": "\0", "epoch": "x"}),
        ];
        for (number, claims) in odd.iter().enumerate() {
            let own_id = json!({"jti": format!("{number:032}")});
            let all = merged(&merged(&plain, &own_id), claims);
            let token = signed(&all);
            let shown = json!({"refresh": token});
            let answer = Client::new(&server).post("/logout/", &shown).await;
            assert!(matches!(answer.status(), 200 | 401), "{claims}: {answer}");
            let again = Client::new(&server).post("/logout/", &shown).await;
            again.is(401);
            let answer = refresh(&server, &token).await;
            answer.is(401);
            let answer = verify_token(&server, &token).await;
            assert!(matches!(answer.status(), 200 | 400 | 401), "{claims}: {answer}");
            if claims["token_type"] != "access" {
                bearer(&server, &token).get("/user/").await.is(401);
            }
        }
        let mut lacking = plain.clone();
        for claim in ["jti", "exp", "token_type"] {
            lacking.as_object_mut().expect("claims").remove(claim);
            let shown = json!({"refresh": signed(&lacking)});
            Client::new(&server).post("/logout/", &shown).await.is(401);
        }
    }
}

async fn logout_ends_the_token_that_was_shown_and_no_other(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut one, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    one.post("/logout/", &json!({})).await.is(200);
    one.get("/user/").await.says(401, "Invalid token.");
    other.get("/user/").await.is(200);
}

async fn logout_ends_the_login_that_was_shown_and_no_other(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    let (other_access, other_token) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({"refresh": token})).await.is(200);
    bearer(&server, &access).get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
    bearer(&server, &other_access).get("/user/").await.is(200);
    refresh(&server, &other_token).await.is(200);
}

async fn an_access_token_alone_logs_its_login_out(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({})).await.is(200);
    bearer(&server, &access).get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
}

async fn logout_ends_the_session_on_the_server(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let mut copy = client.clone();
    let mut client = client.with_csrf();
    client.post("/logout/", &json!({})).await.is(200);
    assert!(!client.cookies.contains_key("sessionid"), "the cookie stays");
    copy.get("/user/").await.is(401);
}

async fn whatever_logs_out_ends_all_that_its_login_handed_out(backend: Backend) {
    for by_token in [true, false] {
        let server = server(backend, json!({})).await;
        let (browser, answer) = login(&server).await;
        let (mut other_browser, other) = login(&server).await;
        let mut by_session = browser.clone();
        let mut app = Client::new(&server).with_token(&answer.text("key"));
        if by_token {
            app.post("/logout/", &json!({})).await.is(200);
        } else {
            browser.with_csrf().post("/logout/", &json!({})).await.is(200);
        }
        app.get("/user/").await.is(401);
        by_session.get("/user/").await.is(401);
        other_browser.get("/user/").await.is(200);
        let mut other_app = Client::new(&server).with_token(&other.text("key"));
        other_app.get("/user/").await.is(200);
    }
}

async fn a_session_logs_the_tokens_of_its_login_out(backend: Backend) {
    let session = json!({"rest_auth": {"session_login": true}});
    for by_session in [true, false] {
        let server = server(backend, merged(&jwt_mode(), &session)).await;
        let (browser, answer) = login(&server).await;
        let mut copy = browser.clone();
        if by_session {
            browser.with_csrf().post("/logout/", &json!({})).await.is(200);
        } else {
            let shown = json!({"refresh": answer.text("refresh")});
            Client::new(&server).post("/logout/", &shown).await.is(200);
        }
        copy.get("/user/").await.is(401);
        bearer(&server, &answer.text("access")).get("/user/").await.is(401);
        refresh(&server, &answer.text("refresh")).await.is(401);
    }
}

async fn an_expired_access_token_does_not_keep_its_login_open(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    server.advance(6 * MINUTE);
    let mut late = bearer(&server, &access);
    late.get("/user/").await.is(401);
    late.post("/logout/", &json!({"refresh": token})).await.is(200);
    refresh(&server, &token).await.is(401);
}
