//! Changes of factors: what they ask for, what they end, and what goes on.

use rest_auth_flows::context::Context;
use rest_auth_flows::links::LinkBase;

use super::*;

on_every_database!(
    an_app_is_set_up_with_the_password_and_a_code,
    the_code_that_activated_does_not_log_in,
    the_callers_session_goes_on_and_others_end,
    the_callers_jwts_go_on_and_others_end,
    an_administrator_resets_the_factors,
    the_picture_is_one,
    guesses_that_set_an_app_up_are_limited,
    what_set_an_app_up_sets_none_up_again,
);

async fn an_app_is_set_up_with_the_password_and_a_code(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    server.advance(STALE);
    let begun = ada.get("/mfa/totp/activate/").await.of(200);
    let confirmation = |password: Option<&str>, code: &str| {
        let mut form = json!({"activation_token": begun.text("activation_token"), "code": code});
        if let Some(password) = password {
            form["current_password"] = json!(password);
        }
        form
    };
    let right = code_of(&server, &begun.text("secret"), 0);
    let path = "/mfa/totp/activate/";
    asks_for_proof(ada.post(path, &confirmation(None, &right)).await, &["password"]);
    ada.post(path, &confirmation(Some("wrong"), &right)).await.says(400, "Incorrect password.");
    ada.post(path, &confirmation(Some(PASSWORD), "000000")).await.says(400, "Invalid code.");
    logs_in_by_password(&server).await;
    ada.post(path, &confirmation(Some(PASSWORD), &right)).await.is(200);
    ada.post(path, &confirmation(Some(PASSWORD), &right)).await.says(400, "already enabled");
    first_step(&server).await;
}

async fn the_code_that_activated_does_not_log_in(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (secret, _) = enroll(&server, &mut ada).await;
    let token = first_step(&server).await;
    let mut client = Client::new(&server);
    verify(&mut client, &token, &code_of(&server, &secret, 0)).await.is(400);
    verify(&mut client, &token, &code_of(&server, &secret, 1)).await.is(200);
}

async fn the_callers_session_goes_on_and_others_end(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut phone, _) = login(&server).await;
    let (mut laptop, _) = login(&server).await;
    let old = laptop.cookies["sessionid"].clone();
    let mut with_csrf = laptop.clone().with_csrf();
    enroll(&server, &mut with_csrf).await;
    phone.get("/user/").await.is(401);
    laptop.get("/user/").await.is(401);
    with_csrf.get("/user/").await.is(200);
    assert_ne!(with_csrf.cookies["sessionid"], old);
}

async fn the_callers_jwts_go_on_and_others_end(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (phone, phones_refresh) = jwt_pair(&server).await;
    let (laptop, laptops_refresh) = jwt_pair(&server).await;
    enroll(&server, &mut bearer(&server, &laptop)).await;
    bearer(&server, &phone).get("/user/").await.is(401);
    refresh(&server, &phones_refresh).await.is(401);
    bearer(&server, &laptop).get("/user/").await.is(200);
    let renewed = refresh(&server, &laptops_refresh).await.of(200);
    bearer(&server, &renewed.text("access")).get("/user/").await.is(200);
    refresh(&server, &renewed.text("refresh")).await.is(200);
}

async fn an_administrator_resets_the_factors(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut ada = logged_in(&server).await;
    let links = LinkBase::configured("");
    let context = Context::for_command(server.auth(), links);
    let reset = rest_auth_flows::mfa::reset::all(server.auth(), &context, "ada").await;
    assert_eq!(reset.expect("Ada is there").1, 2);
    ada.get("/user/").await.is(401);
    logs_in_by_password(&server).await;
    mail_to(&server, "ada@example.com").await;
}

async fn the_picture_is_one(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let begun = ada.get("/mfa/totp/activate/").await.of(200);
    let picture = begun.text("qr_code_data_uri");
    assert!(picture.starts_with("data:image/svg+xml;base64,PD94bWw"), "{picture}");
    assert!(begun.text("totp_url").contains(&begun.text("secret")));
}

async fn guesses_that_set_an_app_up_are_limited(backend: Backend) {
    let config = json!({"account": {"reauthentication_required": false}});
    let server = server(backend, merged(&token_mode(), &config)).await;
    let (mut ada, _) = token_client(&server).await;
    let begun = ada.get("/mfa/totp/activate/").await.of(200);
    let (token, secret) = (begun.text("activation_token"), begun.text("secret"));
    let form = |code: &str| json!({"activation_token": token, "code": code});
    let path = "/mfa/totp/activate/";
    for guess in 0..10 {
        ada.post(path, &form(&format!("{guess:06}"))).await.says(400, "Invalid");
    }
    let right = form(&code_of(&server, &secret, 0));
    ada.post(path, &right).await.is(429);
    server.advance(MINUTE * 10);
    let begun = ada.get(path).await.of(200);
    let form = json!({"activation_token": begun.text("activation_token"),
        "code": code_of(&server, &begun.text("secret"), 0)});
    ada.post(path, &form).await.is(200);
}

async fn what_set_an_app_up_sets_none_up_again(backend: Backend) {
    // The epoch does not matter.
    for config in [json!({}), json!({"mfa": {"revoke_on_change": false}})] {
        let server = server(backend, merged(&token_mode(), &config)).await;
        let (mut ada, _) = token_client(&server).await;
        let path = "/mfa/totp/activate/";
        let begun = ada.get(path).await.of(200);
        let secret = begun.text("secret");
        let form = |code: String| {
            json!({"activation_token": begun.text("activation_token"), "code": code,
                "current_password": PASSWORD})
        };
        // A wrong code uses nothing up.
        ada.post(path, &form("000000".to_owned())).await.says(400, "Invalid code.");
        ada.post(path, &form(code_of(&server, &secret, 0))).await.is(200);
        server.advance(MINUTE);
        let code = json!({"code": code_of(&server, &secret, 0)});
        ada.post("/mfa/totp/deactivate/", &code).await.is(200);
        server.advance(MINUTE);
        let again = ada.post(path, &form(code_of(&server, &secret, 0))).await.of(400).document();
        assert!(again.get("activation_token").is_some(), "{again}");
        logs_in_by_password(&server).await;
        enroll(&server, &mut ada).await;
    }
}
