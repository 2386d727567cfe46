//! Mails to deliver.

use chrono::TimeDelta;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Earlier, Mail, MailState, MailedSecret, NewMail, NewOneTime, Outgoing, Retry, Store, StoreError,
};

use crate::{ada, at_once, enqueue, later, noon, person};

fn mail(to: &str) -> NewMail {
    NewMail {
        to_address: to.into(),
        payload: "{}".into(),
        available_at: noon(),
        created_at: noon(),
    }
}

async fn listed(store: &Store, state: MailState) -> Vec<Mail> {
    store.list_mails(state, None, 9).await.unwrap()
}

async fn a_lease_belongs_to_one_worker_until_it_ends(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let mails: Vec<_> = (0..10).map(|number| mail(&format!("{number}@example.org"))).collect();
    enqueue(&store, &mails).await;
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
    enqueue(&store, &[mail("a@example.org"), mail("b@example.org")]).await;
    let leased = store.lease_mails(noon(), TimeDelta::seconds(30), 10).await.unwrap();
    let (a, b) = (&leased[0], &leased[1]);
    assert!(store.mail_sent(a.id, "sent", later(1)).await.unwrap());
    assert_eq!(listed(&store, MailState::Sent).await[0].payload, "sent");
    assert!(!store.mail_failed(a, "late", Retry::At(later(2))).await.unwrap());
    assert!(store.mail_failed(b, "refused", Retry::At(later(5))).await.unwrap());
    assert!(store.lease_mails(later(4), TimeDelta::seconds(30), 9).await.unwrap().is_empty());
    let again = store.lease_mails(later(5), TimeDelta::seconds(30), 9).await.unwrap();
    assert_eq!(again.len(), 1);
    assert!(store.mail_failed(&again[0], "no such user", Retry::Never(later(6))).await.unwrap());
    let dead = listed(&store, MailState::Dead).await;
    assert_eq!(dead[0].last_error.as_deref(), Some("no such user"));
    assert!(listed(&store, MailState::Waiting).await.is_empty());
    assert_eq!(listed(&store, MailState::Sent).await[0].sent_at, Some(later(1)));
    assert_eq!(store.delete_sent_mails(later(1)).await.unwrap(), 1);
    assert_eq!(listed(&store, MailState::Any).await.len(), 1);
}

async fn an_attempt_that_does_not_count_leaves_the_mail_as_it_was(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    enqueue(&store, &[mail("a@example.org")]).await;
    for _ in 0..3 {
        let leased = store.lease_mails(noon(), TimeDelta::seconds(30), 10).await.unwrap();
        assert_eq!(leased[0].attempts, 1);
        assert!(store.mail_failed(&leased[0], "nobody there", Retry::Uncounted).await.unwrap());
    }
    let waiting = listed(&store, MailState::Waiting).await;
    assert_eq!((waiting[0].attempts, waiting[0].available_at), (0, noon()));
    assert_eq!(waiting[0].last_error.as_deref(), Some("nobody there"));
    assert_eq!(waiting[0].leased_until, None);
}

async fn who_overslept_a_lease_does_not_touch_the_next_one(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    enqueue(&store, &[mail("a@example.org")]).await;
    let first = store.lease_mails(noon(), TimeDelta::seconds(30), 1).await.unwrap().remove(0);
    assert!(store.renew_mail(&first, later(60)).await.unwrap());
    assert!(store.lease_mails(later(31), TimeDelta::seconds(30), 1).await.unwrap().is_empty());
    let second = store.lease_mails(later(60), TimeDelta::seconds(30), 1).await.unwrap().remove(0);
    assert!(!store.renew_mail(&first, later(99)).await.unwrap());
    for retry in [Retry::At(later(61)), Retry::Never(later(61)), Retry::Uncounted] {
        assert!(!store.mail_failed(&first, "late", retry).await.unwrap(), "{retry:?}");
    }
    assert_eq!(listed(&store, MailState::Waiting).await[0].leased_until, Some(later(90)));
    // That it was accepted is true, whoever says so.
    assert!(store.mail_sent(first.id, "", later(62)).await.unwrap());
    assert!(!store.mail_failed(&second, "again", Retry::At(later(63))).await.unwrap());
    assert!(!store.renew_mail(&second, later(99)).await.unwrap());
}

