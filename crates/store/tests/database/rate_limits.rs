//! Limits that several instances share.

use chrono::TimeDelta;
use rest_auth_domain::sliding_window::{Counter, Rate};
use rest_auth_store::testing::TestDatabase;
use tokio::task::JoinSet;

use crate::later;

const RATE: Rate = Rate { amount: 3, period: TimeDelta::seconds(60) };

fn counters(keys: &[&str]) -> Vec<Counter> {
    keys.iter().map(|key| Counter { key: (*key).to_owned(), rate: RATE }).collect()
}

async fn of_many_at_once_no_more_pass_than_fit(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let store = store.clone();
        // In whatever order they are named: nobody waits for somebody who waits in turn.
        let mut counters = counters(&["both", if number % 2 == 0 { "even" } else { "odd" }]);
        if number % 4 < 2 {
            counters.reverse();
        }
        tasks.spawn(async move { store.consume_rate_limits(&counters, later(0)).await.unwrap() });
    }
    let waits = tasks.join_all().await;
    let passed = waits.iter().filter(|wait| wait.is_none()).count();
    assert_eq!(passed, 3);
    let minute = Some(RATE.period);
    assert!(waits.iter().all(|wait| wait.is_none() || *wait == minute), "{waits:?}");
    // What was refused has counted nowhere.
    let (even, odd) = (counters(&["even"]), counters(&["odd"]));
    let mut left = 0;
    for _ in 0..4 {
        left += usize::from(store.consume_rate_limits(&even, later(1)).await.unwrap().is_none());
        left += usize::from(store.consume_rate_limits(&odd, later(1)).await.unwrap().is_none());
    }
    assert_eq!(left, 3);
}

async fn the_window_slides(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let one = counters(&["one"]);
    for second in [0, 20, 40] {
        assert_eq!(store.consume_rate_limits(&one, later(second)).await.unwrap(), None);
    }
    let wait = |second| {
        let (store, one) = (&store, &one);
        async move { store.rate_limit_wait(one, later(second)).await.unwrap() }
    };
    assert_eq!(wait(50).await, Some(TimeDelta::seconds(10)));
    assert_eq!(store.consume_rate_limits(&one, later(59)).await.unwrap(), wait(59).await);
    assert_eq!(store.consume_rate_limits(&one, later(60)).await.unwrap(), None);
    assert_eq!(wait(60).await, Some(TimeDelta::seconds(20)));
    let never = [Counter { rate: Rate { amount: 0, ..RATE }, ..one[0].clone() }];
    assert_eq!(store.consume_rate_limits(&never, later(600)).await.unwrap(), Some(RATE.period));
    store.clear_rate_limits(&["one".to_owned(), "unknown".to_owned()]).await.unwrap();
    assert_eq!(wait(60).await, None);
}

async fn expired_windows_go_while_others_are_counted(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    for number in 0..20 {
        let window = counters(&[format!("window{number}").as_str()]);
        store.consume_rate_limits(&window, later(0)).await.unwrap();
    }
    assert_eq!(store.delete_expired_rate_limits(later(59)).await.unwrap(), 0);
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let store = store.clone();
        tasks.spawn(async move {
            if number % 4 == 0 {
                store.delete_expired_rate_limits(later(60)).await.unwrap();
                return;
            }
            let (a, b) = (format!("window{}", number % 20), format!("window{}", number % 7));
            let keys = if a == b { vec![a.as_str()] } else { vec![a.as_str(), b.as_str()] };
            store.consume_rate_limits(&counters(&keys), later(60)).await.unwrap();
        });
    }
    tasks.join_all().await;
    // What was counted meanwhile is still there.
    let used = [counters(&["window5"]), counters(&["window6"])];
    for window in &used {
        let rate = Rate { amount: 1, ..RATE };
        let full = [Counter { rate, ..window[0].clone() }];
        assert!(store.rate_limit_wait(&full, later(60)).await.unwrap().is_some());
    }
    assert!(store.delete_expired_rate_limits(later(120)).await.unwrap() >= 7);
    assert_eq!(store.delete_expired_rate_limits(later(120)).await.unwrap(), 0);
}

mod on {
    crate::on_every_database!(
        of_many_at_once_no_more_pass_than_fit,
        the_window_slides,
        expired_windows_go_while_others_are_counted,
    );
}
