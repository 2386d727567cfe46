//! Addresses: one verified owner, one primary address.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    AddressAction, AddressChange, EmailChange, NewAddress, NewConfirmation, Outgoing, Renewal,
    StoreError, Unique,
};

use crate::{ada, later, noon, person};

fn new(email: &str, verified: bool, primary: bool) -> NewAddress {
    NewAddress { email: email.into(), verified, primary }
}

async fn only_one_user_can_prove_an_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let eve = store.create_user(&person("eve", &[("ada@example.org", false, true)])).await.unwrap();
    let claimed = eve.addresses[0].id;
    let refusal = store.set_address_verified(claimed).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::VerifiedEmail)), "{refusal:?}");
    assert!(!store.address_by_id(claimed).await.unwrap().unwrap().verified);
    assert!(store.verified_address_exists("ada@example.org").await.unwrap());
    assert!(store.verified_address_exists("ADA@Example.org").await.unwrap(), "however spelled");
    assert!(!store.verified_address_exists("eve@example.org").await.unwrap());
    let own = store.add_address(eve.user.id, &new("eve@example.org", false, false)).await.unwrap();
    assert!(store.set_address_verified(own.id).await.unwrap());
    assert!(store.set_address_verified(own.id).await.unwrap(), "twice is harmless");
    assert!(!store.set_address_verified(own.id + 9).await.unwrap());
}

async fn a_user_has_one_primary_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let second = new("second@example.org", false, true);
    let refusal = store.add_address(user.id, &second).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::PrimaryEmail)), "{refusal:?}");
    let second = new("second@example.org", false, false);
    let second = store.add_address(user.id, &second).await.unwrap();
    assert!(store.set_address_primary(user.id, second.id).await.unwrap());
    let addresses = store.addresses_of(user.id).await.unwrap();
    let primary: Vec<_> = addresses.iter().map(|address| address.primary).collect();
    assert_eq!(primary, [false, true]);
    let (address, owner) = store.address_with_user(second.id).await.unwrap().unwrap();
    assert_eq!((address.primary, owner.email.as_str()), (true, "second@example.org"));
    assert!(!store.set_address_primary(user.id + 1, second.id).await.unwrap());
}

async fn an_address_is_named_once_by_a_user(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let again = new("ada@example.org", false, false);
    let refusal = store.add_address(user.id, &again).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::Email)), "{refusal:?}");
}

async fn a_mailed_key_leads_to_its_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let address = store.addresses_of(user.id).await.unwrap().remove(0);
    let mut mailed = NewConfirmation {
        address_id: address.id,
        key: "k".repeat(64),
        created: noon(),
        sent: None,
    };
    let mail = |mailed: &NewConfirmation| Outgoing {
        confirmation: Some(mailed.clone()),
        ..Outgoing::default()
    };
    store.enqueue_outgoing(&mail(&mailed)).await.unwrap();
    mailed.key = "l".repeat(64);
    mailed.sent = Some(later(1));
    store.enqueue_outgoing(&mail(&mailed)).await.unwrap();
    let (found, of) = store.confirmation_by_key(&mailed.key).await.unwrap().unwrap();
    assert_eq!((found.sent, of), (Some(later(1)), address.clone()));
    assert!(store.confirmation_by_key(&"L".repeat(64)).await.unwrap().is_none());
    let renewal = &Renewal::none(noon());
    let change = EmailChange { renewal, outgoing: |_: &str| Outgoing::default() };
    let action = AddressAction::Remove(&|_, _| true);
    let gone = store.change_address(user.id, address.id, action, change).await.unwrap();
    assert_eq!(gone, AddressChange::Done(true));
    assert!(store.confirmation_by_key(&mailed.key).await.unwrap().is_none());
}

mod on {
    crate::on_every_database!(
        only_one_user_can_prove_an_address,
        a_user_has_one_primary_address,
        an_address_is_named_once_by_a_user,
        a_mailed_key_leads_to_its_address,
    );
}
