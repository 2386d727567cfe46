//! The providers in the document: exactly those that are configured.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{document, document_in, operations};

/// The paths of social login.
fn paths(document: &Value) -> BTreeSet<&str> {
    let social = |operation: &Value| operation["tags"][0] == "Social login";
    let all = operations(document).into_iter();
    all.filter(|(_, _, operation)| social(operation)).map(|(path, _, _)| path).collect()
}

#[tokio::test]
async fn exactly_the_configured_providers_are_described() {
    let document = document_in("providers").await;
    let wanted = [
        "/google/",
        "/google/connect/",
        "/google/begin/",
        "/google/callback/",
        "/google/onetap/",
        "/acme/",
        "/acme/connect/",
        "/acme/begin/",
        "/acme/callback/",
        "/socialaccounts/",
        "/socialaccounts/{id}/disconnect/",
        "/social/signup/",
        "/social/connect/",
        "/social/exchange/",
    ];
    assert_eq!(paths(&document), BTreeSet::from(wanted));
    assert!(!document.to_string().to_lowercase().contains("paypal"));
}

#[tokio::test]
async fn without_a_provider_nothing_of_them_is_described() {
    for config in [json!({}), json!({"socialaccount": {"providers": {"paypal": {"mode": "live"}}}})]
    {
        let document = document(config).await;
        assert_eq!(paths(&document), BTreeSet::new());
        assert!(!document["paths"].to_string().contains("social"));
    }
}

#[tokio::test]
async fn without_an_end_in_the_browser_no_login_begins_there() {
    let config = json!({"socialaccount": {"providers": {
        "apple": {"client_id": "a"}, "google": {"client_id": "g"},
    }}});
    let document = document(config).await;
    let wanted = [
        "/apple/",
        "/apple/connect/",
        "/apple/notifications/",
        "/google/",
        "/google/connect/",
        "/socialaccounts/",
        "/socialaccounts/{id}/disconnect/",
        "/social/signup/",
    ];
    assert_eq!(paths(&document), BTreeSet::from(wanted));
}
