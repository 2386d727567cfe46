//! From the settings of every layer to accounts over HTTP.

use std::io;

use rest_auth_domain::password::HashForm;
use rest_auth_flows::auth::{Auth, Environment};
use rest_auth_flows::error::SetupError;
use rest_auth_flows::links::{self, LinkBase};
use rest_auth_flows::mfa::census::{self, Census};
use rest_auth_flows::open::{self as accounts, MailContent, MailKind, Mailer, Store, StoreError};
use rest_auth_flows::password_forms;
use rest_auth_flows::social::setup::{self, Examined, SocialSetupError};
use utoipa::openapi::OpenApi;

use crate::api::Api;
use crate::catalogue;
use crate::config::layers::{of_accounts, of_requests};
use crate::config::{Finding, Settings};
use crate::openapi;
use crate::settings::Configuration;

pub use rest_auth_flows::social::setup::ClientRegistration;

/// Why the accounts cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The configuration file cannot be read.
    #[error("the configuration file {path}")]
    File {
        /// Its path.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The configuration has errors. Each is one line.
    #[error("the configuration cannot work:\n{}", lines(.0))]
    Configuration(Vec<Finding>),
    /// No secret key is configured, and none can be kept.
    #[error("server.secret_key: no key is set, and none can be kept")]
    SecretKey(#[source] io::Error),
    /// The database is not migrated, or this version cannot use it.
    #[error("database.url: {0}")]
    NotReady(String),
    /// The accounts behind the API cannot be opened.
    #[error(transparent)]
    Accounts(#[from] accounts::OpenError),
    /// The API cannot work as the settings say.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// The database failed after it was opened.
pub(crate) fn database(error: StoreError) -> OpenError {
    accounts::OpenError::Database(error).into()
}

fn lines(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Connects to everything that the settings name. Migrates the database if the settings say so.
///
/// # Errors
/// Names what cannot be reached, or the key that cannot work.
pub async fn open(settings: &Settings, environment: Environment) -> Result<Api, OpenError> {
    let (database, email) = (&settings.database, &settings.email);
    // In a box: all settings are in it, and every caller would be larger by them.
    let auth = Box::pin(accounts::open(of_accounts(settings), database, email, environment));
    let auth = auth.await?;
    Ok(over(auth, settings)?)
}

/// Opens the mailer alone, whether the database answers or not.
///
/// # Errors
/// Names the key that cannot work.
pub async fn open_mailer(settings: &Settings) -> Result<Mailer, OpenError> {
    let accounts = of_accounts(settings);
    let mailer = accounts::open_mailer(&accounts, &settings.database, &settings.email).await;
    Ok(mailer.map_err(accounts::OpenError::Mail)?)
}

/// Looks over the second factors in the database, which is only read. `None`: there is none yet.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn factor_census(settings: &Settings) -> Result<Option<Census>, OpenError> {
    let accounts = of_accounts(settings);
    census::take(&accounts, &settings.database).await.map_err(database)
}

/// How the newest passwords in the database, which is only read, were made.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn password_forms(settings: &Settings) -> Result<Vec<HashForm>, OpenError> {
    let accounts = of_accounts(settings);
    password_forms::of_newest(&accounts, &settings.database).await.map_err(database)
}

/// A sample of a mail, with the links that the settings make.
#[must_use]
pub fn sample_mail(settings: &Settings, kind: MailKind, to: &str, language: &str) -> MailContent {
    let base = LinkBase::configured(settings.http.public_url.clone().unwrap_or_default());
    links::sample_mail(&of_accounts(settings), &base, kind, to, language)
}

/// What has to be registered at each provider of social login.
#[must_use]
pub fn social_registrations(settings: &Settings) -> Vec<ClientRegistration> {
    let base = LinkBase::configured(settings.http.public_url.clone().unwrap_or_default());
    setup::registrations(&of_accounts(settings), &base)
}

/// Looks at a provider of social login as far as that needs no user.
///
/// # Errors
/// [`SocialSetupError`] names the key that cannot work.
pub async fn examine_social(
    settings: &Settings,
    provider: &str,
) -> Result<Vec<Examined>, SocialSetupError> {
    setup::examine(&of_accounts(settings), provider).await
}

/// Makes the API of parts that are open already.
///
/// # Errors
/// [`SetupError`] names the key that cannot work.
pub fn assemble(
    settings: &Settings,
    store: Store,
    mailer: Mailer,
    environment: Environment,
) -> Result<Api, SetupError> {
    let auth = Auth::new(of_accounts(settings), store, mailer, environment)?;
    over(auth, settings)
}

/// The API over accounts that are open.
fn over(auth: Auth, settings: &Settings) -> Result<Api, SetupError> {
    let api = Api::new(auth, of_requests(settings))?;
    catalogue::check(api.configuration())?;
    Ok(api)
}

/// The OpenAPI document of an API of these settings. It needs the settings only: no database is
/// opened, and no secret key is made.
#[must_use]
pub fn document(settings: &Settings) -> OpenApi {
    let (accounts, http) = (of_accounts(settings), of_requests(settings));
    let accounts = if accounts.apps.has_allauth() { accounts } else { accounts.without_allauth() };
    openapi::document(Configuration { accounts: &accounts, http: &http })
}
