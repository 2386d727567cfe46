//! What a server would refuse when it prepares itself.
//!
//! The same functions prepare a server, so that nothing is refused at its start that was not told
//! here. What the other topics say about the same key says more, so it is not repeated.

use rest_auth_flows::error::SetupError;
use rest_auth_flows::open::{self as accounts, MailSetupError, UrlProblem};
use rest_auth_settings::{Secret, Severity};

use super::collector::Check;
use crate::catalogue;
use crate::config::Settings;
use crate::config::layers::{of_accounts, of_requests};
use crate::rules::Rules;
use crate::settings::Configuration;

pub(super) fn check(check: &mut Check<'_>) {
    for SetupError { key, problem } in refusals(check.settings) {
        let is_told = |f: &rest_auth_settings::Finding| {
            f.severity == Severity::Error && (f.key == key || f.message.contains(&key))
        };
        if !check.findings.iter().any(is_told) {
            check.error(&key, format!("`{key}`: {problem}"), "");
        }
    }
    if let Err(MailSetupError { key, problem, cure }) = accounts::check_mail(&check.settings.email)
        && !check.findings.iter().any(|finding| finding.key.starts_with("email."))
    {
        check.error(key, format!("`{key}`: {problem}"), cure);
    }
    if let Some(UrlProblem { message, cure, is_fatal }) = check.settings.database.problem() {
        let message = format!("`database.url` {message}");
        if is_fatal {
            check.error("database.url", message, cure);
        } else {
            check.warning("database.url", message, cure);
        }
    }
    pooling(check);
}

/// What a pooler between the server and its database makes of the rest.
fn pooling(check: &mut Check<'_>) {
    let database = &check.settings.database;
    let parameters = database.url.expose().split_once('?').map_or("", |(_, parameters)| parameters);
    if database.transaction_pooling != Some(true) {
        return;
    }
    if !database.url.scheme().starts_with("postgres") {
        let message = "`database.transaction_pooling` is about PostgreSQL and has no effect here";
        check.warning("database.transaction_pooling", message, "remove it");
    } else if parameters.split('&').any(|parameter| parameter.starts_with("options")) {
        let message = "`database.url` has `options`, which a pooler refuses, or which stay with a \
                       connection that is somebody else's next";
        let cure = "remove them; what the session must have, set for the role, by ALTER ROLE";
        check.warning("database.url", message, cure);
    }
}

fn refusals(settings: &Settings) -> impl Iterator<Item = SetupError> {
    let mut settings = settings.clone();
    // Where none is configured one is made at the start.
    settings.signing.secret_key.get_or_insert_with(|| Secret::new("-".repeat(64)));
    let (accounts, http) = (of_accounts(&settings), of_requests(&settings));
    let configuration = Configuration { accounts: &accounts, http: &http };
    let refused = [
        accounts::check(&accounts).err(),
        Rules::new(configuration).err(),
        catalogue::check(configuration).err(),
    ];
    refused.into_iter().flatten()
}
