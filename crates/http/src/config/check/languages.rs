//! Languages and time.

use rest_auth_settings::suggest;

use super::collector::Check;

/// Django's `LANGUAGES`.
const KNOWN: [&str; 97] = [
    "af", "ar", "ar-dz", "ast", "az", "bg", "be", "bn", "br", "bs", "ca", "ckb", "cs", "cy", "da",
    "de", "dsb", "el", "en", "en-au", "en-gb", "eo", "es", "es-ar", "es-co", "es-mx", "es-ni",
    "es-ve", "et", "eu", "fa", "fi", "fr", "fy", "ga", "gd", "gl", "he", "hi", "hr", "hsb", "hu",
    "hy", "ia", "id", "ig", "io", "is", "it", "ja", "ka", "kab", "kk", "km", "kn", "ko", "ky",
    "lb", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "nb", "ne", "nl", "nn", "os", "pa", "pl",
    "pt", "pt-br", "ro", "ru", "sk", "sl", "sq", "sr", "sr-latn", "sv", "sw", "ta", "te", "tg",
    "th", "tk", "tr", "tt", "udm", "ug", "uk", "ur", "uz", "vi",
];
/// The rest of them: languages that have a script in their code.
const KNOWN_WITH_SCRIPT: [&str; 2] = ["zh-hans", "zh-hant"];

pub(super) fn check(check: &mut Check<'_>) {
    let i18n = &check.settings.i18n;
    let codes = std::iter::once(("i18n.language_code", &i18n.language_code))
        .chain(i18n.languages.iter().map(|code| ("i18n.languages", code)));
    for (key, code) in codes {
        if !is_known(code) {
            let cure = suggest::word(KNOWN.into_iter().chain(KNOWN_WITH_SCRIPT), code).map_or_else(
                || "use a code such as \"de\"".to_owned(),
                |c| format!("did you mean \"{c}\"?"),
            );
            check.error(key, format!("`{key}` has an unknown language"), cure);
        }
    }
    let general = i18n.language_code.split('-').next().unwrap_or_default();
    let offers = |code: &String| *code == i18n.language_code || code == general;
    if !i18n.languages.is_empty() && !i18n.languages.iter().any(offers) {
        check.error(
            "i18n.language_code",
            "`i18n.language_code` is not among `i18n.languages`",
            "add it there",
        );
    }
    if !i18n.use_tz {
        check.error(
            "i18n.use_tz",
            "`i18n.use_tz` must be true: datetimes are stored in UTC",
            "convert the database to USE_TZ = True first",
        );
    }
}

/// A code is known if it, or its language without a region, is.
fn is_known(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    let general = code.split('-').next().unwrap_or_default();
    [code.as_str(), general].iter().any(|c| KNOWN.contains(c) || KNOWN_WITH_SCRIPT.contains(c))
}
