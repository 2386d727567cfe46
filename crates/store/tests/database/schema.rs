//! The schema is Django's, to the name of the last index.
//!
//! The files `schema/django.*.txt` list what Django 5.2.19's own `migrate` leaves, by the queries
//! beside them. The table of passkeys is the one of dj-rest-auth's branch master.

use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use sea_orm::{ConnectionTrait, Statement};

async fn is_what_django_itself_would_make(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let (query, recorded) = match store.backend() {
        Backend::Sqlite => {
            (include_str!("schema/sqlite.sql"), include_str!("schema/django.sqlite.txt"))
        }
        Backend::Postgres => {
            (include_str!("schema/postgres.sql"), include_str!("schema/django.postgres.txt"))
        }
        Backend::Mysql => {
            (include_str!("schema/mysql.sql"), include_str!("schema/django.mysql.txt"))
        }
    };
    let db = database.raw().await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), query);
    let rows = db.query_all_raw(statement).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", "line").unwrap()).collect();
    let of_django = |line: &&str| !line.contains("rest_auth_") || line.contains("dj_rest_auth_");
    let ours = lines.iter().map(String::as_str).filter(|line| !line.starts_with("sqlite_"));
    let ours: Vec<&str> = ours.filter(of_django).collect();
    let recorded: Vec<&str> = recorded.lines().collect();
    let missing: Vec<_> = recorded.iter().filter(|line| !ours.contains(line)).collect();
    let extra: Vec<_> = ours.iter().filter(|line| !recorded.contains(line)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}\nextra {extra:#?}");
    assert_eq!(ours.len(), recorded.len());
}

/// The others compare byte for byte without being told.
#[tokio::test]
#[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
async fn mysql_compares_secrets_byte_for_byte() {
    let database = TestDatabase::fresh(Backend::Mysql).await.unwrap();
    database.store().await.unwrap();
    let db = database.raw().await.unwrap();
    let query = "SELECT COUNT(*) AS n FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name LIKE 'rest_auth_%' \
                 AND column_name IN ('digest', 'jti', 'family_id', 'successor_jti') \
                 AND collation_name <> 'utf8mb4_bin'";
    let statement = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0);
}

mod on {
    crate::on_every_database!(is_what_django_itself_would_make);
}
