//! Password reset: links that are ours, and codes.

use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(
    a_code_sets_a_password_once_and_ends_what_was_issued_before,
    the_form_asks_for_what_is_mailed,
    a_password_that_is_refused_costs_no_attempt,
    after_three_guesses_a_code_is_dead,
    of_ten_uses_of_a_code_at_once_one_succeeds,
    the_answer_does_not_tell_why_a_code_is_wrong,
    a_code_ends_with_what_it_was_issued_under,
    a_new_code_ends_the_one_before_and_time_ends_both,
    a_code_of_one_kind_is_none_of_another,
    who_resets_a_password_by_mail_has_verified_the_address,
    looking_at_a_link_does_not_use_it,
    a_link_does_not_tell_which_users_exist,
    a_link_survives_a_login_and_ends_with_what_it_was_issued_under,
    the_older_of_two_links_works_and_ends_the_other,
    the_link_of_a_reset_mail_works_for_one_hour,
    the_link_of_a_reset_mail_works_once,
    a_new_password_ends_the_links_that_were_mailed_before,
    links_lead_where_the_configuration_says_whatever_host_was_asked,
    a_reset_of_an_unknown_address_gets_the_same_answer_and_no_mail,
    the_mail_goes_to_the_stored_address,
);

const CONFIRM: &str = "/password/reset/confirm/";

fn by_code() -> Value {
    let code = json!({"account": {"password_reset_by_code_enabled": true}});
    merged(&token_mode(), &code)
}

async fn asked(server: &Arc<Server>, email: &str) -> Answer {
    Client::new(server).post("/password/reset/", &json!({"email": email})).await
}

async fn mailed_code(server: &Arc<Server>) -> String {
    asked(server, "ada@example.com").await.is(200);
    code_of(&only_mail(server).await)
}

fn form(email: &str, code: &str, new: &str) -> Value {
    json!({"email": email, "code": code, "new_password1": new, "new_password2": new})
}

async fn confirm(server: &Arc<Server>, code: &str, new: &str) -> Answer {
    Client::new(server).post(CONFIRM, &form("ada@example.com", code, new)).await
}

async fn gets_in(server: &Arc<Server>, password: &str) -> bool {
    try_login(&mut Client::new(server), "ada", password).await.status() == 200
}

async fn a_code_sets_a_password_once_and_ends_what_was_issued_before(backend: Backend) {
    let server = server(backend, by_code()).await;
    let (mut ada, _) = token_client(&server).await;
    let code = mailed_code(&server).await;
    let answer = confirm(&server, &code.to_lowercase().replace('-', ""), NEW_PASSWORD).await;
    let answer = answer.of(200);
    assert!(answer.header("Set-Cookie").is_none(), "{answer}");
    assert!(gets_in(&server, NEW_PASSWORD).await && !gets_in(&server, PASSWORD).await);
    ada.get("/user/").await.is(401);
    confirm(&server, &code, PASSWORD).await.says(400, "Invalid code.");
}

async fn the_form_asks_for_what_is_mailed(backend: Backend) {
    let server = server(backend, by_code()).await;
    let options = Client::new(&server).json("OPTIONS", CONFIRM, &json!({})).await.of(200);
    let fields = options.document()["actions"]["POST"].clone();
    let names: Vec<_> = fields.as_object().expect("fields").keys().cloned().collect();
    assert_eq!(names, ["new_password1", "new_password2", "email", "code"]);
}

async fn a_password_that_is_refused_costs_no_attempt(backend: Backend) {
    let server = server(backend, by_code()).await;
    let code = mailed_code(&server).await;
    for _ in 0..5 {
        // Nobody could have the first one, and Ada cannot have the second.
        confirm(&server, &code, "password").await.says(400, "too common");
        confirm(&server, &code, "ada@example.com").await.says(400, "too similar");
    }
    let different = json!({"email": "ada@example.com", "code": code,
        "new_password1": NEW_PASSWORD, "new_password2": PASSWORD});
    Client::new(&server).post(CONFIRM, &different).await.says(400, "new_password2");
    confirm(&server, &code, NEW_PASSWORD).await.is(200);
}

async fn after_three_guesses_a_code_is_dead(backend: Backend) {
    let server = server(backend, by_code()).await;
    let code = mailed_code(&server).await;
    for _ in 0..3 {
        confirm(&server, "BBBB-BBBB", NEW_PASSWORD).await.says(400, "Invalid code.");
    }
    confirm(&server, &code, NEW_PASSWORD).await.is(400);
    let code = mailed_code(&server).await;
    confirm(&server, &code, NEW_PASSWORD).await.is(200);
}

