//! Opens the accounts: connects to everything that the settings name.

use std::sync::Arc;

use rest_auth_domain::clock::{Clock, SystemClock};
use rest_auth_settings::Profile;
use rest_auth_store::SchemaFinding;

use crate::auth::{Auth, Environment};
use crate::error::SetupError;
use crate::settings::{AccountSettings, DatabaseSettings, EmailSettings, FlowSettings};
use crate::setup::DerivedSettings;

pub use rest_auth_mail::{
    Inbox, MailContent, MailKind, MailSettings, MailSetupError, Mailer, MisnamedTemplate,
};
pub use rest_auth_store::{
    FactorKind, FactorSource, MigrationStatus, Store, StoreError, UrlProblem,
};

/// The name of the site where neither the settings nor the database have one, as in Django.
const SITE_NAME: &str = "example.com";

/// The reason why accounts cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database does not answer, or its address is wrong.
    #[error("database.url")]
    Database(#[source] StoreError),
    /// The database can be read and not written.
    #[error(
        "database.url: {url} cannot be written; its file and its folder must be writable for \
         the user that runs this, and the disk must have room"
    )]
    Unwritable {
        /// Its address, without its password.
        url: String,
        /// What the database says.
        source: StoreError,
    },
    /// The database answers and cannot be migrated.
    #[error("the database cannot be migrated")]
    Migration(#[source] StoreError),
    /// The name of the site cannot be read.
    #[error("server.site_id")]
    Site(#[source] StoreError),
    /// Mail cannot work as the settings say.
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    /// Something else cannot work as the settings say.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Connects to the database and prepares what the settings ask for. Migrates the database first if
/// the settings say so.
///
/// # Errors
/// [`OpenError`] names the key at fault.
pub async fn open(
    settings: FlowSettings,
    database: &DatabaseSettings,
    email: &EmailSettings,
    environment: Environment,
) -> Result<Auth, OpenError> {
    let store = Store::connect(database).await;
    let store = store.map_err(|error| refused(database, error, OpenError::Database))?;
    if database.migrates_on_start() {
        let migrated = store.migrate().await;
        migrated.map_err(|error| refused(database, error, OpenError::Migration))?;
    }
    let site_name = match &settings.site.site_name {
        Some(name) => name.clone(),
        None => site_name(&store, settings.site.site_id).await.map_err(OpenError::Site)?,
    };
    let mailer = Mailer::new(&mail_settings(&settings.account, email, &site_name))?;
    Ok(Auth::new(settings, store, mailer, environment)?)
}

/// Opens the mailer alone. The database is asked for the name of the site if it is there and
/// answers; mail can be tried without it.
///
/// # Errors
/// [`MailSetupError`] names the key at fault.
pub async fn open_mailer(
    settings: &FlowSettings,
    database: &DatabaseSettings,
    email: &EmailSettings,
) -> Result<Mailer, MailSetupError> {
    let site_name = match &settings.site.site_name {
        Some(name) => name.clone(),
        None => known_site_name(database, settings.site.site_id).await.unwrap_or(SITE_NAME.into()),
    };
    Mailer::new(&mail_settings(&settings.account, email, &site_name))
}

async fn known_site_name(database: &DatabaseSettings, id: i64) -> Option<String> {
    if database.sqlite_file().is_some_and(|file| !file.exists()) {
        return None;
    }
    let store = Store::connect(database).await.ok()?;
    let name = site_name(&store, id).await.ok();
    store.close().await;
    name
}

/// Proves that the accounts can be written. Their schema must be up to date.
///
/// # Errors
/// [`OpenError::Unwritable`] with the reason, or [`OpenError::Database`].
pub async fn prove_writable(auth: &Auth, database: &DatabaseSettings) -> Result<(), OpenError> {
    let written = auth.store().prove_writable(auth.now()).await;
    written.map_err(|error| refused(database, error, OpenError::Database))
}

/// What the database refused, with its address if it cannot be written.
fn refused(
    database: &DatabaseSettings,
    error: StoreError,
    other: impl Fn(StoreError) -> OpenError,
) -> OpenError {
    if error.is_unwritable() {
        OpenError::Unwritable { url: database.url.masked(), source: error }
    } else {
        other(error)
    }
}

/// The settings of mails and their delivery.
#[must_use]
pub fn mail_settings(
    account: &AccountSettings,
    email: &EmailSettings,
    site_name: &str,
) -> MailSettings {
    MailSettings::new(email, account.email_subject_prefix.as_deref(), site_name)
}

/// Prepares what the settings alone decide and forgets it: what [`open`] refuses of them is refused.
/// A secret key must be set.
///
/// # Errors
/// [`SetupError`] names the key at fault.
pub fn check(settings: &FlowSettings) -> Result<(), SetupError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    DerivedSettings::new(settings, &clock).map(drop)
}

/// Checks the settings of mails without connecting to the mail server.
///
/// # Errors
/// [`MailSetupError`] names the key at fault.
pub fn check_mail(email: &EmailSettings) -> Result<(), MailSetupError> {
    let account = AccountSettings::defaults(Profile::default());
    Mailer::check(&mail_settings(&account, email, SITE_NAME))
}

/// The files of `email.template_dir` that no mail is made of.
#[must_use]
pub fn misnamed_templates(email: &EmailSettings) -> Vec<MisnamedTemplate> {
    email.template_dir.as_deref().map(rest_auth_mail::misnamed).unwrap_or_default()
}

/// The reason, in words, why the server cannot work on a database in this state; `None` if it can.
#[must_use]
pub fn not_ready_reason(status: &MigrationStatus) -> Option<String> {
    if let Some(fatal) = status.findings.iter().find(|finding| finding.is_fatal()) {
        return Some(SchemaFinding::to_string(fatal));
    }
    (!status.pending.is_empty())
        .then(|| "migrations are pending: run `rest-auth migrate`".to_owned())
}

async fn site_name(store: &Store, id: i64) -> Result<String, StoreError> {
    Ok(store.site(id).await?.map_or_else(|| SITE_NAME.to_owned(), |site| site.name))
}
