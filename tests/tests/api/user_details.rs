//! User details.

use rest_auth_domain::message::Message;
use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(
    a_name_that_two_users_want_goes_to_one,
    a_new_name_needs_a_fresh_proof_and_is_told,
    a_new_name_of_the_django_profile_needs_nothing,
    everything_that_is_wrong_with_a_name_is_told_in_djangos_order,
    options_speak_the_language_of_the_request,
    ten_names_a_minute_are_enough_to_try,
);

async fn everything_that_is_wrong_with_a_name_is_told_in_djangos_order(backend: Backend) {
    let own = json!({"account": {"username_blacklist": ["root"]}});
    let server = server(backend, merged(&token_mode(), &own)).await;
    create(&server, json!({"username": "b b", "password": PASSWORD})).await;
    let (mut client, _) = token_client(&server).await;
    let characters = &*Message::InvalidUsername.to_string();
    let length = "Ensure this field has no more than 150 characters.";
    let null = "Null characters are not allowed.";
    let taken = "A user with that username already exists.";
    let barred = "Username can not be used. Please use other username.";
    for (name, problems) in [
        ("x y".to_owned(), vec![characters]),
        ("b b".to_owned(), vec![characters, taken]),
        (format!("b b{}", "!".repeat(150)), vec![characters, length]),
        ("x!\0".to_owned(), vec![characters, null]),
        (format!("x!\0{}", "y".repeat(150)), vec![characters, length, null]),
        ("y".repeat(151), vec![length]),
        ("ROOT".to_owned(), vec![barred]),
        ("root!".to_owned(), vec![characters]),
        ("  ".to_owned(), vec!["This field may not be blank."]),
    ] {
        let answer = client.json("PATCH", "/user/", &json!({"username": name})).await.of(400);
        assert_eq!(answer.document(), json!({"username": problems}), "{name:?}");
    }
    let both = r#"{"username": "x!\ud800", "first_name": null}"#;
    let answer = client.send("PATCH", "/user/", "application/json", both.into()).await.of(400);
    let surrogate = "Surrogate characters are not allowed: U+D800.";
    let expected = json!({
        "username": [characters, surrogate],
        "first_name": ["This field may not be null."],
    });
    assert_eq!(answer.document(), expected);
    client.json("PATCH", "/user/", &json!({"username": "ada"})).await.is(200);
}

async fn options_speak_the_language_of_the_request(backend: Backend) {
    let own = json!({"i18n": {"language_code": "en-us"}});
    let server = server(backend, merged(&token_mode(), &own)).await;
    let (client, _) = token_client(&server).await;
    let labels = |client: Client| async move {
        let answer = { client }.send("OPTIONS", "/user/", "", bytes::Bytes::new()).await.of(200);
        let fields = answer.document()["actions"]["PUT"].clone();
        let label = |name: &str| fields[name]["label"].as_str().unwrap_or_default().to_owned();
        let help = fields["username"]["help_text"].as_str().unwrap_or_default().to_owned();
        (["pk", "username", "email", "first_name", "last_name"].map(label), help)
    };
    let (english, help) = labels(client.clone()).await;
    assert_eq!(english, ["ID", "Username", "Email address", "First name", "Last name"]);
    assert!(help.starts_with("Required. 150 characters or fewer."), "{help}");
    let (german, help) = labels(client.with("Accept-Language", "de")).await;
    assert_eq!(german, ["ID", "Benutzername", "E-Mail-Adresse", "Vorname", "Nachname"]);
    assert!(help.starts_with("Erforderlich. 150 Zeichen oder weniger."), "{help}");
}

async fn a_name_that_two_users_want_goes_to_one(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    let mut wishes = JoinSet::new();
    for name in ["ada", "bob"] {
        create(&server, json!({"username": name, "password": PASSWORD})).await;
        let key = try_login(&mut Client::new(&server), name, PASSWORD).await.text("key");
        let mut client = Client::new(&server).with_token(&key);
        wishes.spawn(
            async move { client.json("PATCH", "/user/", &json!({"username": "carol"})).await },
        );
    }
    let answers = wishes.join_all().await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 1), "{answers:?}");
}

async fn a_new_name_needs_a_fresh_proof_and_is_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    server.new_mails().await;
    server.advance(STALE);
    let path = "/user/";
    // Other names, and the same one, are no way to log in.
    let same = json!({"username": "ada", "first_name": "Ada", "last_name": "Byron"});
    ada.json("PUT", path, &same).await.is(200);
    for method in ["PATCH", "PUT"] {
        let refused = ada.json(method, path, &json!({"username": "lovelace"})).await;
        asks_for_proof(refused, &["password"]);
    }
    let wrong = json!({"username": "lovelace", "current_password": "a guess"});
    ada.json("PATCH", path, &wrong).await.says(400, "Incorrect password.");
    assert_eq!(server.new_mails().await.len(), 0);
    let right = json!({"username": "lovelace", "current_password": PASSWORD});
    let changed = ada.json("PATCH", path, &right).await.of(200).document();
    assert_eq!(changed["username"], "lovelace");
    assert_eq!(changed.get("current_password"), None);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("Hello ada,") && mail.contains("changed to lovelace."), "{mail}");
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(400);
    try_login(&mut Client::new(&server), "lovelace", PASSWORD).await.is(200);
    // An administrator's change is told, too.
    server.new_mails().await;
    change(&server, "lovelace", json!({"username": "ada"})).await;
    assert!(mail_to(&server, "ada@example.com").await.contains("changed to ada."));
}

async fn a_new_name_of_the_django_profile_needs_nothing(backend: Backend) {
    let classes = json!({"default_authentication_classes": ["token"]});
    let django = json!({"profile": "django", "rest_framework": classes});
    let server = server(backend, merged(&token_mode(), &django)).await;
    let (mut ada, _) = token_client(&server).await;
    server.advance(STALE);
    ada.json("PATCH", "/user/", &json!({"username": "lovelace"})).await.is(200);
    assert_eq!(server.new_mails().await.len(), 0);
}

async fn ten_names_a_minute_are_enough_to_try(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let (mut ada, _) = token_client(&server).await;
    let taken = json!({"username": "bob"});
    for _ in 0..10 {
        ada.json("PATCH", "/user/", &taken).await.is(400);
    }
    ada.json("PATCH", "/user/", &taken).await.is(429);
    // What asks for no name is not limited.
    ada.json("PATCH", "/user/", &json!({"username": "ada", "first_name": "A"})).await.is(200);
    server.advance(MINUTE);
    ada.json("PATCH", "/user/", &taken).await.is(400);
}
