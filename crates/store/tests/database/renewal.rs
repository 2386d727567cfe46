//! What a change of a password, an address or a factor does to the credentials of its user.

use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    DeviceSession, Epoch, Family, NewDeviceToken, NewFamily, NewPassword, Outgoing, RefreshToken,
    Renewal, RenewedSession, SessionRow, Store, StoreError, TokenClient, Unique, User,
};

use crate::giving_up::given_up_after;
use crate::{ada, later, noon, person};

fn session(user: &User, digest: &str) -> DeviceSession {
    DeviceSession {
        digest: digest.to_owned(),
        user_id: Some(user.id),
        epoch: user.epoch,
        data: "x".into(),
        created_at: noon(),
        last_seen_at: noon(),
        expire_date: later(600),
        absolute_end: None,
        client: TokenClient::default(),
        login: None,
    }
}

/// Two logins of a user, with a session, a token and a family each, whose names end as given.
async fn log_in_twice(store: &Store, user: &User, ends: [&str; 2]) {
    for end in ends {
        store.insert_device_session(&session(user, &format!("session {end}"))).await.unwrap();
        let token = NewDeviceToken {
            digest: format!("token {end}"),
            user_id: user.id,
            epoch: user.epoch,
            created_at: noon(),
            expires_at: None,
            client: TokenClient::default(),
            login: None,
            evidence: None,
        };
        store.insert_device_token(&token).await.unwrap();
        let family = NewFamily {
            id: format!("family {end}"),
            user_id: user.id,
            epoch: user.epoch,
            created_at: noon(),
            ends_at: later(600),
            client: TokenClient::default(),
            login: None,
            evidence: None,
        };
        let (issued_at, expires_at) = (noon(), later(600));
        let first = RefreshToken { jti: format!("refresh {end}"), issued_at, expires_at };
        store.create_family(&family, &first, None).await.unwrap();
    }
}

/// Lets the first of two logins go on, with its session under a new name.
fn renewal(user: &User, own: &str, new: &str) -> Renewal {
    let row = Box::new(session(user, new));
    Renewal {
        asked_under: None,
        epoch: Epoch::Bump,
        session: Some(RenewedSession::Device { former: format!("session {own}"), row }),
        token: Some(format!("token {own}")),
        family: Some(format!("family {own}")),
        now: noon(),
    }
}

async fn change(store: &Store, user_id: i64, renewal: &Renewal) -> Result<bool, StoreError> {
    let (new, outgoing) = (&EncodedPassword::new("new"), &Outgoing::default());
    store.change_password(NewPassword { user_id, old: None, new, renewal, outgoing }).await
}

/// The names of everything that the user can still use.
async fn alive(store: &Store, user_id: i64, names: &[&str]) -> Vec<String> {
    let mut alive = Vec::new();
    for name in names {
        let session = store.device_session(name, noon()).await.unwrap();
        let session =
            session.and_then(|(row, user)| Some(row.epoch == user?.epoch)).unwrap_or(false);
        let token = store.device_token(name).await.unwrap();
        let token = token.is_some_and(|(row, user)| row.epoch == user.epoch);
        let (user, family) =
            store.user_by_id_with_family(user_id, name, noon()).await.unwrap().unwrap();
        let family = matches!(family, Family::Alive { epoch, .. } if epoch == user.user.epoch);
        if session || token || family {
            alive.push((*name).to_owned());
        }
    }
    alive
}

async fn the_credentials_of_the_request_go_on_and_all_others_end(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    log_in_twice(&store, &user, ["a", "b"]).await;
    store.get_or_create_token(user.id, &"f".repeat(40), noon()).await.unwrap();
    // What others change meanwhile raises the epoch as well.
    store.bump_epoch(user.id).await.unwrap();
    assert!(change(&store, user.id, &renewal(&user, "a", "session c")).await.unwrap());
    let names =
        ["session a", "session b", "session c", "token a", "token b", "family a", "family b"];
    let expected = ["session c", "token a", "family a"];
    assert_eq!(alive(&store, user.id, &names).await, expected);
    assert_eq!(store.device_sessions_of(user.id, noon()).await.unwrap().len(), 1);
    assert_eq!(store.device_tokens_of(user.id).await.unwrap().len(), 1);
    assert!(store.token_of(user.id).await.unwrap().is_none(), "the token of all devices");
    store.renew_credentials(user.id, &Renewal::end_all(noon())).await.unwrap();
    assert_eq!(alive(&store, user.id, &names).await, [""; 0]);
}

async fn a_session_goes_on_under_a_new_key_where_nothing_ends(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    log_in_twice(&store, &user, ["a", "b"]).await;
    let row = SessionRow { data: "abc:1".into(), expire_date: later(60) };
    store.insert_session("former", &row).await.unwrap();
    let session = Some(RenewedSession::Django {
        former: "former".to_owned(),
        key: "new".to_owned(),
        row: row.clone(),
    });
    let renewal = Renewal { session, ..Renewal::none(noon()) };
    assert!(change(&store, user.id, &renewal).await.unwrap());
    assert_eq!(store.session_with_user_hint("former", None, noon()).await.unwrap(), None);
    let found = store.session_with_user_hint("new", None, noon()).await.unwrap();
    assert_eq!(found, Some((row, None)));
    assert_eq!(alive(&store, user.id, &["session a", "token b"]).await, ["session a", "token b"]);
}

