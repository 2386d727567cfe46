//! Where the pages are.

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use rest_auth_flows::settings::rest_auth::RegisterAccess;

use super::answer::{LinkPage, answer};
use crate::api::Api;
use crate::middleware;
use crate::path_parameters::PathParameters;
use crate::paths::{INVITATION_LINK, MailedLink, RESET_LINK, VERIFICATION_LINK};
use crate::settings::Configuration;

/// All pages, each with the links that lead there.
const PAGES: [(LinkPage, MailedLink); 3] = [
    (LinkPage::Verification, VERIFICATION_LINK),
    (LinkPage::Reset, RESET_LINK),
    (LinkPage::Invitation, INVITATION_LINK),
];

/// The pages behind links in mails, to merge into the routes of an application that embeds the API.
/// They lie at the root of `server.public_url`. There are those that `account.link_pages` offers and
/// no front end has.
pub fn link_pages<S>(api: &Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes(api).layer(from_fn_with_state(api.clone(), middleware::pass))
}

/// The same for a server of its own.
pub(crate) fn routes<S>(api: &Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut router = Router::new();
    let offered = PAGES.into_iter().filter(|(page, _)| is_offered(*page, api.configuration()));
    for (page, MailedLink { folder, secrets }) in offered {
        let api = api.clone();
        let answer = any(move |parameters: PathParameters, request: Request| {
            answer(api.clone(), page, parameters, request)
        });
        let path = format!("{folder}{secrets}");
        router = router.route(&path, answer.clone()).route(&format!("{path}/"), answer);
    }
    router
}

/// Whether a mail can have this link, and nothing else is behind it.
fn is_offered(page: LinkPage, configuration: Configuration<'_>) -> bool {
    let settings = configuration.accounts;
    let account = &settings.account;
    let has_no_front_end = match page {
        LinkPage::Verification => {
            settings.apps.registration
                && !account.email_verification_by_code_enabled
                && account.email_confirmation_url.is_none()
        }
        LinkPage::Reset => {
            !account.password_reset_by_code_enabled
                && settings.rest_auth.password_reset_url.is_none()
        }
        LinkPage::Invitation => {
            settings.apps.registration
                && settings.rest_auth.register == RegisterAccess::Invite
                && settings.rest_auth.invitation_url.is_none()
        }
    };
    account.link_pages && has_no_front_end
}
