//! Whether an access token from an app is ours.

use chrono::DateTime;
use rest_auth_social::{Identity, Presented, Social, SocialError};
use serde_json::{Value, json};

use crate::requests::{CLIENT, documents, fields, table};
use crate::social;
use crate::stub::Stub;

async fn by_access_token(social: &Social, id: &str) -> Result<Identity, SocialError> {
    let presented = Presented { access_token: "a b".to_owned(), ..Presented::default() };
    social.identify(id, &presented, true, DateTime::UNIX_EPOCH).await
}

#[tokio::test]
async fn an_access_token_of_an_app_is_taken_only_if_the_provider_says_that_it_is_ours() {
    for (id, check, foreign, profile) in [
        ("google", json!({"aud": "client"}), json!({"aud": "other"}), json!({"id": "1"})),
        (
            "github",
            json!({"app": {"client_id": "client"}}),
            json!({"app": {"client_id": "other"}}),
            json!({"id": 1}),
        ),
        (
            "twitch",
            json!({"client_id": "client"}),
            json!({"client_id": "other"}),
            json!({"data": [{"id": "1"}]}),
        ),
        (
            "salesforce",
            json!({"active": true, "client_id": "client"}),
            json!({"active": true, "client_id": "other"}),
            json!({"user_id": "1"}),
        ),
    ] {
        let stub = Stub::start(documents(json!({"/check": check, "/profile": profile})));
        let more = json!({"emails_url": "{stub}/emails"});
        let ours = social(id, &table(&stub, &more));
        assert_eq!(by_access_token(&ours, id).await.unwrap().profile.uid, "1", "{id}");

        let stub = Stub::start(documents(json!({"/check": foreign, "/profile": profile})));
        let refused = by_access_token(&social(id, &table(&stub, &json!({}))), id).await;
        assert!(matches!(refused, Err(SocialError::ForeignAudience)), "{id}: {refused:?}");
        assert_eq!(stub.paths(), ["/check"], "{id}");
    }
}

#[tokio::test]
async fn each_provider_is_asked_about_a_token_in_its_own_way() {
    let check = json!({"aud": "client", "client_id": "client", "active": true,
        "app": {"client_id": "client"}});
    for (id, profile) in [
        ("google", json!({"id": "1"})),
        ("github", json!({"id": 1})),
        ("twitch", json!({"data": [{"id": "1"}]})),
        ("salesforce", json!({"user_id": "1"})),
        ("okta", json!({"sub": "1"})),
    ] {
        let stub = Stub::start(documents(json!({"/check": check, "/profile": profile})));
        let mut more = json!({"emails_url": "{stub}/emails"});
        if id == "okta" {
            more = json!({"okta_base_url": "dev.okta.com",
                "token_auth_method": "client_secret_basic"});
        }
        by_access_token(&social(id, &table(&stub, &more)), id).await.unwrap();
        let asked = stub.only("/check");
        let basic = "Basic Y2xpZW50OnMmY3JldA==";
        match id {
            "google" => assert_eq!(asked.query, fields(&[("access_token", "a b")])),
            "github" => {
                assert_eq!(asked.header("authorization"), basic);
                assert_eq!(asked.json(), json!({"access_token": "a b"}));
            }
            "twitch" => assert_eq!(asked.header("authorization"), "OAuth a b"),
            "salesforce" => {
                assert_eq!(asked.form(), fields(&[&CLIENT[..], &[("token", "a b")]].concat()));
            }
            _ => {
                assert_eq!(asked.header("authorization"), basic);
                assert_eq!(asked.form(), fields(&[("token", "a b")]));
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_introspection_does_not_call_active_is_refused() {
    for answer in [
        json!({"active": false, "client_id": "client"}),
        json!({"client_id": "client"}),
        json!({"active": "true", "client_id": "client"}),
    ] {
        let stub = Stub::start(documents(json!({"/check": answer, "/profile": {"user_id": "1"}})));
        let social = social("salesforce", &table(&stub, &json!({})));
        let refused = by_access_token(&social, "salesforce").await;
        assert!(matches!(refused, Err(SocialError::ForeignAudience)), "{answer}");
    }
}

#[tokio::test]
async fn a_server_is_asked_about_a_token_where_its_discovery_document_says() {
    let mut discovery = json!({
        "issuer": "{stub}", "introspection_endpoint": "{stub}/introspect",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    });
    let check = json!({"active": true, "azp": "client"});
    let documents_of = |discovery: &Value| {
        documents(json!({"/.well-known/openid-configuration": discovery,
            "/introspect": check, "/profile": {"sub": "1"}}))
    };
    let table_of = |stub: &Stub| {
        let mut table = table(stub, &json!({"server_url": "{stub}"}));
        table.as_object_mut().unwrap().remove("check_url");
        table
    };
    let stub = Stub::start(documents_of(&discovery));
    let keycloak = social("keycloak", &table_of(&stub));
    assert_eq!(by_access_token(&keycloak, "keycloak").await.unwrap().profile.uid, "1");
    let form = stub.only("/introspect").form();
    assert_eq!(form, fields(&[&CLIENT[..], &[("token", "a b")]].concat()));

    discovery.as_object_mut().unwrap().remove("introspection_endpoint");
    let stub = Stub::start(documents_of(&discovery));
    let refused = by_access_token(&social("keycloak", &table_of(&stub)), "keycloak").await;
    assert!(matches!(refused, Err(SocialError::AudienceUnknown)), "{refused:?}");
}

#[tokio::test]
async fn an_access_token_that_nobody_vouches_for_is_refused_unasked() {
    let stub = Stub::start(documents(json!({"/profile": {"id": "1"}})));
    for id in ["spotify", "twitter_oauth2", "naver", "dropbox", "zoom", "weixin"] {
        let refused = by_access_token(&social(id, &table(&stub, &json!({}))), id).await;
        assert!(matches!(refused, Err(SocialError::AudienceUnknown)), "{id}: {refused:?}");
    }
    assert!(stub.paths().is_empty());
}
