//! What a new password must be like.

use crate::fixture::*;

on_every_database!(
    weak_passwords_are_refused_wherever_one_is_chosen,
    a_password_of_more_than_1024_bytes_is_refused,
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
