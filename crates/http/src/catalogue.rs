//! Every endpoint, in the order of the documentation.

use rest_auth_flows::error::SetupError;
use rest_auth_flows::settings::ProviderSettings;
use rest_auth_flows::settings::mfa::{RequiredOf, TrustStorage};

use crate::endpoint::{Endpoint, Mounted};
use crate::path_parameters;
use crate::routes::{
    apple_notifications, csrf, emails, login, logout, mfa, passkeys, password_change,
    password_reset, reauthentication, registration, sessions, social, social_accounts,
    social_begin, social_browser, social_connect, social_exchange, social_signup,
    social_token_secret, token_refresh, token_verify, user_details,
};
use crate::settings::Configuration;

/// Whether a path is one of an endpoint, in a server of its own.
pub(crate) fn has_path(configuration: Configuration<'_>, path: &str) -> bool {
    let base = configuration.http.server.base_path.trim_end_matches('/');
    let Some(below) = path.strip_prefix(base).and_then(|path| path.strip_prefix('/')) else {
        return false;
    };
    let below = below.trim_end_matches('/');
    let is_part = |(part, shown): (&str, &str)| {
        part == shown
            || (part == "{session}" && path_parameters::is_name(shown))
            || (part.starts_with('{') && shown.bytes().all(|byte| byte.is_ascii_digit()))
    };
    endpoints(configuration).into_iter().any(|endpoint| {
        let path = endpoint.path();
        let parts = path.trim_end_matches('/').split('/');
        parts.clone().count() == below.split('/').count()
            && parts.zip(below.split('/')).all(is_part)
    })
}

/// The first parts of paths that no provider may be called.
const RESERVED: [&str; 19] = [
    "login",
    "logout",
    "user",
    "password",
    "csrf",
    "emails",
    "token",
    "registration",
    "social",
    "socialaccounts",
    "mfa",
    "passkeys",
    "reauthenticate",
    "sessions",
    "schema",
    "docs",
    "password-reset",
    "healthz",
    "readyz",
];

/// Whether all endpoints can be told apart.
///
/// # Errors
/// [`SetupError`] names the provider that is called like a part of the API.
pub(crate) fn check(configuration: Configuration<'_>) -> Result<(), SetupError> {
    let Some(id) = reserved_provider(configuration) else { return Ok(()) };
    let problem = "is the name of a path of the API: call the entry otherwise";
    Err(SetupError::new(format!("socialaccount.providers.{id}"), problem))
}

/// The provider that is called like a part of the API, if one is.
fn reserved_provider(configuration: Configuration<'_>) -> Option<&str> {
    let providers = configuration.accounts.social.providers.all();
    let own = endpoints_of_ours(configuration);
    let is_reserved = |id: &&str| {
        let of_path = |endpoint: &&Endpoint| endpoint.path.split('/').next() == Some(*id);
        RESERVED.contains(id) || own.iter().any(of_path)
    };
    providers.iter().map(|provider| provider.id.as_str()).find(is_reserved)
}

/// Every endpoint that the configuration switches on.
pub(crate) fn endpoints(configuration: Configuration<'_>) -> Vec<Mounted> {
    let own = endpoints_of_ours(configuration).into_iter().map(Mounted::from);
    let providers = configuration.accounts.social.providers.configured();
    let of_provider = |provider| {
        let endpoints = endpoints_of(provider, has_browser_flow(configuration));
        endpoints.into_iter().map(|endpoint| Mounted::of_provider(endpoint, provider))
    };
    own.chain(providers.flat_map(of_provider)).collect()
}

/// Whether logins can be begun in the browser: it must be known where they end.
fn has_browser_flow(configuration: Configuration<'_>) -> bool {
    configuration.accounts.social.redirect_url.is_some()
}

/// The endpoints that are about a provider.
fn endpoints_of(provider: &ProviderSettings, in_browser: bool) -> Vec<&'static Endpoint> {
    if provider.takes_token_secrets() {
        return vec![&social_token_secret::LOGIN, &social_token_secret::CONNECT];
    }
    let mut endpoints: Vec<&'static Endpoint> =
        vec![&social::SOCIAL_LOGIN, &social::SOCIAL_CONNECT];
    if in_browser {
        endpoints.extend([&social_begin::SOCIAL_BEGIN, &social_browser::SOCIAL_CALLBACK]);
    }
    match &*provider.provider {
        "google" if in_browser => endpoints.push(&social_browser::GOOGLE_ONE_TAP),
        "apple" => endpoints.push(&apple_notifications::APPLE_NOTIFICATIONS),
        _ => {}
    }
    endpoints
}

/// The endpoints that are about no provider.
fn endpoints_of_ours(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    [
        of_every_account(configuration),
        of_addresses(configuration),
        of_jwts(configuration),
        of_registration(configuration),
        of_social(configuration),
        of_second_factors(configuration),
        of_passkeys(configuration),
        of_sessions(configuration),
        of_reauthentication(configuration),
    ]
    .concat()
}

fn of_every_account(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    let user = if configuration.accounts.rest_auth.user_deletion {
        &user_details::USER_WITH_DELETION
    } else {
        &user_details::USER
    };
    vec![
        &login::LOGIN,
        &logout::LOGOUT,
        user,
        &password_change::PASSWORD_CHANGE,
        &password_reset::PASSWORD_RESET,
        &password_reset::PASSWORD_RESET_CONFIRM,
        &csrf::CSRF,
    ]
}

fn of_addresses(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    let settings = configuration.accounts;
    if !settings.account.email_management || !settings.apps.registration {
        return Vec::new();
    }
    vec![&emails::EMAILS, &emails::EMAIL, &emails::EMAIL_RESEND]
}

