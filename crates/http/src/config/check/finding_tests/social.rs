//! Providers of social login.

use super::{P256, assert_told, findings};

#[test]
fn a_provider_without_the_secret_that_its_codes_need_is_told() {
    let table = |id: &str, more: &str| {
        findings(&format!("[socialaccount.providers.{id}]\nclient_id = \"a\"\n{more}"))
    };
    let told = table("github", "");
    assert!(told.len() == 1 && told[0].contains("providers.github` has no `secret`"), "{told:?}");
    let nothing = Vec::<String>::new();
    assert_eq!(table("github", "secret = \"s\""), nothing);
    // Apps send ID tokens, and an OpenID server may know a public client.
    assert_eq!(table("google", ""), nothing);
    assert_eq!(table("acme", "server_url = \"https://login.example\""), nothing);
    let in_browser = "[server]\npublic_url = \"https://a.example\"\ntls = \"self_signed\"\n\
        [socialaccount]\nredirect_url = \"https://app.example/\"\n\
        [socialaccount.providers.google]\nclient_id = \"a\"\n\
        [socialaccount.providers.apple]\nclient_id = \"b\"\n";
    let told = findings(in_browser);
    for part in ["google` has no `secret`", "apple` has no `certificate_key`"] {
        assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:?}");
    }
}

#[test]
fn an_address_by_which_codes_come_in_the_clear_is_told() {
    let callback = |url: &str| {
        findings(&format!(
            "[socialaccount.providers.github]\nclient_id = \"a\"\nsecret = \"s\"\n\
             callback_urls = [\"{url}\"]"
        ))
    };
    let told = callback("http://app.example.com/callback");
    assert!(told.len() == 1 && told[0].contains("is http: the codes"), "{told:?}");
    for fine in ["https://app.example.com/", "http://localhost:5173/", "http://127.0.0.1:1/"] {
        assert_eq!(callback(fine), Vec::<String>::new(), "{fine}");
    }
}

/// The table of a server that speaks plain OAuth 2.0, with another line for one of its keys.
fn acme(other: &str) -> String {
    let lines = [
        "client_id = \"a\"",
        "secret = \"s\"",
        "authorize_url = \"https://acme.example/authorize\"",
        "access_token_url = \"https://acme.example/token\"",
        "identity_url = \"https://acme.example/me\"",
    ];
    let key = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let kept = lines.into_iter().filter(|line| key(line) != key(other));
    let lines: Vec<_> = kept.chain([other]).collect();
    format!("[socialaccount.providers.acme]\n{}\n", lines.join("\n"))
}

#[test]
fn what_no_login_with_a_provider_can_work_with_is_told_with_the_cure() {
    assert_eq!(findings(&acme("")), Vec::<String>::new());
    let openid = |url: &str| {
        let table = "[socialaccount.providers.acme]\nclient_id = \"a\"";
        format!("{table}\nserver_url = \"{url}\"\n")
    };
    let (all, token) = ("socialaccount.providers", "providers.acme.access_token_url");
    let server = "providers.acme.server_url";
    let token_url = |url: &str| acme(&format!("access_token_url = \"{url}\""));
    assert_told(vec![
        ("http", token_url("http://acme.example/token"), token, "has to be asked by https"),
        ("a private address", token_url("https://10.0.0.7/"), token, "allow_private_addresses"),
        ("no client id", acme("client_id = \"\""), all, "set it to the id of your app"),
        ("a blank client id", acme("client_ids = [\" \"]"), all, "remove it"),
        ("a pointer", acme("uid_field = \"/sub\""), "uid_field", "write \"sub\""),
        ("a gap", acme("uid_field = \"user..id\""), "uid_field", "write \"sub\""),
        ("nothing", acme("email_field = \"\""), "email_field", "write \"sub\""),
        ("a script", acme("callback_url = \"javascript:x\""), "callback_url", "https://app"),
        ("a password", openid("https://ada:pw@id.example"), server, "leave them out"),
        ("a query", openid("https://id.example?x=1"), server, "end it before that"),
        ("a fragment", openid("https://id.example#x"), server, "leave it out"),
        (
            "no client ids",
            "[socialaccount.providers.github]\nclient_ids = []\n".to_owned(),
            all,
            "set it to the id of your app",
        ),
        (
            "servers without a list",
            "[socialaccount.providers.openid_connect]\nclient_id = \"a\"\n".to_owned(),
            all,
            "call the table after the server",
        ),
    ]);
}

