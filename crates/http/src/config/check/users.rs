//! What the configuration adds to users, and who may become one.

use rest_auth_flows::credentials::jwt::claims::UserClaims;
use rest_auth_flows::settings::rest_auth::RegisterAccess;

use super::collector::Check;

pub(super) fn check(check: &mut Check<'_>) {
    fields(check);
    claims(check);
    invitations(check);
}

fn fields(check: &mut Check<'_>) {
    let key = &check.settings.rest_framework.non_field_errors_key;
    if check.settings.user.extra_fields.get(key).is_some() {
        let message = format!(
            "`user.extra_fields` has a field \"{key}\", which is what errors of the whole form \
             are called"
        );
        let cure = "rename it, or set `rest_framework.non_field_errors_key`";
        check.error("user.extra_fields", message, cure);
    }
}

fn claims(check: &mut Check<'_>) {
    let settings = check.settings;
    if let Err(error) = UserClaims::new(&settings.simple_jwt, &settings.user.extra_fields) {
        check.error("simple_jwt.claims", format!("`simple_jwt.claims`: {}", error.problem), "");
    }
    if !settings.simple_jwt.claims.is_empty() && !settings.rest_auth.use_jwt {
        let message = "`simple_jwt.claims` has no effect while `rest_auth.use_jwt` is off";
        check.warning("simple_jwt.claims", message, "set `rest_auth.use_jwt`, or remove it");
    }
}

fn invitations(check: &mut Check<'_>) {
    let settings = check.settings;
    let by_invitation = settings.rest_auth.register == RegisterAccess::Invite;
    if settings.rest_auth.invitation_url.is_some() && !by_invitation {
        let message = "`rest_auth.invitation_url` has no effect while `rest_auth.register` is not \
                       \"invite\"";
        check.warning("rest_auth.invitation_url", message, "");
    }
}
