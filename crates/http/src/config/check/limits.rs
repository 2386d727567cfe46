//! Throttles, passwords, proxies and registration.

use rest_auth_flows::settings::account::{EmailVerification, LoginMethod};
use rest_auth_flows::settings::apps::CacheBackend;
use rest_auth_flows::settings::auth::AuthenticationBackend;
use rest_auth_flows::settings::{Demand, PasswordValidator};
use rest_auth_flows::throttle;
use rest_auth_settings::nearest;

use super::collector::Check;
use crate::settings::rest_framework::ThrottleScope;

/// Scopes of throttles that this API has.
const SCOPES: [&str; 4] = ["anon", "user", "dj_rest_auth", "dj_rest_auth_mfa_verify"];

pub(super) fn check(check: &mut Check<'_>) {
    cache(check);
    throttles(check);
    passwords(check);
    names(check);
}

fn cache(check: &mut Check<'_>) {
    let cache = &check.settings.cache;
    match (cache.backend(), &cache.url) {
        (CacheBackend::Redis, None) => check.error(
            "cache.backend",
            "`cache.backend` is \"redis\", but there is no `cache.url`",
            "set it to the address of the server, such as \"redis://localhost:6379/0\"",
        ),
        (CacheBackend::Redis, Some(url)) => {
            if let Err(problem) = throttle::check_url(url) {
                let cure = "write it like \"redis://localhost:6379/0\"";
                check.error("cache.url", format!("`cache.url` {problem}"), cure);
            }
        }
        (CacheBackend::Memory | CacheBackend::Database, Some(_)) => check.error(
            "cache.url",
            "`cache.url` names a Redis server, but `cache.backend` is not \"redis\"",
            "remove one of the two",
        ),
        (CacheBackend::Memory | CacheBackend::Database, None) => {}
    }
}

fn throttles(check: &mut Check<'_>) {
    let framework = &check.settings.rest_framework;
    let has_rate =
        |scope: &str| matches!(framework.default_throttle_rates.get(scope), Some(Some(_)));
    let key = "rest_framework.default_throttle_classes";
    for class in &framework.default_throttle_classes {
        let covered = match class {
            ThrottleScope::Anon | ThrottleScope::User => has_rate(class.as_str()),
            ThrottleScope::Scoped => SCOPES[2..].iter().any(|scope| has_rate(scope)),
        };
        if !covered {
            let name = class.as_str();
            let message = format!("`{key}` has \"{name}\", but there is no rate for it");
            check.error(key, message, "set one in `rest_framework.default_throttle_rates`");
        }
    }
    let key = "rest_framework.default_throttle_rates";
    for scope in framework.default_throttle_rates.keys() {
        if !SCOPES.contains(&scope.as_str()) {
            let cure = nearest::word(SCOPES.into_iter(), scope)
                .map_or_else(String::new, |known| format!("did you mean `{known}`?"));
            check.warning(
                key,
                format!("`{key}` has the scope `{scope}`, which nothing uses"),
                cure,
            );
        }
    }
    let rates = &framework.default_throttle_rates;
    if !rates.is_empty() && framework.default_throttle_classes.is_empty() {
        let cure = "list \"scoped\", \"anon\" or \"user\" in `default_throttle_classes`";
        check.warning(key, format!("`{key}` has no effect without throttles"), cure);
    }
}

fn passwords(check: &mut Check<'_>) {
    let auth = &check.settings.auth;
    // RFC 9106 section 3.1: at least 8 KiB per lane.
    if auth.argon2_memory_kib < 8 * auth.argon2_parallelism {
        check.error(
            "auth.argon2_memory_kib",
            "`auth.argon2_memory_kib` must be at least 8 times `auth.argon2_parallelism`",
            "",
        );
    }
    for validator in &auth.password_validators {
        if let PasswordValidator::MinimumLength { min_length } = validator
            && *min_length > auth.password_max_bytes
        {
            check.error(
                "auth.password_validators",
                "`auth.password_validators` asks for more than `auth.password_max_bytes` allows",
                "lower one of the two",
            );
        }
    }
}

fn names(check: &mut Check<'_>) {
    let account = &check.settings.account;
    let backends = &check.settings.auth.authentication_backends;
    let by_email = account.login_methods.contains(&LoginMethod::Email);
    if by_email && !backends.contains(&AuthenticationBackend::Allauth) {
        check.error(
            "account.login_methods",
            "`account.login_methods` has \"email\", which only allauth's backend looks up",
            "add \"allauth\" to `auth.authentication_backends`",
        );
    }
    let asks_for_email = account.signup_fields.demand("email").is_required();
    if account.login_methods == [LoginMethod::Email] && !asks_for_email {
        check.warning(
            "account.signup_fields",
            "`account.login_methods` has \"email\" alone, but `account.signup_fields` does not \
             require an address: nobody can log in to an account without one",
            "write \"email*\"",
        );
    }
    let mandatory = account.email_verification == EmailVerification::Mandatory;
    if mandatory && !asks_for_email {
        check.warning(
            "account.signup_fields",
            "`account.email_verification` is \"mandatory\", but `account.signup_fields` does not \
             require an address",
            "write \"email*\"",
        );
    }
    if account.login_methods == [LoginMethod::Username]
        && account.signup_fields.demand("username") == Demand::Absent
    {
        check.warning(
            "account.login_methods",
            "`account.login_methods` has \"username\" alone, but `account.signup_fields` does not \
             ask for one: nobody is told the name that is made up",
            "write \"email\", or add \"username*\" to the fields",
        );
    }
    let fields = &account.signup_fields;
    if fields.demand("password1") == Demand::Absent {
        check.warning(
            "account.signup_fields",
            "`account.signup_fields` lacks password1, which is required all the same: login by \
             code is not offered yet",
            "add \"password1*\"",
        );
    }
    if fields.demand("email2") != Demand::Absent {
        check.warning(
            "account.signup_fields",
            "`account.signup_fields` has email2, which this API does not ask for",
            "remove it: the page can ask twice",
        );
    }
}
