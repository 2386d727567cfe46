//! Users: finding, changing and deleting them.

use std::slice::from_ref;

use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Deletion, DrfToken, FactorKind, Factors, Flags, MatchedBy, NameChange, NewMail, NewOutstanding,
    NewPassword, NewSocialAccount, Outgoing, Renewal, SameName, StoreError, Unique, User,
};
use sea_orm::ConnectionTrait;

use crate::{ada, later, noon, person};

async fn finds_users_by_name_and_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let named = person("50%_off!", &[("ada@example.org", false, true)]);
    let named = store.create_user(&named).await.unwrap().user;
    let mut bare = person("bare", &[]);
    bare.email = "ada@example.org".into();
    let bare = store.create_user(&bare).await.unwrap().user;

    assert_eq!(store.user_by_username("ada").await.unwrap(), Some(user.clone()));
    assert_eq!(store.user_by_username::<User>("ADA").await.unwrap(), None);
    let loose = store.users_by_username_insensitive::<User>("ADA").await.unwrap();
    assert_eq!(loose, from_ref(&user));
    let loose = store.users_by_username_insensitive::<User>("50%_OFF!").await.unwrap();
    assert_eq!(loose, from_ref(&named));
    assert_eq!(store.users_by_username_insensitive::<User>("%").await.unwrap(), []);
    assert!(store.username_taken("Ada", SameName::IgnoringCase, None).await.unwrap());
    assert!(!store.username_taken("Ada", SameName::IgnoringCase, Some(user.id)).await.unwrap());

    let found = store.users_by_email::<User>("ada@example.org").await.unwrap();
    let found: Vec<_> = found.into_iter().map(|found| (found.user.id, found.via)).collect();
    assert_eq!(
        found,
        [
            (user.id, MatchedBy::VerifiedAddress),
            (named.id, MatchedBy::UnverifiedAddress),
            (bare.id, MatchedBy::UserEmail),
        ]
    );
    assert!(store.users_by_email::<User>("nobody@example.org").await.unwrap().is_empty());
    assert_eq!(store.list_users(user.id, 1).await.unwrap(), [named]);
}

async fn refuses_a_name_twice_and_keeps_nothing(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let again = person("ada", &[("other@example.org", true, true)]);
    let refusal = store.create_user(&again).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::Username)), "{refusal:?}");
    assert!(store.users_by_email::<User>("other@example.org").await.unwrap().is_empty());
    let second = person("second", &[("ada@example.org", true, true)]);
    let refusal = store.create_user(&second).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::VerifiedEmail)), "{refusal:?}");
    assert_eq!(store.user_by_username::<User>("second").await.unwrap(), None);
}

async fn changes_only_what_was_asked(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let change = NameChange { first_name: Some("Ada".into()), ..NameChange::default() };
    assert!(store.update_user_details(user.id, &change, &[], &Outgoing::default()).await.unwrap());
    let flags = Flags { is_staff: true, is_superuser: false };
    assert!(store.set_flags(user.id, flags).await.unwrap());
    let read = store.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!((read.first_name.as_str(), read.last_name.as_str()), ("Ada", "Lovelace"));
    assert_eq!((read.username.as_str(), read.email.as_str()), ("ada", "ada@example.org"));
    assert!(read.is_staff && !read.is_superuser);
    assert!(!store.set_flags(user.id + 1, flags).await.unwrap());
}

