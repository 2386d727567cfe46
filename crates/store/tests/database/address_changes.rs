//! Changes of a user's addresses with all that goes with them, alone and at once.

use std::sync::LazyLock;

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Address, AddressAction, AddressChange, AddressLimit, EmailChange, NewMail, Outgoing, Renewal,
    Store, StoreError, Unique, User,
};
use rest_auth_store::{Deletion, Flags};

use crate::{ada, at_once, enqueue, later, noon, person};

fn mail_to(address: &str) -> NewMail {
    NewMail {
        to_address: address.to_owned(),
        payload: "{}".into(),
        available_at: noon(),
        created_at: noon(),
    }
}

/// Ends credentials, and writes to the address before.
/// Ends the credentials of the user.
static ALL_END: LazyLock<Renewal> = LazyLock::new(|| Renewal::end_all(noon()));

fn change() -> EmailChange<'static, impl Fn(&str) -> Outgoing + Send + Sync> {
    EmailChange { renewal: &ALL_END, outgoing: |old: &str| vec![mail_to(old)].into() }
}

async fn mailed(store: &Store) -> Vec<String> {
    let mails = store.lease_mails(later(1), chrono::TimeDelta::minutes(1), 99).await.unwrap();
    mails.into_iter().map(|mail| mail.to_address).collect()
}

async fn emails(store: &Store, user: &User) -> Vec<(String, bool)> {
    let addresses = store.addresses_of(user.id).await.unwrap();
    addresses.into_iter().map(|address| (address.email, address.primary)).collect()
}

async fn an_address_comes_with_its_mail_while_there_is_room(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let add = |email: &'static str, room| {
        store.add_address_with_mail(user.id, email, room, |address| vec![mail_to(&address.email)])
    };
    let done = add("b@example.org", AddressLimit::AtMost(2)).await.unwrap();
    assert!(matches!(&done, AddressChange::Done(new) if !new.verified && !new.primary));
    let full = add("c@example.org", AddressLimit::AtMost(2)).await.unwrap();
    assert_eq!(full, AddressChange::Refused);
    let again = add("b@example.org", AddressLimit::Unlimited).await.unwrap_err();
    assert!(matches!(again, StoreError::Taken(Unique::Email)), "{again:?}");
    let nobody =
        store.add_address_with_mail(user.id + 9, "d@example.org", AddressLimit::Unlimited, |_| {
            vec![mail_to("d@example.org")]
        });
    assert_eq!(nobody.await.unwrap(), AddressChange::NotFound);
    assert_eq!(mailed(&store).await, ["b@example.org"]);
    // One that waits to replace the user's address makes room for the next.
    add("c@example.org", AddressLimit::Replacement).await.unwrap();
    let expected = [("ada@example.org".to_owned(), true), ("c@example.org".to_owned(), false)];
    assert_eq!(emails(&store, &user).await, expected);
}

async fn a_new_primary_address_ends_credentials_and_is_told_the_old(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let new = [("ada@example.org", true, true), ("b@example.org", false, false)];
    let created = store.create_user(&person("ada", &new)).await.unwrap();
    let (user, second) = (created.user, created.addresses[1].id);
    let refused =
        store.change_address(user.id, second, AddressAction::Choose, change()).await.unwrap();
    assert_eq!(refused, AddressChange::Refused);
    assert!(store.set_address_verified(second).await.unwrap());
    let done =
        store.change_address(user.id, second, AddressAction::Choose, change()).await.unwrap();
    assert_eq!(done, AddressChange::Done(true));
    let again =
        store.change_address(user.id, second, AddressAction::Choose, change()).await.unwrap();
    assert_eq!(again, AddressChange::Done(false));
    let now = store.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!((now.email.as_str(), now.epoch), ("b@example.org", 1));
    let expected = [("ada@example.org".to_owned(), false), ("b@example.org".to_owned(), true)];
    assert_eq!(emails(&store, &user).await, expected);
    let eve = store.create_user(&person("eve", &[])).await.unwrap().user;
    let foreign =
        store.change_address(eve.id, second, AddressAction::Choose, change()).await.unwrap();
    assert_eq!(foreign, AddressChange::NotFound);
    assert_eq!(mailed(&store).await, ["ada@example.org"]);
}

