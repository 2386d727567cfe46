//! Passkeys in the tables of both Django packages.

use rest_auth_domain::webauthn::authenticator_data::Backup;
use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};
use rest_auth_domain::webauthn::{
    Assertion, CoseAlgorithm, Expected, NewCredential, RegistrationResponse, RelyingParty,
    UserVerification, registration,
};
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Authenticator, Deletion, FactorChange, Factors, NewFactors, NewMail, NewOneTime, NewPasskey,
    Outgoing, Passkey, PasskeyAddition, PasskeyKey, PasskeySource, PasskeyUse, Renewal, SetUp,
    SetUpTerms, Store, StoreError, Unique,
};
use serde_json::{Value, json};

use crate::{ada, at_once, later, noon, person};

const SOURCES: [PasskeySource; 2] = [PasskeySource::DjRestAuth, PasskeySource::Allauth];

/// A credential that an authenticator has made, and what the browser said.
fn made() -> (NewCredential, Value) {
    let asked = SoftwareCeremony::at("https://example.com", "example.com", "Y2g");
    let said = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa).register(&asked, b"1");
    let party = RelyingParty {
        id: "example.com".to_owned(),
        name: String::new(),
        origins: vec!["https://example.com".to_owned()],
        top_origins: Vec::new(),
    };
    let user_verification = UserVerification::Required;
    let expected = Expected { party: &party, challenge: "Y2g", user_verification };
    let response = RegistrationResponse::read(&said).unwrap();
    (registration::verify(&response, &expected).unwrap(), said)
}

fn new(user_id: i64, source: PasskeySource) -> NewPasskey {
    let (credential, said) = made();
    let name = "Laptop".to_owned();
    NewPasskey {
        user_id,
        name,
        credential,
        said,
        source,
        created_at: noon(),
        ip: String::new(),
        recovery_codes: None,
    }
}

async fn add(store: &Store, new: &NewPasskey) -> PasskeyKey {
    let (renewal, outgoing) = (&Renewal::none(noon()), &Outgoing::default());
    let change = FactorChange { user_id: new.user_id, renewal, outgoing };
    match store.add_passkey(new, None, change).await.unwrap() {
        PasskeyAddition::Added(added) => added.key,
        other => panic!("{other:?}"),
    }
}

async fn of(store: &Store, new: &NewPasskey) -> Passkey {
    store.passkey(&new.credential.id, &[new.user_id]).await.unwrap().unwrap()
}

fn used(sign_count: u32) -> PasskeyUse {
    let backup = Backup { eligible: true, state: false };
    let assertion = Assertion { sign_count, user_verified: true, backup };
    PasskeyUse { assertion, at: later(9), ip: "192.0.2.1".to_owned() }
}

fn mail() -> NewMail {
    NewMail {
        to_address: "ada@example.org".into(),
        payload: "{}".into(),
        available_at: noon(),
        created_at: noon(),
    }
}

async fn a_passkey_reads_back_from_both_tables(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    assert_eq!(store.passkeys_of(ada).await.unwrap(), []);
    let mut keys = Vec::new();
    for source in SOURCES {
        let new = new(ada, source);
        let key = add(&store, &new).await;
        assert_eq!(key.source, source);
        let found = of(&store, &new).await;
        let NewCredential { id, public_key, transports, backup, .. } = new.credential;
        assert_eq!((found.key, found.user_id, found.name.as_str()), (key, ada, "Laptop"));
        assert_eq!((&found.credential_id, &found.public_key), (&id, &public_key));
        assert_eq!((&found.transports, found.backup), (&transports, Some(backup)));
        assert_eq!((found.sign_count, found.discoverable, found.last_used_at), (0, true, None));
        keys.push(key);
    }
    let listed = store.passkeys_of(ada).await.unwrap();
    assert!(listed.iter().all(|passkey| passkey.created_at == Some(noon())));
    assert_eq!(listed.len(), 2);
    assert_eq!(store.passkeys_of(ada + 1).await.unwrap(), []);
    assert!(store.passkey(b"unknown", &[ada]).await.unwrap().is_none());
}

