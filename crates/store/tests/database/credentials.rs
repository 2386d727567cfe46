//! Tokens, sessions, second factors: what a request is authenticated by.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Backend, CreatedUser, DeviceSession, DisconnectResult, Disconnection, FactorChange, FactorKind,
    FactorUse, FactorUsed, MailState, NewDeviceToken, NewOneTime, NewSocialAccount, Outgoing,
    Renewal, SessionRow, SocialToken, Store, StoreError, TokenClient, Unique, User,
};
use serde_json::{Value, json};

use crate::user_fields::mail;
use crate::{ada, later, noon, person};

async fn tokens_are_told_apart_by_every_byte(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let key = "abcdef0123".repeat(4);
    let token = store.get_or_create_token(user.id, &key, noon()).await.unwrap();
    assert_eq!((token.key.as_str(), token.created), (key.as_str(), noon()));
    let other = store.get_or_create_token(user.id, &"f".repeat(40), noon()).await.unwrap();
    assert!(other == token, "the first one stays");
    assert_eq!(store.token_user(&key).await.unwrap(), Some(user.clone()));
    assert_eq!(store.token_user(&key.to_uppercase()).await.unwrap(), None);
    let new = store.replace_token(user.id, &"0".repeat(40), later(1)).await.unwrap();
    assert_eq!(store.token_user(&key).await.unwrap(), None);
    assert_eq!(store.token_user(&new.key).await.unwrap(), Some(user.clone()));
    assert_eq!(store.delete_tokens_of(user.id).await.unwrap(), 1);
    assert!(store.token_of(user.id).await.unwrap().is_none());
    let made = store.replace_token(user.id, &key, noon()).await.unwrap();
    assert!(store.token_of(user.id).await.unwrap() == Some(made));
}

async fn device_tokens_bring_their_user_and_epoch(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let client = TokenClient { user_agent: "é".repeat(300), ip: "2001:db8::1".into() };
    let new = NewDeviceToken {
        digest: "d1".into(),
        user_id: user.id,
        epoch: user.epoch,
        created_at: noon(),
        expires_at: Some(later(60)),
        client,
        login: None,
        evidence: None,
    };
    let id = store.insert_device_token(&new).await.unwrap();
    let refusal = store.insert_device_token(&new).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::Token)), "{refusal:?}");
    store.bump_epoch(user.id).await.unwrap();
    let (token, owner) = store.device_token("d1").await.unwrap().unwrap();
    assert_eq!((token.id, token.epoch, owner.epoch), (id, 0, 1));
    assert_eq!(token.client.user_agent.chars().count(), 200);
    assert!(store.device_token("D1").await.unwrap().is_none());
    assert!(store.touch_device_token(id, later(5)).await.unwrap());
    assert_eq!(store.device_tokens_of(user.id).await.unwrap()[0].last_used_at, later(5));
    let endless = NewDeviceToken { digest: "d2".into(), expires_at: None, ..new };
    store.insert_device_token(&endless).await.unwrap();
    assert_eq!(store.delete_expired_device_tokens(later(60)).await.unwrap(), 1);
    assert!(!store.delete_device_token("d1").await.unwrap());
    assert!(store.delete_device_token("d2").await.unwrap());
}

/// SQLite alone lets a column hold what is none of its values.
#[tokio::test]
async fn a_user_that_cannot_be_read_is_not_taken_for_nobody() {
    let database = TestDatabase::fresh(Backend::Sqlite).await.unwrap();
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let key = "abcdef0123".repeat(4);
    store.get_or_create_token(user.id, &key, noon()).await.unwrap();
    let session = SessionRow { data: "content".into(), expire_date: later(60) };
    store.insert_session("s", &session).await.unwrap();
    database.execute("UPDATE auth_user SET date_joined = 'yesterday'").await.unwrap();
    assert!(store.token_user(&key).await.is_err());
    assert!(store.session_with_user_hint("s", Some(user.id), noon()).await.is_err());
    assert!(store.user_by_id(user.id).await.is_err());
    assert!(store.user_with_password(user.id).await.is_err());
    let address = store.addresses_of(user.id).await.unwrap().remove(0);
    assert!(store.address_with_user(address.id).await.is_err());
}

