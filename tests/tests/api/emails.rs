//! One's own e-mail addresses.

mod races;
mod replacement;

use crate::fixture::*;
use crate::registration::verification_key;

on_every_database!(
    an_address_is_added_verified_and_listed,
    a_login_alone_changes_no_address,
    where_no_proof_is_asked_a_login_is_enough,
    a_new_primary_address_is_told_the_old_one_and_ends_all_else,
    the_session_that_chose_an_address_goes_on_alone_and_jwts_do_not,
    only_a_verified_address_becomes_primary,
    addresses_of_others_do_not_exist,
    an_address_is_removed_unless_it_is_needed,
    the_only_address_goes_where_nothing_needs_it_and_is_told,
    an_address_of_somebody_else_looks_like_any_other,
    an_address_of_somebody_else_is_told_where_that_is_no_secret,
    nonsense_a_second_time_and_too_many_are_refused,
    a_key_is_mailed_again_and_the_recipient_does_not_drown,
    ten_changes_a_minute_are_enough,
    the_django_profile_has_no_such_endpoint,
    the_endpoints_describe_themselves,
    mails_name_people_as_the_configuration_says,
);

pub(super) const NEW: &str = "ada@example.org";

pub(crate) async fn list(client: &mut Client) -> Vec<Value> {
    client.get("/emails/").await.of(200).document().as_array().expect("a list").clone()
}

pub(crate) async fn add(client: &mut Client, email: &str) -> Answer {
    let form = json!({"email": email, "current_password": PASSWORD});
    client.post("/emails/", &form).await
}

/// Adds an address and verifies it, and gives its path.
async fn add_verified(server: &Arc<Server>, client: &mut Client, email: &str) -> String {
    let id = add(client, email).await.of(201).document()["id"].to_string();
    verify(server, &verification_key(&mail_to(server, email).await)).await.is(200);
    format!("/emails/{id}/")
}

pub(crate) async fn verify(server: &Arc<Server>, key: &str) -> Answer {
    Client::new(server).post("/registration/verify-email/", &json!({"key": key})).await
}

async fn choose(client: &mut Client, path: &str) -> Answer {
    let form = json!({"primary": true, "current_password": PASSWORD});
    client.json("PATCH", path, &form).await
}

async fn remove(client: &mut Client, path: &str) -> Answer {
    client.json("DELETE", path, &json!({"current_password": PASSWORD})).await
}

async fn path_of(client: &mut Client, email: &str) -> String {
    let all = list(client).await;
    let found = all.iter().find(|address| address["email"] == email);
    format!("/emails/{}/", found.unwrap_or_else(|| panic!("no {email} in {all:?}"))["id"])
}

async fn bob(server: &Arc<Server>) -> Client {
    let bob = json!({"username": "bob", "password": PASSWORD, "email": "bob@example.com",
        "email_verified": true});
    create(server, bob).await;
    let key = try_login(&mut Client::new(server), "bob", PASSWORD).await.text("key");
    Client::new(server).with_token(&key)
}

pub(super) fn with_account(settings: &Value) -> Value {
    merged(&token_mode(), &json!({"account": settings}))
}

async fn an_address_is_added_verified_and_listed(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let added = add(&mut ada, "Ada@Example.ORG").await.of(201).document();
    assert_eq!((&added["email"], &added["verified"]), (&json!(NEW), &json!(false)));
    let key = verification_key(&mail_to(&server, NEW).await);
    assert_eq!(list(&mut ada).await.len(), 2);
    verify(&server, &key).await.is(200);
    verify(&server, &key).await.is(404);
    let expected = json!([
        {"id": 1, "email": "ada@example.com", "verified": true, "primary": true},
        {"id": added["id"], "email": NEW, "verified": true, "primary": false},
    ]);
    assert_eq!(Value::from(list(&mut ada).await), expected);
    Client::new(&server).get("/emails/").await.is(401);
}

async fn a_login_alone_changes_no_address(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let second = add_verified(&server, &mut ada, NEW).await;
    server.advance(STALE);
    let add = json!({"email": "new@example.org"});
    asks_for_proof(ada.post("/emails/", &add).await, &["password"]);
    asks_for_proof(ada.json("PATCH", &second, &json!({"primary": true})).await, &["password"]);
    asks_for_proof(ada.json("DELETE", &second, &json!({})).await, &["password"]);
    for wrong in [json!({"current_password": "wrong"}), json!({"current_password": ""})] {
        let add = merged(&json!({"email": "new@example.org"}), &wrong);
        ada.post("/emails/", &add).await.says(400, "current_password");
        let choice = merged(&json!({"primary": true}), &wrong);
        ada.json("PATCH", &second, &choice).await.says(400, "current_password");
        ada.json("DELETE", &second, &wrong).await.says(400, "current_password");
        server.advance(MINUTE);
    }
    let answer = ada.json("DELETE", &second, &json!({"current_password": "wrong"})).await;
    answer.says(400, "Incorrect password.");
    assert_eq!(list(&mut ada).await.len(), 2);
    assert!(server.new_mails().await.is_empty());
}

