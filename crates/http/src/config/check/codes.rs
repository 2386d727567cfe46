//! Mailed codes: the chance that one is guessed.

use rest_auth_domain::rate::{Per, RateLimit};
use rest_auth_domain::user_code::CodeFormat;

use super::collector::Check;

const SECONDS_A_DAY: f64 = 86_400.0;

/// The chance of a guess in a day above which a code is too short: one in ten thousand.
const TOO_LIKELY: f64 = 1e-4;

/// A kind of code.
struct Codes<'a> {
    enabled: bool,
    format_key: &'a str,
    format: CodeFormat,
    attempts: u32,
    /// The action that limits how many are mailed.
    action: &'a str,
}

pub(super) fn check(check: &mut Check<'_>) {
    let account = &check.settings.account;
    let kinds = [
        Codes {
            enabled: account.email_verification_by_code_enabled,
            format_key: "account.email_verification_by_code_format",
            format: account.email_verification_by_code_format.0,
            attempts: account.email_verification_by_code_max_attempts,
            action: "resend_email",
        },
        Codes {
            enabled: account.password_reset_by_code_enabled,
            format_key: "account.password_reset_by_code_code_format",
            format: account.password_reset_by_code_code_format.0,
            attempts: account.password_reset_by_code_max_attempts,
            action: "reset_password",
        },
    ];
    for codes in kinds.iter().filter(|codes| codes.enabled) {
        warn(check, codes);
    }
}

fn warn(check: &mut Check<'_>, codes: &Codes<'_>) {
    let Codes { format_key: key, action, .. } = codes;
    let Some(mails) = mails_a_day(check.settings.account.rate_limits.of(action)) else {
        let message = format!(
            "`account.rate_limits` has no limit by key for `{action}`: who asks for code after \
             code has any number of guesses"
        );
        check.warning("account.rate_limits", message, format!("add `{action} = \"1/180s/key\"`"));
        return;
    };
    let chance = mails * f64::from(codes.attempts) / codes.format.possibilities();
    if chance > TOO_LIKELY {
        let message = format!(
            "`{key}` is short: who asks for code after code guesses one with a chance of {:.2} % \
             a day",
            (chance * 100.0).min(100.0)
        );
        check.warning(key, message, "make `length` larger, or take letters (`numeric = false`)");
    }
}

/// How many mails one address can get; none if nothing limits it.
fn mails_a_day(limits: &[RateLimit]) -> Option<f64> {
    let by_key = limits.iter().filter(|limit| limit.per == Per::Key);
    by_key
        .map(|limit| f64::from(limit.amount) * SECONDS_A_DAY / limit.period.as_secs_f64())
        .reduce(f64::min)
}
