//! Accounts at providers that the project's users have connected.

use std::collections::BTreeMap;
use std::sync::Arc;

use rest_auth_flows::User;
use rest_auth_flows::social::tokens::access_token;
use rest_auth_tests::client::Client;
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::provider::OpenIdProvider;
use rest_auth_tests::server::Server;
use serde_json::json;

use crate::project::{Copy, Project, text};

const CALLBACK: &str = "https://app.corp.example/callback";

/// The client ids of the project's apps, by their keys.
async fn client_ids(copy: &Copy) -> BTreeMap<i64, String> {
    let mut found = BTreeMap::new();
    for id in 1..=3 {
        for row in copy.rows("socialaccount_socialapp", "id", &json!(id)).await {
            found.insert(id, row["client_id"].trim_matches('\'').to_owned());
        }
    }
    assert_eq!(found.len(), 3, "{found:?}");
    found
}

/// A server on a copy of the project, with its apps, all at one provider.
async fn taken_over(project: &Project) -> (Copy, Arc<Server>, OpenIdProvider) {
    let provider = OpenIdProvider::start().await;
    let copy = project.copy();
    let ids = client_ids(&copy).await;
    let at = |path: &str| format!("{}{path}", provider.url());
    let apps = json!({"socialaccount": {"store_tokens": true, "providers": {
        "google": {
            "client_id": ids[&1], "secret": "s", "callback_url": CALLBACK,
            "access_token_url": at("/token"), "identity_url": at("/userinfo"),
            "certs_url": at("/keys"), "id_token_issuer": provider.url(),
        },
        "github": {
            "client_id": ids[&2], "secret": "s", "callback_url": CALLBACK,
            "access_token_url": at("/token"), "identity_url": at("/userinfo"),
            "emails_url": at("/nowhere"),
        },
        "corp-sso": {
            "client_id": ids[&3], "secret": "s", "callback_url": CALLBACK,
            "server_url": provider.url(), "uid_field": "employee_id",
        },
    }}});
    let variant = project.variants_with("SessionAuthentication")[0];
    let server = copy.serve(&merged(&project.config(variant), &apps), project).await;
    (copy, server, provider)
}

/// Logs in by a code whose answers name this uid.
async fn log_in(server: &Arc<Server>, provider: &OpenIdProvider, of: (&str, &str, &str)) -> Client {
    let (name, client_id, uid) = of;
    let now = server.now().timestamp();
    let (subject, profile) = match name {
        "google" => (uid, json!({"id": uid})),
        "github" => (uid, json!({"id": uid.parse::<i64>().unwrap_or_default(), "login": "x"})),
        _ => ("emp", json!({"sub": "emp", "employee_id": uid})),
    };
    let claims = json!({"aud": client_id, "iat": now, "exp": now + 600, "sub": subject,
        "email": format!("{uid}@elsewhere.example").to_lowercase()});
    let code = provider.code_with_profile(claims, profile, CALLBACK);
    let mut client = Client::new(server);
    let answer = client.post(&format!("/{name}/"), &json!({"code": code})).await;
    assert!(matches!(answer.status(), 200 | 204), "{name} {uid}: {answer}");
    client
}

#[tokio::test]
async fn their_users_log_in_by_their_uids() {
    let project = Project::load();
    let (copy, server, provider) = taken_over(&project).await;
    let ids = client_ids(&copy).await;
    let before =
        copy.content().await.0.remove("socialaccount_socialaccount").map(|rows| rows.len());
    for identity in project.list("/social_accounts") {
        let (name, uid) = (text(identity, "provider"), text(identity, "uid"));
        let id = match name {
            "google" => &ids[&1],
            "github" => &ids[&2],
            _ => &ids[&3],
        };
        let mut client = log_in(&server, &provider, (name, id, uid)).await;
        let user = client.get("/user/").await.of(200).document();
        assert_eq!(user["pk"], identity["user_id"], "{identity}");
        let listed = client.get("/socialaccounts/").await.of(200).document();
        let listed = listed.as_array().expect("a list");
        assert!(listed.iter().any(|account| account["id"] == identity["id"]), "{listed:?}");
    }
    let after = copy.content().await.0.remove("socialaccount_socialaccount").map(|rows| rows.len());
    assert_eq!(before, after);
    // Another uid is another user.
    let mut stranger = log_in(&server, &provider, ("github", &ids[&2], "1")).await;
    let user = stranger.get("/user/").await.of(200).document();
    assert!(project.list("/users").iter().all(|known| known["id"] != user["pk"]), "{user}");
}

#[tokio::test]
async fn what_the_project_knows_of_them_is_read() {
    let project = Project::load();
    let (copy, server, _provider) = taken_over(&project).await;
    let mut kept = 0;
    for identity in project.list("/social_accounts") {
        let (provider, uid) = (text(identity, "provider"), text(identity, "uid"));
        let found = server.auth().store().social_account::<User>(provider, uid).await;
        let (account, user) = found.expect("the database answers").expect("the account is there");
        assert_eq!(
            (json!(account.id), json!(user.id)),
            (identity["id"].clone(), identity["user_id"].clone())
        );
        assert_eq!(account.extra_data, identity["extra_data"]);
        let rows = copy.rows("socialaccount_socialtoken", "account_id", &identity["id"]).await;
        let token = &identity["token"];
        assert_eq!(rows.len(), usize::from(token.is_object()));
        // Those that an app of the project got are this server's, which has the id of the app.
        let ours = &server.auth().social().settings(provider).expect("a provider").client_id();
        let found = server.auth().store().social_token(&account, ours).await;
        let found = found.expect("the database answers");
        if token["app_id"].is_i64() {
            let found = found.expect("a token");
            assert_eq!(
                (&*found.token, &*found.token_secret),
                (text(token, "token"), text(token, "token_secret"))
            );
            kept += 1;
        } else {
            assert!(found.is_none(), "{identity}");
        }
    }
    assert_eq!(kept, 2);
}

#[tokio::test]
async fn a_login_replaces_the_token_of_the_projects_app() {
    let project = Project::load();
    let (copy, server, provider) = taken_over(&project).await;
    let identity = &project.list("/social_accounts")[0];
    let ids = client_ids(&copy).await;
    log_in(&server, &provider, ("google", &ids[&1], text(identity, "uid"))).await;
    let rows = copy.rows("socialaccount_socialtoken", "account_id", &identity["id"]).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(row["app_id"], "1");
    assert!(row["token"].starts_with("'access-"), "{row:?}");
    let found = server.auth().store().social_account::<User>("google", text(identity, "uid")).await;
    let (account, _) = found.expect("the database answers").expect("the account is there");
    let token = access_token(server.auth(), &account).await.expect("the database answers");
    assert_eq!(token.map(|token| format!("'{token}'")), Some(row["token"].clone()));
}
