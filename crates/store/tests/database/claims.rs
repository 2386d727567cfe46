//! A name and a verified address belong to one user, in whatever spelling.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Backend, NameChange, NewAddress, NewUser, Outgoing, SameName, Store, StoreError, Unique,
};

use crate::{person, run_together};

/// The name in one of 64 mixtures of upper and lower case.
fn spelled(name: &str, number: usize) -> String {
    let spell = |(place, character): (usize, char)| {
        if number >> (place % 6) & 1 == 1 { character.to_ascii_uppercase() } else { character }
    };
    name.chars().enumerate().map(spell).collect()
}

fn strict(username: &str) -> NewUser {
    NewUser { same_name: SameName::LookingAlike, ..person(username, &[]) }
}

fn one_won<T: std::fmt::Debug>(said: &[Result<T, StoreError>], rule: Unique) {
    let won = said.iter().filter(|said| said.is_ok()).count();
    assert_eq!(won, 1, "{said:?}");
    let lost = |said: &Result<T, StoreError>| match said {
        Ok(_) => true,
        Err(StoreError::Taken(taken)) => *taken == rule,
        Err(_) => false,
    };
    assert!(said.iter().all(lost), "{said:?}");
}

async fn is_free(store: &Store, name: &str) -> bool {
    !store.username_taken(name, SameName::LookingAlike, None).await.unwrap()
}

async fn one_of_fifty_registrations_gets_a_name_in_whatever_case(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let said = run_together(50, |number| {
        let store = store.clone();
        async move { store.create_user(&person(&spelled("anneke", number), &[])).await }
    })
    .await;
    one_won(&said, Unique::Username);
}

async fn one_of_many_changes_of_names_succeeds_in_whatever_case(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let said = run_together(8, |number| {
        let store = store.clone();
        async move {
            let user = store.create_user(&person(&format!("user{number}"), &[])).await?.user;
            let username = Some(spelled("Élodie", number));
            let change = NameChange { username, ..NameChange::default() };
            store.update_user_details(user.id, &change, &[], &Outgoing::default()).await
        }
    })
    .await;
    one_won(&said, Unique::Username);
}

async fn a_name_is_free_again_once_its_user_has_another(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = store.create_user(&strict("Ada")).await.unwrap().user;
    assert!(!is_free(&store, "ADA").await);
    let change = NameChange { username: Some("Eve".into()), ..NameChange::default() };
    assert!(store.update_user_details(ada.id, &change, &[], &Outgoing::default()).await.unwrap());
    assert!(is_free(&store, "ADA").await);
    assert!(store.username_taken("eve", SameName::IgnoringCase, None).await.unwrap());
    assert!(!store.username_taken("eve", SameName::IgnoringCase, Some(ada.id)).await.unwrap());
    store.create_user(&strict("aDa")).await.unwrap();
    // A user may have their own name in another case.
    let change = NameChange { username: Some("EVE".into()), ..NameChange::default() };
    assert!(store.update_user_details(ada.id, &change, &[], &Outgoing::default()).await.unwrap());
}

async fn look_alikes_are_refused_where_that_is_wanted(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    store.create_user(&strict("fiona")).await.unwrap();
    let ligature = "\u{fb01}ona";
    assert!(!is_free(&store, ligature).await);
    let refused = store.create_user(&strict(ligature)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Taken(Unique::Username)), "{refused:?}");
    // MySQL's own key takes the two for the same.
    if store.backend() != Backend::Mysql {
        assert!(!store.username_taken(ligature, SameName::IgnoringCase, None).await.unwrap());
        store.create_user(&person(ligature, &[])).await.unwrap();
    }
}

async fn what_django_renamed_or_deleted_is_no_longer_claimed(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = store.create_user(&strict("ada")).await.unwrap().user;
    let rename = format!("UPDATE auth_user SET username = 'grace' WHERE id = {}", ada.id);
    database.execute(&rename).await.unwrap();
    assert!(is_free(&store, "Ada").await);
    let second = store.create_user(&strict("Ada")).await.unwrap().user;
    let delete = format!("DELETE FROM auth_user WHERE id = {}", second.id);
    database.execute(&delete).await.unwrap();
    store.create_user(&strict("ADA")).await.unwrap();
}

async fn what_django_named_is_not_given_again(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = store.create_user(&person("ada", &[])).await.unwrap().user;
    let rename = format!("UPDATE auth_user SET username = 'Grace' WHERE id = {}", ada.id);
    database.execute(&rename).await.unwrap();
    let refused = store.create_user(&person("GRACE", &[])).await.unwrap_err();
    assert!(matches!(refused, StoreError::Taken(Unique::Username)), "{refused:?}");
}

async fn accounts_of_another_system_keep_their_names(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    // MySQL's own key takes names that differ in case for the same.
    if store.backend() == Backend::Mysql {
        return;
    }
    let imported = |name: &str| NewUser { same_name: SameName::Exactly, ..person(name, &[]) };
    store.create_user(&imported("ada")).await.unwrap();
    store.create_user(&imported("Ada")).await.unwrap();
    let refused = store.create_user(&person("ADA", &[])).await.unwrap_err();
    assert!(matches!(refused, StoreError::Taken(Unique::Username)), "{refused:?}");
    assert!(!is_free(&store, "\u{ff21}da").await, "nobody else gets a name that looks like it");
}

async fn an_address_is_verified_once_in_whatever_spelling(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let spellings = ["ada@m\u{fc}nchen.de", "ada@xn--mnchen-3ya.de"];
    let said = run_together(8, |number| {
        let store = store.clone();
        async move {
            let user = store.create_user(&person(&format!("user{number}"), &[])).await?.user;
            let email = spellings[number % 2].to_owned();
            let new = NewAddress { email, verified: true, primary: true };
            store.add_address(user.id, &new).await
        }
    })
    .await;
    one_won(&said, Unique::VerifiedEmail);
    for spelling in spellings {
        assert!(store.verified_address_exists(spelling).await.unwrap(), "{spelling}");
    }
    let won = said.into_iter().find_map(Result::ok).unwrap();
    assert!(store.set_address_unverified(won.id).await.unwrap());
    for spelling in spellings {
        assert!(!store.verified_address_exists(spelling).await.unwrap(), "{spelling}");
    }
}

mod on {
    crate::on_every_database!(
        one_of_fifty_registrations_gets_a_name_in_whatever_case,
        one_of_many_changes_of_names_succeeds_in_whatever_case,
        a_name_is_free_again_once_its_user_has_another,
        look_alikes_are_refused_where_that_is_wanted,
        what_django_renamed_or_deleted_is_no_longer_claimed,
        what_django_named_is_not_given_again,
        accounts_of_another_system_keep_their_names,
        an_address_is_verified_once_in_whatever_spelling,
    );
}
