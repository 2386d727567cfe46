//! Registration.

mod access;

use crate::fixture::*;

on_every_database!(
    a_taken_address_gets_the_answer_of_a_free_one_and_its_owner_a_mail,
    a_taken_address_in_other_letters_is_taken_too,
    the_owner_does_not_drown_in_mails,
    other_mistakes_are_told_whether_the_address_is_taken_or_not,
    where_no_mail_decides_a_taken_address_is_told,
    a_user_name_that_is_the_address_of_another_account_is_refused,
    nobody_is_logged_in_before_the_address_is_verified,
    of_two_who_claim_an_address_the_first_to_verify_gets_it,
    an_address_that_somebody_else_has_recorded_is_recorded_only_to_be_verified,
    without_a_user_name_among_the_fields_one_is_made_up,
    first_and_last_name_are_asked_for_where_they_are_listed,
);

async fn first_and_last_name_are_asked_for_where_they_are_listed(backend: Backend) {
    let form = |first: Value| {
        json!({"username": "ada", "email": "ada@example.com", "first_name": first,
            "last_name": "", "password1": PASSWORD, "password2": PASSWORD})
    };
    let fields = ["username*", "email*", "first_name*", "last_name", "password1*", "password2*"];
    let server = empty_server(
        backend,
        json!({
            "account": {"signup_fields": fields, "email_verification": "none"},
            "rest_auth": {"session_login": false},
        }),
    )
    .await;
    let mut client = Client::new(&server);
    let blank = client.post("/registration/", &form(json!(""))).await.of(400).document();
    assert_eq!(blank, json!({"first_name": ["This field may not be blank."]}));
    let long = client.post("/registration/", &form(json!("a".repeat(151)))).await.of(400);
    assert!(long.document()["first_name"][0].as_str().expect("text").contains("150 characters"));
    let key = client.post("/registration/", &form(json!("Ada"))).await.of(201).text("key");
    let ada = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!((&ada["first_name"], &ada["last_name"]), (&json!("Ada"), &json!("")));
    // Registration as it is by default leaves the names alone.
    let server = empty_server(backend, json!({"account": {"email_verification": "none"}})).await;
    let form = form(json!("Ada"));
    let key = Client::new(&server).post("/registration/", &form).await.of(201).text("key");
    let ada = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!(ada["first_name"], "");
}

async fn an_address_that_somebody_else_has_recorded_is_recorded_only_to_be_verified(
    backend: Backend,
) {
    for verification in ["none", "optional"] {
        let own = json!({
            "account": {"email_verification": verification, "rate_limits": false},
            "rest_auth": {"session_login": false},
        });
        let server = empty_server(backend, own).await;
        let email = "bob@example.com";
        create(&server, json!({"username": "bob", "email": email, "email_verified": false})).await;
        let key = register(&server, "carol", email).await.of(201).text("key");
        let mut carol = Client::new(&server).with_token(&key);
        let rows = carol.get("/emails/").await.of(200).document();
        let expected = if verification == "none" {
            json!([])
        } else {
            assert_eq!(server.new_mails().await.len(), 1);
            json!([false])
        };
        let primary = rows.as_array().expect("a list").iter().map(|row| row["primary"].clone());
        assert_eq!(primary.collect::<Value>(), expected, "{verification}: {rows}");
        // Somebody with an address of their own has it as the primary one.
        let key = register(&server, "dora", "dora@example.com").await.of(201).text("key");
        let rows = Client::new(&server).with_token(&key).get("/emails/").await.document();
        assert_eq!(rows[0]["primary"], true, "{rows}");
    }
}

async fn without_a_user_name_among_the_fields_one_is_made_up(backend: Backend) {
    for profile in ["strict", "django"] {
        let own = json!({
            "profile": profile,
            "account": {
                "login_methods": ["email"],
                "signup_fields": ["email*", "password1*", "password2*"],
                "email_verification": "none",
            },
            "rest_auth": {"session_login": false},
            "rest_framework": {"default_authentication_classes": ["token"]},
        });
        let server = empty_server(backend, own).await;
        let form = json!({
            "email": "carol@example.com", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD,
        });
        let key = Client::new(&server).post("/registration/", &form).await.of(201).text("key");
        let user = Client::new(&server).with_token(&key).get("/user/").await.document();
        assert_eq!(user["username"], "carol", "{user}");
        let credentials = json!({"email": "carol@example.com", "password": NEW_PASSWORD});
        Client::new(&server).post("/login/", &credentials).await.is(200);
    }
}

fn mandatory() -> Value {
    json!({"account": {"email_verification": "mandatory"}})
}

