//! Django itself, beside us on the same database.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{Deletion, Origin, SessionRow, Store, User};

use crate::{ada, later, noon};

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
    assert_eq!((status.origin, status.findings.as_slice()), (Origin::Django, [].as_slice()));
    let user = store.user_by_username::<User>("grace").await.unwrap().unwrap();
    assert_eq!((user.email.as_str(), user.epoch), ("grace@example.org", 0));
    let (row, owner) =
        store.session_with_user_hint("k", Some(user.id), later(4)).await.unwrap().unwrap();
    assert_eq!(row, SessionRow { data: "d".into(), expire_date: later(5) });
    assert_eq!(owner.map(|owner| owner.user), Some(user));
    assert!(store.session_with_user_hint("k", None, later(5)).await.unwrap().is_none());
    manage(database, &["migrate", "--check"]).await;
}

mod on {
    crate::on_every_database!(
        with django:
        finds_nothing_to_migrate_on_our_database,
        is_taken_over_with_its_data,
    );
}
