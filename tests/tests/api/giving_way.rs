//! Transactions that the database takes back again and again because others go first, and a
//! PostgreSQL that does so readily.

use rest_auth_store::testing::{TestDatabase, run_test};

use crate::fixture::*;
use crate::races;

/// Has the database refuse each new user, as it does when another transaction must go first.
async fn refuse_users(server: &Server, backend: Backend) {
    let statements: &[&str] = match backend {
        Backend::Postgres => &[
            "CREATE SEQUENCE tries",
            "CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS \
             $$BEGIN PERFORM nextval('tries'); \
             RAISE EXCEPTION 'somebody else goes first' USING ERRCODE = '40001'; END$$",
            "CREATE TRIGGER give_way BEFORE INSERT ON auth_user \
             FOR EACH ROW EXECUTE FUNCTION give_way()",
        ],
        _ => &["CREATE TRIGGER give_way BEFORE INSERT ON auth_user FOR EACH ROW \
               SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213"],
    };
    for statement in statements {
        server.database().execute(statement).await.expect("the database takes it");
    }
}

async fn is_told_to_come_back_and_may(backend: Backend) {
    let database = TestDatabase::fresh(backend).await.expect("the database is there");
    let server = Server::start_on(&merged(&base(), &token_mode()), database).await;
    let server = Arc::new(server.expect("the server starts"));
    refuse_users(&server, backend).await;
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
        "password2": PASSWORD});
    let refused = Client::new(&server).post("/registration/", &form).await.of(503);
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(server.new_mails().await.len(), 0);
    let on_table = if backend == Backend::Postgres { " ON auth_user" } else { "" };
    let drop = format!("DROP TRIGGER give_way{on_table}");
    server.database().execute(&drop).await.expect("the database takes it");
    if backend == Backend::Postgres {
        // The sequence does not go back: it was tried five times.
        let five = "DO $$BEGIN ASSERT (SELECT last_value FROM tries) = 5; END$$";
        server.database().execute(five).await.expect("five tries");
    }
    Client::new(&server).post("/registration/", &form).await.is(201);
    assert_eq!(server.new_mails().await.len(), 1);
}

#[test]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
fn who_gives_way_five_times_on_postgres_is_told_to_come_back_and_may() {
    run_test(Box::pin(is_told_to_come_back_and_may(Backend::Postgres)));
}

#[test]
#[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
fn who_gives_way_five_times_on_mysql_is_told_to_come_back_and_may() {
    run_test(Box::pin(is_told_to_come_back_and_may(Backend::Mysql)));
}

/// A server on a PostgreSQL whose transactions are serializable unless they say otherwise.
async fn serializable(config: Value) -> Arc<Server> {
    let database = TestDatabase::serializable().await.expect("the database is there");
    let server = Server::start_on(&merged(&base(), &config), database).await;
    Arc::new(server.expect("the server starts"))
}

#[test]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
fn where_transactions_are_serializable_one_of_ten_registrations_succeeds() {
    run_test(Box::pin(async {
        races::one_of_ten_registers(serializable(token_mode()).await).await;
    }));
}

#[test]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
fn where_transactions_are_serializable_ten_refreshes_get_one_successor() {
    run_test(Box::pin(async {
        races::ten_get_one_successor(with_ada(serializable(jwt_mode()).await).await).await;
    }));
}

#[test]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
fn where_transactions_are_serializable_one_of_two_new_passwords_wins() {
    run_test(Box::pin(async {
        races::one_of_two_passwords_wins(with_ada(serializable(token_mode()).await).await).await;
    }));
}
