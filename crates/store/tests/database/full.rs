//! A file of SQLite that finds no more room.

use rest_auth_store::testing::{Growth, TestDatabase, limit_growth, run_test};
use rest_auth_store::{Backend, Store, StoreError};

use crate::person;

/// More than fit into what a new file has left.
const MANY: usize = 800;

async fn create(store: &Store, name: &str) -> Result<(), StoreError> {
    store.create_user(&person(name, &[])).await.map(drop)
}

#[test]
fn what_fits_no_more_is_told_and_what_is_kept_stays() {
    run_test(Box::pin(async {
        let database = TestDatabase::fresh(Backend::Sqlite).await.unwrap();
        let store = database.store().await.unwrap();
        let (mut kept, mut refused) = (Vec::new(), 0);
        for number in 0..MANY {
            // The connection is closed after each failure, and the limit goes with it.
            limit_growth(&store, Growth::Forbidden).await.unwrap();
            let name = format!("user{number}");
            match create(&store, &name).await {
                Ok(()) => kept.push(name),
                Err(error) => {
                    assert!(error.is_unavailable() && error.is_unwritable(), "{error:?}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 10, "{} were kept", kept.len());
        limit_growth(&store, Growth::Free).await.unwrap();
        create(&store, "after").await.unwrap();
        kept.push("after".to_owned());
        store.close().await;
        let store = database.store().await.unwrap();
        let users = store.list_users(0, 1000).await.unwrap();
        assert_eq!(users.into_iter().map(|user| user.username).collect::<Vec<_>>(), kept);
    }));
}
