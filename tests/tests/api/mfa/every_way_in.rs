//! Every way in asks for the second factor of a user who has one: the table of endpoints says which
//! operations can give credentials, and each of them is tried with everything but the factor.

mod attempts;

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_http::testing::{ApiOperation, operations};
use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use self::attempts::{Thief, stranger};
use super::*;
use crate::passkeys::{ORIGIN, add};
use crate::social_browser::browser;

on_every_database!(
    no_operation_gives_a_credential_without_the_app,
    no_operation_gives_a_credential_without_the_passkey,
    a_password_in_the_header_is_no_way_around,
    what_was_issued_before_the_factor_is_dead,
    an_app_of_allauth_counts,
);

/// The cookies that carry a credential.
const COOKIES: [&str; 3] = ["sessionid", "access", "refresh"];

/// A second factor.
#[derive(Clone, Copy)]
enum Factor {
    App,
    Passkey,
}

/// The modes, and how each gives the front end what a login in the browser ended with.
fn modes() -> [Value; 4] {
    let by_code = json!({"socialaccount": {"hand_over": "code"}});
    [
        merged(&token_mode(), &by_code),
        merged(&jwt_mode(), &by_code),
        jwt_cookie_mode(),
        session_mode(),
    ]
}

/// All ways in that there are.
fn every_way(provider: &OpenIdProvider) -> Value {
    let ours = json!({
        "server": {"public_url": "https://api.example.com/"},
        "rest_auth": {"user_deletion": true},
        "account": {"email_verification": "optional", "rate_limits": false},
        "passkeys": {"rp_id": "localhost", "rp_name": "Ours", "rp_origins": [ORIGIN]},
        "socialaccount": {
            "redirect_url": "https://app.example.com/done",
            "check_access_token_audience": false,
            "signup_step": true,
            "providers": {"google": {
                "client_id": CLIENT_ID, "secret": "s",
                "certs_url": format!("{}/keys", provider.url()),
                "id_token_issuer": provider.url(),
            }},
        },
    });
    merged(&provider.config(), &ours)
}

async fn beside(server: &Arc<Server>, config: &Value) -> Arc<Server> {
    let config = merged(&base(), config);
    let other = Server::start_beside(&config, server.database(), server.now()).await;
    Arc::new(other.expect("the server starts"))
}

async fn no_operation_gives_a_credential_without_the_app(backend: Backend) {
    for mode in modes() {
        walk(backend, &mode, Factor::App).await;
    }
}

async fn no_operation_gives_a_credential_without_the_passkey(backend: Backend) {
    for mode in modes() {
        walk(backend, &mode, Factor::Passkey).await;
    }
}

/// Tries every operation as somebody who has Ada's password and her account at a provider, and a
/// refresh token from before she had a second factor.
async fn walk(backend: Backend, mode: &Value, factor: Factor) {
    let provider = OpenIdProvider::start().await;
    let ways = every_way(&provider);
    let by_token = empty_server(backend, merged(&ways, &token_mode())).await;
    let connected = ["example", "google"].map(|id| json!({"provider": id, "uid": "user-1"}));
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true, "social_accounts": connected});
    create(&by_token, ada).await;
    let old_refresh = refresh_of(&beside(&by_token, &merged(&ways, mode)).await).await;
    let (mut ada, _) = token_client(&by_token).await;
    match factor {
        Factor::App => drop(enroll(&by_token, &mut ada).await),
        Factor::Passkey => {
            let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
            drop(add(&mut ada, &mut device).await);
        }
    }
    let required = json!({"mfa": {"required": "always"}});
    let server = beside(&by_token, &merged(&merged(&ways, mode), &required)).await;
    let invite = json!({"rest_auth": {"register": "invite"}});
    let by_invitation = beside(&by_token, &merged(&merged(&ways, &required), &invite)).await;
    let thief = Thief { server: server.clone(), by_invitation, provider, old_refresh };
    let mut tried = 0;
    for operation in operations(server.api()) {
        let answers = if operation.issues_credentials {
            thief.tries(&operation).await
        } else {
            vec![stranger(&server, &operation).await]
        };
        tried += answers.len();
        for answer in &answers {
            assert_no_credential(&operation, answer);
        }
    }
    assert!(tried > 40, "{tried}");
}

/// The refresh token of a login, wherever it is.
async fn refresh_of(server: &Arc<Server>) -> String {
    let mut client = browser(server);
    let answer = try_login(&mut client, "ada", PASSWORD).await;
    let in_body = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    let in_body = in_body["refresh"].as_str().filter(|token| !token.is_empty());
    in_body
        .map(str::to_owned)
        .or_else(|| client.cookies.get("refresh").cloned())
        .unwrap_or_default()
}

fn assert_no_credential(operation: &ApiOperation, answer: &Answer) {
    let document = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    for name in ["key", "access", "refresh"] {
        let value = document[name].as_str().unwrap_or_default();
        assert!(value.is_empty(), "{operation:?} gave {name}: {answer}");
    }
    for name in COOKIES.iter().flat_map(|name| [(*name).to_owned(), format!("__Host-{name}")]) {
        let cookie = answer.set_cookie(&name).unwrap_or_default();
        let is_set = cookie.split(';').next().is_some_and(|pair| {
            !pair.trim_start_matches(&format!("{name}=")).trim_matches('"').is_empty()
        });
        assert!(!is_set, "{operation:?} set {name}: {cookie}");
    }
}

async fn a_password_in_the_header_is_no_way_around(backend: Backend) {
    // ada:correct horse battery staple
    let basic = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";
    for profile in ["strict", "django"] {
        let config = json!({
            "profile": profile,
            "apps": {"mfa": true},
            "rest_framework": {"default_authentication_classes": ["basic"]},
        });
        let without = server(backend, config.clone()).await;
        Client::new(&without).with("Authorization", basic).get("/user/").await.is(200);
        let with = with_factor(backend, config).await;
        let refused = Client::new(&with).with("Authorization", basic).get("/user/").await;
        refused.says(401, "A second factor is required.");
    }
}

async fn what_was_issued_before_the_factor_is_dead(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut phone, _) = token_client(&server).await;
    let (mut laptop, _) = token_client(&server).await;
    enroll(&server, &mut laptop).await;
    phone.get("/user/").await.is(401);
    laptop.get("/user/").await.is(200);
}

async fn an_app_of_allauth_counts(backend: Backend) {
    for (profile, is_asked) in [("strict", true), ("django", false)] {
        let config = json!({"profile": profile, "apps": {"mfa": true}, "rest_framework":
            {"default_authentication_classes": ["token"]}});
        let server = server(backend, merged(&token_mode(), &config)).await;
        let user = server.auth().store().user_by_username::<rest_auth_flows::User>("ada").await;
        let id = user.expect("the database answers").expect("Ada").id;
        let data = json!({"secret": SECRET}).to_string();
        let at = "2026-01-01 00:00:00";
        let row = format!(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at) \
             VALUES ('totp', '{data}', {id}, '{at}')"
        );
        server.database().execute(&row).await.expect("the row is written");
        let answer = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200);
        assert_eq!(answer.document()["mfa_required"] == true, is_asked, "{answer}");
        if is_asked {
            let token = answer.text("ephemeral_token");
            let code = code(&server);
            verify(&mut Client::new(&server), &token, &code).await.is(200);
            let token = first_step(&server).await;
            verify(&mut Client::new(&server), &token, &code).await.is(400);
        }
    }
}
