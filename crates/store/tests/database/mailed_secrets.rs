//! Mailed secrets: what they permit happens once, or not at all.

use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Earlier, MailedSecret, NewOneTime, NewPassword, OneTime, Outgoing, Renewal, Store, StoreError,
    Unique,
};

use crate::{ada, at_once, later, noon, person};

fn secret(kind: &str, digest: &str, user_id: i64, earlier: Earlier) -> MailedSecret {
    let secret = NewOneTime {
        kind: kind.into(),
        digest: digest.into(),
        user_id: Some(user_id),
        epoch: 0,
        data: "somewhere@example.org".into(),
        created_at: noon(),
        expires_at: later(60),
    };
    MailedSecret { secret, earlier }
}

async fn mail(store: &Store, secret: MailedSecret) {
    let mails = Outgoing { secrets: vec![secret], ..Outgoing::default() };
    store.enqueue_outgoing(&mails).await.unwrap();
}

async fn held(store: &Store, user_id: i64, kind: &str) -> Vec<OneTime> {
    store.one_times_of(user_id, kind, noon()).await.unwrap()
}

async fn a_newer_secret_ends_those_before_only_if_told(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    for digest in ["a", "b"] {
        mail(&store, secret("key", digest, id, Earlier::Stay)).await;
        mail(&store, secret("code", digest.repeat(2).as_str(), id, Earlier::End)).await;
    }
    let digests = |held: Vec<OneTime>| held.into_iter().map(|one| one.digest).collect::<Vec<_>>();
    assert_eq!(digests(held(&store, id, "key").await), ["b", "a"]);
    assert_eq!(digests(held(&store, id, "code").await), ["bb"]);
    assert!(store.one_times_of(id, "key", later(60)).await.unwrap().is_empty());
    assert!(held(&store, id + 1, "key").await.is_empty());
}

async fn an_address_is_verified_once_with_a_secret(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let eve = store.create_user(&person("eve", &[("eve@example.org", false, true)])).await.unwrap();
    let (id, address) = (eve.user.id, eve.addresses[0].id);
    mail(&store, secret("key", "a", id, Earlier::Stay)).await;
    mail(&store, secret("key", "b", id, Earlier::Stay)).await;
    let one = held(&store, id, "key").await.pop().unwrap();
    let said = at_once(|_| {
        let (store, one) = (store.clone(), one.clone());
        async move { store.verify_address_once(&one, address, noon()).await.unwrap() }
    })
    .await;
    assert_eq!(said.iter().filter(|won| **won).count(), 1);
    assert!(store.address_by_id(address).await.unwrap().unwrap().verified);
    assert!(held(&store, id, "key").await.is_empty(), "the other ended with it");
}

async fn a_secret_that_could_do_nothing_is_not_used_up(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let eve = store.create_user(&person("eve", &[("ada@example.org", false, true)])).await.unwrap();
    let (id, address) = (eve.user.id, eve.addresses[0].id);
    mail(&store, secret("key", "a", id, Earlier::Stay)).await;
    let one = held(&store, id, "key").await.remove(0);
    let refusal = store.verify_address_once(&one, address, noon()).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::VerifiedEmail)), "{refusal:?}");
    assert!(!store.verify_address_once(&one, address + 9, noon()).await.unwrap());
    let [another, new] = ["another", "new"].map(EncodedPassword::new);
    let (renewal, outgoing) = (&Renewal::end_all(noon()), &Outgoing::default());
    let old = Some(&another);
    let password = NewPassword { user_id: id, old, new: &new, renewal, outgoing };
    assert!(!store.change_password_once(&one, password, None, noon()).await.unwrap());
    assert_eq!(held(&store, id, "key").await.len(), 1);
    let password = NewPassword { old: Some(&eve.password), ..password };
    assert!(store.change_password_once(&one, password, None, noon()).await.unwrap());
    assert!(!store.change_password_once(&one, password, None, noon()).await.unwrap());
    let found = store.user_with_password(id).await.unwrap().unwrap();
    assert_eq!((found.password.as_str(), found.user.epoch), ("new", 1));
}

async fn a_secret_ends_with_the_epoch_even_if_it_was_read_before(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let eve = store.create_user(&person("eve", &[("eve@example.org", false, true)])).await.unwrap();
    mail(&store, secret("key", "a", eve.user.id, Earlier::Stay)).await;
    let one = held(&store, eve.user.id, "key").await.remove(0);
    store.bump_epoch(eve.user.id).await.unwrap();
    assert!(!store.verify_address_once(&one, eve.addresses[0].id, noon()).await.unwrap());
}

async fn attempts_can_be_given_back(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    mail(&store, secret("code", "a", id, Earlier::End)).await;
    let one = held(&store, id, "code").await.remove(0);
    assert!(!store.return_attempt(one.id).await.unwrap(), "none was counted");
    assert!(store.count_attempt(one.id, 1, noon()).await.unwrap());
    assert!(!store.count_attempt(one.id, 1, noon()).await.unwrap());
    assert!(store.return_attempt(one.id).await.unwrap());
    assert!(store.count_attempt(one.id, 1, noon()).await.unwrap());
}

async fn attempts_at_nothing_leave_one_row(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let said = at_once(|_| {
        let store = store.clone();
        async move { store.count_decoy_attempt(noon()).await }
    })
    .await;
    for outcome in said {
        outcome.unwrap();
    }
    let attempts = async || {
        let decoy = store.one_time("decoy", "decoy", noon()).await.unwrap();
        decoy.expect("somebody made it").attempts
    };
    let before = attempts().await;
    store.count_decoy_attempt(noon()).await.unwrap();
    assert_eq!(attempts().await, before + 1);
    assert_eq!(store.delete_expired_one_times(later(60)).await.unwrap(), 0);
}

mod on {
    crate::on_every_database!(
        a_newer_secret_ends_those_before_only_if_told,
        an_address_is_verified_once_with_a_secret,
        a_secret_that_could_do_nothing_is_not_used_up,
        a_secret_ends_with_the_epoch_even_if_it_was_read_before,
        attempts_can_be_given_back,
        attempts_at_nothing_leave_one_row,
    );
}