fn of_jwts(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    if !configuration.accounts.rest_auth.use_jwt {
        return Vec::new();
    }
    vec![&token_refresh::TOKEN_REFRESH, &token_verify::TOKEN_VERIFY]
}

fn of_registration(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    if !configuration.accounts.apps.registration {
        return Vec::new();
    }
    vec![&registration::REGISTRATION, &registration::VERIFY_EMAIL, &registration::RESEND_EMAIL]
}

fn of_social(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    let settings = &configuration.accounts.social;
    if settings.providers.configured().next().is_none() {
        return Vec::new();
    }
    let mut endpoints: Vec<&'static Endpoint> =
        vec![&social_accounts::SOCIAL_ACCOUNTS, &social_accounts::SOCIAL_ACCOUNT_DISCONNECT];
    if settings.signup_step {
        endpoints.push(&social_signup::SOCIAL_SIGNUP);
    }
    if has_browser_flow(configuration) {
        endpoints.push(&social_exchange::SOCIAL_EXCHANGE);
        endpoints.push(&social_connect::SOCIAL_CONNECT_CODE);
    }
    endpoints
}

fn of_second_factors(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    let settings = configuration.accounts;
    if !settings.apps.mfa {
        return Vec::new();
    }
    let mut endpoints: Vec<&'static Endpoint> = vec![
        &mfa::verify::MFA_VERIFY,
        &mfa::totp::TOTP_ACTIVATE,
        &mfa::totp::TOTP_DEACTIVATE,
        &mfa::status::MFA_STATUS,
        &mfa::recovery_codes::RECOVERY_CODES,
        &mfa::recovery_codes::RECOVERY_CODES_REGENERATE,
    ];
    if settings.mfa.required != RequiredOf::Never {
        endpoints.extend([&mfa::setup::MFA_SETUP_BEGIN, &mfa::setup::MFA_SETUP_COMPLETE]);
        if settings.apps.passkeys && settings.passkeys.second_factor {
            endpoints.extend([
                &mfa::setup_passkey::MFA_SETUP_PASSKEY_BEGIN,
                &mfa::setup_passkey::MFA_SETUP_PASSKEY_COMPLETE,
            ]);
        }
    }
    if settings.mfa.trust_enabled && settings.mfa.trust_storage == TrustStorage::Database {
        endpoints.extend([
            &mfa::trusted_browsers::TRUSTED_BROWSERS,
            &mfa::trusted_browsers::TRUSTED_BROWSER,
        ]);
    }
    if settings.apps.passkeys {
        endpoints.push(&mfa::passkey::MFA_PASSKEY_BEGIN);
    }
    if settings.mfa.takes_passkeys(&settings.apps) {
        endpoints.push(&mfa::totp::TOTP_DEACTIVATE_BEGIN);
    }
    endpoints
}

fn of_passkeys(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    if !configuration.accounts.apps.passkeys {
        return Vec::new();
    }
    vec![
        &passkeys::enrolment::PASSKEY_REGISTER_BEGIN,
        &passkeys::enrolment::PASSKEY_REGISTER_COMPLETE,
        &passkeys::login::PASSKEY_LOGIN_BEGIN,
        &passkeys::login::PASSKEY_LOGIN_COMPLETE,
        &passkeys::own::PASSKEYS,
        &passkeys::own::PASSKEY,
    ]
}

fn of_sessions(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    if !configuration.accounts.apps.usersessions {
        return Vec::new();
    }
    vec![&sessions::SESSIONS, &sessions::SESSION]
}

fn of_reauthentication(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    let settings = configuration.accounts;
    if !settings.account.reauthentication_required {
        return Vec::new();
    }
    let mut endpoints: Vec<&'static Endpoint> = vec![&reauthentication::REAUTHENTICATE];
    if settings.apps.passkeys {
        endpoints.push(&reauthentication::REAUTHENTICATE_PASSKEY_BEGIN);
    }
    endpoints
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use rest_auth_settings::Profile;

    use super::*;
    use crate::fixture::TestSettings;

    #[test]
    fn a_path_is_known_if_it_is_one_of_an_endpoint() {
        let mut settings = TestSettings::of(Profile::Strict);
        settings.http.server.base_path = "/api/auth/".to_owned();
        let is_known = |path| has_path(settings.configuration(), path);
        for path in ["/api/auth/login/", "/api/auth/login", "/api/auth/emails/7/resend/"] {
            assert!(is_known(path), "{path}");
        }
        for path in [
            "/",
            "/api/auth",
            "/login/",
            "/api/auth/emails/a-token/resend/",
            "/api/auth/password-reset/confirm/1/a-token/",
            "/api/auth/registration/account-confirm-email/a-key/",
        ] {
            assert!(!is_known(path), "{path}");
        }
    }
    #[test]
    fn head_is_allowed_where_it_is_answered() {
        let settings = TestSettings::of(Profile::Strict);
        let of_provider = [&social_begin::SOCIAL_BEGIN, &social_browser::SOCIAL_CALLBACK];
        let endpoints = endpoints_of_ours(settings.configuration()).into_iter().chain(of_provider);
        for endpoint in endpoints.filter(|endpoint| endpoint.operation(&Method::GET).is_some()) {
            let is_answered = endpoint.operation(&Method::HEAD).is_some();
            assert_eq!(endpoint.allow.contains("HEAD"), is_answered, "{}", endpoint.path);
        }
        for endpoint in of_provider {
            assert!(endpoint.operation(&Method::HEAD).is_none(), "{}", endpoint.path);
        }
    }
}
