//! Accounts that older releases of allauth stored under names, which change hands.

use rest_auth_flows::User;
use rest_auth_store::{NewSocialAccount, Outgoing};
use rest_auth_tests::provider::OpenIdProvider;

use crate::fixture::*;

on_every_database!(
    an_account_stored_under_a_name_is_found_by_the_lasting_identity,
    a_name_in_other_hands_logs_nobody_in,
);

/// A server that knows Bitbucket, and ada, who connected Bitbucket's `countess` long ago.
async fn start(backend: Backend) -> (Arc<Server>, OpenIdProvider) {
    let provider = OpenIdProvider::start().await;
    let config = json!({"account": {"email_verification": "optional"}, "socialaccount": {
        "check_access_token_audience": false,
        "providers": {"bitbucket_oauth2": {
            "client_id": "client",
            "secret": "secret",
            "identity_url": format!("{}/userinfo", provider.url()),
            "emails_url": format!("{}/nowhere", provider.url()),
        }},
    }});
    let server =
        empty_server(backend, merged(&merged(&provider.config(), &token_mode()), &config)).await;
    create(&server, json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com"}))
        .await;
    let store = server.auth().store();
    let ada: User = store.user_by_username("ada").await.expect("an answer").expect("ada");
    let old = NewSocialAccount {
        provider: "bitbucket_oauth2".to_owned(),
        uid: "countess".to_owned(),
        extra_data: json!({"account_id": "557:ada", "username": "countess"}),
    };
    let stored =
        store.connect_social_account(&ada, &old, &Outgoing::default(), server.auth().now()).await;
    stored.expect("the account is stored");
    (server, provider)
}

async fn log_in(server: &Arc<Server>, provider: &OpenIdProvider, profile: Value) -> Answer {
    let form = json!({"access_token": provider.access_token(profile)});
    Client::new(server).post("/bitbucket_oauth2/", &form).await
}

async fn username(server: &Arc<Server>, answer: Answer) -> Value {
    let key = answer.of(200).text("key");
    let user = Client::new(server).with_token(&key).get("/user/").await.of(200).document();
    user["username"].clone()
}

async fn an_account_stored_under_a_name_is_found_by_the_lasting_identity(backend: Backend) {
    let (server, provider) = start(backend).await;
    let profile = json!({"account_id": "557:ada", "username": "countess"});
    let answer = log_in(&server, &provider, profile).await;
    assert_eq!(username(&server, answer).await, "ada");
    // From now on the account is known by it, whatever the name is.
    let renamed = json!({"account_id": "557:ada", "username": "lovelace"});
    let answer = log_in(&server, &provider, renamed).await;
    assert_eq!(username(&server, answer).await, "ada");
}

async fn a_name_in_other_hands_logs_nobody_in(backend: Backend) {
    let (server, provider) = start(backend).await;
    let stranger = json!({"account_id": "557:mallory", "username": "countess",
        "email": "mallory@example.org"});
    let answer = log_in(&server, &provider, stranger).await;
    assert_eq!(username(&server, answer).await, "countess");
    let profile = json!({"account_id": "557:ada", "username": "countess"});
    let answer = log_in(&server, &provider, profile).await;
    assert_eq!(username(&server, answer).await, "ada");
}