async fn an_address_goes_if_it_may_and_the_own_column_with_it(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let new = [("ada@example.org", true, true), ("b@example.org", true, false)];
    let created = store.create_user(&person("ada", &new)).await.unwrap();
    let (user, ids) = (created.user, created.addresses);
    let remove = |user_id, id, may_go| {
        let store = &store;
        async move {
            let may_go = move |_: &Address, all: &[Address]| may_go && !all.is_empty();
            store.change_address(user_id, id, AddressAction::Remove(&may_go), change()).await
        }
    };
    assert_eq!(remove(user.id, ids[1].id, false).await.unwrap(), AddressChange::Refused);
    assert_eq!(remove(user.id + 9, ids[1].id, true).await.unwrap(), AddressChange::NotFound);
    assert_eq!(remove(user.id, ids[1].id, true).await.unwrap(), AddressChange::Done(false));
    assert_eq!(remove(user.id, ids[1].id, true).await.unwrap(), AddressChange::NotFound);
    assert_eq!(mailed(&store).await, [""; 0]);
    assert_eq!(remove(user.id, ids[0].id, true).await.unwrap(), AddressChange::Done(true));
    let now = store.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!((now.email.as_str(), now.epoch), ("", 1));
    assert_eq!(mailed(&store).await, ["ada@example.org"]);
}

async fn a_replacement_leaves_one_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let new = [("ada@example.org", true, true), ("b@example.org", false, false)];
    let created = store.create_user(&person("ada", &new)).await.unwrap();
    let (user, second) = (created.user, created.addresses[1].id);
    let early =
        store.change_address(user.id, second, AddressAction::Replace, change()).await.unwrap();
    assert_eq!(early, AddressChange::Refused);
    store.set_address_verified(second).await.unwrap();
    let done =
        store.change_address(user.id, second, AddressAction::Replace, change()).await.unwrap();
    assert_eq!(done, AddressChange::Done(true));
    assert_eq!(emails(&store, &user).await, [("b@example.org".to_owned(), true)]);
    let now = store.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!((now.email.as_str(), now.epoch), ("b@example.org", 1));
    assert_eq!(mailed(&store).await, ["ada@example.org"]);
}

/// Half of the requests choose the address that the other half remove.
async fn choosing_and_removing_at_once_agree(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let new = [("ada@example.org", true, true), ("b@example.org", true, false)];
    let created = store.create_user(&person("ada", &new)).await.unwrap();
    let (user, second) = (created.user, created.addresses[1].id);
    let said = at_once(|number| {
        let (store, id) = (store.clone(), user.id);
        async move {
            if number % 2 == 0 {
                store.change_address(id, second, AddressAction::Choose, change()).await
            } else {
                let may_go = |a: &Address, _: &[Address]| !a.primary;
                let action = AddressAction::Remove(&may_go);
                store.change_address(id, second, action, change()).await
            }
        }
    })
    .await;
    assert!(said.iter().all(Result::is_ok), "{said:?}");
    let now = store.user_by_id(user.id).await.unwrap().unwrap();
    let left = emails(&store, &user).await;
    let primary: Vec<_> = left.iter().filter(|(_, primary)| *primary).collect();
    assert_eq!(primary.len(), 1, "{left:?}");
    assert_eq!(primary[0].0, now.email);
}

async fn one_of_two_who_verify_an_address_at_once_gets_it(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let mut claims = Vec::new();
    for number in 0..10 {
        let name = format!("user{number}");
        let user = store.create_user(&person(&name, &[("x@example.org", false, true)])).await;
        claims.push(user.unwrap().addresses[0].id);
    }
    let said = at_once(|number| {
        let (store, id) = (store.clone(), claims[number]);
        async move { store.set_address_verified(id).await }
    })
    .await;
    assert_eq!(said.iter().filter(|said| matches!(said, Ok(true))).count(), 1, "{said:?}");
    let taken = |said: &Result<_, StoreError>| {
        said.is_ok() || matches!(said, Err(StoreError::Taken(Unique::VerifiedEmail)))
    };
    assert!(said.iter().all(taken), "{said:?}");
}

