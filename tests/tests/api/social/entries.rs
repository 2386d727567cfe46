//! The tables of providers in the configuration.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use super::start;
use crate::fixture::*;
use crate::social_browser::{browser, location};

on_every_database!(
    a_server_that_speaks_plain_oauth_logs_in,
    several_openid_servers_are_told_apart,
    what_a_discovery_document_says_is_overridden,
    a_profile_is_asked_for_unless_it_is_not_to_be,
    more_parameters_go_along_with_the_browser,
    an_issuer_is_compared_with_its_slash,
    the_members_of_a_profile_are_named_by_the_configuration,
    a_provider_that_is_not_trusted_verifies_no_address,
    the_ids_of_all_apps_are_ours_and_the_secret_is_in_a_file,
);

const CALLBACK: &str = "https://app.example.com/callback";

#[expect(clippy::needless_pass_by_value, reason = "tables made in place read better")]
fn entry(name: &str, table: Value) -> Value {
    json!({"socialaccount": {"providers": {name: table}}})
}

/// Nobody has to verify an address.
fn optional() -> Value {
    json!({"account": {"email_verification": "optional"}})
}

/// A client that is logged in with what a provider gave.
async fn logged_in(server: &Arc<Server>, path: &str, form: Value) -> Client {
    let key = Client::new(server).post(path, &form).await.of(200).text("key");
    Client::new(server).with_token(&key)
}

async fn uid(client: &mut Client) -> Value {
    client.get("/socialaccounts/").await.of(200).document()[0]["uid"].clone()
}

async fn a_server_that_speaks_plain_oauth_logs_in(backend: Backend) {
    let acme = OpenIdProvider::start().await;
    let table = json!({
        "client_id": CLIENT_ID,
        "secret": "s",
        "authorize_url": format!("{}/authorize", acme.url()),
        "access_token_url": format!("{}/token", acme.url()),
        "identity_url": format!("{}/userinfo", acme.url()),
        "callback_url": CALLBACK,
    });
    let (server, _example) = start(backend, merged(&optional(), &entry("acme", table))).await;
    let profile = json!({"id": 7, "email": "grace@example.org", "email_verified": true,
        "username": "amazing", "name": "Grace Hopper"});
    let code = acme.code_with_profile(json!({}), profile.clone(), CALLBACK);
    let mut grace = logged_in(&server, "/acme/", json!({"code": code})).await;
    assert_eq!(uid(&mut grace).await, "7");
    let user = grace.get("/user/").await.document();
    assert_eq!((&user["username"], &user["last_name"]), (&json!("amazing"), &json!("Hopper")));
    // Nobody knows what such a server means by its flag.
    assert_eq!(grace.get("/emails/").await.document()[0]["verified"], false);
    assert_eq!(acme.calls("/.well-known/openid-configuration"), 0);
    // It has neither ID tokens nor a way to show that an access token is ours.
    let login = async |form: Value| Client::new(&server).post("/acme/", &form).await;
    login(json!({"id_token": acme.id_token(&json!({}))})).await.says(400, "id_token");
    let token = acme.access_token(profile);
    login(json!({"access_token": token})).await.says(400, "access_token");
}

async fn several_openid_servers_are_told_apart(backend: Backend) {
    let (one, two) = (OpenIdProvider::start().await, OpenIdProvider::start().await);
    // As allauth writes them.
    let app = |id: &str, at: &OpenIdProvider| {
        json!({"provider_id": id, "name": id, "client_id": CLIENT_ID, "secret": "s",
            "settings": {"server_url": at.url()}})
    };
    let apps = json!({"APPS": [app("one", &one), app("two", &two)]});
    let (server, _example) = start(backend, entry("openid_connect", apps)).await;
    let form = json!({"id_token": one.id_token(&json!({}))});
    Client::new(&server).post("/two/", &form).await.is(400);
    let mut first = logged_in(&server, "/one/", form).await;
    let other = json!({"email": "other@example.org"});
    let mut second = logged_in(&server, "/two/", json!({"id_token": two.id_token(&other)})).await;
    // The same subject at another server is another user.
    assert_eq!((uid(&mut first).await, uid(&mut second).await), (json!("user-1"), json!("user-1")));
    assert_eq!(first.get("/user/").await.text("email"), "grace@example.org");
    assert_eq!(second.get("/user/").await.text("email"), "other@example.org");
    Client::new(&server).post("/openid_connect/", &json!({})).await.is(404);
}

