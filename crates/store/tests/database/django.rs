//! Django itself, beside us on the same database.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    CreatedUser, Deletion, NewMail, NewSocialAccount, SchemaOrigin, SessionRow, SocialToken, Store,
    User,
};
use serde_json::json;

use crate::{ada, later, noon, person};

/// Runs `manage.py` with these arguments on a database and returns what it printed.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what to run on")]
async fn manage(database: &TestDatabase, arguments: &[&str]) -> String {
    let command = std::env::var("REST_AUTH_TEST_DJANGO").unwrap();
    let mut words = command.split_whitespace().map(str::to_owned);
    let mut process = std::process::Command::new(words.next().unwrap());
    process.args(words).args(arguments).env("DATABASE_URL", database.url());
    let output = tokio::task::spawn_blocking(move || process.output()).await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "manage.py {arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn finds_nothing_to_migrate_on_our_database(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    manage(database, &["migrate", "--check"]).await;
    let said = manage(database, &["migrate"]).await;
    assert!(said.contains("No migrations to apply"), "{said}");
    manage(database, &["makemigrations", "--check", "--dry-run"]).await;
    // Its models read what we wrote, and we read what they write.
    let user = ada(&store).await;
    let read = "from django.contrib.auth.models import User as U; \
                u = U.objects.get(username='ada'); \
                print(u.date_joined.isoformat(), u.emailaddress_set.get().verified); \
                u.first_name = 'Ada'; u.save(); U.objects.create_user('django')";
    let said = manage(database, &["shell", "-c", read]).await;
    assert!(said.contains("2026-02-03T12:00:00.000042+00:00 True"), "{said}");
    let changed = store.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!((changed.first_name.as_str(), changed.date_joined), ("Ada", noon()));
    let theirs = store.user_by_username::<User>("django").await.unwrap().unwrap();
    assert_eq!(store.delete_user(theirs.id).await.unwrap(), Deletion::Deleted);
    let gone = "from django.contrib.auth.models import User as U; U.objects.get().delete()";
    manage(database, &["shell", "-c", gone]).await;
    assert_eq!(store.user_by_id(user.id).await.unwrap(), None);
}

async fn is_taken_over_with_its_data(database: &TestDatabase) {
    manage(database, &["migrate"]).await;
    let write = "from django.contrib.auth.models import User as U; \
                 from django.contrib.sessions.models import Session; \
                 from django.utils.dateparse import parse_datetime as at; \
                 U.objects.create_user('grace', 'grace@example.org'); \
                 Session.objects.create(session_key='k', session_data='d', \
                 expire_date=at('2026-02-03T12:00:05.000042Z'))";
    manage(database, &["shell", "-c", write]).await;
    let store = Store::connect(&database.settings()).await.unwrap();
    let status = store.migrate().await.unwrap().status;
    assert_eq!((status.origin, status.findings.as_slice()), (SchemaOrigin::Django, [].as_slice()));
    let user = store.user_by_username::<User>("grace").await.unwrap().unwrap();
    assert_eq!((user.email.as_str(), user.epoch), ("grace@example.org", 0));
    let (row, owner) =
        store.session_with_user_hint("k", Some(user.id), later(4)).await.unwrap().unwrap();
    assert_eq!(row, SessionRow { data: "d".into(), expire_date: later(5) });
    assert_eq!(owner.map(|owner| owner.user), Some(user));
    assert!(store.session_with_user_hint("k", None, later(5)).await.unwrap().is_none());
    manage(database, &["migrate", "--check"]).await;
}

async fn shares_accounts_at_providers_and_their_tokens(database: &TestDatabase) {
    manage(database, &["migrate"]).await;
    let store = Store::connect(&database.settings()).await.unwrap();
    store.migrate().await.unwrap();
    // Django sees the accounts and tokens that we make.
    let new = |uid: &str| NewSocialAccount {
        provider: "example".into(),
        uid: uid.into(),
        extra_data: json!({"sub": uid, "name": "\u{c9}va"}),
    };
    let user = person("grace", &[("grace@example.org", true, true)]);
    let mails = |_: &CreatedUser| Vec::<NewMail>::new();
    let made = store.create_user_with_social_account(&user, &new("1"), None, mails).await;
    let made = made.unwrap().unwrap();
    let token = SocialToken {
        token: "ours".to_owned(),
        token_secret: "renews".to_owned(),
        expires_at: Some(later(60)),
    };
    store.keep_social_token(&made.1, "web", &token).await.unwrap();
    let read = "from allauth.socialaccount.models import SocialAccount as A, SocialApp as P; \
                a = A.objects.get(provider='example', uid='1'); t = a.socialtoken_set.get(); \
                print(a.user.username, a.extra_data['name'] == '\u{c9}va', a.date_joined.isoformat()); \
                print(t.token, t.token_secret, t.expires_at.isoformat(), t.app); \
                p = P.objects.create(provider='openid_connect', provider_id='example', \
                name='Example', client_id='phone', settings={}); \
                b = A.objects.create(user=a.user, provider='example', uid='2', extra_data={}); \
                b.socialtoken_set.create(token='theirs', app=p); b.socialtoken_set.create(token='none')";
    let said = manage(database, &["shell", "-c", read]).await;
    assert!(said.contains("grace True 2026-02-03T12:00:00.000042+00:00"), "{said}");
    assert!(said.contains("ours renews 2026-02-03T12:01:00.000042+00:00 None"), "{said}");
    // We see those that Django makes, and replace them where allauth would.
    let (theirs, owner) = store.social_account::<User>("example", "2").await.unwrap().unwrap();
    assert_eq!(owner.username, "grace");
    let found = store.social_token(&theirs, "phone").await.unwrap().unwrap();
    assert_eq!(found.token, "theirs");
    store.keep_social_token(&theirs, "phone", &token).await.unwrap();
    let read = "from allauth.socialaccount.models import SocialToken as T; \
                ts = T.objects.filter(account__uid='2').order_by('id'); \
                print([(t.token, t.app and t.app.client_id) for t in ts])";
    let said = manage(database, &["shell", "-c", read]).await;
    assert!(said.contains("[('ours', 'phone'), ('none', None)]"), "{said}");
}

mod on {
    crate::on_every_database!(
        with django:
        finds_nothing_to_migrate_on_our_database,
        is_taken_over_with_its_data,
        shares_accounts_at_providers_and_their_tokens,
    );
}
