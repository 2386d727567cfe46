//! Clients that users logged in from.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{ClientRecognition, Deletion, KnownClient, NewMail, Outgoing};

use crate::{ada, at_once, later, noon, person};

fn client(user_id: i64, digest: &str) -> KnownClient {
    KnownClient { user_id, digest: digest.to_owned() }
}

fn mail() -> NewMail {
    NewMail {
        to_address: "ada@example.org".into(),
        payload: "{}".into(),
        available_at: noon(),
        created_at: noon(),
    }
}

async fn a_client_is_first_then_known_and_others_are_strangers(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let (desk, phone) = (client(7, "desk"), client(7, "phone"));
    assert_eq!(store.recognize_client(&desk).await.unwrap(), ClientRecognition::First);
    assert!(store.remember_client(&desk, &Outgoing::default(), noon()).await.unwrap());
    let known = ClientRecognition::Known { last_seen_at: noon() };
    assert_eq!(store.recognize_client(&desk).await.unwrap(), known);
    assert_eq!(store.recognize_client(&phone).await.unwrap(), ClientRecognition::Stranger);
    assert_eq!(store.recognize_client(&client(8, "desk")).await.unwrap(), ClientRecognition::First);
    assert_eq!(
        store.recognize_client(&client(7, "DESK")).await.unwrap(),
        ClientRecognition::Stranger
    );
    assert!(store.remember_client(&phone, &Outgoing::default(), noon()).await.unwrap());
    assert!(store.touch_known_client(&desk, later(5)).await.unwrap());
    assert!(!store.touch_known_client(&client(8, "desk"), later(5)).await.unwrap());
    let known = ClientRecognition::Known { last_seen_at: later(5) };
    assert_eq!(store.recognize_client(&desk).await.unwrap(), known);
}

async fn of_logins_at_once_one_writes_the_mail(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let said = at_once(|_| {
        let store = store.clone();
        async move {
            let outgoing = vec![mail()].into();
            store.remember_client(&client(7, "desk"), &outgoing, noon()).await.unwrap()
        }
    })
    .await;
    assert_eq!(said.iter().filter(|first| **first).count(), 1);
    let mails = store.lease_mails(later(1), chrono::TimeDelta::minutes(1), 99).await.unwrap();
    assert_eq!(mails.len(), 1);
}

async fn clients_are_forgotten_while_newer_ones_are_known(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let ada = ada(&store).await.id;
    let bob = store.create_user(&person("bob", &[])).await.unwrap().user.id;
    let nobody = bob + 9;
    for (client, seen) in [
        (client(ada, "old"), noon()),
        (client(ada, "new"), later(9)),
        (client(bob, "old"), noon()),
        (client(nobody, "old"), noon()),
    ] {
        assert!(store.remember_client(&client, &Outgoing::default(), seen).await.unwrap());
    }
    assert_eq!(store.delete_old_known_clients(noon()).await.unwrap(), 2);
    assert_eq!(store.delete_old_known_clients(noon()).await.unwrap(), 0);
    let stranger = ClientRecognition::Stranger;
    assert_eq!(store.recognize_client(&client(ada, "old")).await.unwrap(), stranger);
    // Bob was not here for long: whoever comes now is not the first.
    assert_eq!(store.recognize_client(&client(bob, "thief")).await.unwrap(), stranger);
    let first = ClientRecognition::First;
    assert_eq!(store.recognize_client(&client(nobody, "old")).await.unwrap(), first);
    assert_eq!(store.delete_user(bob).await.unwrap(), Deletion::Deleted);
    assert_eq!(store.recognize_client(&client(bob, "old")).await.unwrap(), first);
}

mod on {
    crate::on_every_database!(
        a_client_is_first_then_known_and_others_are_strangers,
        of_logins_at_once_one_writes_the_mail,
        clients_are_forgotten_while_newer_ones_are_known,
    );
}
