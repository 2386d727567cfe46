//! Providers of social login.

use super::findings;

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
