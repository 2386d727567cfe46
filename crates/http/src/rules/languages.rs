//! The languages that answers are offered in.

use rest_auth_domain::language::Languages;
use rest_auth_flows::error::SetupError;
use rest_auth_flows::settings::I18nSettings;

/// The languages to choose from; `None` if every answer is in English.
///
/// # Errors
/// [`SetupError`] if `i18n.language_code` names no language that is offered.
pub(crate) fn offered(settings: &I18nSettings) -> Result<Option<Languages>, SetupError> {
    if !settings.negotiate_language || !settings.use_i18n {
        return Ok(None);
    }
    let offered = (!settings.languages.is_empty()).then_some(settings.languages.as_slice());
    Languages::new(&settings.language_code, offered)
        .map(Some)
        .map_err(|e| SetupError::new("i18n.language_code", e.to_string()))
}
