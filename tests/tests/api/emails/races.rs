//! Changes of addresses at the same moment.

use tokio::task::JoinSet;

use super::*;
use crate::registration::verification_key;

on_every_database!(
    of_two_accounts_that_verify_one_address_at_once_one_gets_it,
    an_address_that_goes_and_is_chosen_at_once_does_one_of_both,
);

async fn of_two_accounts_that_verify_one_address_at_once_one_gets_it(backend: Backend) {
    let server =
        server(backend, with_account(&json!({"rate_limits": {"confirm_email": ""}}))).await;
    let (mut ada, _) = token_client(&server).await;
    let mut bob = bob(&server).await;
    let mut keys = Vec::new();
    for client in [&mut ada, &mut bob] {
        add(client, "both@example.org").await.is(201);
        keys.push(verification_key(&mail_to(&server, "both@example.org").await));
    }
    let mut requests = JoinSet::new();
    for key in keys {
        let server = Arc::clone(&server);
        requests.spawn(async move { verify(&server, &key).await.status() });
    }
    let mut said = requests.join_all().await;
    said.sort_unstable();
    assert_eq!(said, [200, 404]);
}

async fn an_address_that_goes_and_is_chosen_at_once_does_one_of_both(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let second = add_verified(&server, &mut ada, NEW).await;
    let mut requests = JoinSet::new();
    for number in 0..6 {
        let (mut client, path) = (ada.clone(), second.clone());
        requests.spawn(async move {
            if number % 2 == 0 {
                choose(&mut client, &path).await.status()
            } else {
                remove(&mut client, &path).await.status()
            }
        });
    }
    let said = requests.join_all().await;
    // 503: two passwords of one account are hashed at a time. 401: the token came between the end of
    // all that was issued before and its own renewal.
    let expected = |status: &u16| matches!(status, 200 | 204 | 400 | 401 | 404 | 503);
    assert!(said.iter().all(expected), "{said:?}");
    let all = list(&mut ada).await;
    let primary: Vec<_> = all.iter().filter(|address| address["primary"] == true).collect();
    assert_eq!(primary.len(), 1, "{all:?}");
    assert_eq!(ada.get("/user/").await.text("email"), primary[0]["email"]);
}