async fn what_a_discovery_document_says_is_overridden(backend: Backend) {
    let (inside, outside) = (OpenIdProvider::start().await, OpenIdProvider::start().await);
    let table = json!({
        "server_url": outside.url(),
        "client_id": CLIENT_ID,
        "secret": "s",
        "callback_url": CALLBACK,
        "openid_configuration_overrides": {
            "issuer": inside.url(),
            "token_endpoint": format!("{}/token", inside.url()),
            "userinfo_endpoint": format!("{}/userinfo", inside.url()),
            "jwks_uri": format!("{}/keys", inside.url()),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        },
    });
    let (server, _example) = start(backend, entry("acme", table)).await;
    let code = inside.code(json!({}), CALLBACK);
    let mut grace = logged_in(&server, "/acme/", json!({"code": code})).await;
    assert_eq!(uid(&mut grace).await, "user-1");
    assert_eq!(outside.calls("/.well-known/openid-configuration"), 1);
    assert_eq!((outside.calls("/token"), outside.calls("/keys")), (0, 0));
    assert_eq!(inside.exchanges()[0]["client_secret"], "s");
}

async fn a_profile_is_asked_for_unless_it_is_not_to_be(backend: Backend) {
    for (fetches, calls) in [(true, 1), (false, 0)] {
        let table = json!({"fetch_userinfo": fetches});
        let (server, provider) = start(backend, entry("example", table)).await;
        let profile = json!({"sub": "user-1", "preferred_username": "amazing"});
        let code = provider.code_with_profile(json!({}), profile, CALLBACK);
        let mut grace = logged_in(&server, "/example/", json!({"code": code})).await;
        assert_eq!(provider.calls("/userinfo"), calls);
        let username = grace.get("/user/").await.text("username");
        assert_eq!(username, if fetches { "amazing" } else { "grace" });
    }
}

async fn more_parameters_go_along_with_the_browser(backend: Backend) {
    let table = json!({
        "auth_params": {"prompt": "login", "max_age": 60},
        "scope": ["openid", "offline_access"],
        "oauth_pkce_enabled": false,
    });
    let config = merged(&session_mode(), &entry("example", table));
    let (server, provider) = crate::social_browser::start(backend, config).await;
    let there = location(&browser(&server).get("/example/begin/").await);
    let asked = provider.asked(&there);
    assert_eq!((asked.get("prompt"), asked.get("max_age")), ("login", "60"));
    assert_eq!(asked.get("scope"), "openid offline_access");
    assert_eq!(asked.get("code_challenge"), "");
}

async fn an_issuer_is_compared_with_its_slash(backend: Backend) {
    let provider = OpenIdProvider::start().await;
    let slashed = format!("{}/", provider.url());
    let table = json!({
        "auth0_url": slashed,
        "client_id": CLIENT_ID,
        "certs_url": format!("{}/keys", provider.url()),
    });
    let own = json!({"id_token_issuer": slashed});
    let config = merged(&entry("auth0", table), &entry("example", own));
    let config = merged(&optional(), &config);
    let (server, example) = start(backend, config).await;
    // Auth0's issuer ends with a slash, however its address is written down.
    let form = json!({"id_token": provider.id_token(&json!({"iss": slashed}))});
    logged_in(&server, "/auth0/", form).await;
    let form = json!({"id_token": provider.id_token(&json!({"sub": "2"}))});
    Client::new(&server).post("/auth0/", &form).await.is(400);
    let claims = json!({"iss": slashed, "email": "2@example.org"});
    logged_in(&server, "/example/", json!({"id_token": example.id_token(&claims)})).await;
    let form = json!({"id_token": example.id_token(&json!({"sub": "2"}))});
    Client::new(&server).post("/example/", &form).await.is(400);
}

