//! Verification of addresses: keys of ours, and codes.

use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(
    a_key_works_once_and_logs_nobody_in,
    looking_at_a_link_does_not_use_its_key,
    of_ten_uses_of_a_key_at_once_one_succeeds,
    the_older_of_two_mails_works_too_until_one_was_used,
    a_key_ends_after_three_days,
    a_key_ends_with_what_it_was_issued_under,
    keys_that_are_none_are_not_found,
    keys_of_djangos_count_where_the_setting_says_so,
    a_code_verifies_from_another_device,
    the_form_asks_for_what_is_mailed,
    after_three_guesses_a_code_is_dead,
    guesses_at_once_are_not_more_than_guesses_in_a_row,
    the_answer_does_not_tell_why_a_code_is_wrong,
    a_new_code_ends_the_one_before,
    a_code_ends_after_a_quarter_of_an_hour,
    a_code_ends_with_what_it_was_issued_under,
    of_two_who_claim_an_address_each_has_a_code_of_their_own,
    codes_have_the_form_that_is_configured,
);

const VERIFY: &str = "/registration/verify-email/";

/// Verification decides whether somebody gets in.
fn mandatory() -> Value {
    json!({"account": {"email_verification": "mandatory"}})
}

fn by_code() -> Value {
    let code = json!({"account": {"email_verification_by_code_enabled": true}});
    merged(&mandatory(), &code)
}

/// Registers somebody and returns the mail about it.
async fn registered(server: &Arc<Server>, username: &str) -> String {
    registered_with(server, username, &format!("{username}@example.com")).await
}

