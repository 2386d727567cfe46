//! The user is told of every change of their factors, and of wrong codes by whoever gets that far.

use super::*;

on_every_database!(
    each_change_is_told,
    five_wrong_codes_are_told,
    wrong_codes_of_several_logins_are_told,
    wrong_codes_of_somebody_who_is_logged_in_are_told,
    a_recovery_code_that_is_used_is_told,
);

async fn each_change_is_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    server.new_mails().await;
    let (_, codes) = enroll(&server, &mut ada).await;
    assert!(mail_to(&server, "ada@example.com").await.contains("Authenticator App Activated"));
    let form = json!({"current_password": PASSWORD});
    let new = ada.post("/mfa/recovery-codes/regenerate/", &form).await.of(200);
    assert!(mail_to(&server, "ada@example.com").await.contains("New Recovery Codes Generated"));
    let path = "/mfa/totp/deactivate/";
    ada.post(path, &json!({"code": codes[0]})).await.says(400, "Invalid code.");
    ada.post(path, &json!({"code": texts(&new, "codes")[0]})).await.is(200);
    assert!(mail_to(&server, "ada@example.com").await.contains("Authenticator App Deactivated"));
}

async fn five_wrong_codes_are_told(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let token = first_step(&server).await;
    let mut client = Client::new(&server);
    for _ in 0..4 {
        verify(&mut client, &token, "000000").await.is(400);
    }
    assert_eq!(server.new_mails().await.len(), 0);
    verify(&mut client, &token, "000000").await.is(400);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("Wrong Codes Were Typed"), "{mail}");
}

async fn wrong_codes_of_several_logins_are_told(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let told = "Wrong Codes Were Typed";
    let guess = async |codes: usize| {
        let token = first_step(&server).await;
        for _ in 0..codes {
            verify(&mut Client::new(&server), &token, "000000").await.says(400, "Invalid code.");
        }
    };
    guess(4).await;
    // The owner's own login hides nothing.
    logged_in(&server).await;
    server.new_mails().await;
    guess(1).await;
    assert!(mail_to(&server, "ada@example.com").await.contains(told));
    // Each five are told, and not each one after the fifth.
    guess(4).await;
    assert_eq!(server.new_mails().await.len(), 0);
    server.advance(DAY);
    guess(4).await;
    assert_eq!(server.new_mails().await.len(), 0, "those of the day before count no longer");
    guess(1).await;
    assert!(mail_to(&server, "ada@example.com").await.contains(told));
}

async fn wrong_codes_of_somebody_who_is_logged_in_are_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    enroll(&server, &mut ada).await;
    server.new_mails().await;
    let wrong = json!({"code": "000000"});
    for path in ["/mfa/totp/deactivate/", "/reauthenticate/"] {
        for _ in 0..2 {
            ada.post(path, &wrong).await.says(400, "Invalid code.");
        }
    }
    assert_eq!(server.new_mails().await.len(), 0);
    ada.post("/mfa/totp/deactivate/", &wrong).await.is(400);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("Wrong Codes Were Typed"), "{mail}");
}

async fn a_recovery_code_that_is_used_is_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = enroll(&server, &mut ada).await;
    server.new_mails().await;
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &codes[0]).await.is(200);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("A Recovery Code Was Used") && mail.contains("left: 9"), "{mail}");
}
