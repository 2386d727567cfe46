//! Mails and their delivery.

use rest_auth_flows::open;
use rest_auth_flows::settings::EmailBackend;
use rest_auth_flows::settings::account::EmailVerification;
use rest_auth_settings::Origin;

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
    let is_asked_for = *check.settings.origin(managed) != Origin::Default;
    let has_emails = check.settings.account.email_management && is_asked_for;
    if has_emails && !check.settings.apps.registration {
        check.warning(
            managed,
            "`account.email_management` has no effect without `apps.registration`",
            "set `apps.registration = true`; `rest_auth.register` says who may register",
        );
    }
    if email.template_dir.is_some()
        && let Err(error) = open::check_mail(email)
        && error.key == "email.template_dir"
    {
        let message = format!("`email.template_dir`: {}", error.problem);
        check.error(error.key, message, error.cure);
    }
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
