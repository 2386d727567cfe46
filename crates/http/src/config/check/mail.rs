//! Mails and their delivery.

use rest_auth_flows::open::{self as accounts, MisnamedTemplate};
use rest_auth_flows::settings::EmailBackend;
use rest_auth_flows::settings::account::EmailVerification;
use rest_auth_settings::ValueOrigin;

use super::collector::Check;

pub(super) fn check(check: &mut Check<'_>) {
    let email = &check.settings.email;
    if email.use_ssl && email.use_tls {
        check.error(
            "email.use_tls",
            "`email.use_tls` and `email.use_ssl` exclude each other",
            "set `use_tls` for STARTTLS (port 587), `use_ssl` for TLS from the start (port 465)",
        );
    }
    if email.backend == EmailBackend::File && email.file_path.is_none() {
        check.error(
            "email.file_path",
            "`email.backend` is \"file\", but `email.file_path` is not set",
            "name a folder",
        );
    }
    let managed = "account.email_management";
    let is_asked_for = *check.settings.origin(managed) != ValueOrigin::Default;
    let has_emails = check.settings.account.email_management && is_asked_for;
    if has_emails && !check.settings.apps.registration {
        check.warning(
            managed,
            "`account.email_management` has no effect without `apps.registration`",
            "set `apps.registration = true`; `rest_auth.register` says who may register",
        );
    }
    host(check);
    ports(check);
    templates(check);
    let mandatory = check.settings.account.email_verification == EmailVerification::Mandatory;
    if mandatory && email.backend == EmailBackend::None {
        check.error(
            "email.backend",
            "`email.backend` is \"none\", but `account.email_verification` is \"mandatory\": \
             nobody could ever log in",
            "set another backend",
        );
    }
}

/// Whoever asks for a mail server says which: the default is one on this machine.
fn host(check: &mut Check<'_>) {
    let is_default = |key| *check.settings.origin(key) == ValueOrigin::Default;
    let is_asked_for =
        check.settings.email.backend == EmailBackend::Smtp && !is_default("email.backend");
    if is_asked_for && is_default("email.host") {
        check.refuse(
            "email.host",
            "`email.backend` is \"smtp\", but `email.host` is not set",
            "name the mail server; \"localhost\" is the one on this machine",
        );
    }
}

/// Templates that are not used, as the built-in ones of the right name are.
fn templates(check: &mut Check<'_>) {
    for MisnamedTemplate { file, nearest } in accounts::misnamed_templates(&check.settings.email) {
        let message = format!("`email.template_dir` has {file}, which no mail is made of");
        let cure = match nearest {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "docs/mail.md has the names of all".to_owned(),
        };
        check.warning("email.template_dir", message, cure);
    }
}

/// Ports at which servers speak the other kind of TLS.
fn ports(check: &mut Check<'_>) {
    let email = &check.settings.email;
    if email.backend != EmailBackend::Smtp {
        return;
    }
    if email.use_tls && email.port == 465 {
        check.warning(
            "email.use_tls",
            "`email.use_tls` means STARTTLS, and servers speak TLS at once at port 465",
            "set `email.use_ssl = true` in its place, or the port 587",
        );
    } else if email.use_ssl && matches!(email.port, 25 | 587) {
        let message = format!(
            "`email.use_ssl` means TLS at once, and servers expect STARTTLS at port {}",
            email.port
        );
        check.warning("email.use_ssl", message, "set `email.use_tls = true`, or the port 465");
    } else if !email.use_ssl && email.port == 465 {
        check.warning(
            "email.port",
            "servers speak TLS at once at port 465, and `email.use_ssl` is off",
            "set `email.use_ssl = true`, or the port 587 with `email.use_tls`",
        );
    }
}
