//! Canonical names of keys: `REST_AUTH`, `SESSION_COOKIE_AGE` and `account.ACCOUNT_ADAPTER` have
//! one each, by the rule that the table is the prefix and the key the rest in lower case.

/// What a name at the top of the file means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TopLevelName {
    /// A table of keys.
    Table(String),
    /// One key. The table is empty for keys above all tables and for unknown ones.
    Key { table: String, key: String },
}

/// The tables, among them Django's settings that are dictionaries.
const TABLES: [&str; 24] = [
    "account",
    "allauth",
    "apps",
    "auth",
    "cache",
    "cors",
    "csrf",
    "database",
    "email",
    "headless",
    "i18n",
    "idp_oidc",
    "log",
    "mfa",
    "passkeys",
    "rest_auth",
    "rest_framework",
    "secure",
    "server",
    "session",
    "simple_jwt",
    "socialaccount",
    "user",
    "usersessions",
];

/// Prefixes of Django's settings that are tables here. The longer come first.
const PREFIXES: [(&str, &str); 12] = [
    ("socialaccount_", "socialaccount"),
    ("usersessions_", "usersessions"),
    ("idp_oidc_", "idp_oidc"),
    ("headless_", "headless"),
    ("allauth_", "allauth"),
    ("account_", "account"),
    ("session_", "session"),
    ("secure_", "secure"),
    ("email_", "email"),
    ("csrf_", "csrf"),
    ("cors_", "cors"),
    ("mfa_", "mfa"),
];

/// Django's settings without a prefix, by the table that they belong to.
const WITHOUT_PREFIX: [(&str, &[&str]); 4] = [
    (
        "auth",
        &[
            "authentication_backends",
            "password_hashers",
            "password_reset_timeout",
            "login_redirect_url",
            "login_redirect_urlname",
            "login_url",
            "logout_redirect_url",
        ],
    ),
    ("email", &["default_from_email", "server_email", "mailers"]),
    (
        "i18n",
        &[
            "first_day_of_week",
            "format_module_path",
            "language_code",
            "language_cookie_age",
            "language_cookie_domain",
            "language_cookie_httponly",
            "language_cookie_name",
            "language_cookie_path",
            "language_cookie_samesite",
            "language_cookie_secure",
            "languages",
            "languages_bidi",
            "locale_paths",
            "time_zone",
            "use_i18n",
            "use_thousand_separator",
            "use_tz",
        ],
    ),
    (
        "server",
        &[
            "allowed_hosts",
            "append_slash",
            "data_upload_max_memory_size",
            "data_upload_max_number_fields",
            "data_upload_max_number_files",
            "debug",
            "default_charset",
            "disallowed_user_agents",
            "file_upload_max_memory_size",
            "force_script_name",
            "internal_ips",
            "prepend_www",
            "secret_key",
            "secret_key_fallbacks",
            "signed_cookie_legacy_salt_fallback",
            "signing_backend",
            "site_id",
            "use_x_forwarded_host",
            "use_x_forwarded_port",
        ],
    ),
];

/// Names that the rule does not reach, with the table and the key that they have.
const EXCEPTIONS: [(&str, &str, &str); 7] = [
    // Where the address in verification mails is, which is the first place to look.
    ("account_password_reset_url", "rest_auth", "password_reset_url"),
    ("auth_password_validators", "auth", "password_validators"),
    ("auth_user_model", "auth", "user_model"),
    ("cors_origin_allow_all", "cors", "allow_all_origins"),
    ("cors_origin_regex_whitelist", "cors", "allowed_origin_regexes"),
    ("cors_origin_whitelist", "cors", "allowed_origins"),
    ("x_frame_options", "secure", "x_frame_options"),
];

/// Whole tables and Django's settings that have no counterpart, with what to do instead.
const INSTEAD: [(&str, &str); 24] = [
    (
        "headless",
        "is not offered: it is another API; for the links in mails set \
      `account.email_confirmation_url` and `rest_auth.password_reset_url`",
    ),
    ("idp_oidc", "is not offered yet: this server is no identity provider"),
    ("usersessions", "has no settings here: `apps.usersessions` switches `sessions/` on"),
    ("absolute_url_overrides", "has no meaning here: it is about HTML pages"),
    ("admins", "has no meaning here: errors go to the log"),
    ("caches", "set `cache.backend` and `cache.url`"),
    ("database_routers", "there is one database, `database.url`"),
    ("databases", "set `database.url`"),
    ("default_auto_field", "ids are read as 64 bits"),
    ("installed_apps", "`[apps]` says what is installed"),
    ("logging", "set `log.format` and `log.level`"),
    ("logging_config", "set `log.format` and `log.level`"),
    ("managers", "has no meaning here: errors go to the log"),
    ("media_url", "has no meaning here: no files are served"),
    ("message_storage", "has no meaning here: it is about HTML pages"),
    ("middleware", "sessions, CSRF, CORS and languages have tables of their own"),
    ("root_urlconf", "`server.base_path` is the path of the API"),
    ("silenced_system_checks", "has no meaning here: it is about Django's own checks"),
    ("static_url", "has no meaning here: no files are served"),
    ("storages", "has no meaning here: no files are served"),
    ("tasks", "has no meaning here: mails are sent by the server itself"),
    ("templates", "has no meaning here: it is about HTML pages"),
    ("wsgi_application", "has no meaning here: it is about Python servers"),
    ("debug_propagate_exceptions", "has no meaning here: it is about Django's tests"),
];

