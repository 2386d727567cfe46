//! What providers are asked, in each way that there is.

use std::collections::BTreeMap;

use chrono::DateTime;
use rest_auth_social::{Authorization, Identity, Presented, Social, SocialError};
use serde_json::{Value, json};

use crate::social;
use crate::stub::Stub;

const CALLBACK: &str = "https://app.example/callback/";

/// The documents of a stub.
pub(crate) fn documents(documents: Value) -> BTreeMap<String, Value> {
    serde_json::from_value(documents).unwrap()
}

fn token() -> Value {
    json!({"access_token": "a b", "token_type": "Bearer"})
}

/// A table whose addresses are those of the stub, with more.
pub(crate) fn table(stub: &Stub, more: &Value) -> Value {
    let mut table = json!({
        "client_id": "client",
        "secret": "s&cret",
        "authorize_url": format!("{}/authorize", stub.url),
        "access_token_url": format!("{}/token", stub.url),
        "identity_url": format!("{}/profile", stub.url),
        "check_url": format!("{}/check", stub.url),
    });
    let more = more.to_string().replace("{stub}", &stub.url);
    let more: BTreeMap<String, Value> = serde_json::from_str(&more).unwrap();
    table.as_object_mut().unwrap().extend(more);
    table
}

async fn by_code(social: &Social, id: &str) -> Result<Identity, SocialError> {
    let presented = Presented {
        code: "the code".to_owned(),
        code_verifier: "verifier".to_owned(),
        redirect_uri: CALLBACK.to_owned(),
        device_id: "device".to_owned(),
        ..Presented::default()
    };
    social.identify(id, &presented, true, DateTime::UNIX_EPOCH).await
}

pub(crate) fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The fields of a code in a form, without the client's.
const CODE: [(&str, &str); 4] = [
    ("grant_type", "authorization_code"),
    ("code", "the code"),
    ("code_verifier", "verifier"),
    ("redirect_uri", CALLBACK),
];

pub(crate) const CLIENT: [(&str, &str); 2] = [("client_id", "client"), ("client_secret", "s&cret")];

#[tokio::test]
async fn a_code_is_posted_in_a_form_and_the_profile_asked_for_with_the_token() {
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": {"id": 1}})));
    let identity = by_code(&social("gitlab", &table(&stub, &json!({}))), "gitlab").await.unwrap();
    assert_eq!(identity.profile.uid, "1");
    assert_eq!(stub.paths(), ["/token", "/profile"]);
    let asked = stub.only("/token");
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.header("authorization"), "");
    assert_eq!(asked.form(), fields(&[&CODE[..], &CLIENT[..]].concat()));
    let asked = stub.only("/profile");
    assert_eq!((asked.method.as_str(), asked.header("authorization")), ("GET", "Bearer a b"));
    assert_eq!(asked.query, fields(&[]));
}

#[tokio::test]
async fn a_code_is_sent_by_get_where_the_provider_wants_that() {
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": {"id": "1"}})));
    let social = social("facebook", &table(&stub, &json!({})));
    by_code(&social, "facebook").await.unwrap();
    let asked = stub.only("/token");
    assert_eq!((asked.method.as_str(), asked.body.as_str()), ("GET", ""));
    assert_eq!(asked.query, fields(&[&CODE[..], &CLIENT[..]].concat()));
    let asked = stub.only("/profile");
    assert_eq!(asked.query["access_token"], "a b");
    assert_eq!(asked.query["appsecret_proof"].len(), 64);
    assert_eq!(asked.header("authorization"), "");
}

#[tokio::test]
async fn the_client_authenticates_in_a_header_where_the_provider_wants_that() {
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": {"name": "ada"}})));
    let more = json!({"user_agent": "web:engines:1.0 (by /u/ada)"});
    by_code(&social("reddit", &table(&stub, &more)), "reddit").await.unwrap();
    let asked = stub.only("/token");
    // RFC 6749, section 2.3.1: each is encoded as in a form first.
    assert_eq!(asked.header("authorization"), "Basic Y2xpZW50OnMlMjZjcmV0");
    assert_eq!(asked.form(), fields(&CODE));
    assert_eq!(asked.header("user-agent"), "web:engines:1.0 (by /u/ada)");
    let asked = stub.only("/profile");
    assert_eq!(asked.header("authorization"), "bearer a b");
    assert_eq!(asked.header("user-agent"), "web:engines:1.0 (by /u/ada)");
}

