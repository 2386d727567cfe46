//! Datetimes: kept to the microsecond, ordered as time, in Django's form on SQLite.

use chrono::TimeDelta;
use rest_auth_store::SessionRow;
use rest_auth_store::testing::TestDatabase;
use sea_orm::{ConnectionTrait, Statement};

use crate::{ada, later, noon};

async fn a_time_comes_back_as_it_went(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    assert_eq!(store.user_by_id(user.id).await.unwrap(), Some(user.clone()));
    // After 2038 too, and cut to microseconds.
    let far = "2101-05-06T07:08:09.123456789Z".parse().unwrap();
    assert!(store.set_last_login(user.id, far).await.unwrap());
    let read = store.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!(read.last_login, Some("2101-05-06T07:08:09.123456Z".parse().unwrap()));
}

async fn sessions_end_to_the_microsecond(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let whole = "2026-02-03T12:00:00Z".parse().unwrap();
    let micro = TimeDelta::microseconds(1);
    for (key, end) in [("whole", whole), ("above", whole + micro), ("below", whole - micro)] {
        let row = SessionRow { data: "x".into(), expire_date: end };
        store.insert_session(key, &row).await.unwrap();
        assert!(store.session_with_user_hint(key, None, end - micro).await.unwrap().is_some());
        assert!(store.session_with_user_hint(key, None, end).await.unwrap().is_none(), "{key}");
    }
    assert_eq!(store.delete_expired_sessions(whole).await.unwrap(), 1);
    assert_eq!(store.delete_expired_sessions(later(9)).await.unwrap(), 2);
}

mod on {
    crate::on_every_database!(a_time_comes_back_as_it_went, sessions_end_to_the_microsecond);
}

#[tokio::test]
async fn sqlite_has_the_text_that_django_writes() {
    let database = TestDatabase::fresh(rest_auth_store::Backend::Sqlite).await.unwrap();
    let store = database.store().await.unwrap();
    let user = ada(&store).await;
    store.set_last_login(user.id, "2026-02-03T04:05:06Z".parse().unwrap()).await.unwrap();
    let db = database.raw().await.unwrap();
    let sql = "SELECT date_joined || '|' || last_login || '|' || typeof(last_login) AS t \
               FROM auth_user";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let text: String = row.try_get("", "t").unwrap();
    assert_eq!(text, "2026-02-03 12:00:00.000042|2026-02-03 04:05:06|text");
    assert_eq!(store.user_by_id(user.id).await.unwrap().unwrap().date_joined, noon());
}
