//! Refresh tokens that rotate.

use chrono::TimeDelta;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Consumed, Family, NewFamily, NewOutstanding, RefreshToken, ReuseGrace, Store, StoreError,
    TokenClient, Unique,
};

use crate::{ada, at_once, later, noon};

const GRACE: ReuseGrace =
    ReuseGrace { always: TimeDelta::seconds(10), while_unused: TimeDelta::seconds(50) };

fn token(jti: &str) -> RefreshToken {
    RefreshToken { jti: jti.into(), issued_at: noon(), expires_at: later(60) }
}

async fn family(store: &Store) -> i64 {
    let user = ada(store).await;
    let family = NewFamily {
        id: "f".into(),
        user_id: user.id,
        epoch: user.epoch,
        created_at: noon(),
        ends_at: later(100),
        client: TokenClient::default(),
        login: None,
        evidence: None,
    };
    store.create_family(&family, &token("a"), None).await.unwrap();
    user.id
}

async fn a_family_and_simplejwts_record_come_together_or_not_at_all(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user_id = family(&store).await;
    let founded = |id: &str, jti: &str, recorded: &str| {
        let family = NewFamily {
            id: id.into(),
            user_id,
            epoch: 0,
            created_at: noon(),
            ends_at: later(100),
            client: TokenClient::default(),
            login: None,
            evidence: None,
        };
        let recorded = NewOutstanding {
            jti: recorded.into(),
            token: "text".into(),
            user_id: Some(user_id),
            created_at: Some(noon()),
            expires_at: later(60),
        };
        let (store, first) = (store.clone(), token(jti));
        async move { store.create_family(&family, &first, Some(&recorded)).await }
    };
    founded("g", "b", "b").await.unwrap();
    let consumed = store.consume_refresh("b", &token("c"), noon(), GRACE).await.unwrap();
    assert_eq!(consumed, Consumed::Rotated);
    let again = founded("h", "d", "b").await.unwrap_err();
    assert!(matches!(again, StoreError::Taken(Unique::Token)), "{again}");
    let seen = store.user_by_id_with_family(user_id, "h", noon()).await.unwrap().unwrap();
    assert_eq!(seen.1, Family::Dead, "nothing of the failed one is there");
    founded("h", "d", "d").await.unwrap();
    let seen = store.user_by_id_with_family(user_id, "h", noon()).await.unwrap().unwrap();
    assert!(matches!(seen.1, Family::Alive { .. }));
}

async fn a_late_replay_ends_the_family(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user_id = family(&store).await;
    let consume = async |jti: &str, next: &str, at| {
        store.consume_refresh(jti, &token(next), at, GRACE).await.unwrap()
    };
    assert_eq!(consume("a", "b", noon()).await, Consumed::Rotated);
    assert_eq!(consume("a", "c", later(9)).await, Consumed::Replayed(token("b")));
    assert_eq!(consume("b", "d", later(9)).await, Consumed::Rotated);
    let seen = store.user_by_id_with_family(user_id, "f", noon()).await.unwrap().unwrap();
    assert!(matches!(seen.1, Family::Alive { .. }));
    assert_eq!(consume("a", "e", later(10)).await, Consumed::Reused);
    assert_eq!(consume("d", "g", later(10)).await, Consumed::Revoked);
    let seen = store.user_by_id_with_family(user_id, "f", noon()).await.unwrap().unwrap();
    assert_eq!(seen.1, Family::Dead);
    assert_eq!(consume("never", "h", noon()).await, Consumed::Unknown);
}

async fn a_lost_answer_is_given_again_until_it_was_used(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user_id = family(&store).await;
    let consume = async |jti: &str, next: &str, at| {
        store.consume_refresh(jti, &token(next), at, GRACE).await.unwrap()
    };
    assert_eq!(consume("a", "b", noon()).await, Consumed::Rotated);
    for after in [10, 30, 49] {
        assert_eq!(consume("a", "c", later(after)).await, Consumed::Replayed(token("b")));
    }
    assert_eq!(consume("b", "d", later(49)).await, Consumed::Rotated);
    assert_eq!(consume("a", "e", later(49)).await, Consumed::Reused);
    let seen = store.user_by_id_with_family(user_id, "f", noon()).await.unwrap().unwrap();
    assert_eq!(seen.1, Family::Dead);
}