async fn django_sessions_come_with_the_hinted_user(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let with_password = store.user_with_password(user.id).await.unwrap().unwrap();
    assert_eq!(with_password.user, user);
    assert_eq!(with_password.password.as_str(), "md5$salt$hash");
    let row = SessionRow { data: "abc:1".into(), expire_date: later(60) };
    store.insert_session("s1", &row).await.unwrap();
    let refusal = store.insert_session("s1", &row).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::Token)), "{refusal:?}");
    let found = store.session_with_user_hint("s1", Some(user.id), noon()).await.unwrap();
    assert_eq!(found, Some((row.clone(), Some(with_password))));
    for hint in [None, Some(user.id + 1)] {
        let found = store.session_with_user_hint("s1", hint, noon()).await.unwrap();
        assert_eq!(found, Some((row.clone(), None)));
    }
    assert_eq!(store.session_with_user_hint("S1", None, noon()).await.unwrap(), None);
    let changed = SessionRow { data: "abd:2".into(), expire_date: later(90) };
    assert!(store.update_session("s1", &changed).await.unwrap());
    assert!(!store.update_session("s2", &changed).await.unwrap());
    assert!(store.delete_session("s1").await.unwrap());
    assert!(!store.delete_session("s1").await.unwrap());
}

async fn device_sessions_end_twice(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let mut session = DeviceSession {
        digest: "a".into(),
        user_id: None,
        epoch: 0,
        data: "x".into(),
        created_at: noon(),
        last_seen_at: noon(),
        expire_date: later(60),
        absolute_end: Some(later(100)),
        client: TokenClient::default(),
        login: None,
    };
    store.insert_device_session(&session).await.unwrap();
    let found = store.device_session("a", noon()).await.unwrap().unwrap();
    assert_eq!(found, (session.clone(), None));
    session.user_id = Some(user.id);
    assert!(store.update_device_session(&session).await.unwrap());
    assert!(store.touch_device_session("a", later(50), later(110)).await.unwrap());
    let (_, owner) = store.device_session("a", later(99)).await.unwrap().unwrap();
    assert_eq!(owner, Some(user.clone()));
    assert!(store.device_session("a", later(100)).await.unwrap().is_none(), "the absolute end");
    session.digest = "b".into();
    store.insert_device_session(&session).await.unwrap();
    assert_eq!(store.device_sessions_of(user.id, noon()).await.unwrap().len(), 2);
    assert_eq!(store.delete_expired_device_sessions(later(100)).await.unwrap(), 2);
}

async fn second_factors_keep_what_others_wrote(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let owner = ada(&store).await.id;
    let data = json!({"secret": "sé", "theirs": {"n": 1.5, "list": [1, null]}});
    store.upsert_authenticator(owner, FactorKind::Totp, &data, noon()).await.unwrap();
    let totp = store.authenticator(owner, FactorKind::Totp).await.unwrap().unwrap();
    assert_eq!((&totp.data, totp.created_at, totp.last_used_at), (&data, Some(noon()), None));
    let use_it = async |refuses: bool, now| {
        let check = Box::new(move |data: &Value| {
            let mut used = data.clone();
            used["last_code"] = json!("123456");
            (!refuses).then_some(used)
        });
        let (source, id) = (totp.source, totp.id);
        let mails = Vec::new();
        let usage = FactorUse { user_id: owner, source, id, check, challenge: None, mails, now };
        store.use_factor(&usage).await.unwrap()
    };
    assert_eq!(use_it(false, later(1)).await, FactorUsed::Done);
    assert_eq!(use_it(true, later(2)).await, FactorUsed::Refused);
    let used = store.authenticator(owner, FactorKind::Totp).await.unwrap().unwrap();
    assert_eq!(used.data["theirs"], data["theirs"]);
    assert_eq!((&used.data["last_code"], used.last_used_at), (&json!("123456"), Some(later(1))));
    store.upsert_authenticator(owner, FactorKind::Totp, &data, later(9)).await.unwrap();
    let totp = store.authenticator(owner, FactorKind::Totp).await.unwrap().unwrap();
    assert_eq!((totp.created_at, totp.last_used_at), (Some(noon()), Some(later(1))));
    let (renewal, outgoing) = (&Renewal::end_all(later(9)), &Outgoing::default());
    let change = FactorChange { user_id: owner, renewal, outgoing };
    assert_eq!(store.reset_factors(change).await.unwrap(), 1);
    assert_eq!(store.reset_factors(change).await.unwrap(), 0);
    assert_eq!(store.user_by_id(owner).await.unwrap().unwrap().epoch, 1);
}

