//! Defaults that follow from other keys.

use rest_auth_flows::settings::SameSite;
use rest_auth_settings::{Profile, ValueOrigin};

use super::composition::Settings;

/// Sets keys that were not given and whose defaults depend on other keys.
pub(super) fn derive(settings: &mut Settings) {
    if settings.origins.has_table("i18n")
        && *settings.origin("i18n.negotiate_language") == ValueOrigin::Default
    {
        settings.i18n.negotiate_language = true;
        note(settings, "i18n.negotiate_language", "[i18n]");
    }
    if settings.profile == Profile::Strict {
        relying_party(settings);
    }
    // Browsers drop Secure cookies that come by http, save from some names of this machine.
    if settings.profile == Profile::Strict && is_local_http(settings) {
        plain_cookies(settings);
    }
}

/// The site that passkeys belong to is the one that clients see.
fn relying_party(settings: &mut Settings) {
    let url = settings.http.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
    let Some(url) = url else { return };
    if *settings.origin("passkeys.rp_id") == ValueOrigin::Default {
        settings.passkeys.rp_id = url.domain().map(str::to_owned);
        note(settings, "passkeys.rp_id", "server.public_url");
    }
    if *settings.origin("passkeys.rp_name") == ValueOrigin::Default {
        let id = settings.passkeys.rp_id.clone();
        settings.passkeys.rp_name = settings.site.site_name.clone().or(id);
        note(settings, "passkeys.rp_name", "server.site_name");
    }
    if *settings.origin("passkeys.rp_origins") == ValueOrigin::Default {
        let trusted = settings.csrf.trusted_origins.iter();
        // Browsers name one origin, and a pattern is none.
        let trusted = trusted.filter(|origin| !origin.contains('*')).cloned();
        let own = url.origin().ascii_serialization();
        settings.passkeys.rp_origins = std::iter::once(own).chain(trusted).collect();
        note(settings, "passkeys.rp_origins", "server.public_url");
    }
}

fn plain_cookies(settings: &mut Settings) {
    let same_sites = [
        ("rest_auth.jwt_auth_secure", settings.rest_auth.jwt_auth_samesite),
        ("session.cookie_secure", settings.session.cookie_samesite),
        ("csrf.cookie_secure", settings.csrf.cookie_samesite),
        ("mfa.trust_cookie_secure", settings.mfa.trust_cookie_samesite),
    ];
    for (key, same_site) in same_sites {
        // Browsers drop a cookie with SameSite=None that is not Secure.
        if *settings.origin(key) != ValueOrigin::Default || same_site == Some(SameSite::None) {
            continue;
        }
        let flag = match key {
            "rest_auth.jwt_auth_secure" => &mut settings.rest_auth.jwt_auth_secure,
            "session.cookie_secure" => &mut settings.session.cookie_secure,
            "mfa.trust_cookie_secure" => &mut settings.mfa.trust_cookie_secure,
            _ => &mut settings.csrf.cookie_secure,
        };
        *flag = false;
        note(settings, key, "server.public_url");
    }
}

fn note(settings: &mut Settings, key: &str, from: &'static str) {
    settings.origins.note(key, ValueOrigin::Derived { from });
}

/// Whether clients reach the server by http on this very machine.
pub(super) fn is_local_http(settings: &Settings) -> bool {
    settings.http.public_url.as_deref().is_some_and(is_local_http_url)
}

/// Whether an address is http, of this machine.
pub(super) fn is_local_http_url(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        let local = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && local
    })
}

#[cfg(test)]
mod tests {
    use rest_auth_flows::settings::PasskeySettings;

    use super::*;

    fn derived(url: &str, same_site: SameSite) -> Settings {
        let mut settings = Settings::defaults(Profile::Strict);
        settings.http.public_url = Some(url.to_owned());
        settings.session.cookie_samesite = Some(same_site);
        derive(&mut settings);
        settings
    }

    #[test]
    fn passkeys_belong_to_the_site_that_clients_see() {
        let mut settings = Settings::defaults(Profile::Strict);
        settings.http.public_url = Some("https://auth.example.com:8443/".to_owned());
        settings.csrf.trusted_origins =
            vec!["https://app.example.com".to_owned(), "https://*.example.com".to_owned()];
        derive(&mut settings);
        let PasskeySettings { rp_id, rp_name, rp_origins, .. } = settings.passkeys;
        assert_eq!(rp_id.as_deref(), Some("auth.example.com"));
        assert_eq!(rp_name.as_deref(), Some("auth.example.com"));
        assert_eq!(rp_origins, ["https://auth.example.com:8443", "https://app.example.com"]);
        // An address is no domain, and nothing follows without an address.
        assert_eq!(derived("http://127.0.0.1", SameSite::Lax).passkeys.rp_id, None);
        let mut django = Settings::defaults(Profile::Django);
        django.http.public_url = Some("https://example.com".to_owned());
        derive(&mut django);
        assert_eq!((django.passkeys.rp_id, django.passkeys.rp_origins), (None, Vec::new()));
    }

    #[test]
    fn cookies_are_plain_only_on_this_machine() {
        for local in
            ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:1", "http://a.localhost"]
        {
            assert!(!derived(local, SameSite::Lax).session.cookie_secure, "{local}");
            assert!(derived(local, SameSite::None).session.cookie_secure, "{local}");
        }
        for other in ["https://localhost", "http://example.com", "http://localhost.example.com"] {
            assert!(derived(other, SameSite::Lax).session.cookie_secure, "{other}");
        }
    }
}
