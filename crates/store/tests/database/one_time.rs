//! Secrets that work once, with whom they belong to.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{NewOneTime, Store, UserWithPassword};

use crate::{ada, at_once, later, noon};

fn challenge(digest: &str, user_id: Option<i64>) -> NewOneTime {
    NewOneTime {
        kind: "challenge".into(),
        digest: digest.into(),
        user_id,
        epoch: 0,
        data: "{}".into(),
        created_at: noon(),
        expires_at: later(60),
    }
}

async fn owner(store: &Store, digest: &str) -> Option<Option<UserWithPassword>> {
    let found = store.one_time_with_owner("challenge", digest, noon()).await.unwrap();
    found.map(|(_, owner)| owner)
}

async fn a_secret_comes_with_its_owner_as_they_are_now(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await;
    store.insert_one_time(&challenge("hers", Some(ada.id))).await.unwrap();
    store.insert_one_time(&challenge("nobody's", None)).await.unwrap();
    store.bump_epoch(ada.id).await.unwrap();
    let found = owner(&store, "hers").await.unwrap().unwrap();
    assert_eq!((found.user.id, found.user.epoch), (ada.id, 1));
    assert_eq!(owner(&store, "nobody's").await, Some(None));
    assert_eq!(owner(&store, "unknown").await, None);
    let other = store.one_time_with_owner::<UserWithPassword>("other", "hers", noon()).await;
    assert!(other.unwrap().is_none());
    let late = store.one_time_with_owner::<UserWithPassword>("challenge", "hers", later(60)).await;
    assert!(late.unwrap().is_none());
}

async fn of_many_who_consume_a_secret_one_does(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = store.insert_one_time(&challenge("a", None)).await.unwrap();
    let said = at_once(|_| {
        let store = store.clone();
        async move { store.consume_one_time(id, noon()).await.unwrap() }
    })
    .await;
    assert_eq!(said.iter().filter(|won| **won).count(), 1);
    assert_eq!(owner(&store, "a").await, None);
}

mod on_every_database {
    crate::on_every_database!(
        a_secret_comes_with_its_owner_as_they_are_now,
        of_many_who_consume_a_secret_one_does,
    );
}