#[tokio::test]
async fn a_code_is_sent_as_json_and_the_answer_is_the_profile() {
    let answer = json!({"access_token": "t", "workspace_id": "w", "owner": {"user": {"id": "u"}}});
    let stub = Stub::start(documents(json!({"/token": answer})));
    let social = social("notion", &table(&stub, &json!({})));
    let identity = by_code(&social, "notion").await.unwrap();
    assert_eq!(identity.profile.uid, "user-u_workspace-w");
    assert_eq!(stub.paths(), ["/token"]);
    let asked = stub.only("/token");
    assert_eq!(asked.header("authorization"), "Basic Y2xpZW50OnMlMjZjcmV0");
    assert_eq!(serde_json::from_value(asked.json()).ok(), Some(fields(&CODE)));
}

#[tokio::test]
async fn the_fields_of_the_client_have_the_names_of_the_provider() {
    let profile = json!({"data": {"user": {"open_id": "1"}}});
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": profile})));
    by_code(&social("tiktok", &table(&stub, &json!({}))), "tiktok").await.unwrap();
    let form = stub.only("/token").form();
    assert_eq!((form["client_key"].as_str(), form.get("client_id")), ("client", None));
    let wanted = "open_id,display_name,avatar_url,username,profile_deep_link";
    assert_eq!(stub.only("/profile").query, fields(&[("fields", wanted)]));

    let token = json!({"access_token": "t", "openid": "o"});
    let stub = Stub::start(documents(json!({"/token": token, "/profile": {"openid": "o"}})));
    by_code(&social("weixin", &table(&stub, &json!({}))), "weixin").await.unwrap();
    let form = stub.only("/token").form();
    assert_eq!((form["appid"].as_str(), form["secret"].as_str()), ("client", "s&cret"));
    assert_eq!(form.get("redirect_uri"), None);
    let query = stub.only("/profile").query;
    assert_eq!(query, fields(&[("access_token", "t"), ("openid", "o")]));
}

#[tokio::test]
async fn a_profile_is_asked_for_by_a_form_and_what_came_with_the_code_is_sent_back() {
    let profile = json!({"user": {"user_id": "1"}});
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": profile})));
    by_code(&social("vk", &table(&stub, &json!({}))), "vk").await.unwrap();
    let form = stub.only("/token").form();
    assert_eq!(form["device_id"], "device");
    let asked = stub.only("/profile");
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.form(), fields(&[("client_id", "client"), ("access_token", "a b")]));
    assert_eq!(asked.header("authorization"), "");
}

#[tokio::test]
async fn a_profile_is_asked_for_by_a_post_without_a_body() {
    let profile = json!({"account_id": "1"});
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": profile})));
    by_code(&social("dropbox", &table(&stub, &json!({}))), "dropbox").await.unwrap();
    let asked = stub.only("/profile");
    assert_eq!((asked.method.as_str(), asked.body.as_str()), ("POST", ""));
    assert_eq!((asked.header("content-type"), asked.header("authorization")), ("", "Bearer a b"));
}

#[tokio::test]
async fn a_profile_is_asked_for_by_json() {
    let profile = json!({"data": {"me": {"externalId": "1"}}});
    let stub = Stub::start(documents(json!({"/token": token(), "/profile": profile})));
    by_code(&social("snapchat", &table(&stub, &json!({}))), "snapchat").await.unwrap();
    let asked = stub.only("/profile");
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.json(), json!({"query": "{ me { externalId displayName } }"}));
}

#[tokio::test]
async fn a_token_is_put_where_the_provider_looks_for_it() {
    let stub = Stub::start(documents(json!({
        "/token": token(), "/profile": {"id": "1"}, "/profile/a%20b": {"user_id": 1},
        "/shop": {"shop": {"id": 1}},
    })));
    let instagram = social("instagram", &table(&stub, &json!({})));
    by_code(&instagram, "instagram").await.unwrap();
    let query = stub.only("/profile").query;
    assert_eq!(query, fields(&[("access_token", "a b"), ("fields", "id,username")]));

    let path = json!({"identity_url": "{stub}/profile/{access_token}"});
    by_code(&social("hubspot", &table(&stub, &path)), "hubspot").await.unwrap();
    assert_eq!(stub.only("/profile/a%20b").header("authorization"), "");

    let shop = json!({"shop": "engines", "identity_url": "{stub}/shop"});
    by_code(&social("shopify", &table(&stub, &shop)), "shopify").await.unwrap();
    assert_eq!(stub.only("/shop").header("x-shopify-access-token"), "a b");
}