/// What a name at the top of the file means.
pub(crate) fn top_level(name: &str) -> TopLevelName {
    let lower = name.to_ascii_lowercase();
    if TABLES.contains(&lower.as_str()) {
        return TopLevelName::Table(lower);
    }
    let (table, key) = setting(&lower).unwrap_or_else(|| (String::new(), lower));
    TopLevelName::Key { table, key }
}

/// The table and key of one of Django's settings, given in lower case.
fn setting(lower: &str) -> Option<(String, String)> {
    if let Some((_, table, key)) = EXCEPTIONS.iter().find(|(name, ..)| *name == lower) {
        return Some(((*table).to_owned(), (*key).to_owned()));
    }
    if lower == "email_confirmation_days" {
        return Some(("account".to_owned(), lower.to_owned()));
    }
    for (table, names) in WITHOUT_PREFIX {
        if names.contains(&lower) {
            return Some((table.to_owned(), lower.to_owned()));
        }
    }
    let (table, key) =
        PREFIXES.iter().find_map(|(prefix, table)| Some((*table, lower.strip_prefix(prefix)?)))?;
    Some((table.to_owned(), key.to_owned()))
}

/// The canonical table and key of a name inside a table.
pub(crate) fn inside(table: &str, name: &str) -> (String, String) {
    let lower = name.to_ascii_lowercase();
    // `[session] SESSION_COOKIE_AGE`, `[i18n] LANGUAGE_CODE`, `[auth] AUTH_PASSWORD_VALIDATORS`.
    if name != lower
        && let Some((own, key)) = setting(&lower)
        && own == table
    {
        return (own, key);
    }
    if table == "rest_auth" && !lower.ends_with("serializer") {
        if let Some(key) = lower.strip_prefix("mfa_").filter(|key| *key != "login") {
            return ("mfa".to_owned(), key.to_owned());
        }
        if let Some(key) = lower.strip_prefix("passkey_") {
            return ("passkeys".to_owned(), key.to_owned());
        }
    }
    if table == "server"
        && let Some(key) = lower.strip_prefix("secure_")
    {
        return ("secure".to_owned(), key.to_owned());
    }
    let alias = format!("{table}_{lower}");
    match EXCEPTIONS.iter().find(|(name, ..)| *name == alias) {
        Some((_, own, key)) => ((*own).to_owned(), (*key).to_owned()),
        None => (table.to_owned(), lower),
    }
}

/// What to do instead of setting something without a counterpart.
pub(crate) fn instead(table: &str, key: &str) -> Option<&'static str> {
    let name = if table.is_empty() { key } else { table };
    INSTEAD.iter().find(|(known, _)| *known == name).map(|(_, sentence)| *sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_django_find_their_table() {
        for (name, table, key) in [
            ("SESSION_COOKIE_AGE", "session", "cookie_age"),
            ("ACCOUNT_EMAIL_VERIFICATION", "account", "email_verification"),
            ("SOCIALACCOUNT_PROVIDERS", "socialaccount", "providers"),
            ("EMAIL_HOST", "email", "host"),
            ("DEFAULT_FROM_EMAIL", "email", "default_from_email"),
            ("AUTH_PASSWORD_VALIDATORS", "auth", "password_validators"),
            ("X_FRAME_OPTIONS", "secure", "x_frame_options"),
            ("SECRET_KEY", "server", "secret_key"),
            ("LANGUAGE_CODE", "i18n", "language_code"),
            ("CORS_ORIGIN_WHITELIST", "cors", "allowed_origins"),
            ("SOMETHING", "", "something"),
        ] {
            let expected = TopLevelName::Key { table: table.to_owned(), key: key.to_owned() };
            assert_eq!(top_level(name), expected);
        }
        assert_eq!(top_level("REST_AUTH"), TopLevelName::Table("rest_auth".to_owned()));
    }

    #[test]
    fn names_inside_a_table_may_repeat_its_prefix() {
        let pair = |table: &str, key: &str| (table.to_owned(), key.to_owned());
        assert_eq!(inside("session", "SESSION_COOKIE_AGE"), pair("session", "cookie_age"));
        assert_eq!(inside("rest_auth", "USE_JWT"), pair("rest_auth", "use_jwt"));
        assert_eq!(inside("rest_auth", "PASSKEY_RP_ID"), pair("passkeys", "rp_id"));
        assert_eq!(inside("rest_auth", "MFA_TOTP_DIGITS"), pair("mfa", "totp_digits"));
        assert_eq!(inside("cors", "origin_whitelist"), pair("cors", "allowed_origins"));
        let url = pair("rest_auth", "password_reset_url");
        assert_eq!(inside("account", "password_reset_url"), url);
        assert_eq!(inside("server", "secure_hsts_seconds"), pair("secure", "hsts_seconds"));
    }
}