async fn of_ten_uses_of_a_code_at_once_one_succeeds(backend: Backend) {
    let server = server(backend, by_code()).await;
    let code = mailed_code(&server).await;
    let mut requests = JoinSet::new();
    for number in 0..10 {
        let (server, code) = (Arc::clone(&server), code.clone());
        let new = format!("{NEW_PASSWORD} {number}");
        requests.spawn(async move { confirm(&server, &code, &new).await.status() });
    }
    let answers = requests.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
}

async fn the_answer_does_not_tell_why_a_code_is_wrong(backend: Backend) {
    let server = server(backend, by_code()).await;
    let known = asked(&server, "ada@example.com").await.of(200);
    let unknown = asked(&server, "nobody@example.com").await.of(200);
    assert_eq!(known.body(), unknown.body());
    let wrong = confirm(&server, "BBBB-BBBB", NEW_PASSWORD).await.of(400);
    let nobody = form("nobody@example.com", "BBBB-BBBB", NEW_PASSWORD);
    let nobody = Client::new(&server).post(CONFIRM, &nobody).await.of(400);
    for _ in 0..2 {
        confirm(&server, "BBBB-BBBB", NEW_PASSWORD).await.is(400);
    }
    let dead = confirm(&server, "BBBB-BBBB", NEW_PASSWORD).await.of(400);
    assert_eq!(wrong.body(), nobody.body());
    assert_eq!(wrong.body(), dead.body());
}

async fn a_code_ends_with_what_it_was_issued_under(backend: Backend) {
    for profile in ["strict", "django"] {
        for ending in [
            json!({"password": PASSWORD}),
            json!({"email": "lovelace@example.com"}),
            json!({"is_active": false}),
        ] {
            let config = merged(&by_code(), &json!({"profile": profile}));
            let server = server(backend, config).await;
            let code = mailed_code(&server).await;
            change(&server, "ada", ending.clone()).await;
            confirm(&server, &code, NEW_PASSWORD).await.is(400);
            change(&server, "ada", json!({"is_active": true})).await;
            confirm(&server, &code, NEW_PASSWORD).await.is(400);
        }
    }
}

async fn a_new_code_ends_the_one_before_and_time_ends_both(backend: Backend) {
    let server = server(backend, by_code()).await;
    let older = mailed_code(&server).await;
    let newer = mailed_code(&server).await;
    confirm(&server, &older, NEW_PASSWORD).await.is(400);
    server.advance(just_before(10 * MINUTE));
    confirm(&server, &newer, NEW_PASSWORD).await.is(200);
    // The notice about it.
    server.new_mails().await;
    let last = mailed_code(&server).await;
    server.advance(10 * MINUTE);
    confirm(&server, &last, PASSWORD).await.is(400);
}

async fn a_code_of_one_kind_is_none_of_another(backend: Backend) {
    let both = json!({"account": {
        "email_verification": "optional",
        "email_verification_by_code_enabled": true,
    }});
    let server = server(backend, merged(&by_code(), &both)).await;
    change(&server, "ada", json!({"email_verified": false})).await;
    let resend = json!({"email": "ada@example.com"});
    Client::new(&server).post("/registration/resend-email/", &resend).await.is(200);
    let verification = code_of(&only_mail(&server).await);
    confirm(&server, &verification, NEW_PASSWORD).await.is(400);
    let reset = mailed_code(&server).await;
    let shown = json!({"email": "ada@example.com", "code": reset});
    Client::new(&server).post("/registration/verify-email/", &shown).await.is(400);
    confirm(&server, &reset, NEW_PASSWORD).await.is(200);
}

async fn who_resets_a_password_by_mail_has_verified_the_address(backend: Backend) {
    let mandatory = json!({"account": {"email_verification": "mandatory"}});
    let nothing = json!({"rest_auth": {"password_reset_verifies_email": false}});
    for (more, verifies) in [(json!({}), true), (nothing, false)] {
        let server = server(backend, merged(&merged(&token_mode(), &mandatory), &more)).await;
        change(&server, "ada", json!({"email_verified": false})).await;
        assert!(!gets_in(&server, PASSWORD).await);
        let link = reset_link(&server).await;
        confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
        assert_eq!(gets_in(&server, NEW_PASSWORD).await, verifies);
    }
}

