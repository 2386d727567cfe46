//! Mistakes that people made, and what is said about each.

mod browsers;
mod social;

use std::path::Path;

use crate::config::{ConfigFile, load};

const P256: &str = include_str!("../../../../domain/src/jwt/keys/test-p256.pem");
const P256_OTHER: &str = include_str!("../../../../domain/src/jwt/keys/test-p256-other-public.pem");
const ENCRYPTED: &str = include_str!("../../../../domain/src/jwt/keys/test-encrypted.pem");

/// A server that clients reach at `https://auth.example.com` behind a proxy.
const BEHIND_PROXY: &str = "server = { public_url = \"https://auth.example.com\", \
                            trusted_proxies = [\"10.0.0.1\"] }\n\
                            secure = { proxy_ssl_header = [\"HTTP_X_FORWARDED_PROTO\", \"https\"] }\n";

/// JWTs in cookies.
const COOKIES: &str = "[rest_auth]\nuse_jwt = true\nsession_login = false\n\
                       jwt_auth_cookie = \"access\"\njwt_auth_refresh_cookie = \"refresh\"\n";

/// What was done, the configuration, and the key and the cure that a finding must name.
type Mistake<'a> = (&'a str, String, &'a str, &'a str);

fn findings(content: &str) -> Vec<String> {
    let file = ConfigFile { path: Path::new("auth.toml"), content };
    load(Some(file), std::iter::empty()).findings.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_told(mistakes: Vec<Mistake<'_>>) {
    for (what, content, key, cure) in mistakes {
        let all = findings(&content);
        let is_told = |finding: &String| finding.contains(key) && finding.contains(cure);
        assert!(all.iter().any(is_told), "{what}: {all:#?}\n{content}");
    }
}

fn jwt(keys: &str) -> String {
    format!("[rest_auth]\nuse_jwt = true\n[simple_jwt]\n{keys}")
}

#[test]
fn keys_that_a_server_refuses_are_refused_with_the_cure() {
    let key = |name: &str, pem: &str| format!("{name} = '''{pem}'''\n");
    let es256 = |keys: String| jwt(&format!("algorithm = \"ES256\"\n{keys}"));
    assert_told(vec![
        (
            "an encrypted key",
            es256(key("signing_key", ENCRYPTED)),
            "simple_jwt.signing_key",
            "openssl pkcs8 -topk8 -nocrypt",
        ),
        (
            "a public key of another pair",
            es256(key("signing_key", P256) + &key("verifying_key", P256_OTHER)),
            "simple_jwt.verifying_key",
            "does not belong to the signing key",
        ),
        (
            "a key of another kind",
            jwt(&format!("algorithm = \"RS256\"\n{}", key("signing_key", P256))),
            "simple_jwt.signing_key",
            "not a private key for RS256",
        ),
        (
            "a PEM as a secret",
            jwt(&key("signing_key", P256)),
            "simple_jwt.signing_key",
            "choose RS256, ES256 or EdDSA",
        ),
        (
            "a secret as a private key",
            es256("signing_key = \"a secret that is long enough for anything\"\n".to_owned()),
            "simple_jwt.signing_key",
            "beginning with -----BEGIN",
        ),
        (
            "a short secret key",
            "[server]\nsecret_key = \"hunter2\"\n".to_owned(),
            "server.secret_key",
            "openssl rand -base64 48",
        ),
        (
            "a long secret key of one letter",
            format!("[server]\nsecret_key = \"{}\"\n", "a".repeat(60)),
            "server.secret_key",
            "openssl rand -base64 48",
        ),
    ]);
}

#[test]
fn addresses_that_cannot_work_are_told() {
    let server = |keys: &str| format!("[server]\n{keys}");
    let https = "public_url = \"https://auth.example.com\"\n";
    assert_told(vec![
        (
            "https behind a proxy that does not say so",
            server(https),
            "secure.proxy_ssl_header",
            "HTTP_X_FORWARDED_PROTO",
        ),
        (
            "a redirect to https for ever",
            server(&format!("{https}[secure]\nssl_redirect = true\n")),
            "secure.ssl_redirect",
            "secure.proxy_ssl_header",
        ),
        (
            "a proxy whose clients all have its address",
            server("[secure]\nproxy_ssl_header = [\"HTTP_X_FORWARDED_PROTO\", \"https\"]\n"),
            "server.trusted_proxies",
            "name the addresses",
        ),
        (
            "a host with a port",
            server("allowed_hosts = [\"auth.example.com:8443\"]\n"),
            "server.allowed_hosts",
            "without its port",
        ),
        (
            "an address in brackets with a port",
            server("allowed_hosts = [\"[::1]:8443\"]\n"),
            "server.allowed_hosts",
            "without its port",
        ),
        (
            "hosts without the own one",
            server(&format!("{https}allowed_hosts = [\"other.example.com\"]\n")),
            "server.allowed_hosts",
            "add \"auth.example.com\"",
        ),
        (
            "TLS at an address of http",
            server("public_url = \"http://auth.example.com\"\ntls = \"self_signed\"\n"),
            "server.public_url",
            "https://",
        ),
        (
            "a port alone",
            server("bind = \":8000\"\n"),
            "server.bind",
            "\"0.0.0.0:8000\" for every address",
        ),
        (
            "Secure cookies by http",
            server("public_url = \"http://auth.example.com\"\n"),
            "session.cookie_secure",
            "serve https",
        ),
    ]);
}

#[test]
fn accounts_that_nobody_can_use_are_told() {
    let account = |keys: &str| format!("[account]\n{keys}");
    assert_told(vec![
        (
            "login by an address that nobody has to give",
            account("login_methods = [\"email\"]\n"),
            "account.signup_fields",
            "\"email*\"",
        ),
        (
            "login by a name that nobody is told",
            account("signup_fields = [\"email*\", \"password1*\"]\n"),
            "account.login_methods",
            "\"username*\"",
        ),
        (
            "no password",
            account("signup_fields = [\"email*\", \"username*\"]\n"),
            "account.signup_fields",
            "\"password1*\"",
        ),
        (
            "an address asked for twice",
            account("signup_fields = [\"email*\", \"email2*\", \"username*\", \"password1*\"]\n"),
            "account.signup_fields",
            "remove it",
        ),
    ]);
}

#[test]
fn databases_and_mail_servers_that_cannot_be_reached_are_told() {
    let database = |url: &str| format!("[database]\nurl = '{url}'\n");
    let email = |keys: &str| {
        let host = if keys.starts_with("host =") { "" } else { "host = \"smtp.example.com\"\n" };
        format!("[email]\nbackend = \"smtp\"\n{host}{keys}")
    };
    assert_told(vec![
        ("an unknown kind", database("oracle://u:p@localhost/x"), "database.url", "postgres://"),
        ("a name of Django's", database("psql://u:p@localhost/x"), "database.url", "postgres://"),
        ("an unescaped #", database("postgres://u:p#w@localhost/x"), "database.url", "%23"),
        ("an unescaped %", database("postgres://u:5%w@localhost/x"), "database.url", "%25"),
        ("no folder", database("sqlite:///no/such/folder/a.db"), "database.url", "make the folder"),
        (
            "a pooler that is not before PostgreSQL",
            database("mysql://u:p@localhost/x") + "transaction_pooling = true\n",
            "database.transaction_pooling",
            "remove it",
        ),
        (
            "session parameters through a pooler",
            database("postgres://u:p@localhost/x?options[search_path]=y")
                + "transaction_pooling = true\n",
            "database.url",
            "ALTER ROLE",
        ),
        (
            "a port in the name of the host",
            email("host = \"smtp.example.com:587\"\n"),
            "email.host",
            "email.port",
        ),
        (
            "no host",
            "[email]\nbackend = \"smtp\"\n".to_owned(),
            "email.host",
            "name the mail server",
        ),
        (
            "no sender",
            email("default_from_email = \"Shop <shop@localhost\"\n"),
            "email.default_from_email",
            "write",
        ),
        ("a user without a name", email("host_password = \"x\"\n"), "email.host_user", "remove"),
        ("STARTTLS at port 465", email("port = 465\nuse_tls = true\n"), "email.use_tls", "use_ssl"),
        ("TLS at port 587", email("port = 587\nuse_ssl = true\n"), "email.use_ssl", "use_tls"),
        (
            "an authority that is not there",
            email("use_tls = true\nssl_cafile = \"/nowhere/ca.pem\"\n"),
            "email.ssl_cafile",
            "name a file",
        ),
    ]);
}

#[test]
fn what_works_gets_no_finding() {
    let cookies = format!("{BEHIND_PROXY}{COOKIES}jwt_auth_refresh_cookie_path = \"/api/auth/\"\n");
    let whole = format!(
        "{cookies}[cors]\nallow_credentials = true\n\
         allowed_origins = [\"https://app.example.com\"]\n\
         [csrf]\ntrusted_origins = [\"https://app.example.com\"]\ncookie_domain = \".example.com\"\n"
    );
    for content in [
        "[account]\nlogin_methods = [\"email\"]\nsignup_fields = [\"email*\", \"password1*\"]\n",
        "[server]\nallowed_hosts = [\"auth.example.com\", \"[::1]\"]\n",
        "[server]\nbind = \"localhost:8000\"\n",
        "[rest_auth]\nuse_jwt = true\njwt_auth_httponly = false\n",
        &cookies,
        &whole,
    ] {
        assert_eq!(findings(content), Vec::<String>::new(), "{content}");
    }
}