async fn a_secret_works_once_and_only_for_its_kind(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let new = NewOneTime {
        kind: "mfa".into(),
        digest: "d".into(),
        user_id: None,
        epoch: 0,
        data: "{}".into(),
        created_at: noon(),
        expires_at: later(60),
    };
    let id = store.insert_one_time(&new).await.unwrap();
    assert!(store.one_time("reset", "d", noon()).await.unwrap().is_none());
    assert!(store.one_time("mfa", "d", later(60)).await.unwrap().is_none());
    assert!(store.count_attempt(id, 2, noon()).await.unwrap());
    assert!(store.count_attempt(id, 2, noon()).await.unwrap());
    assert!(!store.count_attempt(id, 2, noon()).await.unwrap());
    assert_eq!(store.one_time("mfa", "d", noon()).await.unwrap().unwrap().attempts, 2);
    assert!(store.consume_one_time(id, noon()).await.unwrap());
    assert!(!store.consume_one_time(id, noon()).await.unwrap());
    assert!(store.one_time("mfa", "d", noon()).await.unwrap().is_none());
    assert_eq!(store.delete_expired_one_times(later(60)).await.unwrap(), 1);
}

async fn a_social_account_has_one_owner(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    let new = NewSocialAccount {
        provider: "apple".into(),
        uid: "001.aB".into(),
        extra_data: json!({"sub": "001.aB"}),
    };
    let account =
        store.connect_social_account(&user, &new, &Outgoing::default(), noon()).await.unwrap();
    let refusal =
        store.connect_social_account(&user, &new, &Outgoing::default(), noon()).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Taken(Unique::SocialAccount)), "{refusal:?}");
    let found = store.social_account("apple", "001.aB").await.unwrap().unwrap();
    assert_eq!(found, (account.clone(), user.clone()));
    assert!(store.social_account::<User>("apple", "001.AB").await.unwrap().is_none());
    let extra_data = json!({"sub": "001.aC", "name": "Ada"});
    let told = NewSocialAccount { uid: "001.aC".into(), extra_data, ..new.clone() };
    assert!(store.refresh_social_account(account.id, &told, later(1)).await.unwrap());
    let kept = store.social_accounts_of(user.id).await.unwrap().remove(0);
    assert_eq!((&kept.uid, &kept.extra_data), (&told.uid, &told.extra_data));
    assert_eq!(kept.last_login, later(1));
    let token = SocialToken {
        token: "t".to_owned(),
        token_secret: String::new(),
        expires_at: Some(later(60)),
    };
    store.keep_social_token(&account, "our-app", &token).await.unwrap();
    let token = SocialToken { token: "u".to_owned(), expires_at: None, ..token };
    store.keep_social_token(&account, "our-app", &token).await.unwrap();
    assert_eq!(store.social_token(&account, "our-app").await.unwrap(), Some(token));
    let begun = |kind: &str| NewOneTime {
        kind: kind.to_owned(),
        digest: kind.to_owned(),
        user_id: Some(user.id),
        epoch: 0,
        data: String::new(),
        created_at: noon(),
        expires_at: later(60),
    };
    store.insert_one_time(&begun("login")).await.unwrap();
    store.insert_one_time(&begun("other")).await.unwrap();
    let disconnect = |user_id, may| {
        let (store, id) = (store.clone(), account.id);
        async move {
            let outgoing = &Outgoing::default();
            let disconnection = Disconnection { id, ends: &["login"], outgoing, now: noon() };
            store.disconnect_social_account(user_id, disconnection, |_, _| may).await.unwrap()
        }
    };
    assert_eq!(disconnect(user.id + 1, true).await, DisconnectResult::NotFound);
    assert_eq!(disconnect(user.id, false).await, DisconnectResult::Refused);
    assert!(store.one_time("login", "login", noon()).await.unwrap().is_some());
    let last = DisconnectResult::Done(kept);
    assert_eq!(disconnect(user.id, true).await, last);
    assert_eq!(disconnect(user.id, true).await, DisconnectResult::NotFound);
    // What the account has begun ends, and nothing else.
    assert!(store.one_time("login", "login", noon()).await.unwrap().is_none());
    assert!(store.one_time("other", "other", noon()).await.unwrap().is_some());
}

