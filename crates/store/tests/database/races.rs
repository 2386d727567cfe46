//! Ten at once: exactly one wins, and nobody fails.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Blacklisting, FactorUse, FactorUsed, NewAddress, NewOutstanding, StoreError, Unique,
};
use serde_json::{Value, json};

use crate::{ada, at_once, later, noon, person};

fn outstanding(jti: &str, user_id: i64) -> NewOutstanding {
    NewOutstanding {
        jti: jti.into(),
        token: format!("token-{jti}"),
        user_id: Some(user_id),
        created_at: Some(noon()),
        expires_at: later(60),
    }
}

async fn one_rotation_of_a_refresh_token_wins(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    let said = at_once(|number| {
        let store = store.clone();
        async move {
            let new = outstanding(&format!("new{number}"), id);
            store.rotate(&outstanding("old", id), Some(&new), noon()).await.unwrap()
        }
    })
    .await;
    let won: Vec<_> = (0..10).filter(|number| said[*number] == Blacklisting::Done).collect();
    assert_eq!(won.len(), 1);
    assert!(store.is_blacklisted("old").await.unwrap());
    assert!(!store.is_blacklisted("OLD").await.unwrap());
    for number in 0..10 {
        let recorded = store.insert_outstanding(&outstanding(&format!("new{number}"), id)).await;
        let taken = matches!(recorded, Err(StoreError::Taken(Unique::Token)));
        assert_eq!(taken, won == [number], "only the winner's successor is recorded");
    }
    assert_eq!(store.flush_expired_tokens(later(60)).await.unwrap(), 11);
    assert!(!store.is_blacklisted("old").await.unwrap());
}

async fn all_get_the_same_token(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    let said = at_once(|number| {
        let store = store.clone();
        async move {
            let key = format!("{number}").repeat(40);
            store.get_or_create_token(id, &key, noon()).await.unwrap().key
        }
    })
    .await;
    assert!(said.iter().all(|key| *key == said[0]), "{said:?}");
    let said = at_once(|number| {
        let store = store.clone();
        async move { store.replace_token(id, &format!("{number}").repeat(40), noon()).await }
    })
    .await;
    assert!(said.iter().all(Result::is_ok), "{said:?}");
}

async fn one_user_gets_a_name(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let said = at_once(|number| {
        let store = store.clone();
        let email = format!("{number}@example.org");
        async move { store.create_user(&person("ada", &[(&email, true, true)])).await }
    })
    .await;
    assert_eq!(said.iter().filter(|said| said.is_ok()).count(), 1);
    let refused = |said: &Result<_, StoreError>| {
        said.is_ok() || matches!(said, Err(StoreError::Taken(Unique::Username)))
    };
    assert!(said.iter().all(refused), "{said:?}");
}

async fn one_user_proves_an_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let said = at_once(|number| {
        let store = store.clone();
        async move {
            let name = format!("user{number}");
            let user = store.create_user(&person(&name, &[])).await.unwrap().user;
            let new = NewAddress { email: "x@example.org".into(), verified: true, primary: true };
            store.add_address(user.id, &new).await
        }
    })
    .await;
    assert_eq!(said.iter().filter(|said| said.is_ok()).count(), 1);
    let refused = |said: &Result<_, StoreError>| {
        said.is_ok() || matches!(said, Err(StoreError::Taken(Unique::VerifiedEmail)))
    };
    assert!(said.iter().all(refused), "{said:?}");
}

async fn epochs_count_every_raise(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    let mut said = at_once(|_| {
        let store = store.clone();
        async move { store.bump_epoch(id).await.unwrap() }
    })
    .await;
    said.sort_unstable();
    assert_eq!(said, (1..=10).collect::<Vec<i64>>());
}

async fn one_use_of_a_second_factor_counts(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    let kind = rest_auth_store::FactorKind::RecoveryCodes;
    let old = json!({"seed": "s", "used_mask": 0});
    let said = at_once(|_| {
        let (store, old) = (store.clone(), old.clone());
        async move { store.upsert_authenticator(id, kind, &old, noon()).await }
    })
    .await;
    assert!(said.iter().all(Result::is_ok), "{said:?}");
    let factor = store.authenticator(id, kind).await.unwrap().unwrap();
    let said = at_once(|_| {
        let (store, source, row) = (store.clone(), factor.source, factor.id);
        async move {
            let check = Box::new(|data: &Value| {
                (data["used_mask"] == json!(0)).then(|| json!({"seed": "s", "used_mask": 1}))
            });
            let (challenge, mails, now) = (None, Vec::new(), noon());
            let usage = FactorUse { user_id: id, source, id: row, check, challenge, mails, now };
            store.use_factor(&usage).await.unwrap()
        }
    })
    .await;
    assert_eq!(said.iter().filter(|used| **used == FactorUsed::Done).count(), 1);
}

/// PostgreSQL refuses what cannot be put into an order, at the latest at COMMIT. Galera does the
/// same at COMMIT, without being asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
async fn transactions_that_the_database_takes_back_are_run_again() {
    let database = TestDatabase::serializable().await;
    let database = database.expect("the environment has the URL of the server");
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    for round in 1..=20 {
        let raised = [1, 2].map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.bump_epoch(id).await.unwrap() })
        });
        let mut said = Vec::new();
        for task in raised {
            said.push(task.await.unwrap());
        }
        said.sort_unstable();
        assert_eq!(said, [2 * round - 1, 2 * round]);
    }
}

mod on {
    crate::on_every_database!(
        one_rotation_of_a_refresh_token_wins,
        all_get_the_same_token,
        one_user_gets_a_name,
        one_user_proves_an_address,
        epochs_count_every_raise,
        one_use_of_a_second_factor_counts,
    );
}
