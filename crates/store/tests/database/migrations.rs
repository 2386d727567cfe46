//! Bringing a database up to date.

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{Backend, Finding, MigrationError, Origin, Store, StoreError};
use sea_orm::ConnectionTrait;

use crate::at_once;

/// All steps, oldest first.
const STEPS: [&str; 5] = [
    "0001_django_tables",
    "0002_rest_auth_tables",
    "0003_rate_limits",
    "0004_user_fields",
    "0006_known_clients",
];

async fn ten_instances_may_start_at_once(database: &TestDatabase) {
    let settings = database.settings();
    let reports = at_once(|_| {
        let settings = settings.clone();
        async move {
            // Every instance has connections of its own.
            let store = Store::connect(&settings).await.unwrap();
            let report = store.migrate().await.unwrap();
            store.close().await;
            report
        }
    })
    .await;
    let worked: Vec<_> = reports.iter().filter(|report| !report.applied.is_empty()).collect();
    assert_eq!(worked.len(), 1, "exactly one instance does the work");
    assert_eq!(worked[0].applied, STEPS);
    assert!(reports.iter().all(|report| report.status.is_ready()));
}

async fn tells_what_is_pending_and_then_that_all_is_ours(database: &TestDatabase) {
    let store = Store::connect(&database.settings()).await.unwrap();
    let before = store.migration_status().await.unwrap();
    assert_eq!(before.pending, STEPS);
    assert_eq!(before.origin, Origin::Empty);
    assert!(!before.is_ready());
    let after = store.migrate().await.unwrap().status;
    assert_eq!(after.origin, Origin::Ours);
    assert_eq!(after.findings, []);
    assert!(after.is_ready());
    let again = store.migrate().await.unwrap();
    assert!(again.applied.is_empty());
}

async fn adds_only_its_own_tables_to_a_database_of_djangos(database: &TestDatabase) {
    play_django(database).await;
    let store = Store::connect(&database.settings()).await.unwrap();
    let report = store.migrate().await.unwrap();
    assert_eq!(report.status.origin, Origin::Django);
    assert!(report.status.is_ready());
    // Django's table that was missing is reported, not made.
    assert!(report.status.findings.contains(&Finding::MissingTable("authtoken_token")));
    let newer = Finding::NewerMigration { app: "account".into(), name: "0099_future".into() };
    assert!(report.status.findings.contains(&newer));
    assert!(store.user_by_id(1).await.unwrap().is_none(), "our queries work on it");
    assert!(store.migrate().await.unwrap().applied.is_empty());
}

async fn refuses_a_project_with_its_own_user_model(database: &TestDatabase) {
    play_django(database).await;
    database.raw().await.unwrap().execute_unprepared("DROP TABLE auth_user").await.unwrap();
    let store = Store::connect(&database.settings()).await.unwrap();
    let refusal = store.migrate().await.unwrap_err();
    assert!(matches!(refusal, StoreError::Migration(MigrationError::NoUserTable)));
    let status = store.migration_status().await.unwrap();
    assert_eq!(status.findings, [Finding::NoUserTable]);
    assert!(!status.is_ready());
}

async fn goes_on_after_a_broken_run(database: &TestDatabase) {
    // What a crash on MySQL leaves behind: some tables, and the note that we were at work.
    let store = database.store().await.unwrap();
    let db = database.raw().await.unwrap();
    let statements = [
        "DROP TABLE rest_auth_outbox",
        "DROP TABLE rest_auth_user",
        "DELETE FROM rest_auth_migration WHERE name = '0002_rest_auth_tables'",
    ];
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap();
    }
    let report = store.migrate().await.unwrap();
    assert_eq!(report.applied, ["0002_rest_auth_tables"]);
    assert_eq!(store.bump_epoch(1).await.unwrap(), 1);
    if store.backend() != Backend::Mysql {
        return;
    }
    let statements = [
        "DROP TABLE usersessions_usersession",
        "DELETE FROM django_migrations WHERE app > 'mfa'",
        "DELETE FROM rest_auth_migration",
        "INSERT INTO rest_auth_migration VALUES ('0001_django_tables_started', NOW())",
    ];
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap();
    }
    let report = store.migrate().await.unwrap();
    assert_eq!(report.applied, STEPS);
    assert_eq!((report.status.origin, report.status.findings), (Origin::Ours, vec![]));
    db.execute_unprepared("SELECT id FROM usersessions_usersession").await.unwrap();
}

async fn notices_that_a_newer_release_was_here(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let sql = "INSERT INTO rest_auth_migration VALUES ('0099_later', CURRENT_TIMESTAMP)";
    database.raw().await.unwrap().execute_unprepared(sql).await.unwrap();
    let status = store.migration_status().await.unwrap();
    assert_eq!(status.findings, [Finding::NewerRelease { step: "0099_later".into() }]);
    assert!(status.is_ready(), "instances of two releases run side by side during an upgrade");
}

/// Leaves what an older Django project without DRF's tokens has.
async fn play_django(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let db = database.raw().await.unwrap();
    let statements = [
        "DROP TABLE rest_auth_migration",
        "DROP TABLE rest_auth_refresh_token",
        "DROP TABLE rest_auth_refresh_family",
        "DROP TABLE rest_auth_user",
        "DROP TABLE rest_auth_token",
        "DROP TABLE authtoken_token",
        "DROP TABLE account_emailconfirmation",
        "DROP TABLE account_emailaddress",
        "DROP TABLE token_blacklist_blacklistedtoken",
        "DROP TABLE token_blacklist_outstandingtoken",
        "DROP TABLE socialaccount_socialtoken",
        "DROP TABLE socialaccount_socialaccount",
        "DROP TABLE dj_rest_auth_mfa_authenticator",
        "DROP TABLE mfa_authenticator",
        "DROP TABLE usersessions_usersession",
        "DROP TABLE auth_user_groups",
        "DROP TABLE auth_user_user_permissions",
        "INSERT INTO django_migrations (app, name, applied) \
         VALUES ('account', '0099_future', CURRENT_TIMESTAMP)",
    ];
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap();
    }
    store.close().await;
}

mod on {
    crate::on_every_database!(
        ten_instances_may_start_at_once,
        tells_what_is_pending_and_then_that_all_is_ours,
        adds_only_its_own_tables_to_a_database_of_djangos,
        refuses_a_project_with_its_own_user_model,
        goes_on_after_a_broken_run,
        notices_that_a_newer_release_was_here,
    );
}
