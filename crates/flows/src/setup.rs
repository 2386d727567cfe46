//! From settings to what flows work with.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use rest_auth_domain::clock::Clock;
use rest_auth_domain::jwt::{Algorithm, Audience, JwtKeys, KeyError, TokenSettings, Tokens};
use rest_auth_domain::password::{
    Argon2Factors, CommonPasswords, HashAlgorithm, Hashers, MaxSimilarity, PasswordValidator,
    ScryptFactors, UserAttribute, WorkFactors,
};
use rest_auth_domain::signing::SecretKeys;
use rest_auth_domain::username::{Characters, UsernameRules};
use rest_auth_settings::{OneOrMany, Pem, Secret};
use rest_auth_social::Social;
use rest_auth_store::Store;

use crate::authentication_backend::LoginBackend;
use crate::credentials::jwt::claims::UserClaims;
use crate::error::SetupError;
use crate::hashing::HashingLimits;
use crate::limits::rules::Limits;
use crate::settings::account::UsernameValidator;
use crate::settings::mfa::RequiredOf;
use crate::settings::rest_auth::TokenStorage;
use crate::settings::{
    AccountSettings, AuthSettings, FlowSettings, MfaSettings, PasswordValidator as Rule,
    SigningSettings,
};

/// What follows from the settings alone. Whatever a server refuses here, `check` refuses, because
/// both make it.
pub(crate) struct DerivedSettings {
    pub(crate) keys: SecretKeys,
    pub(crate) factor_keys: SecretKeys,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) claims: UserClaims,
    pub(crate) hashers: Hashers,
    pub(crate) validators: Vec<PasswordValidator>,
    pub(crate) username_rules: UsernameRules,
    pub(crate) backends: Vec<LoginBackend>,
    pub(crate) limits: Limits,
    pub(crate) social: Social,
}

impl DerivedSettings {
    /// Prepares everything.
    ///
    /// # Errors
    /// [`SetupError`] names the key at fault.
    pub(crate) fn new(settings: &FlowSettings, clock: &Arc<dyn Clock>) -> Result<Self, SetupError> {
        let backends = settings.auth.authentication_backends.iter();
        Ok(Self {
            keys: keys(&settings.signing)?,
            factor_keys: factor_keys(&settings.signing, &settings.mfa)?,
            tokens: tokens(settings)?,
            claims: UserClaims::new(&settings.simple_jwt, &settings.user.extra_fields)?,
            hashers: hashers(&settings.auth)?,
            validators: validators(&settings.auth)?,
            username_rules: username_rules(&settings.account),
            backends: backends.map(|backend| LoginBackend::from(*backend)).collect(),
            limits: Limits::new(&settings.account.rate_limits),
            social: social(settings, clock)?,
        })
    }
}

fn social(settings: &FlowSettings, clock: &Arc<dyn Clock>) -> Result<Social, SetupError> {
    let social = Social::new(&settings.social, clock);
    social.map_err(|error| SetupError::new(error.key, error.message))
}

/// How many hashes a thread does in a second on slow hardware, to size the queue by.
const HASHES_PER_SECOND: f64 = 32.0;

