//! What is said about single keys, and that every recorded configuration is understood.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rest_auth_flows::settings::PasswordValidator;
use rest_auth_flows::settings::account::{EmailVerification, LoginMethod};
use rest_auth_settings::{Composition as _, Profile, Secret, toml_text};
use serde_json::{Value, json};

use crate::config::{ConfigFile, Loaded, Settings, Sources, load, load_from};
use crate::settings::rest_framework::Authentication;

fn read(content: &str) -> Loaded {
    read_with(content, &[])
}

fn read_with(content: &str, variables: &[(&str, &str)]) -> Loaded {
    let file = ConfigFile { path: Path::new("auth.toml"), content };
    let owned = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    load(Some(file), owned)
}

fn messages(content: &str) -> Vec<String> {
    read(content).findings.iter().map(ToString::to_string).collect()
}

/// The settings of a file without errors.
fn settings(content: &str) -> Settings {
    let loaded = read(content);
    assert!(!loaded.has_errors(), "{:?}", loaded.findings);
    loaded.settings
}

#[test]
fn unknown_keys_get_the_nearest_known_one() {
    assert_eq!(
        messages("profile = \"django\"\n\n[smtp]\nhots = \"mail.example.com\"\n"),
        ["auth.toml:4:1: unknown key `smtp.hots`; did you mean `email.host`?"]
    );
    assert_eq!(
        messages("[rest_auth]\n  use_jtw = true"),
        ["auth.toml:2:3: unknown key `rest_auth.use_jtw`; did you mean `rest_auth.use_jwt`?"]
    );
    assert_eq!(
        messages("zzz = 1"),
        ["auth.toml:1:1: unknown key `zzz`; `rest-auth config example` lists every key"]
    );
}

#[test]
fn a_slip_finds_its_key() {
    for (slip, expected) in [
        ("[session]\ncokie_age = 1", "session.cookie_age"),
        ("[csrf]\ncookie_nmae = 1", "csrf.cookie_name"),
        (
            "[rest_framework]\nauthentication_classes = 1",
            "rest_framework.default_authentication_classes",
        ),
        ("use_jwt = 1", "rest_auth.use_jwt"),
        ("[simple_jwt]\npassword_hashers = 1", "auth.password_hashers"),
    ] {
        let all = messages(slip);
        assert!(all[0].ends_with(&format!("did you mean `{expected}`?")), "{all:?}");
    }
    assert!(!messages("[zzz]\nqqq = 1")[0].contains("did you mean"));
}

#[test]
fn what_the_program_sets_holds_over_file_and_environment() {
    let file = ConfigFile { path: Path::new("auth.toml"), content: "[log]\nlevel = \"warn\"\n" };
    let loaded = load_from(Sources {
        file: Some(file),
        variables: vec![("REST_AUTH__LOG__FORMAT".into(), "json".into())],
        program: vec![
            ("log.level".to_owned(), json!("debug")),
            ("log.format".to_owned(), json!("text")),
            ("REST_AUTH_UNKNOWN".to_owned(), json!(1)),
            ("log.levle".to_owned(), json!(1)),
        ],
    });
    assert_eq!(loaded.settings.log.level.as_str(), "debug");
    assert_eq!(loaded.settings.log.format.as_str(), "text");
    assert_eq!(loaded.settings.origin("log.level").to_string(), "set by the program");
    let all: Vec<_> = loaded.findings.iter().map(ToString::to_string).collect();
    assert_eq!(all.len(), 2);
    assert_eq!(all[1], "set by the program: unknown key `log.levle`; did you mean `log.level`?");
}

#[test]
fn a_table_that_nobody_knows_is_reported_even_if_it_is_empty() {
    assert!(messages("[users]\n")[0].starts_with("auth.toml:1:2: unknown key `users`"));
}

#[test]
fn every_problem_is_told_at_once() {
    let all = messages("[session]\ncookie_age = \"soon\"\n[csrf]\nuse_sessions = 1\nage = 5\n");
    assert_eq!(
        all,
        [
            "auth.toml:2:1: `session.cookie_age` must be a duration such as \"15m\" or \"7d\", \
             or a number of seconds, and not longer than 100 years (it is \"soon\")",
            "auth.toml:4:1: `csrf.use_sessions` must be true or false, not a number (it is 1)",
            "auth.toml:5:1: unknown key `csrf.age`; `rest-auth config example` lists every key",
        ]
    );
}

#[test]
fn what_is_no_toml_is_located() {
    let all = messages("[server]\nbind = \n");
    assert!(all[0].starts_with("auth.toml:2:"), "{all:?}");
}