async fn where_no_proof_is_asked_a_login_is_enough(backend: Backend) {
    let server = server(backend, with_account(&json!({"reauthentication_required": false}))).await;
    let (mut ada, _) = token_client(&server).await;
    ada.post("/emails/", &json!({"email": NEW})).await.is(201);

    // Nothing is known of how this user logged in, and there is no password.
    let (_server, mut ada) = without_password(backend, token_mode()).await;
    asks_for_proof(ada.post("/emails/", &json!({"email": NEW})).await, &["provider"]);
}

async fn a_new_primary_address_is_told_the_old_one_and_ends_all_else(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    let second = add_verified(&server, &mut ada, NEW).await;
    let link = reset_link(&server).await;
    let chosen = choose(&mut ada, &second).await.of(200).document();
    assert_eq!((&chosen["email"], &chosen["primary"]), (&json!(NEW), &json!(true)));
    let notice = only_mail(&server).await;
    assert!(notice.contains("To: ada@example.com"), "{notice}");
    assert!(notice.contains("was changed to ada@example.org"), "{notice}");
    assert!(notice.contains("127.0.0.1"), "{notice}");
    assert_eq!(ada.get("/user/").await.of(200).text("email"), NEW);
    other.get("/user/").await.is(401);
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(400);
    let flags: Vec<_> = list(&mut ada).await.iter().map(|a| a["primary"].clone()).collect();
    assert_eq!(flags, [json!(false), json!(true)]);
    // Once more changes nothing and tells nobody.
    choose(&mut ada, &second).await.is(200);
    assert!(server.new_mails().await.is_empty());
    ada.get("/user/").await.is(200);
}

async fn the_session_that_chose_an_address_goes_on_alone_and_jwts_do_not(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (browser, _) = login(&server).await;
    let (mut other, _) = login(&server).await;
    let mut browser = browser.with_csrf();
    let second = add_verified(&server, &mut browser, NEW).await;
    let before = browser.cookies["sessionid"].clone();
    choose(&mut browser, &second).await.is(200);
    assert_ne!(browser.cookies["sessionid"], before);
    browser.get("/user/").await.is(200);
    other.get("/user/").await.is(401);

    let server = self::server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    let mut client = bearer(&server, &access);
    let second = add_verified(&server, &mut client, NEW).await;
    choose(&mut client, &second).await.is(200);
    client.get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
}

async fn only_a_verified_address_becomes_primary(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    add(&mut ada, NEW).await.is(201);
    let second = path_of(&mut ada, NEW).await;
    choose(&mut ada, &second).await.says(400, "primary");
    let first = path_of(&mut ada, "ada@example.com").await;
    ada.json("PATCH", &first, &json!({"primary": false})).await.says(400, "primary");
    ada.json("PATCH", &first, &json!({"primary": "maybe"})).await.says(400, "valid boolean");
    ada.json("PATCH", &second, &json!({"primary": false})).await.is(200);
    ada.json("PATCH", &second, &json!({})).await.is(200);
    assert_eq!(ada.get("/user/").await.text("email"), "ada@example.com");
}

async fn addresses_of_others_do_not_exist(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let mut bob = bob(&server).await;
    let bobs = path_of(&mut bob, "bob@example.com").await;
    for path in [&*bobs, "/emails/999/", "/emails/0/", "/emails/x/", "/emails/-1/", "/emails/%ff/"]
    {
        choose(&mut ada, path).await.is(404);
        remove(&mut ada, path).await.is(404);
        ada.post(&format!("{path}resend/"), &json!({})).await.is(404);
        server.advance(MINUTE);
    }
    assert_eq!(list(&mut bob).await.len(), 1);
    Client::new(&server).json("DELETE", &bobs, &json!({})).await.is(401);
}

async fn an_address_is_removed_unless_it_is_needed(backend: Backend) {
    let server = server(backend, with_account(&json!({"email_verification": "mandatory"}))).await;
    let (mut ada, _) = token_client(&server).await;
    let first = path_of(&mut ada, "ada@example.com").await;
    remove(&mut ada, &first).await.says(400, "is needed");
    let second = add_verified(&server, &mut ada, NEW).await;
    remove(&mut ada, &first).await.says(400, "is needed");
    choose(&mut ada, &second).await.is(200);
    remove(&mut ada, &first).await.is(204);
    remove(&mut ada, &first).await.is(404);
    assert_eq!(list(&mut ada).await.len(), 1);
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

async fn the_only_address_goes_where_nothing_needs_it_and_is_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let first = path_of(&mut ada, "ada@example.com").await;
    remove(&mut ada, &first).await.is(204);
    assert!(only_mail(&server).await.contains("To: ada@example.com"));
    assert_eq!(ada.get("/user/").await.of(200).text("email"), "");

    let by_email = json!({"login_methods": ["email"]});
    let server = self::server(backend, with_account(&by_email)).await;
    let form = json!({"email": "ada@example.com", "password": PASSWORD});
    let key = Client::new(&server).post("/login/", &form).await.text("key");
    let mut ada = Client::new(&server).with_token(&key);
    remove(&mut ada, "/emails/1/").await.says(400, "is needed");
}

