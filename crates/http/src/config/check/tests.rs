//! Findings about combinations of values.

use std::path::Path;

use super::deploy;
use crate::config::{ConfigFile, load};

/// The key of a Django project.
const KEY: &str =
    "server = { secret_key = \"the key of a project, and long enough for everything\" }\n";

/// Findings on a file, as they are printed.
fn findings(content: &str) -> Vec<String> {
    let file = ConfigFile { path: Path::new("auth.toml"), content };
    let loaded = load(Some(file), std::iter::empty());
    loaded.findings.iter().map(ToString::to_string).collect()
}

/// The only finding on a file.
fn finding(content: &str) -> String {
    let all = findings(content);
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0].clone()
}

#[test]
fn defaults_are_sound() {
    assert_eq!(findings(""), Vec::<String>::new());
    assert_eq!(findings(&format!("profile = \"django\"\n{KEY}")), Vec::<String>::new());
}

#[test]
fn same_site_none_needs_secure() {
    assert_eq!(
        finding("[session]\ncookie_samesite = \"None\"\ncookie_secure = false"),
        "auth.toml:2:1: `session.cookie_samesite` is \"None\", but `session.cookie_secure` is \
         false: browsers drop the cookie; set `session.cookie_secure = true`"
    );
}

#[test]
fn a_grace_that_has_no_effect_is_told() {
    let grace = |always| {
        format!(
            "[rest_auth]\nuse_jwt = true\n[simple_jwt]\nreuse_grace = {always}\n\
             reuse_grace_while_unused = \"1h\"\n"
        )
    };
    assert!(!findings(&grace(10)).iter().any(|found| found.contains("reuse_grace")));
    let told = findings(&grace(0));
    assert!(told.iter().any(|found| found.contains("reuse_grace_while_unused")), "{told:?}");
}

#[test]
fn one_client_that_may_hold_all_connections_is_told() {
    let most = |most| format!("[server]\nmax_connections = {most}\n");
    assert_eq!(findings(&most(256)), Vec::<String>::new());
    assert!(finding(&most(255)).contains("server.max_connections_per_address"));
}

#[test]
fn a_cookie_domain_must_be_a_suffix_of_the_host() {
    let url = "server = { public_url = \"https://auth.example.com\", \
               trusted_proxies = [\"10.0.0.1\"] }\n\
               secure = { proxy_ssl_header = [\"HTTP_X_FORWARDED_PROTO\", \"https\"] }\n";
    let domain = |domain| format!("{url}[session]\ncookie_domain = \"{domain}\"");
    assert_eq!(findings(&domain(".example.com")), Vec::<String>::new());
    assert!(finding(&domain("ample.com")).contains("no suffix of the host"));
}

#[test]
fn addresses_are_managed_where_they_can_be_verified() {
    let without = "apps = { registration = false }\n";
    assert_eq!(findings(without), Vec::<String>::new());
    let asked_for = format!("{without}[account]\nemail_management = true");
    assert!(finding(&asked_for).contains("has no effect without `apps.registration`"));
}

#[test]
fn some_scheme_must_be_enabled() {
    let nothing = "[rest_auth]\ntoken_model = false\nsession_login = false";
    assert!(finding(nothing).contains("a login hands out nothing"));
    let none = "[rest_framework]\ndefault_authentication_classes = []";
    assert!(finding(none).contains("nobody can be signed in"));
    let other = "[rest_auth]\nsession_login = false\n[rest_framework]\n\
                 default_authentication_classes = [\"session\"]";
    assert!(finding(other).contains("warning: nothing that a login hands out"));
}

#[test]
fn what_django_runs_is_never_refused_in_its_profile() {
    let django = "profile = \"django\"\n";
    for content in [
        "[rest_auth]\nsession_login = false\n[rest_framework]\n\
         default_authentication_classes = [\"session\", \"jwt_cookie\"]",
        "[rest_auth]\ntoken_model = false\n[rest_framework]\n\
         default_authentication_classes = [\"jwt_cookie\", \"token\"]",
        "[rest_auth]\nuse_jwt = true\n[simple_jwt]\nalgorithm = \"HS512\"\nsigning_key = \"short\"",
        "[rest_auth]\nuse_jwt = true\n[simple_jwt]\nalgorithm = \"HS384\"",
        "[cors]\nallowed_origins = [\"null\", \"file://\"]\nallow_credentials = true",
        "server = { secret_key = \"changeme\" }",
    ] {
        let found = findings(&format!("{django}{content}"));
        let errors: Vec<_> = found.iter().filter(|line| !line.contains("warning: ")).collect();
        assert_eq!(errors, Vec::<&String>::new(), "{content}");
    }
}