#[test]
fn settings_of_django_can_be_pasted() {
    let settings = settings(
        r#"
        profile = "django"
        SESSION_COOKIE_AGE = 3600
        ACCOUNT_EMAIL_VERIFICATION = "none"
        LANGUAGE_CODE = "de"
        REST_AUTH = { USE_JWT = true, JWT_AUTH_COOKIE = "access", TOKEN_MODEL = false }
        REST_FRAMEWORK = { DEFAULT_AUTHENTICATION_CLASSES = [
            "dj_rest_auth.jwt_auth.JWTCookieAuthentication",
            "rest_framework.authentication.SessionAuthentication",
        ] }
        AUTH_PASSWORD_VALIDATORS = [
            { NAME = "django.contrib.auth.password_validation.MinimumLengthValidator",
              OPTIONS = { min_length = 9 } },
        ]
        "#,
    );
    assert_eq!(settings.session.cookie_age, Duration::from_hours(1));
    assert_eq!(settings.account.email_verification, EmailVerification::None);
    assert!(settings.rest_auth.use_jwt);
    assert!(settings.i18n.negotiate_language);
    assert_eq!(
        settings.rest_framework.default_authentication_classes,
        [Authentication::JwtCookie, Authentication::Session]
    );
    let minimum = PasswordValidator::MinimumLength { min_length: 9 };
    assert_eq!(settings.auth.password_validators, [minimum]);
}

#[test]
fn a_key_in_two_spellings_is_a_duplicate() {
    let all = messages("SESSION_COOKIE_AGE = 5\n[session]\ncookie_age = 6\n");
    assert_eq!(
        all,
        ["auth.toml:3:1: `session.cookie_age` is set a second time; \
          remove one of the two, the first is at auth.toml:1:1"]
    );
    let both = messages("[server]\nsecret_key = \"a\"\nsecret_key_file = \"b\"\n");
    assert!(both[0].starts_with("auth.toml:3:1: `server.secret_key_file` is set a second time"));
}

#[test]
fn keys_without_a_feature_say_so() {
    assert_eq!(
        messages("[mfa]\ntotp_tolerance = 2\n"),
        ["auth.toml:2:1: `mfa.totp_tolerance` cannot be changed: the codes before and after the \
          current one are accepted; remove it"]
    );
    assert_eq!(
        messages("ACCOUNT_LOGIN_TIMEOUT = 900"),
        ["auth.toml:1:1: `account.login_timeout` has no meaning here: it is about HTML pages; \
          remove it"]
    );
    assert_eq!(
        messages("[rest_auth]\nLOGIN_SERIALIZER = \"shop.Login\""),
        ["auth.toml:2:1: `rest_auth.login_serializer` cannot be set; \
          `account.login_methods` says what a login accepts"]
    );
    assert_eq!(
        messages("INSTALLED_APPS = []"),
        ["auth.toml:1:1: `installed_apps` cannot be set; `[apps]` says what is installed"]
    );
    assert!(messages("[headless]\nonly = true")[0].contains("it is another API"));
}

#[test]
fn a_deprecated_key_works_with_a_warning() {
    let loaded = read("ACCOUNT_AUTHENTICATION_METHOD = \"email\"");
    assert_eq!(loaded.settings.account.login_methods, [LoginMethod::Email]);
    assert_eq!(
        loaded.findings[0].to_string(),
        "auth.toml:1:1: warning: `account.authentication_method` is deprecated; \
         use `account.login_methods`"
    );
    assert!(!loaded.has_errors());
}

#[test]
fn the_environment_comes_first() {
    let loaded = read_with(
        "[log]\nlevel = \"warn\"\n[server]\nsecret_key = \"from the file\"",
        &[
            ("REST_AUTH__LOG__LEVEL", "debug"),
            ("REST_AUTH__SERVER__ALLOWED_HOSTS", "a.example, b.example"),
            ("REST_AUTH__SERVER__SECRET_KEY", "12345678901234567890123456789012"),
            ("REST_AUTH__REST_AUTH__USE_JWT", "false"),
            ("REST_AUTH__AUTH__BCRYPT_ROUNDS", "13"),
            ("REST_AUTH__PROFILE", "django"),
            ("HOME", "/nowhere"),
        ],
    );
    assert_eq!(loaded.findings, []);
    let settings = loaded.settings;
    assert_eq!(settings.profile, Profile::Django);
    assert_eq!(settings.log.level.as_str(), "debug");
    assert_eq!(settings.http.allowed_hosts, ["a.example", "b.example"]);
    assert_eq!(settings.signing.secret_key, Some(Secret::new("12345678901234567890123456789012")));
    assert_eq!(settings.auth.bcrypt_rounds, 13);
}

#[test]
fn unknown_variables_get_the_nearest_known_key() {
    let loaded = read_with("", &[("REST_AUTH__SIMPLE_JWT__SINGING_KEY", "hunter2")]);
    assert_eq!(
        loaded.findings[0].to_string(),
        "REST_AUTH__SIMPLE_JWT__SINGING_KEY: unknown key `simple_jwt.singing_key`; \
         did you mean `REST_AUTH__SIMPLE_JWT__SIGNING_KEY`?"
    );
}