async fn an_address_of_somebody_else_looks_like_any_other(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut bob = bob(&server).await;
    let free = add(&mut bob, "free@example.com").await.of(201);
    mail_to(&server, "free@example.com").await;
    let taken = add(&mut bob, "ada@example.com").await.of(201);
    let names = |answer: &Answer| {
        let mut document = answer.document();
        document["id"] = json!(0);
        document["email"] = json!("");
        document
    };
    assert_eq!(names(&free), names(&taken));
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("belongs to an account already"), "{mail}");
    assert!(!mail.contains("bob"), "{mail}");
    let path = path_of(&mut bob, "ada@example.com").await;
    server.advance(3 * MINUTE);
    bob.post(&format!("{path}resend/"), &json!({})).await.is(200);
    assert!(!mail_to(&server, "ada@example.com").await.contains("account-confirm-email"));
    choose(&mut bob, &path).await.is(400);
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

async fn an_address_of_somebody_else_is_told_where_that_is_no_secret(backend: Backend) {
    let server = server(backend, with_account(&json!({"prevent_enumeration": false}))).await;
    let mut bob = bob(&server).await;
    add(&mut bob, "ada@example.com").await.says(400, "already registered");
    assert!(server.new_mails().await.is_empty());
}

async fn nonsense_a_second_time_and_too_many_are_refused(backend: Backend) {
    let server = server(backend, with_account(&json!({"max_email_addresses": 2}))).await;
    let (mut ada, _) = token_client(&server).await;
    for nonsense in ["", "x", "a@b@c", &format!("{}@example.com", "x".repeat(250))] {
        add(&mut ada, nonsense).await.says(400, "email");
    }
    add(&mut ada, "ADA@example.com").await.says(400, "already associated");
    add(&mut ada, NEW).await.is(201);
    add(&mut ada, NEW).await.says(400, "already associated");
    add(&mut ada, "third@example.org").await.says(400, "more than 2");
    assert_eq!(list(&mut ada).await.len(), 2);
}

async fn a_key_is_mailed_again_and_the_recipient_does_not_drown(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    add(&mut ada, NEW).await.is(201);
    mail_to(&server, NEW).await;
    let path = format!("{}resend/", path_of(&mut ada, NEW).await);
    ada.post(&path, &json!({})).await.is(200);
    assert!(server.new_mails().await.is_empty(), "one mail within three minutes");
    server.advance(3 * MINUTE);
    ada.post(&path, &json!({})).await.is(200);
    verify(&server, &verification_key(&mail_to(&server, NEW).await)).await.is(200);
    server.advance(3 * MINUTE);
    ada.post(&path, &json!({})).await.is(200);
    assert!(server.new_mails().await.is_empty());
}

async fn ten_changes_a_minute_are_enough(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    for _ in 0..5 {
        ada.post("/emails/", &json!({})).await.is(400);
        ada.json("DELETE", "/emails/1/", &json!({"current_password": "a guess"})).await.is(400);
    }
    remove(&mut ada, "/emails/1/").await.is(429);
    ada.get("/emails/").await.is(200);
    server.advance(MINUTE);
    remove(&mut ada, "/emails/1/").await.is(204);
}

async fn the_django_profile_has_no_such_endpoint(backend: Backend) {
    let config = json!({"profile": "django", "rest_auth": {"session_login": false},
        "rest_framework": {"default_authentication_classes": ["token"]}});
    let server = server(backend, config).await;
    let (mut ada, _) = token_client(&server).await;
    for path in ["/emails/", "/emails/1/", "/emails/1/resend/"] {
        ada.get(path).await.is(404);
    }
}

async fn the_endpoints_describe_themselves(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    for (path, allow) in [
        ("/emails/", "GET, POST, HEAD, OPTIONS"),
        ("/emails/1", "PATCH, DELETE, OPTIONS"),
        ("/emails/1/resend", "POST, OPTIONS"),
    ] {
        let answer = ada.send("OPTIONS", path, "", Vec::new().into()).await.of(200);
        assert_eq!(answer.header("Allow"), Some(allow));
    }
    ada.json("PUT", "/emails/1/", &json!({})).await.is(405);
}

async fn mails_name_people_as_the_configuration_says(backend: Backend) {
    for (display, name) in
        [("username", "ada"), ("email", "ada@example.com"), ("full_name", "Ada Lovelace")]
    {
        let server = server(backend, with_account(&json!({"user_display": display}))).await;
        change(&server, "ada", json!({"first_name": "Ada", "last_name": "Lovelace"})).await;
        let (mut ada, _) = token_client(&server).await;
        add(&mut ada, NEW).await.is(201);
        let mail = mail_to(&server, NEW).await;
        assert!(mail.contains(&format!("Hello {name},")), "{mail}");
    }
}