#[tokio::test]
async fn an_answer_may_be_a_form() {
    let body = "access_token=t&expires_in=60&scope=user%3Aemail&token_type=bearer";
    let documents = documents(json!({"/token": body, "/profile": {"id": 1}, "/emails": []}));
    let stub = Stub::start(documents);
    let more = json!({"emails_url": "{stub}/emails"});
    let identity = by_code(&social("github", &table(&stub, &more)), "github").await.unwrap();
    assert_eq!(identity.tokens.access_token, "t");
    assert_eq!(identity.tokens.expires_in, Some(60));
    assert_eq!(stub.only("/profile").header("authorization"), "token t");
    assert_eq!(stub.only("/emails").header("authorization"), "token t");
}

#[tokio::test]
async fn an_answer_may_list_its_scopes_and_the_profile_is_within_a_list() {
    let token = json!({"access_token": "t", "token_type": "bearer", "scope": ["a", "b"]});
    let profile = json!({"data": [{"id": "1"}]});
    let stub = Stub::start(documents(json!({"/token": token, "/profile": profile})));
    by_code(&social("twitch", &table(&stub, &json!({}))), "twitch").await.unwrap();
    assert_eq!(stub.only("/profile").header("client-id"), "client");
}

#[tokio::test]
async fn what_only_a_scope_gives_is_asked_for_with_that_scope_alone() {
    let profile = json!({"data": {"id": "1"}});
    let plain = "id,name,username,verified,profile_image_url,created_at";
    let with_email = format!("{plain},confirmed_email");
    for (scope, wanted) in [
        (json!({}), plain),
        (json!({"scope": ["users.read", "tweet.read", "users.email"]}), with_email.as_str()),
    ] {
        let stub = Stub::start(documents(json!({"/token": token(), "/profile": profile})));
        let social = social("twitter_oauth2", &table(&stub, &scope));
        by_code(&social, "twitter_oauth2").await.unwrap();
        assert_eq!(stub.only("/profile").query["user.fields"], wanted);
    }
}

#[tokio::test]
async fn an_id_token_that_only_the_provider_can_read_is_shown_to_it() {
    let answer = json!({"access_token": "t", "token_type": "Bearer", "id_token": "h.p.s"});
    let claims = json!({"sub": "1", "email": "ada@example.com"});
    let stub = Stub::start(documents(json!({"/token": answer, "/verify": claims})));
    let more = json!({"id_token_url": "{stub}/verify"});
    let identity = by_code(&social("line", &table(&stub, &more)), "line").await.unwrap();
    assert_eq!(identity.profile.email, "ada@example.com");
    assert_eq!(stub.paths(), ["/token", "/verify"]);
    let form = stub.only("/verify").form();
    assert_eq!(form, fields(&[("client_id", "client"), ("id_token", "h.p.s")]));
}

#[tokio::test]
async fn the_browser_is_sent_with_the_parameters_of_the_provider() {
    let login = Authorization {
        redirect_uri: CALLBACK,
        state: "state",
        nonce: "nonce",
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    };
    let tables = [
        ("atlassian", json!({}), "https://auth.atlassian.com/authorize?"),
        ("weixin", json!({}), "https://open.weixin.qq.com/connect/qrconnect?"),
        ("paypal", json!({"mode": "live"}), "https://www.paypal.com/webapps/"),
        ("salesforce", json!({"key": "https://test.example"}), "https://test.example/services/"),
        ("okta", json!({"okta_base_url": "https://dev.okta.com"}), "https://dev.okta.com/oauth2/"),
        (
            "microsoft",
            json!({"tenant": "consumers"}),
            "https://login.microsoftonline.com/consumers/oauth2/v2.0/authorize?",
        ),
    ];
    let mut urls = BTreeMap::new();
    for (id, mut table, beginning) in tables {
        table.as_object_mut().unwrap().insert("client_id".to_owned(), "client".into());
        let url = social(id, &table).authorize(id, login).await.unwrap();
        assert!(url.starts_with(beginning), "{url}");
        urls.insert(id, url);
    }
    let has = |id: &str, text: &str| urls[id].contains(text);
    assert!(has("atlassian", "&audience=api.atlassian.com&prompt=consent"));
    let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    assert!(has("atlassian", challenge) && has("atlassian", "code_challenge_method=S256"));
    assert!(!has("weixin", "code_challenge"));
    // In this order.
    assert!(urls["weixin"].ends_with(
        "?appid=client&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback%2F\
         &response_type=code&scope=snsapi_login&state=state"
    ));
    assert!(has("microsoft", "&nonce=nonce") && !has("paypal", "nonce"));
}