/// The settings for the tables that a database has. `apps.allauth` says afterwards whether there is
/// allauth.
///
/// # Errors
/// If the settings need a table of an application that the project has not installed.
pub(crate) fn adapted_to_database(
    mut settings: FlowSettings,
    store: &Store,
) -> Result<FlowSettings, SetupError> {
    if settings.apps.allauth == Some(false) {
        store.ignore_addresses();
    }
    let given = &settings.rest_auth;
    let makes_tokens = given.token_model && !given.use_jwt;
    let needs_tokens = makes_tokens && given.token_storage == TokenStorage::Django;
    let needs_blacklist = given.use_jwt && settings.apps.token_blacklist;
    let needs_mfa = needs_factors(&settings, store);
    let needs_addresses = settings.apps.allauth == Some(true);
    for (key, table, lacks) in [
        ("apps.allauth", "account_emailaddress", needs_addresses && !store.has_addresses()),
        ("rest_auth.token_model", "authtoken_token", needs_tokens && !store.has_drf_tokens()),
        (
            "socialaccount.providers",
            "socialaccount_socialaccount",
            settings.social.providers.configured().next().is_some() && !store.has_social_accounts(),
        ),
        (
            "apps.token_blacklist",
            "token_blacklist_outstandingtoken",
            needs_blacklist && !store.has_blacklist(),
        ),
        ("apps.mfa", "dj_rest_auth_mfa_authenticator", needs_mfa && !store.has_mfa()),
    ] {
        if lacks {
            let problem = format!(
                "is set, but the database has no table {table}: install its application in the \
                 Django project, or unset the key"
            );
            return Err(SetupError::new(key, problem));
        }
    }
    if settings.apps.mfa && !store.has_mfa() {
        tracing::warn!(
            "apps.mfa: the project has no dj_rest_auth.mfa, so second factors are not offered, and \
             passkeys are not asked for"
        );
        settings.apps.mfa = false;
    }
    if store.has_addresses() {
        return Ok(settings);
    }
    if settings.apps.registration {
        tracing::warn!(
            "apps.registration: the project has no django-allauth, so registration is not offered"
        );
    }
    Ok(settings.without_allauth())
}

/// Whether the table of second factors must be there: somebody must have one, or may have one of
/// allauth's, which logins must not pass over.
fn needs_factors(settings: &FlowSettings, store: &Store) -> bool {
    let of_allauth = settings.mfa.allauth_factors && store.has_allauth_mfa();
    settings.apps.mfa && (of_allauth || settings.mfa.required != RequiredOf::Never)
}

fn keys(settings: &SigningSettings) -> Result<SecretKeys, SetupError> {
    let current = settings
        .secret_key
        .as_ref()
        .filter(|key| !key.is_empty())
        .ok_or_else(|| SetupError::new("server.secret_key", "is not set"))?;
    let fallbacks =
        settings.secret_key_fallbacks.iter().map(|key| key.expose().to_owned()).collect();
    Ok(SecretKeys::new(current.expose(), fallbacks))
}

/// The keys of second factors: their own one if it is set, and those of everything else, which may have
/// written some of them.
pub(crate) fn factor_keys(
    signing: &SigningSettings,
    mfa: &MfaSettings,
) -> Result<SecretKeys, SetupError> {
    let keys = keys(signing)?;
    let current = mfa.encryption_key.as_ref().map_or(keys.current(), Secret::expose);
    let fallbacks = mfa.encryption_key_fallbacks.iter().map(Secret::expose).chain(keys.all());
    Ok(SecretKeys::new(current, fallbacks.map(str::to_owned).collect()))
}

pub(crate) fn hashers(settings: &AuthSettings) -> Result<Hashers, SetupError> {
    let algorithms = settings
        .password_hashers
        .iter()
        .filter_map(|hasher| HashAlgorithm::from_name(hasher.as_str()))
        .collect();
    let factors = WorkFactors {
        pbkdf2_iterations: settings.pbkdf2_iterations,
        argon2: Argon2Factors {
            memory_kib: settings.argon2_memory_kib,
            time: settings.argon2_time_cost,
            parallelism: settings.argon2_parallelism,
        },
        bcrypt_rounds: settings.bcrypt_rounds,
        scrypt: ScryptFactors {
            n: settings.scrypt_work_factor,
            r: settings.scrypt_block_size,
            p: settings.scrypt_parallelism,
        },
    };
    Hashers::new(algorithms, factors)
        .map_err(|e| SetupError::new("auth.password_hashers", e.to_string()))
}

pub(crate) fn limits(settings: &AuthSettings) -> HashingLimits {
    let threads = settings
        .hashing_threads
        .and_then(|threads| usize::try_from(threads).ok())
        .unwrap_or_else(hashing_threads);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a minute's hashes, and never negative"
    )]
    let fitting = (settings.hashing_max_wait.as_secs_f64() * HASHES_PER_SECOND).ceil() as usize;
    let queue = settings
        .hashing_queue
        .and_then(|queue| usize::try_from(queue).ok())
        .unwrap_or_else(|| threads * fitting.max(1));
    HashingLimits {
        threads,
        queue,
        max_wait: settings.hashing_max_wait,
        max_bytes: usize::try_from(settings.password_max_bytes).unwrap_or(usize::MAX),
        normalize: settings.normalize_passwords,
    }
}

