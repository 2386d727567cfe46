//! Where the links in mails lead.

use rest_auth_tests::server::read;

use crate::fixture::*;

on_every_database!(
    no_header_has_a_say_in_them,
    they_begin_with_the_address_that_is_configured,
    they_lead_to_the_page_that_is_configured_under_either_name,
);

/// The link in the reset mail that a request with these headers has sent.
async fn link_of(backend: Backend, config: Value, headers: &[(&str, &str)]) -> String {
    let server = server(backend, config).await;
    let mut client = Client::new(&server);
    for (name, value) in headers {
        client = client.with(name, value);
    }
    client.post("/password/reset/", &json!({"email": "ada@example.com"})).await.is(200);
    let mail = only_mail(&server).await;
    let link = mail.split_whitespace().find(|word| word.contains("://"));
    link.unwrap_or_else(|| panic!("no link in {mail}")).to_owned()
}

async fn no_header_has_a_say_in_them(backend: Backend) {
    let believing = json!({"server": {
        "use_x_forwarded_host": true,
        "use_x_forwarded_port": true,
        "trusted_proxies": ["127.0.0.1"],
    }});
    let forged: [&[(&str, &str)]; 4] = [
        &[("Host", "evil.example")],
        &[("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Port", "666")],
        &[("Host", "evil.example:666"), ("X-Forwarded-Proto", "https")],
        &[("Forwarded", "host=evil.example;proto=https"), ("Referer", "https://evil.example/")],
    ];
    for headers in forged {
        for config in [json!({}), believing.clone()] {
            let link = link_of(backend, config, headers).await;
            let start = "http://localhost:8000/password-reset/confirm/";
            assert!(link.starts_with(start), "{headers:?}: {link}");
        }
    }
}

async fn they_begin_with_the_address_that_is_configured(backend: Backend) {
    let config = json!({"server": {"public_url": "https://auth.example.org"}});
    let link = link_of(backend, config, &[("Host", "evil.example")]).await;
    assert!(link.starts_with("https://auth.example.org/password-reset/confirm/"), "{link}");
}

async fn they_lead_to_the_page_that_is_configured_under_either_name(backend: Backend) {
    for table in ["rest_auth", "account"] {
        let url = "https://app.example/reset?who={uid}#{token}";
        let mut config = json!({});
        config[table] = json!({"password_reset_url": url});
        let link = link_of(backend, config, &[("Host", "evil.example")]).await;
        assert!(link.starts_with("https://app.example/reset?who="), "{table}: {link}");
    }
}

#[test]
fn without_an_address_a_strict_server_does_not_start() {
    let without = json!({"server": {"public_url": ""}});
    let error = read(&without).map(drop).expect_err("there is nothing that links could begin with");
    assert!(error.contains("server.public_url"), "{error}");
    let from_host = json!({"server": {"public_url": "", "links_from_host": true}});
    assert!(read(&from_host).is_ok());
    assert!(read(&merged(&without, &json!({"profile": "django"}))).is_ok());
}