async fn registered_with(server: &Arc<Server>, username: &str, email: &str) -> String {
    let form = json!({"username": username, "email": email, "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD});
    Client::new(server).post("/registration/", &form).await.is(201);
    only_mail(server).await
}

/// Another mail to somebody, after the time that lies between two.
async fn resent(server: &Arc<Server>, email: &str) -> String {
    server.advance(3 * MINUTE);
    let form = json!({"email": email});
    Client::new(server).post("/registration/resend-email/", &form).await.is(200);
    only_mail(server).await
}

fn key_of(mail: &str) -> String {
    let link = mail.split_whitespace().find(|word| word.contains("/account-confirm-email/"));
    let link = link.unwrap_or_else(|| panic!("no link in {mail}"));
    link.trim_end_matches('/').rsplit('/').next().unwrap_or_default().replace("%3A", ":")
}

async fn show_key(server: &Arc<Server>, key: &str) -> Answer {
    Client::new(server).post(VERIFY, &json!({"key": key})).await
}

async fn show_code(server: &Arc<Server>, email: &str, code: &str) -> Answer {
    Client::new(server).post(VERIFY, &json!({"email": email, "code": code})).await
}

async fn gets_in(server: &Arc<Server>, username: &str) -> bool {
    try_login(&mut Client::new(server), username, NEW_PASSWORD).await.status() == 200
}

/// The answers to the same request, sent ten times at once.
async fn ten_times(server: &Arc<Server>, document: Value) -> Vec<Answer> {
    let mut requests = JoinSet::new();
    for _ in 0..10 {
        let (mut client, document) = (Client::new(server), document.clone());
        requests.spawn(async move { client.post(VERIFY, &document).await });
    }
    requests.join_all().await
}

async fn a_key_works_once_and_logs_nobody_in(backend: Backend) {
    let server = empty_server(backend, mandatory()).await;
    let key = key_of(&registered(&server, "bob").await);
    let mut client = Client::new(&server);
    let answer = client.post(VERIFY, &json!({"key": key})).await.of(200);
    assert!(answer.header("Set-Cookie").is_none(), "{answer}");
    assert_eq!(answer.document(), json!({"detail": "ok"}));
    client.get("/user/").await.is(401);
    assert!(gets_in(&server, "bob").await);
    show_key(&server, &key).await.is(404);
}

async fn looking_at_a_link_does_not_use_its_key(backend: Backend) {
    let server = empty_server(backend, mandatory()).await;
    let key = key_of(&registered(&server, "bob").await);
    for method in ["GET", "HEAD", "OPTIONS"] {
        let document = json!({"key": key});
        let mut client = Client::new(&server);
        for path in [VERIFY.to_owned(), format!("{VERIFY}?key={key}")] {
            let answer = client.json(method, &path, &document).await;
            assert!(matches!(answer.status(), 200 | 405), "{answer}");
        }
        let page = format!("/registration/account-confirm-email/{key}/");
        client.json(method, &page, &document).await.is(if method == "OPTIONS" { 405 } else { 200 });
    }
    assert!(!gets_in(&server, "bob").await);
    show_key(&server, &key).await.is(200);
}

async fn of_ten_uses_of_a_key_at_once_one_succeeds(backend: Backend) {
    let server = empty_server(backend, mandatory()).await;
    let key = key_of(&registered(&server, "bob").await);
    let answers = ten_times(&server, json!({"key": key})).await;
    assert_eq!((count(&answers, 200), count(&answers, 404)), (1, 9), "{answers:?}");
}

async fn the_older_of_two_mails_works_too_until_one_was_used(backend: Backend) {
    let server = empty_server(backend, mandatory()).await;
    let older = key_of(&registered(&server, "bob").await);
    let newer = key_of(&resent(&server, "bob@example.com").await);
    let newest = key_of(&resent(&server, "bob@example.com").await);
    show_key(&server, &older).await.is(200);
    show_key(&server, &newer).await.is(404);
    // Not even if the address has to be verified again.
    change(&server, "bob", json!({"email_verified": false})).await;
    for key in [older, newer, newest] {
        show_key(&server, &key).await.is(404);
    }
}

async fn a_key_ends_after_three_days(backend: Backend) {
    let server = empty_server(backend, mandatory()).await;
    let (bobs, carols) = (registered(&server, "bob").await, registered(&server, "carol").await);
    server.advance(just_before(3 * DAY));
    show_key(&server, &key_of(&bobs)).await.is(200);
    server.advance(SECOND);
    show_key(&server, &key_of(&carols)).await.is(404);
}

async fn a_key_ends_with_what_it_was_issued_under(backend: Backend) {
    for ending in [json!({"password": PASSWORD}), json!({"is_active": false})] {
        let server = empty_server(backend, mandatory()).await;
        let key = key_of(&registered(&server, "bob").await);
        change(&server, "bob", ending.clone()).await;
        change(&server, "bob", json!({"is_active": true})).await;
        show_key(&server, &key).await.is(404);
        // Another mail helps.
        let key = key_of(&resent(&server, "bob@example.com").await);
        show_key(&server, &key).await.is(200);
    }
}

async fn keys_that_are_none_are_not_found(backend: Backend) {
    let server = empty_server(backend, mandatory()).await;
    let key = key_of(&registered(&server, "bob").await);
    for junk in [&key[1..], "MQ:1abcde:0123456789abcdef", "decoy", "\u{1f468}", "0"] {
        show_key(&server, junk).await.is(404);
    }
    show_key(&server, &key.to_uppercase()).await.is(200);
}

async fn keys_of_djangos_count_where_the_setting_says_so(backend: Backend) {
    let django = json!({"account": {"email_confirmation_keys": "django"}});
    let server = empty_server(backend, merged(&mandatory(), &django)).await;
    let key = key_of(&registered(&server, "bob").await);
    assert!(key.contains(':'), "{key}");
    show_key(&server, &key).await.is(200);
}

async fn a_code_verifies_from_another_device(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let code = code_of(&registered(&server, "bob").await);
    let typed = code.replace('-', " ").to_lowercase();
    let answer = show_code(&server, "Bob@Example.com", &typed).await.of(200);
    assert!(answer.header("Set-Cookie").is_none(), "{answer}");
    assert!(gets_in(&server, "bob").await);
    show_code(&server, "bob@example.com", &code).await.is(400);
}

async fn the_form_asks_for_what_is_mailed(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let options = Client::new(&server).json("OPTIONS", VERIFY, &json!({})).await.of(200);
    let fields = options.document()["actions"]["POST"].clone();
    let names: Vec<_> = fields.as_object().expect("fields").keys().cloned().collect();
    assert_eq!(names, ["email", "code"]);
    let answer = show_key(&server, "a key").await.of(400);
    let required = json!(["This field is required."]);
    assert_eq!(answer.document(), json!({"email": required, "code": required}));
}

async fn after_three_guesses_a_code_is_dead(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let code = code_of(&registered(&server, "bob").await);
    for _ in 0..3 {
        show_code(&server, "bob@example.com", "BBBB-BBBB").await.says(400, "Invalid code.");
    }
    show_code(&server, "bob@example.com", &code).await.is(400);
    let code = code_of(&resent(&server, "bob@example.com").await);
    show_code(&server, "bob@example.com", &code).await.is(200);
}

async fn guesses_at_once_are_not_more_than_guesses_in_a_row(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let code = code_of(&registered(&server, "bob").await);
    let guess = json!({"email": "bob@example.com", "code": "BBBB-BBBB"});
    assert_eq!(count(&ten_times(&server, guess).await, 400), 10);
    show_code(&server, "bob@example.com", &code).await.is(400);
    let code = code_of(&resent(&server, "bob@example.com").await);
    let answers = ten_times(&server, json!({"email": "bob@example.com", "code": code})).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9), "{answers:?}");
}