fn form(username: &str, email: &str) -> Value {
    json!({"username": username, "email": email, "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD})
}

async fn register(server: &Arc<Server>, username: &str, email: &str) -> Answer {
    Client::new(server).post("/registration/", &form(username, email)).await
}

async fn a_taken_address_gets_the_answer_of_a_free_one_and_its_owner_a_mail(backend: Backend) {
    let server = server(backend, mandatory()).await;
    let free = register(&server, "bob", "bob@example.com").await.of(201);
    only_mail(&server).await;
    let taken = register(&server, "mallory", "ada@example.com").await.of(201);
    assert_eq!(free.body(), taken.body());
    let mut names: Vec<_> = Vec::new();
    for answer in [&free, &taken] {
        assert!(answer.set_cookie("sessionid").is_none(), "{answer}");
        names.push(answer.header("Content-Type").map(str::to_owned));
    }
    assert_eq!(names[0], names[1]);
    assert!(is_registered(&server, "bob").await);
    assert!(!is_registered(&server, "mallory").await, "the account was created");
    let mail = only_mail(&server).await;
    assert!(mail.contains("To: ada@example.com"), "{mail}");
    assert!(!mail.contains("mallory"), "the mail repeats what a stranger typed: {mail}");
}

async fn a_taken_address_in_other_letters_is_taken_too(backend: Backend) {
    let server = server(backend, mandatory()).await;
    register(&server, "mallory", "Ada@Example.COM").await.is(201);
    assert!(!is_registered(&server, "mallory").await, "the account was created");
}

async fn the_owner_does_not_drown_in_mails(backend: Backend) {
    let server = server(backend, mandatory()).await;
    for number in 0..5 {
        register(&server, &format!("mallory{number}"), "ada@example.com").await.is(201);
    }
    assert_eq!(server.new_mails().await.len(), 1);
    server.advance(3 * MINUTE);
    register(&server, "mallory", "ada@example.com").await.is(201);
    assert_eq!(server.new_mails().await.len(), 1);
}

async fn other_mistakes_are_told_whether_the_address_is_taken_or_not(backend: Backend) {
    let server = server(backend, mandatory()).await;
    let taken = register(&server, "ada", "ada@example.com").await.of(400);
    let free = register(&server, "ada", "bob@example.com").await.of(400);
    assert_eq!(taken.body(), free.body());
    assert!(server.new_mails().await.is_empty());
}

async fn where_no_mail_decides_a_taken_address_is_told(backend: Backend) {
    let server = server(backend, json!({})).await;
    register(&server, "mallory", "ada@example.com").await.says(400, "email");
    assert!(!is_registered(&server, "mallory").await, "the account was created");
}

async fn a_user_name_that_is_the_address_of_another_account_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    for name in ["ada@example.com", "ADA@example.com"] {
        register(&server, name, "mallory@example.com").await.says(400, "username");
    }
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    let wish = json!({"username": "ada@example.com"});
    bob.json("PATCH", "/user/", &wish).await.says(400, "username");
    let (mut ada, _) = token_client(&server).await;
    ada.json("PATCH", "/user/", &wish).await.is(200);
}

async fn nobody_is_logged_in_before_the_address_is_verified(backend: Backend) {
    let server = server(backend, mandatory()).await;
    let answer = register(&server, "bob", "bob@example.com").await.of(201);
    assert!(answer.document().get("key").is_none(), "{answer}");
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.says(400, "not verified");
    let key = verification_key(&only_mail(&server).await);
    let mut client = Client::new(&server);
    client.post("/registration/verify-email/", &json!({"key": key})).await.is(200);
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
}

async fn of_two_who_claim_an_address_the_first_to_verify_gets_it(backend: Backend) {
    let server = server(backend, mandatory()).await;
    register(&server, "bob", "bob@example.com").await.is(201);
    let bobs = verification_key(&only_mail(&server).await);
    server.advance(3 * MINUTE);
    register(&server, "mallory", "bob@example.com").await.is(201);
    let mallorys = verification_key(&only_mail(&server).await);
    let mut client = Client::new(&server);
    client.post("/registration/verify-email/", &json!({"key": bobs})).await.is(200);
    client.post("/registration/verify-email/", &json!({"key": mallorys})).await.is(404);
    try_login(&mut Client::new(&server), "mallory", NEW_PASSWORD).await.is(400);
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
}

pub(crate) fn verification_key(mail: &str) -> String {
    let link = mail.split_whitespace().find(|word| word.contains("/account-confirm-email/"));
    let link = link.unwrap_or_else(|| panic!("no link in {mail}"));
    let key = link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    // A colon is written as an escape in links.
    key.replace("%3A", ":")
}
