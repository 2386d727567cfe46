use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, Query};
use sqlx::Sqlite;
use sqlx::pool::PoolOptions;
use tokio::task::JoinSet;

use super::*;

const MOST: u32 = 4;

/// Connections to databases in memory, each of which is open after a while only.
fn slow_to_open(opened: &Arc<AtomicU32>) -> Warm<Sqlite> {
    let opened = Arc::clone(opened);
    let options = PoolOptions::new().max_connections(MOST).after_connect(move |_, _| {
        let opened = Arc::clone(&opened);
        Box::pin(async move {
            opened.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(())
        })
    });
    Warm::new(options.connect_lazy("sqlite::memory:").unwrap(), Names::Kept)
}

#[tokio::test]
async fn a_connection_that_is_opened_for_nobody_any_more_stays_for_the_next() {
    let opened = Arc::default();
    let warm = slow_to_open(&opened);
    let mut clients = JoinSet::new();
    for _ in 0..3 * MOST {
        let warm = warm.clone();
        clients.spawn(async move {
            let until = Instant::now() + Duration::from_millis(500);
            while Instant::now() < until {
                let ping = DbBackend::Sqlite.build(&Query::select().expr(Expr::val(1)).take());
                warm.query_one(&ping).await.unwrap();
            }
        });
    }
    clients.join_all().await;
    // Those who wait while the last ones are opened may begin one more.
    let opened = opened.load(Ordering::Relaxed);
    assert!((MOST..=2 * MOST).contains(&opened), "{opened} were opened");
    assert_eq!(warm.pool.size(), MOST);
}