async fn a_set_up_sees_what_others_have_set_up_meanwhile(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user_id = ada(&store).await.id;
    let (renewal, outgoing) = (&Renewal::none(noon()), &Outgoing::default());
    let change = FactorChange { user_id, renewal, outgoing };
    let may = |all: &[Authenticator]| all.is_empty();
    let terms = SetUpTerms { login: None, tables: Factors::ALL, may: &may };
    let data = json!({"secret": "a secret"});
    for source in SOURCES {
        let activation = NewOneTime {
            kind: "totp_activation".into(),
            digest: format!("{source:?}"),
            user_id: Some(user_id),
            epoch: 0,
            data: String::new(),
            created_at: noon(),
            expires_at: later(60),
        };
        let app = NewFactors { totp: &data, recovery_codes: &data, activation: &activation };
        let key = add(&store, &new(user_id, source)).await;
        assert_eq!(store.set_up_factors(app, terms, change).await.unwrap(), SetUp::Already);
        assert!(store.remove_passkey(key, change).await.unwrap());
        assert_eq!(store.set_up_factors(app, terms, change).await.unwrap(), SetUp::Done);
        let late = store.set_up_passkey(&new(user_id, source), terms, change).await.unwrap();
        assert_eq!((late, store.passkeys_of(user_id).await.unwrap().len()), (SetUp::Already, 0));
        // What set the app up does it once.
        assert_eq!(store.reset_factors(change).await.unwrap(), 2);
        let again = store.set_up_factors(app, terms, change).await;
        assert!(matches!(again, Err(StoreError::Taken(Unique::Token))), "{again:?}");
        assert_eq!(store.authenticators_of(user_id, Factors::ALL).await.unwrap().len(), 0);
    }
}

async fn rows_that_django_made_are_found_and_learn(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    for source in SOURCES {
        let new = new(ada, source);
        add(&store, &new).await;
        database.execute("DELETE FROM rest_auth_passkey").await.unwrap();
        let id = &new.credential.id;
        let found = of(&store, &new).await;
        // allauth keeps what the browser said, and of others nothing is known.
        let is_known = found.backup.is_some();
        assert_eq!(is_known, source == PasskeySource::Allauth);
        if source == PasskeySource::Allauth {
            assert!(store.passkey(id, &[ada + 1]).await.unwrap().is_none(), "by its owner only");
        }
        assert!(store.use_passkey(&found, &used(4)).await.unwrap());
        let learnt = store.passkey(id, &[]).await.unwrap().unwrap();
        assert_eq!(learnt.sign_count, 4);
        assert_eq!(learnt.backup, Some(Backup { eligible: true, state: false }));
        let listed = store.passkeys_of(ada).await.unwrap();
        let listed = listed.iter().find(|passkey| passkey.key == learnt.key).unwrap();
        assert_eq!(listed.last_used_at, Some(later(9)));
    }
}

async fn counters_only_grow(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    for source in SOURCES {
        let new = new(ada, source);
        add(&store, &new).await;
        let before = of(&store, &new).await;
        for (shown, is_recorded) in
            [(0, true), (0, true), (5, true), (5, false), (4, false), (0, false), (u32::MAX, true)]
        {
            let recorded = store.use_passkey(&before, &used(shown)).await.unwrap();
            assert_eq!(recorded, is_recorded, "{source:?} {shown}");
        }
        assert_eq!(of(&store, &new).await.sign_count, u32::MAX);
        assert!(!store.use_passkey(&before, &used(u32::MAX)).await.unwrap());
    }
}

async fn of_copies_at_once_one_is_taken(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    for source in SOURCES {
        for forget in [false, true] {
            let new = new(ada, source);
            add(&store, &new).await;
            if forget {
                database.execute("DELETE FROM rest_auth_passkey").await.unwrap();
            }
            let passkey = of(&store, &new).await;
            let said = at_once(|_| {
                let (store, passkey) = (store.clone(), passkey.clone());
                async move { store.use_passkey(&passkey, &used(1)).await.unwrap() }
            })
            .await;
            assert_eq!(said.iter().filter(|taken| **taken).count(), 1, "{source:?} {forget}");
            // Those that do not count can all be used.
            let quiet = self::new(ada, source);
            add(&store, &quiet).await;
            let quiet = of(&store, &quiet).await;
            let said = at_once(|_| {
                let (store, quiet) = (store.clone(), quiet.clone());
                async move { store.use_passkey(&quiet, &used(0)).await.unwrap() }
            })
            .await;
            assert!(said.iter().all(|taken| *taken));
        }
    }
}