async fn an_account_is_rolled_back_with_its_user_and_leaves_its_mails(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = person("grace", &[("ada@example.org", false, true)]);
    let account = |uid: &str| NewSocialAccount {
        provider: "apple".into(),
        uid: uid.into(),
        extra_data: json!({}),
    };
    let mails: Outgoing = vec![mail("ada@example.org")].into();
    store.roll_back_user_with_social_account(&user, &account("1"), None, &mails).await.unwrap();
    assert!(store.user_by_username::<User>("grace").await.unwrap().is_none());
    assert!(store.social_account::<User>("apple", "1").await.unwrap().is_none());
    assert_eq!(store.list_mails(MailState::Waiting, None, 20).await.unwrap().len(), 1);
    // It fails as the real thing would, and keeps nothing then.
    let nothing = |_: &CreatedUser| Outgoing::default();
    store.create_user_with_social_account(&user, &account("1"), None, nothing).await.unwrap();
    let other = person("bob", &[]);
    for (user, uid, taken) in [(&user, "2", Unique::Username), (&other, "1", Unique::SocialAccount)]
    {
        let account = account(uid);
        let refused = store.roll_back_user_with_social_account(user, &account, None, &mails).await;
        assert!(matches!(&refused, Err(StoreError::Taken(what)) if *what == taken), "{refused:?}");
    }
    assert_eq!(store.list_mails(MailState::Waiting, None, 20).await.unwrap().len(), 1);
}

/// What Django's admin writes of an app.
async fn app(database: &TestDatabase, store: &Store, id: i64, provider: [&str; 2], client: &str) {
    let quote = if store.backend() == Backend::Mysql { '`' } else { '"' };
    let [provider, provider_id] = provider;
    let row = format!(
        "INSERT INTO socialaccount_socialapp (id, provider, name, client_id, secret, \
         {quote}key{quote}, provider_id, settings) VALUES \
         ({id}, '{provider}', 'An app', '{client}', '', '', '{provider_id}', '{{}}')"
    );
    database.execute(&row).await.unwrap();
}

async fn a_token_is_that_of_the_app_that_asked_for_it(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    app(database, &store, 7, ["openid_connect", "sso"], "web, phone").await;
    app(database, &store, 8, ["google", ""], "another").await;
    let connect = async |provider: &str| {
        let extra_data = json!({});
        let new = NewSocialAccount { provider: provider.into(), uid: "1".into(), extra_data };
        store.connect_social_account(&user, &new, &Outgoing::default(), noon()).await.unwrap()
    };
    let token = |text: &str| SocialToken {
        token: text.to_owned(),
        token_secret: String::new(),
        expires_at: None,
    };
    let sso = connect("sso").await;
    // What Django kept for its app is what a client of the same id finds, and replaces.
    let row = format!(
        "INSERT INTO socialaccount_socialtoken (token, token_secret, account_id, app_id) VALUES \
         ('django', '', {}, 7)",
        sso.id
    );
    database.execute(&row).await.unwrap();
    assert_eq!(store.social_token(&sso, "phone").await.unwrap(), Some(token("django")));
    assert_eq!(store.social_token(&sso, "PHONE").await.unwrap(), None);
    store.keep_social_token(&sso, "web", &token("ours")).await.unwrap();
    assert_eq!(store.social_token(&sso, "web").await.unwrap(), Some(token("ours")));
    // A client that is in no table has tokens of its own beside those.
    store.keep_social_token(&sso, "new", &token("new")).await.unwrap();
    assert_eq!(store.social_token(&sso, "new").await.unwrap(), Some(token("new")));
    assert_eq!(store.social_token(&sso, "web").await.unwrap(), Some(token("ours")));
    // The same id at another provider is another app.
    let google = connect("google").await;
    store.keep_social_token(&google, "web", &token("google")).await.unwrap();
    assert_eq!(store.social_token(&google, "another").await.unwrap(), None);
    assert_eq!(store.social_token(&google, "web").await.unwrap(), Some(token("google")));
}

mod on {
    crate::on_every_database!(
        tokens_are_told_apart_by_every_byte,
        device_tokens_bring_their_user_and_epoch,
        django_sessions_come_with_the_hinted_user,
        device_sessions_end_twice,
        second_factors_keep_what_others_wrote,
        a_secret_works_once_and_only_for_its_kind,
        a_social_account_has_one_owner,
        an_account_is_rolled_back_with_its_user_and_leaves_its_mails,
        a_token_is_that_of_the_app_that_asked_for_it,
    );
}