#[test]
fn registration_needs_allauth() {
    let without = "[apps]\nallauth = false";
    assert_eq!(findings(without), Vec::<String>::new());
    let asked_for = format!("{without}\nregistration = true");
    assert!(finding(&asked_for).contains("`apps.registration` needs django-allauth"));
}

#[test]
fn keys_must_fit_the_algorithm() {
    let jwt = |rest: &str| {
        let shown = "jwt_auth_httponly = false";
        findings(&format!("[rest_auth]\nuse_jwt = true\n{shown}\n[simple_jwt]\n{rest}"))
    };
    let short = jwt("signing_key = \"hunter2-hunter2-hunter2\"");
    assert_eq!(
        short,
        ["auth.toml:5:1: `simple_jwt.signing_key` is shorter than the 32 bytes of HS256; \
          take a longer one: openssl rand -base64 64"]
    );
    let without_pem = jwt("algorithm = \"RS256\"");
    assert_eq!(without_pem.len(), 1);
    assert!(without_pem[0].contains("a private key in PEM"));
    assert!(finding("server = { secret_key = \"changeme\" }").contains("anybody can guess"));
}

#[test]
fn blacklisting_needs_the_blacklist() {
    let content = "[rest_auth]\nuse_jwt = true\njwt_auth_httponly = false\n\
                   [apps]\ntoken_blacklist = false";
    assert!(finding(content).contains("set `apps.token_blacklist = true`"));
}

#[test]
fn refreshing_should_last_longer_than_access() {
    let content = "[rest_auth]\nuse_jwt = true\njwt_auth_httponly = false\n\
                   [simple_jwt]\nrefresh_token_lifetime = \"1m\"";
    assert!(finding(content).starts_with("auth.toml:5:1: warning: "));
}

#[test]
fn credentials_for_everybody_are_an_error_in_strict_only() {
    let cors = "[cors]\nallow_all_origins = true\nallow_credentials = true";
    assert!(!finding(cors).contains("warning"));
    assert!(finding(&format!("profile = \"django\"\n{KEY}{cors}")).contains("warning"));
}

#[test]
fn throttles_need_rates() {
    let content = "[rest_framework]\ndefault_throttle_classes = [\"scoped\"]";
    assert!(finding(content).contains("there is no rate for it"));
    let rates = "default_throttle_rates = { dj_rest_auht = \"1/m\", dj_rest_auth = \"1/m\" }";
    assert!(finding(&format!("{content}\n{rates}")).ends_with("did you mean `dj_rest_auth`?"));
}

#[test]
fn counters_need_a_place_that_exists() {
    for sound in [
        "backend = \"database\"",
        "url = \"redis://localhost\"",
        "backend = \"redis\"\nurl = \"rediss://:secret@cache.example.com:6380/2\"",
    ] {
        assert_eq!(findings(&format!("[cache]\n{sound}")), Vec::<String>::new(), "{sound}");
    }
    assert!(finding("[cache]\nbackend = \"redis\"").contains("there is no `cache.url`"));
    let both = "[cache]\nbackend = \"memory\"\nurl = \"redis://localhost\"";
    assert!(finding(both).contains("remove one of the two"));
    assert_eq!(
        finding("[cache]\nurl = \"localhost:6379\""),
        "auth.toml:2:1: `cache.url` must begin with redis:// or, for TLS, rediss://; \
         write it like \"redis://localhost:6379/0\""
    );
    let secret = finding("[cache]\nurl = \"redis://:hunter2@localhost/counters\"");
    assert!(secret.contains("`cache.url` must be like"), "{secret}");
    assert!(!secret.contains("hunter2"), "{secret}");
}

#[test]
fn languages_must_exist() {
    let unknown = finding("[i18n]\nlanguage_code = \"gre\"");
    assert!(unknown.starts_with("auth.toml:2:1: `i18n.language_code` has an unknown language"));
    let absent = "[i18n]\nlanguages = [\"de\", \"fr\"]\nlanguage_code = \"en-us\"";
    assert!(finding(absent).contains("not among"));
    assert!(finding("USE_TZ = false").contains("must be true"));
}