async fn a_session_that_was_ended_meanwhile_does_not_come_back(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    log_in_twice(&store, &user, ["a", "b"]).await;
    store.delete_device_session("session a").await.unwrap();
    let refused = change(&store, user.id, &renewal(&user, "a", "session c")).await;
    assert!(matches!(refused, Err(StoreError::CredentialsEnded)), "{refused:?}");
    let row = SessionRow { data: "abc:1".into(), expire_date: later(60) };
    let (former, key) = ("gone".to_owned(), "new".to_owned());
    let session = Some(RenewedSession::Django { former, key, row });
    let refused = change(&store, user.id, &Renewal { session, ..Renewal::none(noon()) }).await;
    assert!(matches!(refused, Err(StoreError::CredentialsEnded)), "{refused:?}");
    assert_eq!(store.session_with_user_hint("new", None, noon()).await.unwrap(), None);
    let names = ["session a", "session b", "session c", "token a"];
    assert_eq!(alive(&store, user.id, &names).await, ["session b", "token a"]);
}

async fn a_change_is_none_whose_user_was_logged_out_meanwhile(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let asked = Renewal { asked_under: Some(user.epoch), ..Renewal::none(noon()) };
    assert!(change(&store, user.id, &asked).await.unwrap());
    store.bump_epoch(user.id).await.unwrap();
    let refused = change(&store, user.id, &asked).await;
    assert!(matches!(refused, Err(StoreError::CredentialsEnded)), "{refused:?}");
}

async fn two_changes_of_one_login_at_the_same_moment_are_both_made(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    for (own, other, by_token) in [("a", "b", true), ("c", "d", false)] {
        // What was there before has ended.
        let user = User { epoch: store.bump_epoch(user.id).await.unwrap(), ..user.clone() };
        log_in_twice(&store, &user, [own, other]).await;
        let asked = |end: &str| Renewal {
            asked_under: Some(user.epoch),
            token: by_token.then(|| format!("token {end}")),
            family: (!by_token).then(|| format!("family {end}")),
            ..Renewal::end_all(noon())
        };
        assert!(change(&store, user.id, &asked(own)).await.unwrap());
        assert!(change(&store, user.id, &asked(own)).await.unwrap());
        // The other login was ended by these.
        let refused = change(&store, user.id, &asked(other)).await;
        assert!(matches!(refused, Err(StoreError::CredentialsEnded)), "{refused:?}");
        // So is this one, in the end.
        store.bump_epoch(user.id).await.unwrap();
        let refused = change(&store, user.id, &asked(own)).await;
        assert!(matches!(refused, Err(StoreError::CredentialsEnded)), "{refused:?}");
    }
}

async fn a_change_that_fails_at_its_end_has_ended_nothing(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    log_in_twice(&store, &user, ["a", "b"]).await;
    let bob = store.create_user(&person("bob", &[])).await.unwrap().user;
    store.insert_device_session(&session(&bob, "session taken")).await.unwrap();
    let refused = change(&store, user.id, &renewal(&user, "a", "session taken")).await;
    assert!(matches!(refused, Err(StoreError::Taken(Unique::Token))), "{refused:?}");
    let found = store.user_with_password(user.id).await.unwrap().unwrap();
    assert_eq!((found.password.as_str(), found.user.epoch), ("md5$salt$hash", 0));
    let names = ["session a", "session b", "token a", "token b", "family a", "family b"];
    assert_eq!(alive(&store, user.id, &names).await, names);
}

/// More than there are points at which a change of a password waits for the database.
const MOST_POLLS: usize = 90;

async fn a_change_that_is_given_up_has_happened_as_a_whole_or_not_at_all(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let (mut done, mut undone) = (0, 0);
    for polls in 1..MOST_POLLS {
        let user = store.create_user(&person(&format!("user{polls}"), &[])).await.unwrap().user;
        let [own, other] = [format!("a{polls}"), format!("b{polls}")];
        log_in_twice(&store, &user, [&own, &other]).await;
        let (new, former) = (format!("session c{polls}"), format!("session {own}"));
        let renewal = renewal(&user, &own, &new);
        given_up_after(polls, change(&store, user.id, &renewal)).await;
        let found = store.user_with_password(user.id).await.unwrap().unwrap();
        let (token, family) = (format!("token {own}"), format!("family {own}"));
        let names = [&*former, &*new, &*token, &*family];
        let alive = alive(&store, user.id, &names).await;
        if found.password.as_str() == "new" {
            done += 1;
            assert_eq!(alive, [&*new, &*token, &*family], "after {polls} polls");
        } else {
            undone += 1;
            assert_eq!(alive, [&*former, &*token, &*family], "after {polls} polls");
        }
    }
    assert!(done > 0 && undone > 0, "{done} were done and {undone} given up");
}

mod on {
    crate::on_every_database!(
        the_credentials_of_the_request_go_on_and_all_others_end,
        a_session_goes_on_under_a_new_key_where_nothing_ends,
        a_session_that_was_ended_meanwhile_does_not_come_back,
        a_change_is_none_whose_user_was_logged_out_meanwhile,
        two_changes_of_one_login_at_the_same_moment_are_both_made,
        a_change_that_fails_at_its_end_has_ended_nothing,
        a_change_that_is_given_up_has_happened_as_a_whole_or_not_at_all,
    );
}