#[test]
fn secrets_come_from_files_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let key = "a key with blanks, long enough for anything ";
    std::fs::write(folder.path().join("key"), format!("{key}\n")).unwrap();
    std::fs::write(folder.path().join("old"), "one\ntwo\n").unwrap();
    let content = "[server]\nsecret_key_file = \"key\"\nsecret_key_fallbacks_file = \"old\"\n";
    let file = ConfigFile { path: &folder.path().join("auth.toml"), content };
    let loaded = load(Some(file), std::iter::empty());
    assert_eq!(loaded.findings, []);
    let signing = &loaded.settings.signing;
    assert_eq!(signing.secret_key, Some(Secret::new(key)));
    assert_eq!(signing.secret_key_fallbacks, [Secret::new("one"), Secret::new("two")]);

    for empty in ["", "\n", " \r\n"] {
        std::fs::write(folder.path().join("key"), empty).unwrap();
        let found = load(Some(file), std::iter::empty()).findings;
        let told = found.iter().map(ToString::to_string).collect::<String>();
        assert!(told.contains("`server.secret_key_file` names a file that is empty"), "{told}");
    }

    let missing = messages("[server]\nsecret_key_file = \"nowhere/key\"");
    let start = "auth.toml:2:1: `server.secret_key_file` names a file that cannot be read";
    assert!(missing[0].starts_with(start), "{missing:?}");
}

#[test]
fn every_path_begins_at_the_folder_of_the_configuration() {
    let content = "[server]\ntls = \"files\"\ntls_certificate_file = \"cert.pem\"\n\
                   tls_private_key_file = \"/run/key.pem\"\n\
                   [email]\nbackend = \"file\"\nfile_path = \"mails\"\nssl_cafile = \"\"\n";
    let file = ConfigFile { path: Path::new("/etc/accounts/auth.toml"), content };
    let loaded = load(Some(file), std::iter::empty());
    let Settings { server, email, .. } = loaded.settings;
    let path = |path: &str| Some(PathBuf::from(path));
    assert_eq!(server.tls_certificate_file, path("/etc/accounts/cert.pem"));
    assert_eq!(server.tls_private_key_file, path("/run/key.pem"));
    assert_eq!((email.file_path, email.ssl_cafile), (path("/etc/accounts/mails"), None));
    let variables = [("REST_AUTH__EMAIL__FILE_PATH".to_owned(), "out".to_owned())];
    let loaded = load(Some(file), variables.into_iter());
    assert_eq!(loaded.settings.email.file_path, path("/etc/accounts/out"));
}

#[test]
fn a_secret_is_never_part_of_a_message() {
    let content = "[server]\nsecret_key = 5\n[simple_jwt]\nsigning_key = [\"hunter2\"]\n\
                   [database]\nurl = \"hunter2\"\n[email]\nhost_password = { a = \"hunter2\" }";
    let all = messages(content);
    assert_eq!(all.len(), 4);
    assert!(!format!("{all:?}{:?}", read(content).settings).contains("hunter2"));
}

/// The folder with the recorded scenarios of the reference stack.
fn recordings() -> PathBuf {
    std::env::var_os("REST_AUTH_TEST_CONTRACT").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/contract"),
        PathBuf::from,
    )
}

/// The recorded configuration as a file, without what is not built.
fn as_file(config: &Value) -> String {
    let defaults = Settings::defaults(Profile::Django);
    let unbuilt: Vec<_> = defaults
        .sections()
        .iter()
        .flat_map(|section| section.keys().into_iter().map(|key| (section.table(), key)))
        .filter(|(_, key)| key.unbuilt.is_some())
        .map(|(table, key)| (table, key.name))
        .collect();
    let mut content = "profile = \"django\"\n".to_owned();
    for (table, entries) in config.as_object().into_iter().flatten() {
        let _ = writeln!(content, "[{table}]");
        for (key, value) in entries.as_object().into_iter().flatten() {
            if !unbuilt.contains(&(table, key)) {
                let _ = writeln!(content, "{key} = {}", toml_text::literal(value));
            }
        }
    }
    content
}

#[test]
fn every_recorded_configuration_is_understood() {
    let mut count = 0;
    for area in std::fs::read_dir(recordings()).unwrap() {
        let area = area.unwrap().path();
        for file in std::fs::read_dir(&area).into_iter().flatten() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            // The replay puts the address of its stub there.
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("{{stub}}", "http://stub.invalid");
            let scenario: Value = serde_json::from_str(&text).unwrap();
            let content = as_file(scenario.get("config").unwrap_or(&json!({})));
            let loaded = read(&content);
            let errors: Vec<_> = loaded.findings.iter().map(ToString::to_string).collect();
            assert!(!loaded.has_errors(), "{}: {errors:#?}\n{content}", path.display());
            count += 1;
        }
    }
    assert!(count > 300, "found {count} recordings in {}", recordings().display());
}
