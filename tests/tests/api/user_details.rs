//! User details.

use tokio::task::JoinSet;

use crate::fixture::*;

on_every_database!(a_name_that_two_users_want_goes_to_one,);

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
