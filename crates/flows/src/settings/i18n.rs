//! `[i18n]`: languages and time.

use rest_auth_settings::place::TimeZone;
use rest_auth_settings::settings;

use super::rules;

settings! {
    /// Languages and time.
    pub struct I18nSettings = "i18n" {
        /// Language of answers and mails if the client asks for no other.
        #[rule(rules::language)]
        language_code: String = "en-us".to_owned(),
        /// Offered languages, by code. Empty: all that are translated.
        #[rule(rules::languages)]
        languages: Vec<String> = Vec::new(),
        /// Answer in the language that the client asks for by cookie or Accept-Language (Django's
        /// `LocaleMiddleware`). On as soon as any other key of this table is set.
        negotiate_language: bool = false,
        /// Translate answers and mails.
        use_i18n: bool = true,
        /// Time zone of datetimes in answers, and of Django's reset tokens. Django's own default
        /// is America/Chicago, its project template says UTC.
        time_zone: TimeZone = TimeZone::UTC,
        /// Datetimes are stored in UTC. Only `true` is accepted.
        #[rule(|on: &bool| rules::use_tz(*on))]
        use_tz: bool = true,
        /// Name of the cookie with the language. It goes before Accept-Language.
        language_cookie_name: String = "django_language".to_owned(),
    }
    instead {
        "format_module_path": "datetimes are written in ISO 8601",
        "first_day_of_week": "has no meaning here: it is about calendars",
        "languages_bidi": "has no meaning here: it is about HTML pages",
        "language_cookie_age": "the cookie is read, never set",
        "language_cookie_domain": "the cookie is read, never set",
        "language_cookie_httponly": "the cookie is read, never set",
        "language_cookie_path": "the cookie is read, never set",
        "language_cookie_samesite": "the cookie is read, never set",
        "language_cookie_secure": "the cookie is read, never set",
        "locale_paths": "the translations are built in",
        "use_thousand_separator": "has no meaning here: it is about HTML pages",
    }
}
