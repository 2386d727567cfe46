//! Where the configuration of embedded accounts comes from, and how they are opened.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rest_auth_domain::clock::Clock;
use rest_auth_domain::random::RandomSource;
use rest_auth_flows::auth::Environment;
use rest_auth_flows::events::{Occurrence, Subscriber};
use rest_auth_flows::open::{Store, not_ready_reason, prove_writable};
use rest_auth_flows::secret_key;
use rest_auth_flows::workers::Workers;
use rest_auth_settings::value::Json;

use super::RestAuth;
use crate::config::{ConfigFile, Loaded, Severity, Sources, load_from};
use crate::open::{self, OpenError};

/// Collects the configuration of accounts and opens them. Keys that no source sets have their
/// defaults. The sources are the file, the variables, and [`set`](Self::set); a later one overrides
/// an earlier one.
#[derive(Clone, Default)]
pub struct Builder {
    file: Option<PathBuf>,
    variables: Vec<(OsString, OsString)>,
    program: Vec<(String, Json)>,
    environment: Environment,
}

impl Builder {
    /// Reads this configuration file.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Reads these variables, such as `std::env::vars_os()`. Variables that do not begin with
    /// `REST_AUTH__` are ignored.
    #[must_use]
    pub fn variables<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let owned = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.variables.extend(owned);
        self
    }

    /// Sets one key, such as `rest_auth.use_jwt`, to a value as the configuration file would have
    /// it.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Json>) -> Self {
        self.program.push((key.into(), value.into()));
        self
    }

    /// Takes the time from this clock. Tests can pass one that they set by hand.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.environment.clock = clock;
        self
    }

    /// Takes random bytes from this source.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.environment.random = random;
        self
    }

    /// Calls a function with everything that happens to an account: after a registration, a login,
    /// a deletion and the other [`Event`](rest_auth_flows::events::Event)s. It runs within the
    /// request, before the answer, so it must not block; what takes time belongs into a task of its
    /// own. May be called several times.
    #[must_use]
    pub fn on_event(mut self, subscriber: impl Fn(&Occurrence) + Send + Sync + 'static) -> Self {
        self.environment.subscribers.push(Subscriber::new(subscriber));
        self
    }

    /// Reads the configuration, connects to the database, migrates it if the settings say so, keeps
    /// a secret key where none is set, and starts the workers.
    ///
    /// # Errors
    /// [`OpenError`]; a configuration with errors is one of them.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub async fn open(self) -> Result<RestAuth, OpenError> {
        let Self { file, variables, program, environment } = self;
        let Loaded { mut settings, findings } = load(file.as_deref(), variables, program)?;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.severity == Severity::Error);
        if !errors.is_empty() {
            return Err(OpenError::Configuration(errors));
        }
        // If several TLS providers are compiled in, libraries cannot choose one. A choice of the
        // application is kept.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        secret_key::ensure(&mut settings.signing, &settings.database)
            .map_err(OpenError::SecretKey)?;
        Store::wait_for(&settings.database).await;
        let api = open::open(&settings, environment).await?;
        let status = api.auth().store().migration_status().await;
        let status = status.map_err(open::database)?;
        if let Some(reason) = not_ready_reason(&status) {
            return Err(OpenError::NotReady(reason));
        }
        prove_writable(api.auth(), &settings.database).await?;
        let workers = Workers::start(api.auth());
        Ok(RestAuth { api, warnings, workers, patience: settings.server.shutdown_timeout })
    }
}

fn load(
    path: Option<&Path>,
    variables: Vec<(OsString, OsString)>,
    program: Vec<(String, Json)>,
) -> Result<Loaded, OpenError> {
    let Some(path) = path else {
        return Ok(load_from(Sources { file: None, variables, program }));
    };
    let content = fs::read_to_string(path)
        .map_err(|source| OpenError::File { path: path.display().to_string(), source })?;
    let file = Some(ConfigFile { path, content: &content });
    Ok(load_from(Sources { file, variables, program }))
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables and values may be secrets.
        f.debug_struct("Builder").field("file", &self.file).finish_non_exhaustive()
    }
}