async fn passwords_and_epochs_go_together(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    let mail = NewMail {
        to_address: "ada@example.org".into(),
        payload: "{}".into(),
        available_at: noon(),
        created_at: noon(),
    };
    let [kept, new, stronger] = ["kept", "new", "stronger"].map(EncodedPassword::new);
    let (none, all) = (Renewal::none(noon()), Renewal::end_all(noon()));
    let (nothing, outgoing) = (Outgoing::default(), vec![mail].into());
    let password =
        NewPassword { user_id: id, old: None, new: &kept, renewal: &none, outgoing: &nothing };
    assert!(store.change_password(password).await.unwrap());
    assert_eq!(store.user_by_id(id).await.unwrap().unwrap().epoch, 0);
    let password = NewPassword { new: &new, renewal: &all, outgoing: &outgoing, ..password };
    assert!(store.change_password(password).await.unwrap());
    let found = store.user_with_password(id).await.unwrap().unwrap();
    assert_eq!((found.password.as_str(), found.user.epoch), ("new", 1));
    assert!(!store.rehash_password(id, &kept, &stronger).await.unwrap());
    assert!(store.rehash_password(id, &new, &stronger).await.unwrap());
    assert!(store.set_active(id, false).await.unwrap());
    let user = store.user_by_id(id).await.unwrap().unwrap();
    assert_eq!((user.is_active, user.epoch), (false, 2));
    assert_eq!(store.bump_epoch(id).await.unwrap(), 3);
    // Nothing is sent about a user who is not there.
    let nobodys = NewPassword { user_id: id + 1, ..password };
    assert!(!store.change_password(nobodys).await.unwrap());
    let leased = store.lease_mails(later(1), chrono::TimeDelta::minutes(1), 9).await.unwrap();
    assert_eq!(leased.len(), 1);
}

async fn a_deleted_user_takes_everything_along(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let id = user.id;
    let other = store.create_user(&person("bob", &[("bob@example.org", true, true)])).await;
    let other = other.unwrap().user;
    let token: DrfToken = store.get_or_create_token(id, &"a".repeat(40), noon()).await.unwrap();
    let outstanding = NewOutstanding {
        jti: "j1".into(),
        token: "t".into(),
        user_id: Some(id),
        created_at: Some(noon()),
        expires_at: later(60),
    };
    store.blacklist(&outstanding, noon()).await.unwrap();
    let data = serde_json::json!({"secret": "s"});
    store.upsert_authenticator(id, FactorKind::Totp, &data, noon()).await.unwrap();
    let social = NewSocialAccount {
        provider: "github".into(),
        uid: "1".into(),
        extra_data: serde_json::json!({}),
    };
    store.connect_social_account(&user, &social, &Outgoing::default(), noon()).await.unwrap();

    assert_eq!(store.delete_user(id).await.unwrap(), Deletion::Deleted);
    assert_eq!(store.user_by_id(id).await.unwrap(), None);
    assert_eq!(store.token_user(&token.key).await.unwrap(), None);
    assert!(store.addresses_of(id).await.unwrap().is_empty());
    assert!(store.authenticators_of(id, Factors::ALL).await.unwrap().is_empty());
    assert!(store.social_accounts_of(id).await.unwrap().is_empty());
    assert!(store.is_blacklisted("j1").await.unwrap(), "the record of the token stays");
    assert_eq!(store.delete_user(id).await.unwrap(), Deletion::NotFound);
    assert_eq!(store.user_by_id(other.id).await.unwrap(), Some(other));
}

async fn a_user_that_strangers_refer_to_is_not_deleted(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let id = ada(&store).await.id;
    let db = database.raw().await.unwrap();
    db.execute_unprepared(
        "CREATE TABLE shop_order (id integer PRIMARY KEY, buyer_id integer NOT NULL, \
         FOREIGN KEY (buyer_id) REFERENCES auth_user (id))",
    )
    .await
    .unwrap();
    let sql = format!("INSERT INTO shop_order (id, buyer_id) VALUES (1, {id})");
    db.execute_unprepared(&sql).await.unwrap();
    let refusal = store.delete_user(id).await.unwrap();
    assert_eq!(refusal, Deletion::ReferencedBy(vec!["shop_order".into()]));
    assert_eq!(store.addresses_of(id).await.unwrap().len(), 1, "nothing was changed");
    db.execute_unprepared("DELETE FROM shop_order").await.unwrap();
    assert_eq!(store.delete_user(id).await.unwrap(), Deletion::Deleted);
}

mod on {
    crate::on_every_database!(
        finds_users_by_name_and_address,
        refuses_a_name_twice_and_keeps_nothing,
        changes_only_what_was_asked,
        passwords_and_epochs_go_together,
        a_deleted_user_takes_everything_along,
        a_user_that_strangers_refer_to_is_not_deleted,
    );
}
