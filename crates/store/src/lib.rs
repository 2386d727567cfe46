//! The database: Django's tables and ours, on SQLite, PostgreSQL and MySQL/MariaDB. Beside it,
//! counters in Redis.
//!
//! Reading order: [`Store`] connects; `connection` and `write` are what statements and transactions
//! run on; `entity` describes every table; `user` says what a user is, with and without the hash of
//! the password; then one file per table or
//! tight group of tables. `id`, `time`, `json` and `sign_count` are the only places that know how the three
//! databases differ in keys, datetimes, JSON and counters, and `statements` has the few texts of SQL. Entities
//! and transactions never leave the crate: every function here is complete in itself.
//!
//! What many functions await returns a `BoxFuture`: the body of an async function is compiled anew in
//! each crate, and each part of one, that awaits it.
//!
//! Every function fails with [`StoreError::Database`] when the database does. Only other errors
//! are mentioned where they occur; a row that is not there is no error.

#![expect(clippy::missing_errors_doc, reason = "the error that all share is described above")]

mod connect_error;
mod connection;
mod database_url;
mod entity;
mod error;
mod id;
mod json;
mod pool;
mod prepared;
pub mod settings;
mod sign_count;
mod statements;
mod store;
mod time;
mod user;

mod accounts;
mod address_changes;
mod addresses;
mod blacklist;
mod cascade;
mod claims;
mod clock_skew;
mod confirmations;
mod database_time;
mod deletion;
mod device_sessions;
mod device_tokens;
mod drf_tokens;
mod ended_logins;
mod epochs;
mod factor_census;
mod factor_changes;
mod factors;
mod family_user;
mod ignoring_case;
mod known_clients;
mod live_families;
mod logins;
mod mailed_secrets;
mod mfa;
mod mysql;
mod named_users;
mod one_time;
mod outbox;
mod outgoing;
mod passkeys;
mod passwords;
mod postgres;
mod present;
mod primary_address;
mod rate_limits;
mod reauthentications;
mod reclaim;
mod redis_counters;
mod refresh_families;
mod renewal;
mod sessions;
mod sites;
mod social_accounts;
mod social_tokens;
mod tables;
mod trusted_browsers;
mod user_columns;
mod user_fields;
mod user_lock;
mod user_sessions;
mod users;
mod waiting;
mod with_user;
mod writability;
mod write;

#[cfg(feature = "testing")]
pub mod testing;

pub use accounts::{CreatedUser, Flags, NameChange, NewUser, SingleUse};
pub use address_changes::{AddressAction, AddressChange, AddressLimit, EmailChange, MayGo};
pub use addresses::{Address, NewAddress};
pub use blacklist::{Blacklisting, NewOutstanding};
pub use claims::SameName;
pub use confirmations::{Confirmation, NewConfirmation};
pub use database_url::UrlProblem;
pub use deletion::Deletion;
pub use device_sessions::DeviceSession;
pub use device_tokens::{DeviceToken, NewDeviceToken, TokenClient};
pub use drf_tokens::DrfToken;
pub use ended_logins::EndedCredentials;
pub use epochs::Epoch;
pub use error::{StoreError, Unique};
pub use factor_census::{FactorContent, StoredFactor};
pub use factor_changes::{
    AppRemoval, CodesEnd, FactorChange, MaySetUp, NewFactors, Packages, SetUp, SetUpTerms,
};
pub use factors::Factors;
pub use family_user::{Family, RefreshingUser};
pub use known_clients::{ClientRecognition, KnownClient};
pub use live_families::LiveFamily;
pub use logins::Login;
pub use mfa::{Authenticator, FactorCheck, FactorKind, FactorSource, FactorUse, FactorUsed};
pub use one_time::{Earlier, MailedSecret, NewOneTime, OneTime};
pub use outbox::{Mail, MailState, NewMail, Retry};
pub use outgoing::Outgoing;
pub use passkeys::{
    AddedPasskey, NewPasskey, Passkey, PasskeyAddition, PasskeyKey, PasskeySource, PasskeyUse,
};
pub use passwords::NewPassword;
pub use primary_address::GivenAddress;
pub use reauthentications::Reauthentication;
pub use redis_counters::{RedisCounters, RedisFailure};
pub use refresh_families::{Consumed, NewFamily, RefreshToken, ReuseGrace};
pub use renewal::{Renewal, RenewedSession};
pub use rest_auth_migration::{
    MigrationError, MigrationStatus, Report, SchemaFinding, SchemaOrigin,
};
pub use sessions::SessionRow;
pub use settings::{Backend, DatabaseSettings};
pub use sites::Site;
pub use social_accounts::{DisconnectResult, Disconnection, NewSocialAccount, SocialAccount};
pub use social_tokens::SocialToken;
pub use store::Store;
pub use trusted_browsers::{NewTrustedBrowser, TrustedBrowser};
pub use user::{FromUserRow, User, UserRow, UserWithPassword};
pub use user_fields::{FieldChange, UserField};
pub use user_sessions::UserSession;
pub use users::{EmailMatch, MatchedBy};
