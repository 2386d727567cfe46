//! The site that passkeys belong to.

use rest_auth_domain::message::Message;
use rest_auth_domain::webauthn::RelyingParty;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::settings::PasskeySettings;

/// The most sites that browsers read of the list of related origins.
const MOST_RELATED: usize = 5;

/// The site of the settings.
///
/// # Errors
/// [`AuthError::Invalid`] if they do not name one.
pub(crate) fn of(auth: &Auth) -> Result<RelyingParty, AuthError> {
    let settings = &auth.settings().passkeys;
    named(settings).ok_or_else(|| AuthError::form(Message::PasskeysNotConfigured))
}

fn named(settings: &PasskeySettings) -> Option<RelyingParty> {
    let PasskeySettings { rp_id, rp_name, rp_origins, top_origins, .. } = settings;
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if rp_origins.is_empty() {
        return None;
    }
    Some(RelyingParty {
        id: filled(rp_id)?,
        name: filled(rp_name)?,
        origins: rp_origins.clone(),
        top_origins: top_origins.clone(),
    })
}

/// The origins that browsers have to ask for, because they lie outside of the domain of the
/// passkeys: the list of `/.well-known/webauthn`. None if there are none.
#[must_use]
pub fn related_origins(settings: &PasskeySettings) -> Option<Vec<String>> {
    let id = settings.rp_id.as_deref()?;
    let pages = || settings.rp_origins.iter().filter(|origin| origin.contains("://"));
    pages().any(|origin| !lies_within(origin, id)).then(|| pages().cloned().collect())
}

/// Whether there are more related origins than browsers read.
#[must_use]
pub fn are_too_many(origins: &[String]) -> bool {
    origins.len() > MOST_RELATED
}

/// Whether pages of an origin may use passkeys of a domain without being asked for.
#[must_use]
pub fn lies_within(origin: &str, domain: &str) -> bool {
    let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == domain || host.strip_suffix(domain).is_some_and(|before| before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;

    fn settings(id: &str, origins: &[&str]) -> PasskeySettings {
        let mut settings = PasskeySettings::defaults(Profile::Strict);
        settings.rp_id = Some(id.to_owned());
        settings.rp_name = Some("Example".to_owned());
        settings.rp_origins = origins.iter().map(|&origin| origin.to_owned()).collect();
        settings
    }

    #[test]
    fn pages_within_the_domain_need_no_list() {
        for origin in ["https://example.com", "https://a.b.example.com:8443", "http://example.com"]
        {
            assert!(lies_within(origin, "example.com"), "{origin}");
            assert_eq!(related_origins(&settings("example.com", &[origin])), None);
        }
        let android = "android:apk-key-hash:abc";
        assert_eq!(related_origins(&settings("example.com", &[android])), None);
        for origin in ["https://example.org", "https://notexample.com", "https://com"] {
            assert!(!lies_within(origin, "example.com"), "{origin}");
            let both = ["https://example.com", origin, android];
            let listed = related_origins(&settings("example.com", &both)).unwrap();
            assert_eq!(listed, ["https://example.com", origin]);
        }
    }

    #[test]
    fn a_site_has_a_domain_a_name_and_origins() {
        let complete = settings("example.com", &["https://example.com"]);
        assert!(named(&complete).is_some());
        let without = |change: fn(&mut PasskeySettings)| {
            let mut settings = complete.clone();
            change(&mut settings);
            named(&settings)
        };
        assert_eq!(without(|settings| settings.rp_id = None), None);
        assert_eq!(without(|settings| settings.rp_name = Some(String::new())), None);
        assert_eq!(without(|settings| settings.rp_origins.clear()), None);
    }
}
