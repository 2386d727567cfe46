//! What the store promises, on every database that is at hand: SQLite always, PostgreSQL and MySQL
//! when `REST_AUTH_TEST_POSTGRES_URL` and `REST_AUTH_TEST_MYSQL_URL` name a server, and together
//! with Django when `REST_AUTH_TEST_DJANGO` is the command that runs its `manage.py`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod address_changes;
mod addresses;
mod claims;
mod credentials;
mod django;
mod entities;
mod full;
mod giving_up;
mod known_clients;
mod mailed_secrets;
mod migrations;
mod one_time;
mod outbox;
mod passkeys;
mod races;
mod rate_limits;
mod refresh_families;
mod renewal;
mod schema;
mod times;
mod user_fields;

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::{NewAddress, NewMail, NewUser, Store, User};

/// Makes one test per database of an async function that takes an empty [`TestDatabase`]. A test
/// whose server is not configured is ignored; so is each after `with django:` without a Django.
///
/// [`TestDatabase`]: rest_auth_store::testing::TestDatabase
macro_rules! on_every_database {
    (with django: $($name:ident),+ $(,)?) => {
        crate::on_every_database!(@each [not(django), "needs REST_AUTH_TEST_DJANGO"] $($name)+);
    };
    (@each [$without:meta, $needs:literal] $($name:ident)+) => {
        $(crate::on_every_database!(@one [$without, $needs] $name);)+
    };
    (@one [$without:meta, $needs:literal] $name:ident) => {
        mod $name {
            use rest_auth_store::Backend;
            use rest_auth_store::testing::{TestDatabase, run_test};

            fn run(backend: Backend) {
                run_test(Box::pin(async move {
                    let database = TestDatabase::fresh(backend).await;
                    let database = database.expect("the environment has the URL of the server");
                    super::super::$name(&database).await;
                }));
            }

            #[test]
            #[cfg_attr($without, ignore = $needs)]
            fn sqlite() {
                run(Backend::Sqlite);
            }

            #[test]
            #[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
            #[cfg_attr(all(postgres, $without), ignore = $needs)]
            fn postgres() {
                run(Backend::Postgres);
            }

            #[test]
            #[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
            #[cfg_attr(all(mysql, $without), ignore = $needs)]
            fn mysql() {
                run(Backend::Mysql);
            }
        }
    };
    ($($name:ident),+ $(,)?) => {
        crate::on_every_database!(@each [any(), "is never ignored"] $($name)+);
    };
}

pub(crate) use on_every_database;

/// A moment with microseconds, which every database must keep.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-02-03T12:00:00.000042Z".parse().unwrap()
}

/// Some seconds after noon.
pub(crate) fn later(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

pub(crate) fn person(username: &str, addresses: &[(&str, bool, bool)]) -> NewUser {
    let address = |(email, verified, primary): &(&str, bool, bool)| NewAddress {
        email: (*email).to_owned(),
        verified: *verified,
        primary: *primary,
    };
    let password = EncodedPassword::new("md5$salt$hash");
    NewUser {
        email: addresses.first().map_or_else(String::new, |(email, ..)| (*email).to_owned()),
        last_name: "Lovelace".to_owned(),
        addresses: addresses.iter().map(address).collect(),
        ..NewUser::active(username.to_owned(), password, noon())
    }
}

pub(crate) async fn ada(store: &Store) -> User {
    let new = person("ada", &[("ada@example.org", true, true)]);
    store.create_user(&new).await.unwrap().user
}

pub(crate) async fn enqueue(store: &Store, mails: &[NewMail]) {
    store.enqueue_outgoing(&mails.to_vec().into()).await.unwrap();
}

/// Runs the same work many times at once and gathers what each said.
pub(crate) async fn at_once<T: Send + 'static, F>(work: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    run_together(10, work).await
}

/// Runs the same work so many times at once and gathers what each said.
pub(crate) async fn run_together<T: Send + 'static, F>(
    times: usize,
    work: impl Fn(usize) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..times).map(|number| tokio::spawn(work(number))).collect();
    let mut said = Vec::new();
    for task in tasks {
        said.push(task.await.unwrap());
    }
    said
}
