//! What a new password must be like.

use crate::fixture::*;

on_every_database!(
    weak_passwords_are_refused_wherever_one_is_chosen,
    a_password_of_more_than_1024_bytes_is_refused,
    where_no_validators_are_configured_the_length_counts_all_the_same,
);

async fn weak_passwords_are_refused_wherever_one_is_chosen(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    let link = reset_link(&server).await;
    for (weak, reason) in [
        ("ada@example", "too similar"),
        ("k3#fQ9x", "too short"),
        ("password123", "too common"),
        ("83746283746251", "entirely numeric"),
    ] {
        let change = password_change(PASSWORD, weak);
        client.post("/password/change/", &change).await.says(400, reason);
        confirm_reset(&server, &link, weak).await.says(400, reason);
        let form = json!({
            "username": "adaexample",
            "email": "ada@example.org",
            "password1": weak,
            "password2": weak,
        });
        Client::new(&server).post("/registration/", &form).await.says(400, reason);
    }
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
}

async fn a_password_of_more_than_1024_bytes_is_refused(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    let register = async |name: &str, password: &str| {
        let form = json!({"username": name, "password1": password, "password2": password});
        Client::new(&server).post("/registration/", &form).await
    };
    let longest = "x1".repeat(512);
    register("ada", &longest).await.is(201);
    register("bob", &format!("{longest}!")).await.says(400, "1024");
    // The limit counts bytes, and so does the work.
    register("eve", &"\u{e9}1".repeat(342)).await.says(400, "1024");
    try_login(&mut Client::new(&server), "ada", &longest).await.is(200);
    try_login(&mut Client::new(&server), "ada", &format!("{longest}!")).await.is(400);
}

async fn where_no_validators_are_configured_the_length_counts_all_the_same(backend: Backend) {
    let none = json!({"auth": {"password_validators": [], "password_max_bytes": 4_096}});
    let server = server(backend, merged(&token_mode(), &none)).await;
    let longest = "x1".repeat(2_048);
    for (name, password, status) in [("bob", longest.clone(), 201), ("eve", longest + "!", 400)] {
        let form = json!({"username": name, "password1": password, "password2": password});
        let answer = Client::new(&server).post("/registration/", &form).await;
        assert_eq!(answer.status(), status, "{answer}");
        if status == 400 {
            answer.says(400, "password1");
        }
        let login = try_login(&mut Client::new(&server), name, &password).await;
        assert_eq!(login.status(), if status == 201 { 200 } else { 400 }, "{login}");
    }
}
