//! Bringing a database up to date.

use std::time::{Duration, Instant};

use rest_auth_settings::ConnectionUrl;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{
    Backend, DatabaseSettings, MigrationError, SchemaFinding, SchemaOrigin, Store, StoreError,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionOptions, TransactionTrait,
};

use crate::at_once;

/// All steps, oldest first.
const STEPS: [&str; 12] = [
    "m20261128_000001_settings",
    DJANGO_TABLES,
    "m20261128_000003_users",
    "m20261128_000004_credentials",
    SECRETS_AND_MAILS,
    "m20261128_000006_rate_limits",
    "m20261128_000007_claims",
    "m20261128_000020_logins",
    "m20261129_000030_passkeys",
    "m20261129_000040_evidence",
    "m20261129_000050_mails_by_address",
    "m20261130_000060_guessed_passwords",
];
const DJANGO_TABLES: &str = "m20261128_000002_django_tables";
const SECRETS_AND_MAILS: &str = "m20261128_000005_secrets_and_mails";

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
async fn ten_instances_may_start_at_once_where_transactions_are_serializable() {
    let database = TestDatabase::serializable().await;
    ten_instances_may_start_at_once(&database.expect("the environment has the URL")).await;
}

async fn tells_what_is_pending_and_then_that_all_is_ours(database: &TestDatabase) {
    let store = Store::connect(&database.settings()).await.unwrap();
    let before = store.migration_status().await.unwrap();
    assert_eq!(before.pending, STEPS);
    assert_eq!(before.origin, SchemaOrigin::Empty);
    assert!(!before.is_ready());
    let after = store.migrate().await.unwrap().status;
    assert_eq!(after.origin, SchemaOrigin::Ours);
    assert_eq!(after.findings, []);
    assert!(after.is_ready());
    let again = store.migrate().await.unwrap();
    assert!(again.applied.is_empty());
}

/// As Django does when it changes its table on SQLite.
async fn an_index_that_django_dropped_is_missed_and_made_again(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let before = store.migration_status().await.unwrap();
    assert!(before.indexes.contains(&"ix_rest_auth_user_email"), "{before:?}");
    let on_table = if store.backend() == Backend::Mysql { " ON auth_user" } else { "" };
    database.execute(&format!("DROP INDEX ix_rest_auth_user_email{on_table}")).await.unwrap();
    let status = store.migration_status().await.unwrap();
    let [SchemaFinding::MissingIndex(index)] = status.findings.as_slice() else {
        panic!("{status:?}")
    };
    assert_eq!(index.name, "ix_rest_auth_user_email");
    assert!(status.is_ready(), "everything works without it");
    let report = store.migrate().await.unwrap();
    assert_eq!((report.indexes, report.applied), (vec!["ix_rest_auth_user_email"], vec![]));
    assert_eq!(report.status.indexes, before.indexes);
    assert_eq!(report.status.findings, []);
}

async fn adds_only_its_own_tables_to_a_database_of_djangos(database: &TestDatabase) {
    play_django(database).await;
    let store = Store::connect(&database.settings()).await.unwrap();
    let report = store.migrate().await.unwrap();
    assert_eq!(report.status.origin, SchemaOrigin::Django);
    assert!(report.status.is_ready());
    // Django's table that was missing is reported, not made.
    assert!(report.status.findings.contains(&SchemaFinding::MissingTable("authtoken_token")));
    let newer = SchemaFinding::NewerMigration { app: "account".into(), name: "0099_future".into() };
    assert!(report.status.findings.contains(&newer));
    assert!(store.user_by_id(1).await.unwrap().is_none(), "our queries work on it");
    // Passkeys have theirs, and Django can delete users without knowing of it.
    assert_eq!(store.passkeys_of(1).await.unwrap(), []);
    let orphan = "INSERT INTO passkeys_webauthncredential (name, credential_id, public_key, \
                  sign_count, transports, discoverable, created_at, user_id) \
                  VALUES ('', 'a', 'b', 0, '[]', true, CURRENT_TIMESTAMP, 1)";
    database.execute(orphan).await.unwrap();
    assert!(store.migrate().await.unwrap().applied.is_empty());
}