/// As many as cores: hashing has the lowest priority, so that it leaves them to whatever else there
/// is to do.
fn hashing_threads() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

fn validators(settings: &AuthSettings) -> Result<Vec<PasswordValidator>, SetupError> {
    settings.password_validators.iter().map(validator).collect()
}

fn validator(rule: &Rule) -> Result<PasswordValidator, SetupError> {
    Ok(match rule {
        Rule::UserAttributeSimilarity { user_attributes, max_similarity } => {
            PasswordValidator::UserAttributeSimilarity {
                user_attributes: user_attributes
                    .iter()
                    .filter_map(|name| UserAttribute::from_name(name))
                    .collect(),
                max_similarity: MaxSimilarity::new(*max_similarity).ok_or_else(|| {
                    SetupError::new("auth.password_validators", "max_similarity is below 0.1")
                })?,
            }
        }
        Rule::MinimumLength { min_length } => PasswordValidator::MinimumLength {
            min_length: usize::try_from(*min_length).unwrap_or(usize::MAX),
        },
        Rule::CommonPassword => {
            PasswordValidator::CommonPassword { list: CommonPasswords::django() }
        }
        Rule::NumericPassword => PasswordValidator::NumericPassword,
    })
}

fn username_rules(settings: &AccountSettings) -> UsernameRules {
    let characters = match settings.username_validator {
        UsernameValidator::Unicode => Characters::Unicode,
        UsernameValidator::Ascii => Characters::Ascii,
    };
    let min_length = usize::try_from(settings.username_min_length).unwrap_or(1);
    UsernameRules::new(characters, min_length, &settings.username_blacklist)
}

/// The JWT machinery; none unless `rest_auth.use_jwt`.
fn tokens(settings: &FlowSettings) -> Result<Option<Tokens>, SetupError> {
    if !settings.rest_auth.use_jwt {
        return Ok(None);
    }
    let jwt = &settings.simple_jwt;
    let algorithm: Algorithm = jwt
        .algorithm
        .as_str()
        .parse()
        .map_err(|e| SetupError::new("simple_jwt.algorithm", format!("{e}")))?;
    // SimpleJWT signs with the secret key unless it is given one of its own.
    let signing_key = jwt
        .signing_key
        .as_ref()
        .or(settings.signing.secret_key.as_ref())
        .ok_or_else(|| SetupError::new("simple_jwt.signing_key", "is not set"))?;
    let verifying_key = jwt.verifying_key.as_ref().map(Pem::as_str);
    let keys = JwtKeys::new(algorithm, signing_key.expose(), verifying_key).map_err(|error| {
        let key = match &error {
            KeyError::VerifyingKey { .. } | KeyError::Mismatch => "simple_jwt.verifying_key",
            KeyError::PemAsSecret { .. } if jwt.signing_key.is_none() => "server.secret_key",
            _ => "simple_jwt.signing_key",
        };
        SetupError::new(key, error.to_string())
    })?;
    Ok(Some(Tokens::new(
        keys,
        TokenSettings {
            access_token_lifetime: jwt.access_token_lifetime,
            refresh_token_lifetime: jwt.refresh_token_lifetime,
            leeway: jwt.leeway,
            issue_leeway: jwt.issue_leeway,
            audience: jwt.audience.as_ref().map(audience),
            issuer: jwt.issuer.clone(),
            header_type: None,
            user_id_claim: jwt.user_id_claim.clone(),
            token_type_claim: jwt.token_type_claim.clone(),
            jti_claim: jwt.jti_claim.clone(),
            check_revoke_token: jwt.check_revoke_token,
            revoke_token_claim: jwt.revoke_token_claim.clone(),
            check_user_is_active: jwt.check_user_is_active,
        },
    )))
}

fn audience(setting: &OneOrMany) -> Audience {
    match setting {
        OneOrMany::One(audience) => Audience::One(audience.clone()),
        OneOrMany::Many(audiences) => Audience::Any(audiences.clone()),
    }
}