#[tokio::test]
async fn an_address_is_asked_as_it_is_written() {
    let stub = Stub::start(documents(json!({
        "/token/": token(), "/me/": {"id": 1}, "/api/v4/user": {"id": 2}, "/oauth/token": token(),
    })));
    let slashed = json!({"access_token_url": "{stub}/token/", "identity_url": "{stub}/me/"});
    let identity = by_code(&social("gitlab", &table(&stub, &slashed)), "gitlab").await.unwrap();
    assert_eq!(identity.profile.uid, "1");
    // The part that addresses are put together from brings no second slash.
    let base = json!({
        "client_id": "client", "secret": "s", "gitlab_url": format!("{}/", stub.url),
    });
    let identity = by_code(&social("gitlab", &base), "gitlab").await.unwrap();
    assert_eq!(identity.profile.uid, "2");
    assert_eq!(stub.paths(), ["/token/", "/me/", "/oauth/token", "/api/v4/user"]);
    let shop = json!({"client_id": "client", "key": "https://test.example/"});
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let login = Authorization { redirect_uri: CALLBACK, state: "s", nonce: "n", verifier };
    let url = social("salesforce", &shop).authorize("salesforce", login).await.unwrap();
    assert!(url.starts_with("https://test.example/services/"), "{url}");
}

#[tokio::test]
async fn the_issuers_that_providers_name_are_known() {
    for (id, more, own) in [
        ("github", json!({}), "https://github.com/login/oauth"),
        (
            "github",
            json!({"github_url": "https://git.acme.example/"}),
            "https://git.acme.example/login/oauth",
        ),
        ("gitlab", json!({}), "https://gitlab.com"),
        ("gitlab", json!({"gitlab_url": "https://git.acme.example"}), "https://git.acme.example"),
        ("discord", json!({}), "https://discord.com"),
        ("google", json!({}), "https://accounts.google.com"),
        ("apple", json!({}), "https://appleid.apple.com"),
        ("apple", json!({}), "https://account.apple.com"),
        ("microsoft", json!({}), "https://login.microsoftonline.com/11-22/v2.0"),
    ] {
        let mut table = more;
        table.as_object_mut().unwrap().insert("client_id".to_owned(), "client".into());
        let social = social(id, &table);
        assert!(social.is_issuer(id, Some(own)).await.unwrap(), "{id}: {own}");
        let slashed = format!("{own}/");
        for other in ["https://evil.example", "", "https://github.com", slashed.as_str()] {
            assert!(!social.is_issuer(id, Some(other)).await.unwrap(), "{id}: {other}");
        }
        // Older servers, and most others, name none.
        assert!(social.is_issuer(id, None).await.unwrap(), "{id}");
    }
}

#[test]
fn a_configuration_is_told_which_part_of_an_address_is_missing_or_wrong() {
    for (id, table, wanted) in [
        ("okta", json!({}), "socialaccount.providers.okta.okta_base_url: is missing"),
        ("paypal", json!({}), "socialaccount.providers.paypal.mode: is missing"),
        (
            "paypal",
            json!({"mode": "Live"}),
            "socialaccount.providers.paypal.mode: must be `live` or `sandbox`",
        ),
        ("keycloak", json!({}), "socialaccount.providers.keycloak.server_url: is missing"),
    ] {
        let mut table = table;
        table.as_object_mut().unwrap().insert("client_id".to_owned(), "client".into());
        let refused = crate::try_social(id, &table).unwrap_err();
        assert_eq!(refused.to_string(), wanted);
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_had_are_not_taken_for_none() {
    let answers = json!({
        "/token": token(),
        "/profile": {"id": 1, "login": "ada", "email": "public@example.org"},
        "/down": 503,
        "/often": 429,
        "/refused": 403,
        "/page": "<html>",
    });
    let stub = Stub::start(documents(answers));
    let log_in = async |emails: &str| {
        let table = table(&stub, &json!({"emails_url": emails}));
        by_code(&social("github", &table), "github").await
    };
    for down in ["{stub}/down", "{stub}/often", "http://127.0.0.1:1/emails"] {
        let failed = log_in(down).await;
        assert!(matches!(failed, Err(SocialError::Unavailable(_))), "{down}: {failed:?}");
    }
    let failed = log_in("{stub}/page").await;
    assert!(matches!(failed, Err(SocialError::Refused(_))), "{failed:?}");
    for none in ["{stub}/refused", "{stub}/nothing"] {
        let emails = log_in(none).await.unwrap().profile.emails;
        let emails: Vec<_> = emails.iter().map(|e| (&*e.email, e.verified)).collect();
        assert_eq!(emails, [("public@example.org", false)], "{none}");
    }
}
