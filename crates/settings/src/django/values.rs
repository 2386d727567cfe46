//! Django's forms of values: class paths become short names, dictionaries become tables.

use serde_json::{Map, Value};

/// Keys whose values are classes in Django.
const CLASS_KEYS: [&str; 9] = [
    "auth.authentication_backends",
    "auth.password_hashers",
    "auth.password_validators",
    "email.backend",
    "rest_framework.default_authentication_classes",
    "rest_framework.default_parser_classes",
    "rest_framework.default_renderer_classes",
    "rest_framework.default_throttle_classes",
    "session.engine",
];

/// Import paths and the names that stand for them.
const CLASSES: [(&str, &str); 37] = [
    ("rest_framework.authentication.SessionAuthentication", "session"),
    ("rest_framework.authentication.TokenAuthentication", "token"),
    ("rest_framework.authentication.BasicAuthentication", "basic"),
    ("rest_framework_simplejwt.authentication.JWTAuthentication", "jwt"),
    ("dj_rest_auth.jwt_auth.JWTCookieAuthentication", "jwt_cookie"),
    ("rest_framework.throttling.AnonRateThrottle", "anon"),
    ("rest_framework.throttling.UserRateThrottle", "user"),
    ("rest_framework.throttling.ScopedRateThrottle", "scoped"),
    ("rest_framework.renderers.JSONRenderer", "json"),
    ("rest_framework.renderers.BrowsableAPIRenderer", "browsable_api"),
    ("rest_framework.parsers.JSONParser", "json"),
    ("rest_framework.parsers.FormParser", "form"),
    ("rest_framework.parsers.MultiPartParser", "multipart"),
    ("django.contrib.auth.hashers.PBKDF2PasswordHasher", "pbkdf2_sha256"),
    ("django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher", "pbkdf2_sha1"),
    ("django.contrib.auth.hashers.Argon2PasswordHasher", "argon2"),
    ("django.contrib.auth.hashers.BCryptSHA256PasswordHasher", "bcrypt_sha256"),
    ("django.contrib.auth.hashers.BCryptPasswordHasher", "bcrypt"),
    ("django.contrib.auth.hashers.ScryptPasswordHasher", "scrypt"),
    ("django.contrib.auth.hashers.MD5PasswordHasher", "md5"),
    (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "user_attribute_similarity",
    ),
    ("django.contrib.auth.password_validation.MinimumLengthValidator", "minimum_length"),
    ("django.contrib.auth.password_validation.CommonPasswordValidator", "common_password"),
    ("django.contrib.auth.password_validation.NumericPasswordValidator", "numeric_password"),
    ("django.contrib.auth.backends.ModelBackend", "model"),
    ("allauth.account.auth_backends.AuthenticationBackend", "allauth"),
    ("django.core.mail.backends.smtp.EmailBackend", "smtp"),
    ("django.core.mail.backends.console.EmailBackend", "console"),
    ("django.core.mail.backends.filebased.EmailBackend", "file"),
    ("django.core.mail.backends.locmem.EmailBackend", "memory"),
    ("django.core.mail.backends.dummy.EmailBackend", "none"),
    ("django.contrib.sessions.backends.db", "db"),
    // Caches in front of the same table: the rows are the same.
    ("django.contrib.sessions.backends.cached_db", "db"),
    ("UserAttributeSimilarityValidator", "user_attribute_similarity"),
    ("MinimumLengthValidator", "minimum_length"),
    ("CommonPasswordValidator", "common_password"),
    ("NumericPasswordValidator", "numeric_password"),
];

/// The value of a key in the form that its type reads.
pub(crate) fn plain(key: &str, value: Value) -> Value {
    match key {
        "rest_auth.token_model" => match value.as_str() {
            Some("rest_framework.authtoken.models.Token") => true.into(),
            Some("") => false.into(),
            _ => value,
        },
        "account.email_verification" | "socialaccount.email_verification" => match value {
            Value::Bool(true) => "mandatory".into(),
            Value::Bool(false) => "optional".into(),
            other => other,
        },
        "i18n.languages" => codes(value),
        "auth.password_validators" => validators(value),
        "socialaccount.providers" => lower_names(value),
        _ if CLASS_KEYS.contains(&key) => short_names(value),
        _ => value,
    }
}

fn short_names(value: Value) -> Value {
    match value {
        Value::String(path) => {
            let known = CLASSES.iter().find(|(known, _)| *known == path);
            Value::String(known.map_or(path, |(_, short)| (*short).to_owned()))
        }
        Value::Array(items) => items.into_iter().map(short_names).collect(),
        other => other,
    }
}

/// `[["de", "German"]]` becomes `["de"]`.
fn codes(value: Value) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::Array(pair) if pair.len() == 2 => {
                    pair.into_iter().next().unwrap_or_default()
                }
                other => other,
            })
            .collect(),
        other => other,
    }
}

/// `{NAME = "...", OPTIONS = {min_length = 9}}` becomes `{name = "...", min_length = 9}`.
fn validators(value: Value) -> Value {
    let plain = |item: Value| {
        let Value::Object(entries) = item else {
            return short_names(item);
        };
        let mut flat = Map::new();
        for (name, value) in entries {
            match (name.to_ascii_lowercase().as_str(), value) {
                ("options", Value::Object(options)) => flat.extend(options),
                ("name", value) => {
                    flat.insert("name".to_owned(), short_names(value));
                }
                (lower, value) => {
                    flat.insert(lower.to_owned(), value);
                }
            }
        }
        Value::Object(flat)
    };
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

/// Names in Django's upper case become lower case, at every depth.
fn lower_names(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let lower = |(name, value): (String, Value)| {
                let upper = !name.chars().any(|c| c.is_ascii_lowercase());
                (if upper { name.to_ascii_lowercase() } else { name }, lower_names(value))
            };
            Value::Object(entries.into_iter().map(lower).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(lower_names).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn class_paths_become_short_names() {
        let given = json!([
            "rest_framework.authentication.SessionAuthentication",
            "dj_rest_auth.jwt_auth.JWTCookieAuthentication",
        ]);
        let key = "rest_framework.default_authentication_classes";
        assert_eq!(plain(key, given), json!(["session", "jwt_cookie"]));
        let model = json!("rest_framework.authtoken.models.Token");
        assert_eq!(plain("rest_auth.token_model", model), json!(true));
        assert_eq!(plain("rest_auth.token_model", json!("")), json!(false));
    }

    #[test]
    fn validators_lose_their_options_table() {
        let name = "django.contrib.auth.password_validation.MinimumLengthValidator";
        let given = json!([{"NAME": name, "OPTIONS": {"min_length": 9}}, {"NAME": name}]);
        let plain = plain("auth.password_validators", given);
        assert_eq!(
            plain,
            json!([{"name": "minimum_length", "min_length": 9}, {"name": "minimum_length"}])
        );
    }

    #[test]
    fn other_forms_of_django() {
        assert_eq!(plain("i18n.languages", json!([["de", "German"], "en"])), json!(["de", "en"]));
        assert_eq!(plain("account.email_verification", json!(true)), json!("mandatory"));
        let given = json!({"google": {"APP": {"client_id": "c"}, "SCOPE": ["email"]}});
        let plain = plain("socialaccount.providers", given);
        assert_eq!(plain, json!({"google": {"app": {"client_id": "c"}, "scope": ["email"]}}));
    }
}