async fn refuses_a_project_with_its_own_user_model(database: &TestDatabase) {
    play_django(database).await;
    database.raw().await.unwrap().execute_unprepared("DROP TABLE auth_user").await.unwrap();
    let store = Store::connect(&database.settings()).await.unwrap();
    let refusal = store.migrate().await.unwrap_err();
    assert!(matches!(refusal, StoreError::Migration(MigrationError::NoUserTable)));
    let status = store.migration_status().await.unwrap();
    assert_eq!(status.findings, [SchemaFinding::NoUserTable]);
    assert!(!status.is_ready());
}

async fn goes_on_after_a_broken_run(database: &TestDatabase) {
    // What a crash on MySQL leaves behind: a step that made one table of two and is not recorded.
    let store = database.store().await.unwrap();
    let forget = format!("DELETE FROM rest_auth_migration WHERE version = '{SECRETS_AND_MAILS}'");
    for statement in ["DROP TABLE rest_auth_outbox", &forget] {
        database.execute(statement).await.unwrap();
    }
    let report = store.migrate().await.unwrap();
    assert_eq!(report.applied, [SECRETS_AND_MAILS]);
    database.execute("SELECT id FROM rest_auth_outbox").await.unwrap();
    if store.backend() != Backend::Mysql {
        return;
    }
    // Some of Django's tables, and the note that we were making them.
    let statements = [
        "DROP TABLE usersessions_usersession",
        "DELETE FROM django_migrations WHERE app > 'mfa'",
        "DELETE FROM rest_auth_migration WHERE version > 'm20261128_000001_settings'",
        "INSERT INTO rest_auth_setting (name, value) VALUES ('django_tables', 'begun')",
    ];
    for statement in statements {
        database.execute(statement).await.unwrap();
    }
    assert_eq!(store.migration_status().await.unwrap().origin, SchemaOrigin::Ours);
    let report = store.migrate().await.unwrap();
    assert_eq!(report.applied, STEPS[1..]);
    assert_eq!((report.status.origin, report.status.findings), (SchemaOrigin::Ours, vec![]));
    database.execute("SELECT id FROM usersessions_usersession").await.unwrap();
}

async fn a_role_without_rights_is_told_so(database: &TestDatabase) {
    let owner = database.store().await.unwrap();
    if owner.backend() != Backend::Postgres {
        return;
    }
    let refusal = async || {
        // A role that every server has, and that may do nothing with tables.
        let url = format!("{}&options[role]=pg_read_all_settings", database.url());
        let settings = DatabaseSettings { url: ConnectionUrl::new(url), ..database.settings() };
        let store = Store::connect(&settings).await.unwrap();
        let refusal = store.migration_status().await.unwrap_err();
        store.close().await;
        assert!(refusal.is_forbidden(), "{refusal}");
        refusal.to_string()
    };
    let told = refusal().await;
    assert!(told.contains("GRANT USAGE ON SCHEMA"), "{told}");
    let grant = "DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO pg_read_all_settings', \
                 current_schema()); END $$";
    database.execute(grant).await.unwrap();
    let told = refusal().await;
    assert!(told.contains("permission denied for table auth_user"), "{told}");
}

async fn notices_that_a_newer_release_was_here(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let later = "INSERT INTO rest_auth_migration VALUES ('m20990101_000001_later', 1)";
    database.execute(later).await.unwrap();
    let status = store.migration_status().await.unwrap();
    let newer = [SchemaFinding::NewerRelease { step: "m20990101_000001_later".into() }];
    assert_eq!(status.findings, newer);
    assert!(status.is_ready(), "instances of two releases run side by side during an upgrade");
    assert!(store.migrate().await.unwrap().applied.is_empty());
    // A step that the newer release has and did not need is applied all the same.
    let forget = format!("DELETE FROM rest_auth_migration WHERE version = '{SECRETS_AND_MAILS}'");
    database.execute(&forget).await.unwrap();
    let report = store.migrate().await.unwrap();
    assert_eq!(report.applied, [SECRETS_AND_MAILS]);
    assert_eq!(report.status.findings, newer);
}