async fn an_answer_that_was_lost_long_ago_is_not_given_again(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    family(&store).await;
    let consume = async |jti: &str, next: &str, at| {
        store.consume_refresh(jti, &token(next), at, GRACE).await.unwrap()
    };
    assert_eq!(consume("a", "b", noon()).await, Consumed::Rotated);
    assert_eq!(consume("a", "c", later(50)).await, Consumed::Reused);
    assert_eq!(consume("b", "d", later(50)).await, Consumed::Revoked);
}

async fn instances_whose_clocks_differ_agree_on_the_grace(database: &TestDatabase) {
    let (one, other) = (database.store().await.unwrap(), database.store().await.unwrap());
    family(&one).await;
    let grace = ReuseGrace { while_unused: TimeDelta::zero(), ..GRACE };
    for (jti, next, slow, fast) in [("a", "b", &one, &other), ("b", "c", &other, &one)] {
        // The second of the two is 45 seconds ahead of the first, each in its turn.
        let ahead = later(45);
        let (first, second) = if jti == "a" { (noon(), ahead) } else { (ahead, noon()) };
        let rotated = slow.consume_refresh(jti, &token(next), first, grace).await.unwrap();
        assert_eq!(rotated, Consumed::Rotated);
        let again = fast.consume_refresh(jti, &token("x"), second, grace).await.unwrap();
        assert_eq!(again, Consumed::Replayed(token(next)));
    }
}

async fn tokens_and_families_end(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user_id = family(&store).await;
    let late = RefreshToken { expires_at: later(500), ..token("b") };
    let expired = store.consume_refresh("a", &late, later(60), GRACE).await.unwrap();
    assert_eq!(expired, Consumed::Expired);
    let rotated = store.consume_refresh("a", &late, later(59), GRACE).await.unwrap();
    assert_eq!(rotated, Consumed::Rotated);
    let expired = store.consume_refresh("b", &token("c"), later(100), GRACE).await.unwrap();
    assert_eq!(expired, Consumed::Expired, "the family has ended");
    let seen = store.user_by_id_with_family(user_id, "f", later(100)).await.unwrap().unwrap();
    assert_eq!(seen.1, Family::Dead);
    let seen = store.user_by_id_with_family(user_id, "other", noon()).await.unwrap().unwrap();
    assert_eq!(seen.1, Family::Dead);
    assert!(store.user_by_id_with_family(user_id + 1, "f", noon()).await.unwrap().is_none());
    assert!(store.revoke_family("f", noon()).await.unwrap());
    assert!(!store.revoke_family("f", noon()).await.unwrap(), "it had been revoked");
    assert_eq!(store.delete_ended_families(later(100)).await.unwrap(), 1);
    let gone = store.consume_refresh("b", &token("c"), noon(), GRACE).await.unwrap();
    assert_eq!(gone, Consumed::Unknown);
}

async fn racing_clients_all_get_the_one_successor(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    family(&store).await;
    let said = at_once(|number| {
        let store = store.clone();
        async move {
            let next = token(&format!("n{number}"));
            store.consume_refresh("a", &next, noon(), GRACE).await.unwrap()
        }
    })
    .await;
    let won: Vec<_> = (0..10).filter(|number| said[*number] == Consumed::Rotated).collect();
    assert_eq!(won.len(), 1);
    let replayed = Consumed::Replayed(token(&format!("n{}", won[0])));
    let others = said.iter().filter(|said| **said != Consumed::Rotated);
    assert!(others.into_iter().all(|said| *said == replayed), "{said:?}");
}

mod on {
    crate::on_every_database!(
        a_family_and_simplejwts_record_come_together_or_not_at_all,
        a_late_replay_ends_the_family,
        a_lost_answer_is_given_again_until_it_was_used,
        an_answer_that_was_lost_long_ago_is_not_given_again,
        instances_whose_clocks_differ_agree_on_the_grace,
        tokens_and_families_end,
        racing_clients_all_get_the_one_successor,
    );
}