#[test]
fn paths_and_addresses_have_a_form() {
    for path in ["api", "/api/", "/a//b", "/a/../b", "/ä"] {
        let content = format!("[server]\nbase_path = \"{path}\"");
        assert!(finding(&content).contains("base_path"), "{path}");
    }
    for url in ["auth.example.com", "https://a/b", "ftp://a", "https://u:p@a"] {
        let content = format!("[server]\npublic_url = \"{url}\"");
        assert!(finding(&content).contains("public_url"), "{url}");
    }
    let origin = "[csrf]\ntrusted_origins = [\"https://*.example.com\", \"example.com\"]";
    assert!(finding(origin).contains("no origin"));
    let link = "[rest_auth]\npassword_reset_url = \"https://app.example.com/reset?t={token}\"";
    assert!(finding(link).contains("must contain {uid}"));
}

#[test]
fn links_must_not_follow_any_host() {
    let any = "profile = \"django\"\n[server]\nallowed_hosts = [\"*\"]\n\
               secret_key = \"the key of a project, and long enough for everything\"\n";
    assert!(finding(any).contains("whose link leads to them"));
    let fixed = format!("{any}public_url = \"http://auth.example.com\"");
    assert_eq!(findings(&fixed), Vec::<String>::new());
}

#[test]
fn links_must_have_a_beginning_in_strict() {
    let without = "[apps]\npasskeys = false\n[server]\npublic_url = \"\"\n";
    assert!(finding(without).contains("links in mails have no beginning"));
    assert_eq!(findings(&format!("{without}links_from_host = true")), Vec::<String>::new());
    let project = "secret_key = \"the key of a project, and long enough for everything\"\n";
    let django = format!("profile = \"django\"\n{without}{project}");
    assert_eq!(findings(&django), Vec::<String>::new());
}

#[test]
fn the_page_of_reset_links_has_a_name_in_either_table() {
    let url = "password_reset_url = \"https://app.example.com/{uid}/{token}\"";
    for table in ["account", "rest_auth"] {
        assert_eq!(findings(&format!("[{table}]\n{url}")), Vec::<String>::new(), "{table}");
    }
}

#[test]
fn codes_must_be_hard_to_guess() {
    let on = "[account]\nemail_verification_by_code_enabled = true\n\
              password_reset_by_code_enabled = true\n";
    assert_eq!(findings(on), Vec::<String>::new());
    let digits = |length: u32| {
        findings(&format!(
            "{on}password_reset_by_code_code_format = {{ numeric = true, length = {length} }}"
        ))
    };
    assert_eq!(digits(9), Vec::<String>::new());
    // 7200 mails a day with three guesses each.
    assert!(digits(6)[0].contains("a chance of 2.16 % a day"), "{:?}", digits(6));
    let unlimited = finding(&format!("{on}rate_limits = {{ resend_email = \"\" }}"));
    assert!(unlimited.contains("any number of guesses"), "{unlimited}");
    let five = "[account]\nemail_verification_by_code_format = { length = 5 }";
    assert!(finding(five).contains("between 6 and 32"));
}

#[test]
fn mails_need_a_sender_and_a_way() {
    assert!(finding("[email]\ndefault_from_email = \"nobody\"").contains("is no address"));
    assert!(finding("[email]\nuse_ssl = true\nuse_tls = true").contains("exclude each other"));
    assert!(finding("[email]\nbackend = \"file\"").contains("name a folder"));
    let named = "[email]\ndefault_from_email = \"Support <support@example.org>\"";
    assert_eq!(findings(named), Vec::<String>::new());
}

#[test]
fn advice_for_production_is_about_what_the_defaults_leave_open() {
    let loaded = load(None, std::iter::empty());
    assert!(!loaded.has_errors());
    let keys: Vec<_> = deploy(&loaded.settings).into_iter().map(|finding| finding.key).collect();
    assert_eq!(
        keys,
        [
            "server.secret_key",
            "server.public_url",
            "auth.password_validators",
            "email.backend",
            "email.default_from_email",
            "database.url",
        ]
    );
}