async fn no_more_addresses_than_allowed_come_at_once(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let said = at_once(|number| {
        let (store, id) = (store.clone(), user.id);
        async move {
            let email = format!("new{number}@example.org");
            store.add_address_with_mail(id, &email, AddressLimit::AtMost(4), |_| Vec::new()).await
        }
    })
    .await;
    assert!(said.iter().all(Result::is_ok), "{said:?}");
    assert_eq!(store.addresses_of(user.id).await.unwrap().len(), 4);
}

async fn one_of_the_superusers_stays(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let mut ids = Vec::new();
    for number in 0..10 {
        let new = person(&format!("root{number}"), &[]);
        let id = store.create_user(&new).await.unwrap().user.id;
        let flags = Flags { is_staff: true, is_superuser: true };
        store.set_flags(id, flags).await.unwrap();
        ids.push(id);
    }
    let said = at_once(|number| {
        let (store, id) = (store.clone(), ids[number]);
        async move {
            let nothing = Outgoing::default();
            loop {
                match store.delete_user_unless_last_superuser(id, &nothing).await {
                    // Where transactions are serializable, a server answers 503 after its tries.
                    Err(error) if error.is_unavailable() => {}
                    done => return done.unwrap(),
                }
            }
        }
    })
    .await;
    assert_eq!(said.iter().filter(|said| **said == Some(Deletion::Deleted)).count(), 9, "{said:?}");
    assert_eq!(said.iter().filter(|said| said.is_none()).count(), 1);
    let left = store.list_users(0, 99).await.unwrap();
    assert_eq!(left.len(), 1);
    let user = store.create_user(&person("ada", &[])).await.unwrap().user.id;
    let outgoing = vec![mail_to("ada@example.org")].into();
    let gone = store.delete_user_unless_last_superuser(user, &outgoing).await;
    assert_eq!(gone.unwrap(), Some(Deletion::Deleted));
    assert_eq!(mailed(&store).await, ["ada@example.org"]);
    assert_eq!(store.delete_user(left[0].id).await.unwrap(), Deletion::Deleted);
}

async fn mails_that_will_not_go_out_any_more_go_with_the_user(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    enqueue(&store, &[mail_to("ada@example.org"), mail_to("b@example.org")]).await;
    let lease = chrono::TimeDelta::minutes(1);
    let mails = store.lease_mails(later(1), lease, 9).await.unwrap();
    for mail in &mails {
        store.mail_failed(mail, "no", rest_auth_store::Retry::Never(noon())).await.unwrap();
    }
    enqueue(&store, &[mail_to("ada@example.org")]).await;
    assert_eq!(store.delete_user(user.id).await.unwrap(), Deletion::Deleted);
    let dead = store.list_mails(rest_auth_store::MailState::Dead, None, 9).await.unwrap();
    let to: Vec<_> = dead.into_iter().map(|mail| mail.to_address).collect();
    assert_eq!(to, ["b@example.org"]);
    assert_eq!(mailed(&store).await, ["ada@example.org"], "what waits goes out");
}

mod on {
    crate::on_every_database!(
        an_address_comes_with_its_mail_while_there_is_room,
        a_new_primary_address_ends_credentials_and_is_told_the_old,
        an_address_goes_if_it_may_and_the_own_column_with_it,
        a_replacement_leaves_one_address,
        choosing_and_removing_at_once_agree,
        one_of_two_who_verify_an_address_at_once_gets_it,
        no_more_addresses_than_allowed_come_at_once,
        one_of_the_superusers_stays,
        mails_that_will_not_go_out_any_more_go_with_the_user,
    );
}
