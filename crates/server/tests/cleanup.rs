//! Rows that have expired are removed, and no others.

use std::time::Duration;

use rest_auth_flows::auth::Environment;
use rest_auth_flows::cleanup;
use rest_auth_http::config::Settings;
use rest_auth_http::open;
use rest_auth_settings::{ConnectionUrl, Profile, Secret};
use rest_auth_store::SessionRow;

#[tokio::test]
async fn what_expired_is_removed_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::defaults(Profile::Strict);
    let url = format!("sqlite://{}/accounts.sqlite3", folder.path().display());
    settings.database.url = ConnectionUrl::new(url);
    settings.signing.secret_key = Some(Secret::new("a key for one test, which nobody else uses"));
    let api = open::open(&settings, Environment::default()).await.unwrap();
    let (auth, store) = (api.auth(), api.auth().store());
    let second = Duration::from_secs(1);
    for (key, expire_date) in [("old", auth.now() - second), ("new", auth.now() + 3_600 * second)] {
        let row = SessionRow { data: String::new(), expire_date };
        store.insert_session(key, &row).await.unwrap();
    }
    assert_eq!(cleanup::clean(auth).await, 1);
    assert_eq!(cleanup::clean(auth).await, 0);
    assert!(store.session_with_user_hint("new", None, auth.now()).await.unwrap().is_some());
}
