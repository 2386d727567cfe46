//! Passkeys that no browser would make or use.

use rest_auth_flows::passkeys::relying_party::{are_too_many, lies_within, related_origins};

use super::collector::Check;

pub(super) fn check(check: &mut Check<'_>) {
    if !check.settings.apps.passkeys {
        return;
    }
    let settings = &check.settings.passkeys;
    let missing = [
        ("passkeys.rp_id", settings.rp_id.is_none()),
        ("passkeys.rp_name", settings.rp_name.is_none()),
        ("passkeys.rp_origins", settings.rp_origins.is_empty()),
    ];
    let missing: Vec<_> = missing.iter().filter(|(_, is_missing)| *is_missing).collect();
    if let Some((key, _)) = missing.first() {
        let names: Vec<_> = missing.iter().map(|(key, _)| format!("`{key}`")).collect();
        let message = format!("{}: not set, so that nobody can use a passkey", names.join(", "));
        check.warning(key, message, "set what is missing, or `apps.passkeys = false`");
    }
    if let Some(id) = settings.rp_id.as_deref() {
        outside(check, id);
    }
    insecure(check);
}

/// Origins outside of the domain: browsers ask the domain about them.
fn outside(check: &mut Check<'_>, id: &str) {
    let settings = &check.settings.passkeys;
    let Some(listed) = related_origins(settings) else { return };
    let url = check.settings.http.public_url.as_deref();
    let is_here = url.is_some_and(|url| lies_within(url.trim_end_matches('/'), id));
    let outside: Vec<_> = listed.iter().filter(|origin| !lies_within(origin, id)).collect();
    if !is_here {
        let message = format!(
            "`passkeys.rp_id` is {id}, which {} does not lie in: browsers refuse passkeys there",
            outside.iter().map(|origin| origin.as_str()).collect::<Vec<_>>().join(", ")
        );
        let cure = format!(
            "correct one of the two, or answer https://{id}/.well-known/webauthn with the list of \
             origins"
        );
        check.warning("passkeys.rp_id", message, cure);
    }
    if are_too_many(&listed) {
        let message = "`passkeys.rp_origins` has more origins outside of `passkeys.rp_id` than \
                       browsers read";
        check.warning("passkeys.rp_origins", message, "list five at most");
    }
}

/// Browsers offer passkeys to pages that come by https, and to this machine.
fn insecure(check: &mut Check<'_>) {
    let is_plain =
        |origin: &&String| origin.starts_with("http://") && !lies_within(origin, "localhost");
    if let Some(origin) = check.settings.passkeys.rp_origins.iter().find(is_plain) {
        let message = format!("{origin} comes by http: browsers offer no passkeys there");
        check.warning("passkeys.rp_origins", message, "serve https");
    }
}
