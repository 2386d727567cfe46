//! An administrator removes the second factors of a user who has lost them.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_flows::context::Context;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::mfa::{reset, status};

use super::*;
use crate::passkeys::{add, django, log_in};

on_every_database!(
    a_reset_leaves_no_factor_and_ends_every_login,
    the_user_is_told_what_was_removed,
);

/// Removes Ada's factors and returns how many there were.
async fn reset_of_ada(server: &Server) -> u64 {
    let links = LinkBase::configured("https://auth.example");
    let context = Context::for_command(server.auth(), links);
    let (_, removed) = reset::all(server.auth(), &context, "ada").await.expect("a reset");
    removed
}

async fn a_reset_leaves_no_factor_and_ends_every_login(backend: Backend) {
    let without_limits = json!({"apps": {"mfa": true}, "account": {"rate_limits": false}});
    for profile in [json!({}), django()] {
        let config = merged(&merged(&token_mode(), &profile), &without_limits);
        let server = server(backend, config).await;
        let (mut ada, _) = token_client(&server).await;
        enroll(&server, &mut ada).await;
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        add(&mut ada, &mut device).await;
        let user = server.auth().store().user_by_username::<rest_auth_flows::User>("ada").await;
        let user = user.expect("the database answers").expect("Ada");
        let kinds = async || {
            let factors = status::all(server.auth(), &user).await.expect("the database answers");
            factors.iter().map(|factor| factor.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds().await.len(), 3);
        assert_eq!((reset_of_ada(&server).await, kinds().await.len()), (3, 0));
        ada.get("/user/").await.is(401);
        log_in(&server, &mut device).await.says(400, "Credential not found.");
        logs_in_by_password(&server).await;
        // Nothing keeps the device from being added again.
        let (mut ada, _) = token_client(&server).await;
        add(&mut ada, &mut device).await;
        log_in(&server, &mut device).await.is(200);
    }
}

async fn the_user_is_told_what_was_removed(backend: Backend) {
    let [app, passkey] =
        ["The authenticator app was removed from", "A passkey was removed from your account"];
    for (has_app, has_passkey) in [(true, false), (false, true), (true, true)] {
        let server = server(backend, token_mode()).await;
        let (mut ada, _) = token_client(&server).await;
        if has_app {
            enroll(&server, &mut ada).await;
        }
        if has_passkey {
            add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
        }
        server.new_mails().await;
        reset_of_ada(&server).await;
        let mails = server.new_mails().await;
        assert_eq!(mails.len(), usize::from(has_app) + usize::from(has_passkey));
        let text: String = mails.iter().map(|mail| String::from_utf8_lossy(mail)).collect();
        assert_eq!((text.contains(app), text.contains(passkey)), (has_app, has_passkey));
    }
}
