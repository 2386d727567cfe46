//! How the passwords in a database were made: a login hashes those anew that were made otherwise than
//! the settings say, and Django's sessions end with the hash.

use rest_auth_domain::password::HashForm;
use rest_auth_store::{DatabaseSettings, Store, StoreError};

use crate::settings::FlowSettings;
use crate::setup;

/// How many passwords are looked at. The newest tell how the project makes them now.
const SAMPLE: u64 = 200;

/// How the newest passwords of a database, which is only read, were made. Those that nobody can log
/// in with are left out.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn of_newest(
    settings: &FlowSettings,
    database: &DatabaseSettings,
) -> Result<Vec<HashForm>, StoreError> {
    let is_missing = database.sqlite_file().is_some_and(|file| !file.exists());
    let Some(hashers) = setup::hashers(&settings.auth).ok().filter(|_| !is_missing) else {
        return Ok(Vec::new());
    };
    let store = Store::connect_to_read(database).await?;
    let passwords = store.newest_passwords(SAMPLE).await;
    store.close().await;
    Ok(passwords?.iter().filter_map(|password| hashers.form(password)).collect())
}
