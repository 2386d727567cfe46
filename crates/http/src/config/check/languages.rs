//! Languages.

use super::collector::Check;

pub(super) fn check(check: &mut Check<'_>) {
    let i18n = &check.settings.i18n;
    let general = i18n.language_code.split('-').next().unwrap_or_default();
    let offers = |code: &String| *code == i18n.language_code || code == general;
    if !i18n.languages.is_empty() && !i18n.languages.iter().any(offers) {
        check.error(
            "i18n.language_code",
            "`i18n.language_code` is not among `i18n.languages`",
            "add it there",
        );
    }
}
