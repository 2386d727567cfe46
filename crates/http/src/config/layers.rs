//! The settings of each layer, out of all of them.

use super::composition::Settings;
use crate::settings;

/// Those of the accounts.
pub(crate) fn of_accounts(settings: &Settings) -> rest_auth_flows::settings::FlowSettings {
    rest_auth_flows::settings::FlowSettings {
        account: settings.account.clone(),
        addresses: settings.addresses.clone(),
        api_path: settings.http.base_path.clone(),
        apps: settings.apps.clone(),
        auth: settings.auth.clone(),
        cache: settings.cache.clone(),
        social: settings.social.clone(),
        i18n: settings.i18n.clone(),
        mfa: settings.mfa.clone(),
        passkeys: settings.passkeys.clone(),
        rest_auth: settings.rest_auth.clone(),
        session: settings.session.clone(),
        signing: settings.signing.clone(),
        simple_jwt: settings.simple_jwt.clone(),
        site: settings.site.clone(),
        user: settings.user.clone(),
    }
}

/// Those of requests.
pub(crate) fn of_requests(settings: &Settings) -> settings::ApiSettings {
    settings::ApiSettings {
        allauth: settings.allauth.clone(),
        cors: settings.cors.clone(),
        csrf: settings.csrf.clone(),
        rest_framework: settings.rest_framework.clone(),
        secure: settings.secure.clone(),
        server: settings.http.clone(),
    }
}