async fn looking_at_a_link_does_not_use_it(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let link = reset_link(&server).await;
    let form = json!({"uid": link.0, "token": link.1, "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD});
    for method in ["GET", "HEAD", "OPTIONS"] {
        let mut client = Client::new(&server);
        let query = format!("{CONFIRM}?uid={}&token={}", link.0, link.1);
        for path in [CONFIRM, query.as_str()] {
            let answer = client.json(method, path, &form).await;
            assert!(matches!(answer.status(), 200 | 405), "{answer}");
        }
        let page = format!("/password-reset/confirm/{}/{}/", link.0, link.1);
        let shown = client.json(method, &page, &form).await;
        assert!(matches!(shown.status(), 200 | 405), "{shown}");
    }
    assert!(gets_in(&server, PASSWORD).await);
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
}

async fn a_link_does_not_tell_which_users_exist(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (uid, token) = reset_link(&server).await;
    let unknown = confirm_reset(&server, &("zzz".to_owned(), token.clone()), NEW_PASSWORD).await;
    let junk = confirm_reset(&server, &("!".to_owned(), token.clone()), NEW_PASSWORD).await;
    let known = confirm_reset(&server, &(uid.clone(), "a-b".to_owned()), NEW_PASSWORD).await;
    let known = known.of(400);
    for other in [unknown.of(400), junk.of(400)] {
        assert_eq!(known.body(), other.body());
    }
    confirm_reset(&server, &(uid, token), NEW_PASSWORD).await.is(200);
}

async fn a_link_survives_a_login_and_ends_with_what_it_was_issued_under(backend: Backend) {
    for (change_to, status) in [
        (json!({}), 200),
        (json!({"first_name": "Augusta"}), 200),
        (json!({"password": PASSWORD}), 400),
        (json!({"email": "lovelace@example.com"}), 400),
        (json!({"is_active": false}), 400),
    ] {
        let server = server(backend, session_mode()).await;
        let link = reset_link(&server).await;
        login(&server).await;
        change(&server, "ada", change_to.clone()).await;
        let answer = confirm_reset(&server, &link, NEW_PASSWORD).await;
        assert_eq!(answer.status(), status, "{change_to}: {answer}");
        change(&server, "ada", json!({"is_active": true})).await;
        confirm_reset(&server, &link, NEW_PASSWORD).await.is(400);
    }
}

async fn the_older_of_two_links_works_and_ends_the_other(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (older, newer) = (reset_link(&server).await, reset_link(&server).await);
    assert_ne!(older, newer);
    confirm_reset(&server, &older, "password").await.is(400);
    confirm_reset(&server, &older, NEW_PASSWORD).await.is(200);
    confirm_reset(&server, &newer, PASSWORD).await.is(400);
}

async fn the_link_of_a_reset_mail_works_for_one_hour(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let link = reset_link(&server).await;
    server.advance(HOUR + SECOND);
    confirm_reset(&server, &link, NEW_PASSWORD).await.says(400, "token");
    let link = reset_link(&server).await;
    server.advance(just_before(HOUR));
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
}

async fn the_link_of_a_reset_mail_works_once(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let link = reset_link(&server).await;
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
    confirm_reset(&server, &link, "yet another password").await.says(400, "token");
    try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await.is(200);
}

async fn a_new_password_ends_the_links_that_were_mailed_before(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let link = reset_link(&server).await;
    let (mut client, _) = token_client(&server).await;
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    confirm_reset(&server, &link, "yet another password").await.says(400, "token");
}

async fn links_lead_where_the_configuration_says_whatever_host_was_asked(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let asked = json!({"email": "ada@example.com"});
    let mut client =
        Client::new(&server).with("Host", "evil.example").with("X-Forwarded-Host", "evil.example");
    client.post("/password/reset/", &asked).await.is(200);
    let mail = only_mail(&server).await;
    assert!(mail.contains("http://localhost:8000/"), "{mail}");
    assert!(!mail.contains("evil"), "{mail}");
}

async fn a_reset_of_an_unknown_address_gets_the_same_answer_and_no_mail(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    let known = client.post("/password/reset/", &json!({"email": "ada@example.com"})).await;
    assert_eq!(server.new_mails().await.len(), 1);
    let unknown = client.post("/password/reset/", &json!({"email": "bob@example.com"})).await;
    assert!(server.new_mails().await.is_empty());
    assert_eq!((known.status(), known.body()), (unknown.status(), unknown.body()));
}

async fn the_mail_goes_to_the_stored_address(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    client.post("/password/reset/", &json!({"email": "ADA@EXAMPLE.COM"})).await.is(200);
    let mail = only_mail(&server).await;
    assert!(mail.contains("To: ada@example.com"), "{mail}");
}
