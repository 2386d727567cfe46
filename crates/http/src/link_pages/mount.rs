//! Where the pages are.

use std::borrow::Cow;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use rest_auth_flows::settings::rest_auth::RegisterAccess;

use super::answer::{LinkPage, answer};
use crate::api::Api;
use crate::middleware;
use crate::path_parameters::PathParameters;
use crate::settings::Configuration;

/// The paths of dj-rest-auth's links, and one of ours for invitations, with what comes before the
/// secret in each.
const PATHS: [(LinkPage, &str, &str); 3] = [
    (LinkPage::Verification, "/registration/account-confirm-email/", "{key}"),
    (LinkPage::Reset, "/password-reset/confirm/", "{uid}/{token}"),
    (LinkPage::Invitation, "/registration/invitation/", "{code}"),
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
    let offered = PATHS.into_iter().filter(|(page, _, _)| is_offered(*page, api.configuration()));
    for (page, folder, parameters) in offered {
        let api = api.clone();
        let answer = any(move |parameters: PathParameters, request: Request| {
            answer(api.clone(), page, parameters, request)
        });
        let path = format!("{folder}{parameters}");
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

/// A path for the log: what a mailed link has in it is left out, because it may still work.
pub(crate) fn without_secrets(path: &str) -> Cow<'_, str> {
    let shown = PATHS.iter().find_map(|(_, folder, parameters)| {
        let (before, _) = path.split_once(folder)?;
        Some(format!("{before}{folder}{parameters}/"))
    });
    shown.map_or(Cow::Borrowed(path), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_has_in_its_path_is_left_out() {
        for (path, shown) in [
            ("/password-reset/confirm/1/a-token/", "/password-reset/confirm/{uid}/{token}/"),
            ("/x/password-reset/confirm/1/a-token", "/x/password-reset/confirm/{uid}/{token}/"),
            (
                "/registration/account-confirm-email/a-key/",
                "/registration/account-confirm-email/{key}/",
            ),
            ("/registration/invitation/a-code/more", "/registration/invitation/{code}/"),
            ("/api/auth/registration/", "/api/auth/registration/"),
        ] {
            assert_eq!(without_secrets(path), shown);
        }
    }
}
