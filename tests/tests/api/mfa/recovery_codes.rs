//! Recovery codes: they work once, and are shown once.

use super::*;

on_every_database!(
    a_recovery_code_logs_in_once_however_it_is_typed,
    a_recovery_code_switches_the_factor_off,
    new_codes_need_the_password_and_end_the_old_ones,
    codes_that_can_be_read_need_a_fresh_proof,
);

async fn a_recovery_code_logs_in_once_however_it_is_typed(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut ada = logged_in(&server).await;
    let form = json!({"current_password": PASSWORD});
    let new = ada.post("/mfa/recovery-codes/regenerate/", &form).await.of(200);
    let codes = texts(&new, "codes");
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
    let typed = codes[0].to_lowercase().replace('-', " ");
    let token = first_step(&server).await;
    let answer = verify(&mut Client::new(&server), &token, &typed).await.of(200);
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &codes[0]).await.says(400, "Invalid code.");
    let mut ada = Client::new(&server).with_token(&answer.text("key"));
    let shown = ada.post("/mfa/recovery-codes/", &json!({})).await.of(200);
    assert_eq!(shown.document(), json!({"codes": [], "remaining": 9}));
}

async fn a_recovery_code_switches_the_factor_off(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = enroll(&server, &mut ada).await;
    let path = "/mfa/totp/deactivate/";
    ada.post(path, &json!({"code": "000000"})).await.says(400, "Invalid code.");
    let done = ada.post(path, &json!({"code": codes[3]})).await.of(200);
    assert_eq!(done.document(), json!({"detail": "TOTP has been deactivated."}));
    ada.post(path, &json!({"code": codes[4]})).await.says(400, "MFA is not enabled.");
    logs_in_by_password(&server).await;
}

async fn new_codes_need_the_password_and_end_the_old_ones(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let path = "/mfa/recovery-codes/regenerate/";
    ada.post(path, &json!({})).await.says(400, "MFA is not enabled.");
    let (_, old) = enroll(&server, &mut ada).await;
    server.advance(STALE);
    let methods = ["password", "totp", "recovery_code"];
    asks_for_proof(ada.post(path, &json!({})).await, &methods);
    let new = ada.post(path, &json!({"current_password": PASSWORD})).await.of(200);
    let new = texts(&new, "codes");
    let mut client = Client::new(&server);
    verify(&mut client, &first_step(&server).await, &old[0]).await.says(400, "Invalid code.");
    verify(&mut client, &first_step(&server).await, &new[0]).await.is(200);
}

/// Codes of Django's kind stay readable where a project brought them along.
async fn codes_that_can_be_read_need_a_fresh_proof(backend: Backend) {
    let readable = merged(&token_mode(), &json!({"mfa": {"recovery_codes": "django"}}));
    let server = server(backend, readable).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = enroll(&server, &mut ada).await;
    let path = "/mfa/recovery-codes/";
    assert_eq!(texts(&ada.post(path, &json!({})).await.of(200), "codes"), codes);
    server.advance(STALE);
    let methods = ["password", "totp", "recovery_code"];
    asks_for_proof(ada.post(path, &json!({})).await, &methods);
    ada.post("/reauthenticate/", &json!({"password": PASSWORD})).await.is(200);
    ada.post(path, &json!({})).await.is(200);
}
