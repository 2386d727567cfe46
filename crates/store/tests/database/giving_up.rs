//! Requests that are given up half way: a client hangs up, and its future is dropped.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{DatabaseSettings, Flags, Store};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};

use crate::{ada, person};

/// More than there are points at which making a user waits for the database.
const MOST_POLLS: usize = 60;

async fn leave_no_transaction_open_for_the_next_write(database: &TestDatabase) {
    database.store().await.unwrap().close().await;
    // One connection, so that the next write gets the one that was given up.
    let settings = DatabaseSettings { max_connections: 1, ..database.settings() };
    let store = Store::connect(&settings).await.unwrap();
    let user = ada(&store).await;
    let raw = database.raw().await.unwrap();
    let mut finished = 0;
    for polls in 1..MOST_POLLS {
        let new = person(&format!("user{polls}"), &[]);
        let making = store.create_user(&new);
        finished += usize::from(given_up_after(polls, making).await.is_some());

        let staff = polls % 2 == 1;
        let flags = Flags { is_staff: staff, is_superuser: false };
        assert!(store.set_flags(user.id, flags).await.unwrap());
        assert_eq!(is_staff(&raw, user.id).await, staff, "after {polls} polls");
    }
    assert!(finished > 0, "no request had the time to finish");
    assert!(finished < MOST_POLLS - 1, "no request was given up");
}

/// How often requests are given up at the same point, for each connection of the pool.
const ROUNDS: usize = 3;

async fn leave_their_connections_to_others(database: &TestDatabase) {
    database.store().await.unwrap().close().await;
    let (max_connections, acquire_timeout) = (2, Duration::from_secs(10));
    let settings = DatabaseSettings { max_connections, acquire_timeout, ..database.settings() };
    let store = Store::connect(&settings).await.unwrap();
    let user = ada(&store).await;
    let flags = Flags { is_staff: true, is_superuser: false };
    let (mut given_up, mut finished) = (0, 0);
    for polls in 1..MOST_POLLS {
        for round in 0..ROUNDS {
            let new = person(&format!("user{polls}-{round}"), &[]);
            let done = given_up_after(polls, store.create_user(&new)).await.is_some();
            let read = given_up_after(polls, store.user_with_password(user.id)).await.is_some();
            let wrote = given_up_after(polls, store.set_flags(user.id, flags)).await.is_some();
            for is_done in [done, read, wrote] {
                finished += usize::from(is_done);
                given_up += usize::from(!is_done);
            }
        }
        // All connections at once, and what they answer is the answer to this question.
        let both = tokio::try_join!(store.user_by_id(user.id), store.user_by_id(user.id));
        let (first, second) = both.unwrap_or_else(|error| panic!("after {polls} polls: {error:?}"));
        assert_eq!((first.unwrap().id, second.unwrap().id), (user.id, user.id));
        assert!(store.set_flags(user.id, flags).await.unwrap(), "after {polls} polls");
    }
    assert!(given_up > 0 && finished > 0, "{given_up} were given up and {finished} not");
}

/// Drops a future that is not ready after some polls.
pub(crate) async fn given_up_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn is_staff(db: &DatabaseConnection, id: i64) -> bool {
    let sql = format!("SELECT is_staff FROM auth_user WHERE id = {id}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    row.unwrap().unwrap().try_get("", "is_staff").unwrap()
}

mod given_up_requests {
    crate::on_every_database!(
        leave_no_transaction_open_for_the_next_write,
        leave_their_connections_to_others,
    );
}
