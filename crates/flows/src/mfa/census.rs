//! How many second factors there are in the tables of each package, and what of them does not work
//! with the settings: before a server takes a database over.

use std::collections::BTreeMap;

use rest_auth_domain::mfa::{Owner, TotpSecret, authenticator, hashed_codes};
use rest_auth_domain::signing::SecretKeys;
use rest_auth_domain::webauthn::relying_party::id_hash;
use rest_auth_domain::webauthn::{PublicKey, allauth};
use rest_auth_store::{
    DatabaseSettings, FactorContent, FactorKind, FactorSource, Store, StoreError, StoredFactor,
};
use serde_json::Value;

use super::status;
use crate::settings::FlowSettings;
use crate::setup;

const SOURCES: [FactorSource; 3] =
    [FactorSource::DjRestAuth, FactorSource::Allauth, FactorSource::Passkeys];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many rows there are, by package and type.
    pub counts: BTreeMap<(&'static str, String), u64>,
    /// Authenticator apps whose secret no key reads.
    pub unreadable_secrets: u64,
    /// Users whose recovery codes no key knows.
    pub unreadable_codes: u64,
    /// Passkeys that cannot be read.
    pub unreadable_passkeys: u64,
    /// Passkeys of allauth that are bound to another domain than `passkeys.rp_id`.
    pub foreign_passkeys: u64,
}

/// What rows are held against.
struct CensusKeys {
    /// None: without a secret key nothing is known of secrets.
    keys: Option<SecretKeys>,
    party: Option<[u8; 32]>,
}

/// Counts the factors of a database, which is only read. `None`: there is no database yet.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn take(
    settings: &FlowSettings,
    database: &DatabaseSettings,
) -> Result<Option<Census>, StoreError> {
    if database.sqlite_file().is_some_and(|file| !file.exists()) {
        return Ok(None);
    }
    let rules = CensusKeys {
        keys: setup::factor_keys(&settings.signing, &settings.mfa).ok(),
        party: settings.passkeys.rp_id.as_deref().map(id_hash),
    };
    let store = Store::connect_to_read(database).await?;
    let taken = of(&store, &rules).await;
    store.close().await;
    taken.map(Some)
}

async fn of(store: &Store, rules: &CensusKeys) -> Result<Census, StoreError> {
    let mut census = Census::default();
    for source in SOURCES {
        store.for_each_factor(source, |row| census.add(source, &row, rules)).await?;
    }
    Ok(census)
}

impl Census {
    /// How many rows a package has of a type.
    #[must_use]
    pub fn count(&self, app: &'static str, kind: FactorKind) -> u64 {
        self.counts.get(&(app, kind.name().to_owned())).copied().unwrap_or_default()
    }

    fn add(&mut self, source: FactorSource, row: &StoredFactor, rules: &CensusKeys) {
        let key = (status::app(source), row.kind.clone());
        *self.counts.entry(key).or_default() += 1;
        match &row.content {
            FactorContent::Data(data) if row.kind == FactorKind::Totp.name() => {
                if !has_secret(source, row.user_id, data, rules) {
                    self.unreadable_secrets += 1;
                }
            }
            FactorContent::Data(data) if row.kind == FactorKind::RecoveryCodes.name() => {
                let are_unknown = |keys| hashed_codes::is_of_another_key(data, keys);
                self.unreadable_codes += u64::from(rules.keys.as_ref().is_some_and(are_unknown));
            }
            FactorContent::Data(data) if row.kind == FactorKind::Passkey.name() => {
                match allauth::read(data) {
                    Ok(read) if PublicKey::read(&read.public_key).is_ok() => {
                        let is_ours = rules.party.is_none_or(|party| party == read.rp_id_hash);
                        self.foreign_passkeys += u64::from(!is_ours);
                    }
                    _ => self.unreadable_passkeys += 1,
                }
            }
            FactorContent::Data(_) => {}
            FactorContent::PublicKey(key) => {
                self.unreadable_passkeys += u64::from(PublicKey::read(key).is_err());
            }
        }
    }
}

fn has_secret(source: FactorSource, user_id: i64, data: &Value, rules: &CensusKeys) -> bool {
    match (source, &rules.keys) {
        (FactorSource::Allauth, _) => {
            let secret = data.get("secret").and_then(Value::as_str);
            secret.and_then(TotpSecret::parse).is_some()
        }
        (_, Some(keys)) => authenticator::secret(data, Owner { user_id, keys }).is_some(),
        (_, None) => true,
    }
}