#[test]
fn half_an_app_and_a_table_without_one_are_told() {
    let apple = |keys: &str| format!("[socialaccount.providers.apple]\nclient_id = \"a\"\n{keys}");
    let signed = |keys: &str| apple(&format!("{keys}certificate_key = '''{P256}'''\n"));
    assert_eq!(findings(&apple("")), Vec::<String>::new());
    assert_eq!(findings(&signed("secret = \"k\"\nkey = \"t\"\n")), Vec::<String>::new());
    let github = |line: &str| format!("[socialaccount.providers.github]\n{line}\n");
    assert_told(vec![
        ("no key", apple("secret = \"k\"\nkey = \"t\"\n"), "certificate_key", "set `certificate"),
        ("no id of a key", signed("key = \"t\"\n"), "apple.secret", "id of the `certificate_key`"),
        ("no team", signed("secret = \"k\"\n"), "providers.apple.key", "id of your team"),
        ("a secret alone", github("secret = \"s\""), "providers", "set it to the id of your app"),
        ("nothing", github("scope = [\"user\"]"), "providers.github", "remove the table"),
    ]);
}

#[test]
fn names_and_addresses_that_lead_nowhere_are_told() {
    let social = |line: &str| {
        format!(
            "[server]\npublic_url = \"https://a.example\"\ntls = \"self_signed\"\n\
             [socialaccount]\n{line}\n"
        )
    };
    let entry = |id: &str| {
        let table = format!("[socialaccount.providers.\"{id}\"]\nclient_id = \"a\"\n");
        format!("{table}server_url = \"https://id.example\"\n")
    };
    let mut mistakes = vec![
        ("a dot", entry("."), "socialaccount.providers", "not dots alone"),
        ("two dots", entry(".."), "socialaccount.providers", "not dots alone"),
        ("a slash", entry("a/b"), "socialaccount.providers", "use letters"),
        (
            "no time",
            social("requests_timeout = 0"),
            "socialaccount.requests_timeout",
            "must be between 0.1 and 600",
        ),
    ];
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "/done",
        "https://*.a.example/",
    ] {
        let cure = "https://app.example.com";
        let usual = social(&format!("redirect_url = \"{url}\""));
        mistakes.push((url, usual, "socialaccount.redirect_url", cure));
        let further = format!("redirect_url = \"https://a.example\"\nredirect_urls = [\"{url}\"]");
        mistakes.push((url, social(&further), "socialaccount.redirect_urls", cure));
    }
    assert_told(mistakes);
}

/// A server at this address whose logins in the browser end at that page.
fn in_browser(own: &str, page: &str, more: &str) -> String {
    format!(
        "[server]\npublic_url = \"{own}\"\n\
         [socialaccount]\nredirect_url = \"{page}\"\n{more}\n"
    )
}

#[test]
fn answers_that_are_posted_where_no_cookie_comes_with_them_are_told() {
    let at = |own: &str, id: &str| {
        let keys = format!("secret = \"s\"\nkey = \"k\"\ncertificate_key = '''{P256}'''\n");
        let table = format!("[socialaccount.providers.{id}]\nclient_id = \"a\"\n{keys}");
        let all = findings(&in_browser(own, "http://localhost:5173/", &table));
        all.iter().filter(|finding| finding.contains("posts its answers")).count()
    };
    assert_eq!(at("http://localhost:8000", "apple"), 1);
    assert_eq!(at("https://a.example", "apple"), 0);
    assert_eq!(at("http://localhost:8000", "google"), 0);
}

#[test]
fn cookies_for_a_page_that_cannot_send_them_are_told() {
    let told = |page: &str, hand_over: &str, more: &str| {
        let hand_over = format!("hand_over = \"{hand_over}\"\n{more}");
        let all = findings(&in_browser("https://api.a.example", page, &hand_over));
        all.iter().filter(|finding| finding.contains("socialaccount.hand_over")).count()
    };
    assert_eq!(told("https://app.b.example/done", "cookies", ""), 1);
    let further = "redirect_urls = [\"com.example.app:/done\", \"https://b.example/\"]";
    assert_eq!(told("https://app.a.example/done", "cookies", further), 1);
    assert_eq!(told("https://app.a.example/done", "cookies", ""), 0);
    assert_eq!(told("https://app.b.example/done", "code", ""), 0);
    let none = "[session]\ncookie_samesite = \"None\"\n";
    assert_eq!(told("https://app.b.example/done", "cookies", none), 0);
}

#[test]
fn a_provider_that_is_asked_in_the_clear_is_told_where_that_is_allowed() {
    let at = |url: &str| {
        findings(&format!(
            "[socialaccount]\nallow_private_addresses = true\n\
             [socialaccount.providers.acme]\nclient_id = \"a\"\nserver_url = \"{url}\"\n"
        ))
    };
    let told = at("http://id.example.com/realms/main");
    assert!(told.len() == 1 && told[0].contains("acme.server_url` is http"), "{told:?}");
    for inside in [
        "http://keycloak:8080",
        "http://127.0.0.1:8080",
        "http://sso.internal",
        "https://a.example",
    ] {
        assert_eq!(at(inside), Vec::<String>::new(), "{inside}");
    }
}