async fn a_credential_belongs_to_one_user(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    let bob = store.create_user(&person("bob", &[])).await.unwrap().user.id;
    let (renewal, outgoing) = (&Renewal::end_all(noon()), &vec![mail()].into());
    let change = FactorChange { user_id: bob, renewal, outgoing };
    for source in SOURCES {
        let first = new(ada, source);
        add(&store, &first).await;
        for other in SOURCES {
            let again = NewPasskey { user_id: bob, source: other, ..first.clone() };
            let taken = store.add_passkey(&again, None, change).await;
            assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
        }
    }
    assert_eq!(store.passkeys_of(bob).await.unwrap(), []);
    assert_eq!(store.user_by_id(bob).await.unwrap().unwrap().epoch, 0);
    let ghost = new(bob + 9, PasskeySource::DjRestAuth);
    let nowhere = store.add_passkey(&ghost, None, change).await.unwrap();
    assert_eq!(nowhere, PasskeyAddition::NotFound);
}

async fn of_many_who_add_the_last_passkey_one_does(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user_id = ada(&store).await.id;
    for source in SOURCES {
        add(&store, &new(user_id, source)).await;
    }
    let said = at_once(|number| {
        let (store, new) = (store.clone(), new(user_id, SOURCES[number % 2]));
        async move {
            let (renewal, outgoing) = (&Renewal::none(noon()), &Outgoing::default());
            let change = FactorChange { user_id, renewal, outgoing };
            store.add_passkey(&new, Some(3), change).await.unwrap()
        }
    })
    .await;
    let too_many = said.iter().filter(|said| **said == PasskeyAddition::TooMany).count();
    assert_eq!((too_many, store.passkeys_of(user_id).await.unwrap().len()), (said.len() - 1, 3));
}

async fn a_passkey_is_named_and_removed_by_its_owner_only(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    let (renewal, outgoing) = (&Renewal::end_all(noon()), &vec![mail()].into());
    let own = FactorChange { user_id: ada, renewal, outgoing };
    let foreign = FactorChange { user_id: ada + 1, ..own };
    for source in SOURCES {
        let new = new(ada, source);
        let key = add(&store, &new).await;
        assert!(!store.rename_passkey(ada + 1, key, "Mine").await.unwrap());
        for name in ["Phone", "Phone"] {
            assert!(store.rename_passkey(ada, key, name).await.unwrap());
        }
        assert_eq!(of(&store, &new).await.name, "Phone");
        assert!(!store.remove_passkey(key, foreign).await.unwrap());
        let before = store.user_by_id(ada).await.unwrap().unwrap().epoch;
        assert!(store.remove_passkey(key, own).await.unwrap());
        assert!(!store.remove_passkey(key, own).await.unwrap());
        assert_eq!(store.user_by_id(ada).await.unwrap().unwrap().epoch, before + 1);
        assert!(store.passkey(&new.credential.id, &[ada]).await.unwrap().is_none());
        // Its id is free again.
        add(&store, &new).await;
    }
    let mails = store.lease_mails(later(1), chrono::TimeDelta::minutes(1), 99).await.unwrap();
    assert_eq!(mails.len(), 2);
}

async fn a_user_has_one_handle(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    assert_eq!(store.passkey_handle(7).await.unwrap(), None);
    let kept = at_once(|number| {
        let store = store.clone();
        async move { store.keep_passkey_handle(7, &format!("handle {number}")).await.unwrap() }
    })
    .await;
    assert!(kept.iter().all(|handle| *handle == kept[0]), "{kept:?}");
    assert_eq!(store.passkey_handle(7).await.unwrap().as_ref(), Some(&kept[0]));
    let other = store.keep_passkey_handle(8, "Handle 8").await.unwrap();
    assert_ne!(other, kept[0]);
}

async fn passkeys_go_with_their_user(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    for source in SOURCES {
        add(&store, &new(ada, source)).await;
    }
    store.keep_passkey_handle(ada, "handle").await.unwrap();
    assert_eq!(store.delete_user(ada).await.unwrap(), Deletion::Deleted);
    assert_eq!(store.passkeys_of(ada).await.unwrap(), []);
    assert_eq!(store.passkey_handle(ada).await.unwrap(), None);
}

mod on {
    crate::on_every_database!(
        a_passkey_reads_back_from_both_tables,
        a_set_up_sees_what_others_have_set_up_meanwhile,
        rows_that_django_made_are_found_and_learn,
        counters_only_grow,
        of_copies_at_once_one_is_taken,
        a_credential_belongs_to_one_user,
        of_many_who_add_the_last_passkey_one_does,
        a_passkey_is_named_and_removed_by_its_owner_only,
        a_user_has_one_handle,
        passkeys_go_with_their_user,
    );
}
