//! What SQLite keeps after a disk was full. A limit on the size of files stands for the disk: it
//! needs no rights, and a write beyond it fails in the same way. It holds for a whole process, so
//! this test has a binary of its own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{Backend, NewUser, Store, StoreError};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::signal::unix::{SignalKind, signal};

/// `SIGXFSZ`, which would end the process: a write goes beyond the limit.
const FILE_TOO_LARGE: i32 = 25;

const NOON: &str = "2026-02-03T12:00:00Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_write_is_kept_once_there_is_room_again() {
    let _handled = signal(SignalKind::from_raw(FILE_TOO_LARGE)).unwrap();
    let database = TestDatabase::fresh(Backend::Sqlite).await.unwrap();
    let store = database.store().await.unwrap();
    create(&store, "before").await.unwrap();
    prove(&store, 0).await.unwrap();

    let room = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(1), ..room }).unwrap();
    // The first fails at COMMIT; the next ones find the connection as that one left it.
    let mut failed = Vec::new();
    for number in 0..3 {
        failed.push(create(&store, &format!("during{number}")).await);
        failed.push(store.bump_epoch(9).await.map(drop));
        failed.push(prove(&store, 1 + number).await);
    }
    setrlimit(Resource::Fsize, room).unwrap();
    for error in failed.into_iter().map(Result::unwrap_err) {
        assert!(error.is_unavailable() && error.is_unwritable(), "{error:?}");
    }

    for number in 0..5 {
        create(&store, &format!("after{number}")).await.unwrap();
    }
    prove(&store, 4).await.unwrap();
    assert_eq!(store.bump_epoch(9).await.unwrap(), 1);
    let expected = ["before", "after0", "after1", "after2", "after3", "after4"];
    assert_eq!(names_in(&database).await, expected, "as another process sees it");
    store.close().await;
    let store = database.store().await.unwrap();
    assert_eq!(names_in(&database).await, expected, "after a restart");
    assert_eq!(store.bump_epoch(9).await.unwrap(), 2);
}

/// Proves that the store can be written, so many minutes after noon.
async fn prove(store: &Store, minutes: i64) -> Result<(), StoreError> {
    let noon: DateTime<Utc> = NOON.parse().unwrap();
    store.prove_writable(noon + TimeDelta::minutes(minutes)).await
}

async fn create(store: &Store, username: &str) -> Result<(), StoreError> {
    let (password, joined) = (EncodedPassword::new("!"), NOON.parse().unwrap());
    let new = NewUser::active(username.to_owned(), password, joined);
    store.create_user(&new).await.map(drop)
}

/// The names of all users, read on a connection that the store does not have.
async fn names_in(database: &TestDatabase) -> Vec<String> {
    let db = database.raw().await.unwrap();
    let sql = r#"SELECT "username" FROM "auth_user" ORDER BY "id""#;
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    rows.unwrap().iter().map(|row| row.try_get("", "username").unwrap()).collect()
}