async fn the_answer_does_not_tell_why_a_code_is_wrong(backend: Backend) {
    let server = server(backend, by_code()).await;
    registered(&server, "bob").await;
    let wrong = show_code(&server, "bob@example.com", "BBBB-BBBB").await.of(400);
    let unknown = show_code(&server, "nobody@example.com", "BBBB-BBBB").await.of(400);
    let verified = show_code(&server, "ada@example.com", "BBBB-BBBB").await.of(400);
    for _ in 0..2 {
        show_code(&server, "bob@example.com", "\u{2013}").await.is(400);
    }
    let dead = show_code(&server, "bob@example.com", "BBBB-BBBB").await.of(400);
    for other in [unknown, verified, dead] {
        assert_eq!(wrong.body(), other.body());
    }
}

async fn a_new_code_ends_the_one_before(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let older = code_of(&registered(&server, "bob").await);
    let newer = code_of(&resent(&server, "bob@example.com").await);
    show_code(&server, "bob@example.com", &older).await.is(400);
    show_code(&server, "bob@example.com", &newer).await.is(200);
}

async fn a_code_ends_after_a_quarter_of_an_hour(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let (bobs, carols) = (registered(&server, "bob").await, registered(&server, "carol").await);
    server.advance(just_before(15 * MINUTE));
    show_code(&server, "bob@example.com", &code_of(&bobs)).await.is(200);
    server.advance(SECOND);
    show_code(&server, "carol@example.com", &code_of(&carols)).await.is(400);
}

async fn a_code_ends_with_what_it_was_issued_under(backend: Backend) {
    for ending in [json!({"password": PASSWORD}), json!({"is_active": false})] {
        let server = empty_server(backend, by_code()).await;
        let code = code_of(&registered(&server, "bob").await);
        change(&server, "bob", ending.clone()).await;
        change(&server, "bob", json!({"is_active": true})).await;
        show_code(&server, "bob@example.com", &code).await.is(400);
    }
}

async fn of_two_who_claim_an_address_each_has_a_code_of_their_own(backend: Backend) {
    let server = empty_server(backend, by_code()).await;
    let mallorys = code_of(&registered_with(&server, "mallory", "bob@example.com").await);
    server.advance(3 * MINUTE);
    let bobs = code_of(&registered_with(&server, "bob", "bob@example.com").await);
    show_code(&server, "bob@example.com", &bobs).await.is(200);
    assert!(gets_in(&server, "bob").await && !gets_in(&server, "mallory").await);
    show_code(&server, "bob@example.com", &mallorys).await.is(400);
}

async fn codes_have_the_form_that_is_configured(backend: Backend) {
    let format = json!({"account": {
        "email_verification_by_code_format": {"numeric": true, "length": 9, "dashed": false},
        "email_verification_by_code_max_attempts": 1,
        "email_verification_by_code_timeout": "1m",
    }});
    let server = empty_server(backend, merged(&by_code(), &format)).await;
    let is_code = |word: &&str| word.len() == 9 && word.bytes().all(|b| b.is_ascii_digit());
    let mail = registered(&server, "bob").await;
    let code = mail.split_whitespace().find(is_code).expect("nine digits").to_owned();
    show_code(&server, "bob@example.com", "12").await.is(400);
    show_code(&server, "bob@example.com", &code).await.is(400);
    let mail = resent(&server, "bob@example.com").await;
    let code = mail.split_whitespace().find(is_code).expect("nine digits").to_owned();
    server.advance(MINUTE);
    show_code(&server, "bob@example.com", &code).await.is(400);
}
