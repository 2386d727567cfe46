//! The handle that every flow starts from.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::{Clock, SystemClock};
use rest_auth_domain::jwt::Tokens;
use rest_auth_domain::password::{Hashers, PasswordValidator};
use rest_auth_domain::random::{OsRandom, RandomSource};
use rest_auth_domain::session::SessionLife;
use rest_auth_domain::signing::SecretKeys;
use rest_auth_domain::username::UsernameRules;
use rest_auth_mail::Mailer;
use rest_auth_social::Social;
use rest_auth_store::Store;

use crate::authentication_backend::LoginBackend;
use crate::credentials::jwt::claims::UserClaims;
use crate::credentials::session_hints::SessionHints;
use crate::error::{AuthError, SetupError};
use crate::events::subscriber::Subscriber;
use crate::hashing::HashingPool;
use crate::limits::rules::Limits;
use crate::outbox::wakeup::Wakeup;
use crate::settings::FlowSettings;
use crate::setup::{self, DerivedSettings};
use crate::throttle::Throttle;

/// The accounts of an application: settings, store and everything prepared from them. Clones
/// share it.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    settings: FlowSettings,
    store: Store,
    mailer: Mailer,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
    keys: SecretKeys,
    factor_keys: SecretKeys,
    tokens: Option<Tokens>,
    claims: UserClaims,
    hashers: Hashers,
    hashing: HashingPool,
    validators: Vec<PasswordValidator>,
    username_rules: UsernameRules,
    backends: Vec<LoginBackend>,
    limits: Limits,
    throttle: Throttle,
    session_hints: SessionHints,
    social: Social,
    wakeup: Wakeup,
    subscribers: Vec<Subscriber>,
}

/// Clock, random numbers and subscribers. Tests replace them.
#[derive(Clone)]
pub struct Environment {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of random bytes.
    pub random: Arc<dyn RandomSource>,
    /// The subscribers to events.
    pub subscribers: Vec<Subscriber>,
}

impl Default for Environment {
    /// The operating system's clock and random numbers, and no subscriber.
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(OsRandom), subscribers: Vec::new() }
    }
}

impl Auth {
    /// Prepares everything that the settings ask for and starts the hashing threads.
    ///
    /// # Errors
    /// [`SetupError`] names the key at fault.
    pub fn new(
        settings: FlowSettings,
        store: Store,
        mailer: Mailer,
        environment: Environment,
    ) -> Result<Self, SetupError> {
        let settings = setup::adapted_to_database(settings, &store)?;
        let Environment { clock, random, subscribers } = environment;
        let prepared = DerivedSettings::new(&settings, &clock)?;
        let limits = setup::limits(&settings.auth);
        let hashing = HashingPool::start(prepared.hashers.clone(), limits, random.clone())
            .map_err(|e| SetupError::new("auth.hashing_threads", e.to_string()))?;
        Ok(Self(Arc::new(Inner {
            throttle: Throttle::new(&settings.cache, &prepared.keys, &store)?,
            keys: prepared.keys,
            factor_keys: prepared.factor_keys,
            hashers: prepared.hashers,
            tokens: prepared.tokens,
            claims: prepared.claims,
            validators: prepared.validators,
            username_rules: prepared.username_rules,
            backends: prepared.backends,
            limits: prepared.limits,
            social: prepared.social,
            settings,
            store,
            mailer,
            clock,
            random,
            hashing,
            session_hints: SessionHints::default(),
            wakeup: Wakeup::default(),
            subscribers,
        })))
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &FlowSettings {
        &self.0.settings
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Delivers mails.
    #[must_use]
    pub fn mailer(&self) -> &Mailer {
        &self.0.mailer
    }

    /// The time, cut to microseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// The source of random bytes.
    #[must_use]
    pub fn random(&self) -> &dyn RandomSource {
        &*self.0.random
    }

    /// The keys that sign sessions and links.
    #[must_use]
    pub fn keys(&self) -> &SecretKeys {
        &self.0.keys
    }

    /// The keys that secrets of second factors are encrypted and recovery codes hashed with.
    #[must_use]
    pub fn factor_keys(&self) -> &SecretKeys {
        &self.0.factor_keys
    }

    /// The counters of attempts.
    #[must_use]
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The password hashing threads.
    #[must_use]
    pub fn hashing(&self) -> &HashingPool {
        &self.0.hashing
    }

    /// The providers of social login.
    #[must_use]
    pub fn social(&self) -> &Social {
        &self.0.social
    }

    /// The formats of stored passwords that are accepted. Only the threads hash.
    pub(crate) fn hashers(&self) -> &Hashers {
        &self.0.hashers
    }

    /// How long sessions live.
    #[must_use]
    pub fn session_life(&self) -> SessionLife {
        let session = &self.0.settings.session;
        SessionLife {
            cookie_age: i64::try_from(session.cookie_age.as_secs()).unwrap_or(i64::MAX),
            expire_at_browser_close: session.expire_at_browser_close,
        }
    }

    /// Issues and reads JWTs.
    ///
    /// # Errors
    /// [`AuthError::NotFound`] where `rest_auth.use_jwt` is off: there are none then.
    pub(crate) fn tokens(&self) -> Result<&Tokens, AuthError> {
        self.0.tokens.as_ref().ok_or(AuthError::NotFound)
    }

    /// The claims about users that `simple_jwt.claims` adds to tokens.
    pub(crate) fn claims(&self) -> &UserClaims {
        &self.0.claims
    }

    pub(crate) fn validators(&self) -> &[PasswordValidator] {
        &self.0.validators
    }

    pub(crate) fn username_rules(&self) -> &UsernameRules {
        &self.0.username_rules
    }

    pub(crate) fn backends(&self) -> &[LoginBackend] {
        &self.0.backends
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn subscribers(&self) -> &[Subscriber] {
        &self.0.subscribers
    }

    pub(crate) fn session_hints(&self) -> &SessionHints {
        &self.0.session_hints
    }

    pub(crate) fn wakeup(&self) -> &Wakeup {
        &self.0.wakeup
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").finish_non_exhaustive()
    }
}