/// The others keep all steps or none, and their lock ends with the connection.
mod only_mysql {
    use super::*;

    const TAKE: &str = "UPDATE rest_auth_migration_lock SET owner = 'another instance', \
                        held_until = UTC_TIMESTAMP(6) + INTERVAL 2 SECOND";
    const FORGET: &str = "DELETE FROM rest_auth_migration \
                          WHERE version = 'm20261128_000006_rate_limits'";

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
    async fn waits_for_the_lease_of_an_instance_that_died() {
        let database = TestDatabase::fresh(Backend::Mysql).await.unwrap();
        let store = database.store().await.unwrap();
        database.execute(FORGET).await.unwrap();
        database.execute(TAKE).await.unwrap();
        let begun = Instant::now();
        let report = store.migrate().await.unwrap();
        assert_eq!(report.applied, ["m20261128_000006_rate_limits"]);
        // A moment has passed since it was taken.
        assert!(begun.elapsed() > Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
    async fn stops_when_another_instance_has_taken_its_lease() {
        let database = TestDatabase::fresh(Backend::Mysql).await.unwrap();
        let store = database.store().await.unwrap();
        database.execute(FORGET).await.unwrap();
        // The step waits for this table until the end of the test.
        let db = database.raw().await.unwrap();
        let locked = db.begin_with_options(TransactionOptions::default()).await.unwrap();
        locked.execute_unprepared("LOCK TABLES rest_auth_rate_limit WRITE").await.unwrap();
        let work = tokio::spawn(async move { store.migrate().await });
        wait_until_held(&db).await;
        database.execute(TAKE).await.unwrap();
        let refusal = work.await.unwrap().unwrap_err();
        assert!(matches!(refusal, StoreError::Migration(MigrationError::LeaseLost)), "{refusal}");
        locked.execute_unprepared("UNLOCK TABLES").await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
    async fn goes_on_after_the_first_of_djangos_tables() {
        let database = TestDatabase::fresh(Backend::Mysql).await.unwrap();
        let statements = [
            "CREATE TABLE rest_auth_setting \
             (name varchar(64) NOT NULL PRIMARY KEY, value longtext NOT NULL)",
            "INSERT INTO rest_auth_setting (name, value) VALUES ('django_tables', 'begun')",
            "CREATE TABLE django_migrations (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, \
             app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime(6) NOT NULL)",
        ];
        for statement in statements {
            database.execute(statement).await.unwrap();
        }
        let store = Store::connect(&database.settings()).await.unwrap();
        let before = store.migration_status().await.unwrap();
        assert_eq!((before.origin, before.findings), (SchemaOrigin::Ours, vec![]));
        let report = store.migrate().await.unwrap();
        assert_eq!(report.applied, STEPS);
        assert_eq!((report.status.origin, report.status.findings), (SchemaOrigin::Ours, vec![]));
    }

    async fn wait_until_held(db: &DatabaseConnection) {
        let held = "SELECT 1 FROM rest_auth_migration_lock WHERE held_until > UTC_TIMESTAMP(6)";
        let begun = Instant::now();
        while db
            .query_one_raw(Statement::from_string(DbBackend::MySql, held))
            .await
            .unwrap()
            .is_none()
        {
            assert!(begun.elapsed() < Duration::from_secs(30), "nobody took the lease");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
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
        "DROP TABLE passkeys_webauthncredential",
        "DROP TABLE rest_auth_passkey",
        "DELETE FROM django_migrations WHERE app = 'passkeys'",
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
        an_index_that_django_dropped_is_missed_and_made_again,
        adds_only_its_own_tables_to_a_database_of_djangos,
        refuses_a_project_with_its_own_user_model,
        goes_on_after_a_broken_run,
        a_role_without_rights_is_told_so,
        notices_that_a_newer_release_was_here,
    );
}
