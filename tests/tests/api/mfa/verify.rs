//! What a code is worth: once, for one login, a few tries.

use super::*;

on_every_database!(
    a_code_logs_in_once_in_whatever_digits,
    a_code_before_the_last_one_is_refused,
    a_login_ends_with_its_second_step,
    a_login_ends_after_five_wrong_codes_and_the_account_does_not,
    all_logins_of_a_user_share_a_limit,
    a_right_code_forgives_the_wrong_ones,
    a_login_that_waits_ends_with_its_time,
    a_login_that_waits_ends_with_a_new_password,
    a_login_that_waits_ends_when_the_user_is_logged_out,
    a_login_that_waits_outlives_its_factor_for_a_few_tries,
    a_disabled_user_cannot_go_on,
    the_first_step_gives_no_credential,
);

async fn a_code_logs_in_once_in_whatever_digits(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let code = code(&server);
    let wide: String =
        code.chars().filter_map(|digit| char::from_u32(0xff10 + digit.to_digit(10)?)).collect();
    let mut client = Client::new(&server);
    verify(&mut client, &first_step(&server).await, &wide).await.is(200);
    for again in [&code, &wide] {
        let token = first_step(&server).await;
        verify(&mut client, &token, again).await.says(400, "Invalid code.");
    }
}

async fn a_code_before_the_last_one_is_refused(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for (periods, status) in [(0, 200), (1, 200), (0, 400), (-1, 400), (1, 400)] {
        let code = code_of(&server, SECRET, periods);
        verify(&mut client, &first_step(&server).await, &code).await.is(status);
    }
}

async fn a_login_ends_with_its_second_step(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let token = first_step(&server).await;
    let mut client = Client::new(&server);
    verify(&mut client, &token, &code(&server)).await.is(200);
    let again = verify(&mut client, &token, &next_code(&server)).await;
    again.says(400, "Invalid or expired token.");
}

async fn a_login_ends_after_five_wrong_codes_and_the_account_does_not(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let token = first_step(&server).await;
    let mut client = Client::new(&server);
    for _ in 0..5 {
        verify(&mut client, &token, "000000").await.says(400, "Invalid code.");
    }
    let right = code(&server);
    verify(&mut client, &token, &right).await.says(400, "Invalid or expired token.");
    verify(&mut client, &first_step(&server).await, &right).await.is(200);
}

async fn all_logins_of_a_user_share_a_limit(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for _ in 0..2 {
        let token = first_step(&server).await;
        for _ in 0..5 {
            verify(&mut client, &token, "000000").await.is(400);
        }
    }
    let token = first_step(&server).await;
    verify(&mut client, &token, &code(&server)).await.is(429);
    server.advance(10 * MINUTE);
    let token = first_step(&server).await;
    verify(&mut client, &token, &code(&server)).await.is(200);
}

async fn a_right_code_forgives_the_wrong_ones(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for _ in 0..4 {
        let token = first_step(&server).await;
        for _ in 0..4 {
            verify(&mut client, &token, "000000").await.is(400);
        }
        verify(&mut client, &token, &next_code(&server)).await.is(200);
    }
}

async fn a_login_that_waits_ends_with_its_time(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let token = first_step(&server).await;
    server.advance(5 * MINUTE);
    let late = verify(&mut Client::new(&server), &token, &code(&server)).await;
    late.says(400, "Invalid or expired token.");
}

async fn a_login_that_waits_ends_with_a_new_password(backend: Backend) {
    for profile in ["strict", "django"] {
        let config = json!({"profile": profile, "apps": {"mfa": true}, "rest_framework":
            {"default_authentication_classes": ["token"]}});
        let server = with_factor(backend, merged(&token_mode(), &config)).await;
        let token = first_step(&server).await;
        change(&server, "ada", json!({"password": NEW_PASSWORD})).await;
        let answer = verify(&mut Client::new(&server), &token, &code(&server)).await;
        answer.says(400, "Invalid or expired token.");
    }
}

async fn a_login_that_waits_ends_when_the_user_is_logged_out(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let token = first_step(&server).await;
    let done = rest_auth_flows::accounts::log_out_everywhere(server.auth(), "ada").await;
    done.expect("Ada is logged out");
    let answer = verify(&mut Client::new(&server), &token, &code(&server)).await;
    answer.says(400, "Invalid or expired token.");
}

async fn a_login_that_waits_outlives_its_factor_for_a_few_tries(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let waiting = first_step(&server).await;
    let mut ada = logged_in(&server).await;
    let form = json!({"code": next_code(&server)});
    ada.post("/mfa/totp/deactivate/", &form).await.is(200);
    let mut client = Client::new(&server);
    for _ in 0..5 {
        verify(&mut client, &waiting, "000000").await.says(400, "Invalid code.");
    }
    verify(&mut client, &waiting, "000000").await.says(400, "Invalid or expired token.");
}

async fn a_disabled_user_cannot_go_on(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let token = first_step(&server).await;
    change(&server, "ada", json!({"is_active": false})).await;
    let answer = verify(&mut Client::new(&server), &token, &code(&server)).await.of(400);
    assert_eq!(answer.document(), json!({"detail": ["User account is disabled."]}));
}

async fn the_first_step_gives_no_credential(backend: Backend) {
    for mode in [token_mode(), jwt_mode(), jwt_cookie_mode(), session_mode()] {
        let server = with_factor(backend, mode).await;
        let mut client = Client::new(&server);
        let answer = try_login(&mut client, "ada", PASSWORD).await.of(200);
        let mut document = answer.document();
        let token = document["ephemeral_token"].take();
        assert_eq!(
            document,
            json!({"ephemeral_token": null, "mfa_required": true,
                "methods": ["totp", "recovery_code"]})
        );
        assert!(client.cookies.is_empty(), "{:?}", client.cookies);
        let token = token.as_str().expect("a token");
        Client::new(&server).with_token(token).get("/user/").await.is(401);
        let done = verify(&mut client, token, &code(&server)).await;
        assert!(matches!(done.status(), 200 | 204), "{done}");
    }
}