async fn an_administrator_sends_again_what_was_given_up(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let three = [mail("a@example.org"), mail("b@example.org"), mail("c@example.org")];
    enqueue(&store, &three).await;
    let leased = store.lease_mails(noon(), TimeDelta::seconds(30), 10).await.unwrap();
    let [a, b, c] = [&leased[0], &leased[1], &leased[2]];
    for mail in [a, b] {
        store.mail_failed(mail, "no such user", Retry::Never(later(1))).await.unwrap();
    }
    assert!(store.retry_mail(a.id, later(2)).await.unwrap());
    assert!(!store.retry_mail(c.id, later(2)).await.unwrap(), "it is being delivered");
    assert_eq!(store.retry_dead_mails(later(3)).await.unwrap(), 1);
    assert_eq!(store.retry_dead_mails(later(3)).await.unwrap(), 0);
    assert!(!store.retry_mail(i64::MAX, later(3)).await.unwrap());
    let again = store.lease_mails(later(3), TimeDelta::seconds(30), 10).await.unwrap();
    assert_eq!(again.iter().map(|mail| mail.id).collect::<Vec<_>>(), [a.id, b.id]);
    assert!(again.iter().all(|mail| mail.attempts == 1), "they begin anew");
    store.mail_sent(a.id, "", later(4)).await.unwrap();
    assert!(!store.retry_mail(a.id, later(5)).await.unwrap(), "it was sent");
    assert!(store.retry_mail(c.id, later(30)).await.unwrap(), "its worker is dead");
}

async fn mails_are_listed_by_state_and_address(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let many: Vec<_> = ["Ada@example.org", "bob@example.org", "a_a@example.org"].map(mail).into();
    enqueue(&store, &many).await;
    let to = async |state, address| {
        let found = store.list_mails(state, Some(address), 9).await.unwrap();
        found.into_iter().map(|mail| mail.to_address).collect::<Vec<_>>()
    };
    assert_eq!(to(MailState::Any, "ada@Example.org").await, ["Ada@example.org"]);
    assert_eq!(to(MailState::Waiting, "a_a@example.org").await, ["a_a@example.org"]);
    assert!(to(MailState::Sent, "ada@example.org").await.is_empty());
    assert!(to(MailState::Any, "%").await.is_empty());
    assert_eq!(store.list_mails(MailState::Any, None, 2).await.unwrap().len(), 2);
}

async fn what_nobody_gets_is_delivered_and_not_listed(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let secret = NewOneTime {
        kind: "link".to_owned(),
        digest: "digest".to_owned(),
        user_id: Some(0),
        epoch: 0,
        data: String::new(),
        created_at: noon(),
        expires_at: later(60),
    };
    let secrets = vec![MailedSecret { secret, earlier: Earlier::End }];
    let mails = vec![mail("nobody@example.org")];
    store.enqueue_decoys(&Outgoing { mails, secrets, ..Outgoing::default() }).await.unwrap();
    assert!(listed(&store, MailState::Any).await.is_empty());
    assert_eq!(store.one_time("link", "digest", noon()).await.unwrap(), None);
    assert_eq!(store.one_times_of(0, "link", noon()).await.unwrap(), []);
    let leased = store.lease_mails(noon(), TimeDelta::seconds(30), 10).await.unwrap();
    assert!(leased[0].is_decoy() && leased[0].payload == "{}");
    assert!(store.mail_sent(leased[0].id, "", noon()).await.unwrap());
    assert!(listed(&store, MailState::Sent).await.is_empty());
    // The hourly sweep leaves nothing.
    assert_eq!(store.delete_sent_mails(later(1)).await.unwrap(), 1);
    assert_eq!(store.delete_expired_one_times(later(1)).await.unwrap(), 1);
}

async fn no_mail_without_the_user_it_is_about(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    ada(&store).await;
    let mail = |to: &str| vec![mail(to)];
    let twice = person("ada", &[]);
    let refusal = store.create_user_with_mail(&twice, |_| mail("x@example.org")).await;
    assert!(matches!(refusal, Err(StoreError::Taken(_))));
    assert!(listed(&store, MailState::Waiting).await.is_empty());
    let new = person("bob", &[("bob@example.org", false, true)]);
    let created = store.create_user_with_mail(&new, |made| mail(&made.addresses[0].email)).await;
    created.unwrap();
    let waiting = listed(&store, MailState::Waiting).await;
    assert_eq!(waiting[0].to_address, "bob@example.org");
}

mod on {
    crate::on_every_database!(
        a_lease_belongs_to_one_worker_until_it_ends,
        a_mail_is_sent_postponed_or_given_up,
        an_attempt_that_does_not_count_leaves_the_mail_as_it_was,
        who_overslept_a_lease_does_not_touch_the_next_one,
        an_administrator_sends_again_what_was_given_up,
        mails_are_listed_by_state_and_address,
        what_nobody_gets_is_delivered_and_not_listed,
        no_mail_without_the_user_it_is_about,
    );
}
