//! Deleting one's own account.

use crate::fixture::*;

on_every_database!(
    unless_it_is_allowed_the_method_is_not_there,
    an_account_goes_with_all_that_belongs_to_it,
    only_who_knows_the_password_deletes,
    who_has_no_password_sets_one_by_mail_first,
    the_last_superuser_stays,
    without_notices_nobody_is_told,
    the_method_is_listed_where_it_is_allowed,
);

fn allowed(mode: &Value) -> Value {
    merged(mode, &json!({"rest_auth": {"user_deletion": true}}))
}

async fn delete(client: &mut Client) -> Answer {
    client.json("DELETE", "/user/", &json!({"password": PASSWORD})).await
}

async fn unless_it_is_allowed_the_method_is_not_there(backend: Backend) {
    for config in [
        token_mode(),
        merged(
            &token_mode(),
            &json!({"profile": "django",
        "rest_framework": {"default_authentication_classes": ["token"]}}),
        ),
    ] {
        let server = server(backend, config).await;
        let (mut ada, _) = token_client(&server).await;
        let answer = delete(&mut ada).await.of(405);
        assert_eq!(answer.header("Allow"), Some("GET, PUT, PATCH, HEAD, OPTIONS"));
        ada.get("/user/").await.is(200);
    }
}

async fn an_account_goes_with_all_that_belongs_to_it(backend: Backend) {
    for (name, mode) in [
        ("token", token_mode()),
        ("jwt", jwt_mode()),
        ("jwt cookie", jwt_cookie_mode()),
        ("session", session_mode()),
    ] {
        let server = server(backend, allowed(&mode)).await;
        let (other, answer) = login(&server).await;
        let shown = |client: Client, answer: &Answer| match name {
            "token" => client.with_token(&answer.text("key")),
            "jwt" => client.with_bearer(&answer.text("access")),
            "session" => client.with_csrf(),
            _ => client,
        };
        let mut other = shown(other, &answer);
        let (mut client, answer) = login(&server).await;
        if name == "jwt cookie" {
            client.get("/csrf/").await.is(204);
            client = client.with_csrf();
        }
        let mut client = shown(client, &answer);
        let gone = delete(&mut client).await.of(204);
        for cookie in ["sessionid", "access", "refresh"] {
            assert!(!client.cookies.contains_key(cookie), "{name}: {gone}");
        }
        client.get("/user/").await.is(401);
        other.get("/user/").await.is(401);
        if name == "jwt" {
            refresh(&server, &answer.text("refresh")).await.is(401);
        }
        try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(400);
        let mail = only_mail(&server).await;
        assert!(mail.contains("To: ada@example.com"), "{name}: {mail}");
        assert!(mail.contains("was deleted"), "{name}: {mail}");
        // Name and address are free again.
        let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
            "password2": PASSWORD});
        let again = Client::new(&server).post("/registration/", &form).await;
        assert!(matches!(again.status(), 201 | 204), "{name}: {again}");
    }
}

async fn only_who_knows_the_password_deletes(backend: Backend) {
    let server = server(backend, allowed(&token_mode())).await;
    let (mut ada, _) = token_client(&server).await;
    for wrong in [json!({}), json!({"password": "wrong"}), json!({"password": ""}), json!(null)] {
        ada.json("DELETE", "/user/", &wrong).await.is(400);
    }
    for _ in 0..9 {
        let guess = json!({"password": "a guess"});
        ada.json("DELETE", "/user/", &guess).await.says(400, "Incorrect password.");
    }
    delete(&mut ada).await.is(429);
    Client::new(&server).json("DELETE", "/user/", &json!({"password": PASSWORD})).await.is(401);
    ada.get("/user/").await.is(200);
    assert!(server.new_mails().await.is_empty());
}

async fn who_has_no_password_sets_one_by_mail_first(backend: Backend) {
    let (server, mut ada) = without_password(backend, allowed(&token_mode())).await;
    asks_for_proof(delete(&mut ada).await, &["provider"]);
    let link = reset_link(&server).await;
    confirm_reset(&server, &link, PASSWORD).await.is(200);
    let (mut ada, _) = token_client(&server).await;
    delete(&mut ada).await.is(204);
}

async fn the_last_superuser_stays(backend: Backend) {
    let server = server(backend, allowed(&token_mode())).await;
    change(&server, "ada", json!({"is_superuser": true})).await;
    let (mut ada, _) = token_client(&server).await;
    delete(&mut ada).await.says(403, "last superuser");
    create(&server, json!({"username": "root", "password": PASSWORD, "is_superuser": true})).await;
    delete(&mut ada).await.is(204);
}

async fn without_notices_nobody_is_told(backend: Backend) {
    let config = json!({"account": {"email_notifications": false}});
    let server = server(backend, merged(&allowed(&token_mode()), &config)).await;
    let (mut ada, _) = token_client(&server).await;
    delete(&mut ada).await.is(204);
    assert!(server.new_mails().await.is_empty());
}

async fn the_method_is_listed_where_it_is_allowed(backend: Backend) {
    let server = server(backend, allowed(&token_mode())).await;
    let (mut ada, _) = token_client(&server).await;
    let answer = ada.get("/user/").await;
    assert_eq!(answer.header("Allow"), Some("GET, PUT, PATCH, DELETE, HEAD, OPTIONS"));
    let document = Client::new(&server).get("/schema/").await.document();
    let described = &document["paths"]["/user/"]["delete"];
    assert_eq!(described["operationId"], "deleteUser");
    assert!(described["responses"].get("204").is_some());
}