#[test]
fn a_careful_configuration_gets_no_advice() {
    let content = r#"
        [server]
        secret_key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        public_url = "https://auth.example.com"
        trusted_proxies = ["10.0.0.1"]
        [secure]
        proxy_ssl_header = ["HTTP_X_FORWARDED_PROTO", "https"]
        [database]
        url = "postgres://auth@db/auth"
        [email]
        backend = "smtp"
        host = "smtp.example.com"
        use_tls = true
        default_from_email = "accounts@example.com"
        [auth]
        password_validators = [{ name = "minimum_length", min_length = 15 }, "common_password"]
    "#;
    let file = ConfigFile { path: Path::new("auth.toml"), content };
    let loaded = load(Some(file), std::iter::empty());
    assert_eq!(loaded.findings, []);
    assert!(loaded.settings.session.cookie_secure);
    assert_eq!(deploy(&loaded.settings), []);
}

#[test]
fn a_project_that_takes_over_is_told_what_its_addresses_open() {
    let content = "[account]\nidentify_by_proven_email = false";
    for content in [content, "profile = \"django\""] {
        let file = ConfigFile { path: Path::new("auth.toml"), content };
        let found = deploy(&load(Some(file), std::iter::empty()).settings);
        let is_told = found.iter().any(|f| f.key == "account.identify_by_proven_email");
        assert!(is_told, "{found:?}");
    }
}

#[test]
fn passkeys_need_a_site_whose_pages_browsers_let_use_them() {
    let with = |keys: &str| {
        let url = "[server]\npublic_url = \"https://example.com\"\n\
                   trusted_proxies = [\"10.0.0.0/8\"]\n";
        let tls = "[secure]\nproxy_ssl_header = [\"HTTP_X_FORWARDED_PROTO\", \"https\"]\n";
        findings(&format!("{url}{tls}[passkeys]\n{keys}"))
    };
    assert_eq!(with(""), Vec::<String>::new());
    assert_eq!(with("rp_origins = [\"https://app.example.com\"]"), Vec::<String>::new());
    let told = with("rp_id = \"example.org\"");
    assert!(told[0].contains("which https://example.com does not lie in"), "{told:?}");
    // Browsers ask this server about them.
    let related = "rp_origins = [\"https://example.com\", \"https://example.org\"]";
    assert_eq!(with(related), Vec::<String>::new());
    let many: Vec<_> = (0..6).map(|n| format!("\"https://{n}.test\"")).collect();
    let told = with(&format!("rp_origins = [{}]", many.join(", ")));
    assert!(told[0].contains("more origins"), "{told:?}");
    let told = with("rp_origins = [\"http://example.com\"]");
    assert!(told[0].contains("comes by http"), "{told:?}");
    for wrong in ["rp_id = \"https://example.com\"", "rp_id = \"Example.com\""] {
        assert!(with(wrong)[0].contains("must be a domain"), "{wrong}");
    }
    for wrong in ["https://*.example.com", "https://example.com/", "example.com"] {
        let told = with(&format!("rp_origins = [\"{wrong}\"]"));
        assert!(told[0].contains("no origin"), "{wrong}: {told:?}");
    }
    let told = findings(&format!("profile = \"django\"\n{KEY}[apps]\npasskeys = true\n"));
    assert!(told[0].contains("`passkeys.rp_id`, `passkeys.rp_name`"), "{told:?}");
}

#[test]
fn a_server_beside_django_has_the_key_and_the_database_of_the_project() {
    let told = finding("profile = \"django\"");
    for part in ["warning: `server.secret_key` is not set", "the SECRET_KEY of the project"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("project.sqlite3");
    let at = |more: &str| {
        let url = format!("sqlite://{}{more}", file.display());
        format!("{KEY}database = {{ url = \"{url}\" }}\n")
    };
    let django = |more: &str| findings(&format!("profile = \"django\"\n{}", at(more)));
    let told = django("");
    assert_eq!(told.len(), 1, "{told:?}");
    for part in ["`database.url` names no database of the project", "end it with `?mode=rwc`"] {
        assert!(told[0].contains(part), "{part}: {told:?}");
    }
    assert!(!told[0].contains("warning"), "{told:?}");
    assert_eq!(django("?mode=rwc"), Vec::<String>::new());
    assert_eq!(findings(&at("")), Vec::<String>::new());
    std::fs::write(&file, "").unwrap();
    assert_eq!(django(""), Vec::<String>::new());
}
