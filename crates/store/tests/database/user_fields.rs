//! What a configuration adds to users, and users who register with a single-use secret.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    CreatedUser, Deletion, FieldChange, MailState, NameChange, NewMail, NewOneTime, Outgoing,
    SingleUse, StoreError, Unique, User,
};

use crate::{ada, at_once, later, noon, person};

fn set(name: &str, value: &str) -> FieldChange {
    FieldChange { name: name.to_owned(), value: Some(value.to_owned()) }
}

fn clear(name: &str) -> FieldChange {
    FieldChange { name: name.to_owned(), value: None }
}

fn mail(to: &str) -> NewMail {
    NewMail {
        to_address: to.to_owned(),
        payload: "{}".to_owned(),
        available_at: noon(),
        created_at: noon(),
    }
}

fn invitation(digest: &str) -> NewOneTime {
    NewOneTime {
        kind: "invitation".to_owned(),
        digest: digest.repeat(64),
        user_id: None,
        epoch: 0,
        data: "{}".to_owned(),
        created_at: noon(),
        expires_at: later(60),
    }
}

async fn fields_are_written_changed_and_taken_away(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let mut new = person("ada", &[]);
    new.fields = vec![set("company", "Größe & Co. 😀"), set("born", "1815-12-10"), clear("plan")];
    let id = store.create_user(&new).await.unwrap().user.id;
    let kept = async || {
        let mut kept: Vec<_> = store.fields_of(id).await.unwrap();
        kept.sort_by(|a, b| a.name.cmp(&b.name));
        kept.into_iter().map(|field| (field.name, field.value)).collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let born = pair("born", "1815-12-10");
    assert_eq!(kept().await, [born, pair("company", "Größe & Co. 😀")]);
    let names = NameChange { first_name: Some("Ada".into()), ..NameChange::default() };
    let changes = [set("company", ""), clear("born"), set("plan", "gold"), clear("nothing")];
    assert!(store.update_user_details(id, &names, &changes, &Outgoing::default()).await.unwrap());
    assert_eq!(kept().await, [pair("company", ""), pair("plan", "gold")]);
    assert_eq!(store.user_by_id(id).await.unwrap().unwrap().first_name, "Ada");
    assert!(
        !store.update_user_details(id + 1, &names, &changes, &Outgoing::default()).await.unwrap()
    );
    // A name that is taken takes everything back.
    store.create_user(&person("bob", &[])).await.unwrap();
    let taken = NameChange { username: Some("bob".into()), ..NameChange::default() };
    let refused =
        store.update_user_details(id, &taken, &[set("plan", "tin")], &Outgoing::default()).await;
    assert!(matches!(refused, Err(StoreError::Taken(Unique::Username))));
    assert_eq!(kept().await, [pair("company", ""), pair("plan", "gold")]);
    assert_eq!(store.fields_between(1, id).await.unwrap().len(), 2);
    assert_eq!(store.fields_between(id + 1, id + 9).await.unwrap(), []);
    assert_eq!(store.delete_user(id).await.unwrap(), Deletion::Deleted);
    assert_eq!(kept().await, []);
}

async fn one_of_ten_with_one_ticket_is_let_in(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = store.insert_one_time(&invitation("a")).await.unwrap();
    let said = at_once(|number| {
        let store = store.clone();
        async move {
            let single_use = Some(SingleUse { id, now: noon() });
            let new = person(&format!("user{number}"), &[]);
            let mails = |_: &CreatedUser| Outgoing::from(vec![mail("ada@example.org")]);
            store.admit_user(&new, single_use, mails).await.unwrap()
        }
    })
    .await;
    assert_eq!(said.iter().flatten().count(), 1);
    assert_eq!(store.list_users(0, 20).await.unwrap().len(), 1);
    assert_eq!(store.list_mails(MailState::Waiting, None, 20).await.unwrap().len(), 1);
}

async fn a_ticket_is_good_until_somebody_is_let_in(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let id = store.insert_one_time(&invitation("a")).await.unwrap();
    let single_use = Some(SingleUse { id, now: noon() });
    let none = |_: &CreatedUser| Outgoing::default();
    let refused = store.admit_user(&person("ada", &[]), single_use, none).await;
    assert!(matches!(refused, Err(StoreError::Taken(Unique::Username))));
    let late = Some(SingleUse { id, now: later(60) });
    assert!(store.admit_user(&person("bob", &[]), late, none).await.unwrap().is_none());
    assert!(store.admit_user(&person("bob", &[]), single_use, none).await.unwrap().is_some());
    assert!(store.admit_user(&person("eve", &[]), single_use, none).await.unwrap().is_none());
    let other = store.insert_one_time(&invitation("b")).await.unwrap();
    assert_eq!(store.one_times("invitation", noon()).await.unwrap().len(), 1);
    assert!(!store.revoke_one_time("another", other, noon()).await.unwrap());
    assert!(store.revoke_one_time("invitation", other, noon()).await.unwrap());
    assert!(!store.revoke_one_time("invitation", other, noon()).await.unwrap());
    assert_eq!(store.one_times("invitation", noon()).await.unwrap(), []);
}

async fn a_rolled_back_registration_leaves_its_mails_and_no_user(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let id = store.insert_one_time(&invitation("a")).await.unwrap();
    let single_use = Some(SingleUse { id, now: noon() });
    let mut new = person("bob", &[("ada@example.org", false, true)]);
    new.fields = vec![set("company", "A")];
    let mails = vec![mail("ada@example.org")].into();
    assert!(store.insert_and_roll_back(&new, single_use, &mails).await.unwrap());
    assert!(store.user_by_username::<User>("bob").await.unwrap().is_none());
    assert_eq!(store.address_rows("ada@example.org").await.unwrap().len(), 1);
    assert_eq!(store.fields_between(0, i64::MAX).await.unwrap(), []);
    assert_eq!(store.list_mails(MailState::Waiting, None, 20).await.unwrap().len(), 1);
    assert!(
        !store.insert_and_roll_back(&new, single_use, &mails).await.unwrap(),
        "the single_use is used up"
    );
    // It fails as the real thing would, and keeps nothing then.
    let refused = store.insert_and_roll_back(&person("ada", &[]), None, &mails).await;
    assert!(matches!(refused, Err(StoreError::Taken(Unique::Username))));
}

mod on {
    crate::on_every_database!(
        fields_are_written_changed_and_taken_away,
        one_of_ten_with_one_ticket_is_let_in,
        a_ticket_is_good_until_somebody_is_let_in,
        a_rolled_back_registration_leaves_its_mails_and_no_user,
    );
}
