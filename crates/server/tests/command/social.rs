//! `rest-auth social`

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use crate::harness::Folder;

const PROVIDERS: &str = "[server]\npublic_url = \"https://api.example.com\"\n\
    [socialaccount.providers.github]\nclient_id = \"Iv1.1\"\nsecret = \"s3cret\"\n\
    callback_url = \"https://app.example.com/callback\"\n\
    [socialaccount.providers.paypal]\nmode = \"live\"\n";

/// What is said of an address at which something answers that it has no such page.
const NOT_FOUND: &str = "answers 404 without a user";

/// A server that answers each path with a document, and everything else with 404.
fn answering(documents: &[(&'static str, String)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (documents, address) = (documents.to_vec(), url.clone());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut lines = BufReader::new(&connection).lines();
            let first = lines.next().unwrap().unwrap();
            for line in lines {
                if line.unwrap().is_empty() {
                    break;
                }
            }
            let asked = first.split(' ').nth(1).unwrap();
            let found = documents.iter().find(|(path, _)| *path == asked);
            let (status, body) = match found {
                Some((_, document)) => ("200 OK", document.replace("{stub}", &address)),
                None => ("404 Not Found", String::new()),
            };
            let length = body.len();
            write!(
                connection,
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    url
}

fn openid(server: &str) -> Folder {
    Folder::configured(&format!(
        "[socialaccount]\nallow_private_addresses = true\n\
         [socialaccount.providers.acme]\nserver_url = \"{server}\"\nclient_id = \"c\"\n"
    ))
}

/// An elliptic key, of RFC 7517, appendix A.1.
const KEY: &str = r#"{"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

fn discovery() -> String {
    json!({
        "issuer": "{stub}", "authorization_endpoint": "{stub}/authorize",
        "token_endpoint": "{stub}/token", "userinfo_endpoint": "{stub}/me",
        "jwks_uri": "{stub}/keys",
    })
    .to_string()
}

#[test]
fn the_providers_are_listed_with_the_callbacks_to_register() {
    let outcome = Folder::configured(PROVIDERS).run(&["social", "list"], "").ok();
    let wanted = json!({
        "id": "github", "name": "GitHub", "client_ids": ["Iv1.1"],
        "callback_urls": [
            "https://api.example.com/api/auth/github/callback/",
            "https://app.example.com/callback",
        ],
    });
    assert_eq!(outcome.json(), [wanted]);
    assert!(!outcome.stdout.contains("s3cret"));
}

#[test]
fn the_addresses_for_the_button_and_the_notifications_are_listed_where_there_are_some() {
    let providers = "[socialaccount.providers.google]\nclient_id = \"g\"\n\
        [socialaccount.providers.apple]\nclient_id = \"a\"\n\
        [socialaccount.providers.github]\nclient_id = \"h\"\n";
    let list = |more: &str| {
        let content =
            format!("[server]\npublic_url = \"https://api.example.com\"\n{more}{providers}");
        Folder::configured(&content).run(&["social", "list"], "").ok().json()
    };
    let of = |listed: &[serde_json::Value], id: &str, name: &str| {
        let line = listed.iter().find(|line| line["id"] == id).unwrap();
        line.get(name).cloned()
    };
    let notified = "https://api.example.com/api/auth/apple/notifications/";
    let tapped = "https://api.example.com/api/auth/google/onetap/";
    let front = "[socialaccount]\nredirect_url = \"https://app.example.com/\"\n";
    for (more, one_tap) in [("", None), (front, Some(tapped.into()))] {
        let listed = list(more);
        assert_eq!(of(&listed, "apple", "notification_url"), Some(notified.into()));
        assert_eq!(of(&listed, "google", "one_tap_url"), one_tap);
        for (id, name) in [
            ("google", "notification_url"),
            ("apple", "one_tap_url"),
            ("github", "notification_url"),
            ("github", "one_tap_url"),
        ] {
            assert_eq!(of(&listed, id, name), None, "{id}");
        }
    }
}

#[test]
fn a_provider_that_is_not_configured_fails_the_check() {
    let folder = Folder::configured(PROVIDERS);
    for id in ["google", "paypal", "nonsense"] {
        let outcome = folder.run(&["social", "check", id], "");
        assert_eq!(outcome.status, 1, "{id}");
        let wanted = format!("`{id}` is not configured");
        assert!(outcome.stderr.contains(&wanted), "{}", outcome.stderr);
    }
}

#[test]
fn a_check_names_what_is_registered_and_what_is_missing() {
    let server = answering(&[
        ("/login/oauth/authorize", String::new()),
        ("/login/oauth/access_token", String::new()),
    ]);
    let providers = format!(
        "{}[socialaccount]\nallow_private_addresses = true\n",
        PROVIDERS.replace("secret =", &format!("github_url = \"{server}\"\nsecret ="))
    );
    let whole = Folder::configured(&providers).run(&["social", "check", "github"], "").ok();
    for line in [
        "to register: https://api.example.com/api/auth/github/callback/".to_owned(),
        "ok: secret: set".to_owned(),
        format!("ok: token: {server}/login/oauth/access_token"),
        format!("ok: profile: {server}/api/v3/user {NOT_FOUND}: is `identity_url` right?"),
        format!("ok: access tokens of apps: checked at {server}/api/v3/applications/Iv1.1/token"),
    ] {
        assert!(whole.stdout.lines().any(|printed| printed == line), "{line}: {}", whole.stdout);
    }
    let without = providers.replace("secret = \"s3cret\"\n", "");
    let outcome = Folder::configured(&without).run(&["social", "check", "github"], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("error: secret: `secret` is missing"), "{}", outcome.stderr);
}

#[test]
fn a_check_fetches_the_discovery_document_and_the_keys() {
    let path = "/.well-known/openid-configuration";
    let keys = ("/keys", format!("{{\"keys\": [{KEY}]}}"));
    let found = |path| (path, String::new());
    let server = answering(&[(path, discovery()), keys, found("/authorize"), found("/token")]);
    let outcome = openid(&server).run(&["social", "check", "acme"], "").ok();
    for line in [
        "ok: secret: none, as for a public client".to_owned(),
        format!("ok: discovery: the issuer is {server}"),
        format!("ok: authorization: {server}/authorize"),
        format!("ok: keys: 1 at {server}/keys"),
        "ok: access tokens of apps: refused: nobody says to whom one was issued".to_owned(),
    ] {
        assert!(outcome.stdout.lines().any(|printed| printed == line), "{}", outcome.stdout);
    }
}

#[test]
fn without_a_provider_all_that_are_configured_are_checked() {
    let keys = ("/keys", format!("{{\"keys\": [{KEY}]}}"));
    let authorize = ("/authorize", String::new());
    let whole = answering(&[("/.well-known/openid-configuration", discovery()), keys, authorize]);
    let two = |other: &str| {
        let entry = |id: &str, server: &str| {
            let table = format!("[socialaccount.providers.{id}]");
            format!("{table}\nserver_url = \"{server}\"\nclient_id = \"c\"\n")
        };
        let (acme, other) = (entry("acme", &whole), entry("other", other));
        Folder::configured(&format!(
            "[socialaccount]\nallow_private_addresses = true\n{acme}{other}"
        ))
    };
    let outcome = two(&whole).run(&["social", "check"], "").ok();
    for id in ["acme", "other"] {
        for line in [
            format!("{id}: ok: keys: 1 at {whole}/keys"),
            format!("nothing is wrong with `{id}` as far as can be told without a user"),
        ] {
            assert!(outcome.stdout.lines().any(|printed| printed == line), "{}", outcome.stdout);
        }
    }
    // One that cannot work keeps the others from nothing.
    let outcome = two(&answering(&[])).run(&["social", "check"], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stdout.contains("nothing is wrong with `acme`"), "{}", outcome.stdout);
    for wanted in ["other: error: discovery: ", "a login with `other` cannot work"] {
        assert!(outcome.stderr.contains(wanted), "{wanted}: {}", outcome.stderr);
    }
    let outcome = Folder::configured("").run(&["social", "check"], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("no provider is configured"), "{}", outcome.stderr);
}

#[test]
fn a_server_that_lacks_something_fails_the_check() {
    let path = "/.well-known/openid-configuration";
    let lacking = json!({"issuer": "{stub}", "jwks_uri": "{stub}/keys"}).to_string();
    let foreign = json!({"issuer": "https://other.example"}).to_string();
    let page = "<!doctype html>\n<html lang=\"en\"><title>Moved</title></html>".to_owned();
    let with_two_lines = discovery().replace("{stub}/authorize", "https://a.example/\\r\\nok: b");
    let script = discovery().replace("{stub}/authorize", "javascript:alert(1)");
    let empty = ("/keys", "{\"keys\": []}".to_owned());
    let one = r#"{"keys": [{"kty": "RSA", "kid": "1", "n": "AQ", "e": "AQAB"}]}"#.to_owned();
    for (documents, wanted) in [
        (vec![], "error: discovery: "),
        (vec![(path, foreign)], "names another issuer"),
        (vec![(path, page)], "no discovery document"),
        (vec![(path, with_two_lines)], "`authorization_endpoint`"),
        (vec![(path, script)], "`authorization_endpoint`"),
        (vec![(path, discovery())], "error: keys: "),
        (vec![(path, discovery()), ("/keys", one)], "has no key that can be used"),
        (vec![(path, discovery()), empty.clone()], "has no key that can be used"),
        (vec![(path, lacking), empty], "error: token: neither the configuration"),
    ] {
        let server = answering(&documents);
        let outcome = openid(&server).run(&["social", "check", "acme"], "");
        assert_eq!(outcome.status, 1, "{}", outcome.stdout);
        assert!(outcome.stderr.contains(wanted), "{wanted}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("\nok: b"), "{}", outcome.stderr);
    }
}

#[test]
fn a_page_for_browsers_that_is_not_there_is_doubtful() {
    let keys = ("/keys", format!("{{\"keys\": [{KEY}]}}"));
    let server = answering(&[("/.well-known/openid-configuration", discovery()), keys]);
    let outcome = openid(&server).run(&["social", "check", "acme"], "").ok();
    for line in [
        format!(
            "doubtful: authorization: {server}/authorize {NOT_FOUND}: is `authorize_url` right?"
        ),
        "nothing else is wrong with `acme` as far as can be told without a user".to_owned(),
    ] {
        assert!(outcome.stdout.lines().any(|printed| printed == line), "{}", outcome.stdout);
    }
}

#[test]
fn addresses_where_nobody_answers_fail_the_check() {
    let server = answering(&[("/authorize", String::new()), ("/me", String::new())]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let whole = format!(
        "[socialaccount]\nallow_private_addresses = true\n\
         [socialaccount.providers.acme]\nclient_id = \"c\"\nsecret = \"s\"\n\
         authorize_url = \"{server}/authorize\"\naccess_token_url = \"{server}/token\"\n\
         identity_url = \"{server}/me\"\n"
    );
    Folder::configured(&whole).run(&["social", "check", "acme"], "").ok();
    for (part, key, path) in [
        ("authorization", "authorize_url", "/authorize"),
        ("token", "access_token_url", "/token"),
        ("profile", "identity_url", "/me"),
    ] {
        let wrong = whole.replace(&format!("{server}{path}"), &format!("http://{nobody}{path}"));
        let outcome = Folder::configured(&wrong).run(&["social", "check", "acme"], "");
        assert_eq!(outcome.status, 1, "{}", outcome.stdout);
        let told = format!("error: {part}: http://{nobody}{path}: the provider does not answer");
        for wanted in [&*told, &format!("correct `{key}`")] {
            assert!(outcome.stderr.contains(wanted), "{wanted}: {}", outcome.stderr);
        }
    }
}

#[test]
fn the_files_of_a_provider_lie_beside_the_configuration() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("etc")).unwrap();
    folder.write("etc/github.secret", "s3cret\n");
    folder.write("etc/other.secret", "other\n");
    folder.write(
        "etc/auth.toml",
        "[socialaccount.providers.github]\nclient_id = \"a\"\nsecret_file = \"github.secret\"\n\
         [[socialaccount.providers.gitlab.apps]]\nclient_id = \"b\"\nSECRET_FILE = \"other.secret\"\n",
    );
    let list = ["social", "list", "--config", "etc/auth.toml"];
    assert_eq!(folder.run(&list, "").ok().json().len(), 2);
    std::fs::remove_file(folder.path().join("etc/other.secret")).unwrap();
    let refused = folder.run(&list, "");
    assert_eq!(refused.status, 1);
    for part in ["socialaccount.providers", "gitlab", "etc/other.secret"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
}
