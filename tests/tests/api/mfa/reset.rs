//! An administrator removes the second factors of a user who has lost them.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_flows::context::Context;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::mfa::{reset, status};

use super::*;
use crate::passkeys::{add, django, log_in};

on_every_database!(a_reset_leaves_no_factor_and_ends_every_login);

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
        let links = LinkBase::configured("https://auth.example");
        let context = Context::for_command(server.auth(), links);
        let (_, removed) = reset::all(server.auth(), &context, "ada").await.expect("a reset");
        assert_eq!((removed, kinds().await.len()), (3, 0));
        ada.get("/user/").await.is(401);
        log_in(&server, &mut device).await.says(400, "Credential not found.");
        logs_in_by_password(&server).await;
        // Nothing keeps the device from being added again.
        let (mut ada, _) = token_client(&server).await;
        add(&mut ada, &mut device).await;
        log_in(&server, &mut device).await.is(200);
    }
}
