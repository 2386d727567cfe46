//! Mails to deliver.

use chrono::TimeDelta;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{MailState, NewMail, Retry, StoreError};

use crate::{ada, at_once, later, noon, person};

fn mail(to: &str) -> NewMail {
    NewMail {
        to_address: to.into(),
        payload: "{}".into(),
        available_at: noon(),
        created_at: noon(),
    }
}

async fn a_lease_belongs_to_one_worker_until_it_ends(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let mails: Vec<_> = (0..10).map(|number| mail(&format!("{number}@example.org"))).collect();
    store.enqueue(&mails).await.unwrap();
    let early = store.lease_mails(noon() - TimeDelta::seconds(1), TimeDelta::seconds(30), 10);
    assert!(early.await.unwrap().is_empty());
    let leased = at_once(|_| {
        let store = store.clone();
        async move { store.lease_mails(noon(), TimeDelta::seconds(30), 3).await.unwrap() }
    })
    .await;
    let mut ids: Vec<i64> = leased.iter().flatten().map(|mail| mail.id).collect();
    let taken = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), taken, "nobody got another's mail");
    let rest = store.lease_mails(later(1), TimeDelta::seconds(30), 10).await.unwrap();
    assert_eq!(taken + rest.len(), 10);
    let again = store.lease_mails(later(31), TimeDelta::seconds(30), 10).await.unwrap();
    assert_eq!(again.len(), 10, "the leases ran out");
    assert!(again.iter().all(|mail| mail.attempts == 2));
}

async fn a_mail_is_sent_postponed_or_given_up(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    store.enqueue(&[mail("a@example.org"), mail("b@example.org")]).await.unwrap();
    let leased = store.lease_mails(noon(), TimeDelta::seconds(30), 10).await.unwrap();
    let (a, b) = (leased[0].id, leased[1].id);
    assert!(store.mail_sent(a, later(1)).await.unwrap());
    assert!(!store.mail_failed(a, "late", Retry::At(later(2))).await.unwrap());
    assert!(store.mail_failed(b, "refused", Retry::At(later(5))).await.unwrap());
    assert!(store.lease_mails(later(4), TimeDelta::seconds(30), 9).await.unwrap().is_empty());
    assert_eq!(store.lease_mails(later(5), TimeDelta::seconds(30), 9).await.unwrap().len(), 1);
    assert!(store.mail_failed(b, "no such user", Retry::Never(later(6))).await.unwrap());
    let dead = store.list_mails(MailState::Dead, 9).await.unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some("no such user"));
    assert!(store.list_mails(MailState::Waiting, 9).await.unwrap().is_empty());
    assert!(store.retry_mail(b, later(7)).await.unwrap());
    assert_eq!(store.list_mails(MailState::Waiting, 9).await.unwrap().len(), 1);
    assert_eq!(store.list_mails(MailState::Sent, 9).await.unwrap()[0].sent_at, Some(later(1)));
    assert_eq!(store.delete_sent_mails(later(1)).await.unwrap(), 1);
}

async fn no_letter_without_the_user_it_is_about(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let letter = |to: &str| vec![mail(to)];
    let twice = person("ada", &[]);
    let refusal = store.create_user_with_mail(&twice, |_| letter("x@example.org")).await;
    assert!(matches!(refusal, Err(StoreError::Taken(_))));
    assert!(store.list_mails(MailState::Waiting, 9).await.unwrap().is_empty());
    let new = person("bob", &[("bob@example.org", false, true)]);
    let created = store.create_user_with_mail(&new, |made| letter(&made.addresses[0].email)).await;
    created.unwrap();
    let waiting = store.list_mails(MailState::Waiting, 9).await.unwrap();
    assert_eq!(waiting[0].to_address, "bob@example.org");
}

mod on {
    crate::on_every_database!(
        a_lease_belongs_to_one_worker_until_it_ends,
        a_mail_is_sent_postponed_or_given_up,
        no_letter_without_the_user_it_is_about,
    );
}