async fn the_members_of_a_profile_are_named_by_the_configuration(backend: Backend) {
    let table = json!({
        "uid_field": "employee.id",
        "email_field": "work.mail",
        "email_verified_field": "work.checked",
    });
    let google = OpenIdProvider::start().await;
    let at_google = merged(
        &table,
        &json!({"client_id": CLIENT_ID, "certs_url": format!("{}/keys", google.url()),
            "id_token_issuer": google.url()}),
    );
    let config = merged(&entry("example", table), &entry("google", at_google));
    let (server, example) = start(backend, config).await;
    for (path, provider, id) in [("/example/", &example, 1), ("/google/", &google, 2)] {
        let mail = format!("{id}@work.example");
        let claims = json!({"employee": {"id": id}, "work": {"mail": mail, "checked": "true"},
            "email": "victim@example.org"});
        let form = json!({"id_token": provider.id_token(&claims)});
        let mut client = logged_in(&server, path, form).await;
        assert_eq!(uid(&mut client).await, id.to_string());
        let addresses = client.get("/emails/").await.document();
        assert_eq!(
            (&addresses[0]["email"], &addresses[0]["verified"]),
            (&json!(mail), &json!(true))
        );
        assert_eq!(addresses.as_array().map(Vec::len), Some(1));
        let lacking = json!({"jti": "2", "work": {"mail": mail, "checked": true}});
        let form = json!({"id_token": provider.id_token(&lacking)});
        Client::new(&server).post(path, &form).await.says(400, "Incorrect value");
    }
}

async fn a_provider_that_is_not_trusted_verifies_no_address(backend: Backend) {
    for (trust, verified) in
        [(json!("never"), false), (json!(false), true), (json!(["other.example"]), true)]
    {
        let config = merged(&optional(), &entry("example", json!({"verified_email": trust})));
        let (server, provider) = start(backend, config).await;
        let form = json!({"id_token": provider.id_token(&json!({}))});
        let mut grace = logged_in(&server, "/example/", form).await;
        assert_eq!(grace.get("/emails/").await.document()[0]["verified"], verified, "{trust}");
    }
}

async fn the_ids_of_all_apps_are_ours_and_the_secret_is_in_a_file(backend: Backend) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "from the file\n").expect("a file");
    let provider = OpenIdProvider::start().await;
    let table = json!({
        "server_url": provider.url(),
        "callback_url": CALLBACK,
        "apps": [
            {"client_id": "the-web", "secret_file": file.to_str().expect("a path")},
            {"client_ids": ["android", "ios"]},
        ],
        "token_auth_method": "client_secret_post",
    });
    let (server, _example) = start(backend, entry("acme", table)).await;
    for audience in ["the-web", "android", "ios"] {
        let claims = json!({"aud": audience, "jti": audience});
        logged_in(&server, "/acme/", json!({"id_token": provider.id_token(&claims)})).await;
    }
    let claims = json!({"jti": "4"});
    let form = json!({"id_token": provider.id_token(&claims)});
    Client::new(&server).post("/acme/", &form).await.is(400);
    let code = provider.code(json!({"aud": "the-web"}), CALLBACK);
    logged_in(&server, "/acme/", json!({"code": code})).await;
    let exchange = provider.exchanges().pop().expect("an exchange");
    assert_eq!(
        (&*exchange["client_id"], &*exchange["client_secret"]),
        ("the-web", "from the file")
    );
}

#[tokio::test]
async fn an_entry_is_not_called_like_a_path_of_the_server() {
    for name in ["login", "user", "social", "schema", "docs", "healthz", "readyz", "mfa", "emails"]
    {
        let table = json!({"server_url": "https://id.example.com", "client_id": "c"});
        let config = merged(&base(), &entry(name, table));
        let refused = Server::start(&config, Backend::Sqlite).await.err().expect("a refusal");
        let wanted = format!("socialaccount.providers.{name}");
        assert!(refused.contains(&wanted) && refused.contains("name of a path"), "{refused}");
    }
}
