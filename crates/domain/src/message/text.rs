//! Sentences as they are read, in a language.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use super::Message;
use super::parts::{self, Part};
use crate::language::{ENGLISH, Language};

/// The singular of [`Message::PasswordTooShort`].
const PASSWORD_TOO_SHORT_BY_ONE: &str =
    "This password is too short. It must contain at least {min_length} character.";

impl Message {
    /// The sentence in this language, in the default language if it has no translation, or else in
    /// English.
    #[must_use]
    pub fn text(&self, language: &Language) -> Cow<'static, str> {
        let template = self.template(language);
        match self {
            Self::PasswordTooSimilar { attribute } => {
                let name = attribute.part().text(language);
                fill(template, |_| Some(&name))
            }
            Self::Throttled { seconds } => {
                let part = if *seconds == 1 { parts::IN_ONE_SECOND } else { parts::IN_SECONDS };
                let expected = fill(part.text(language), |_| Some(seconds));
                Cow::Owned(format!("{template} {expected}"))
            }
            _ => fill(template, |name| self.value(name)),
        }
    }

    fn template(&self, language: &Language) -> &'static str {
        match self {
            Self::PasswordTooShort { min_length } => {
                language.look_up(|catalogue| catalogue.plural(self.key(), *min_length)).unwrap_or(
                    if *min_length == 1 { PASSWORD_TOO_SHORT_BY_ONE } else { self.english() },
                )
            }
            _ => language
                .look_up(|catalogue| catalogue.get(self.key()))
                .unwrap_or_else(|| self.english()),
        }
    }
}

impl Display for Message {
    /// The sentence in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&ENGLISH))
    }
}

impl Part {
    pub(super) fn text(self, language: &Language) -> &'static str {
        language.look_up(|catalogue| catalogue.get(self.key)).unwrap_or(self.english)
    }
}

/// Puts values in the place of `{name}`. What came from a request is not looked at again, and an
/// unknown name stays as it is.
fn fill<'v>(
    template: &'static str,
    value: impl Fn(&str) -> Option<&'v dyn Display>,
) -> Cow<'static, str> {
    if !template.contains('{') {
        return Cow::Borrowed(template);
    }
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, placeholder)) = rest.split_once('{') {
        out.push_str(before);
        let found = placeholder.split_once('}').and_then(|(name, after)| {
            let value = value(name)?;
            Some((value, after))
        });
        rest = if let Some((value, after)) = found {
            // Writing to a String cannot fail.
            let _ = write!(out, "{value}");
            after
        } else {
            out.push('{');
            placeholder
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csrf::{CsrfFailure, TokenProblem, TokenSource};
    use crate::language::Languages;
    use crate::password::UserAttribute;

    /// Texts that were recorded from Django and its packages: language, key, text.
    const RECORDED: &str = include_str!("recorded.txt");

    const MALFORMED_JSON: &str =
        "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)";

    fn language(code: &str) -> Language {
        in_default(code, "en-us")
    }

    fn in_default(code: &str, default: &str) -> Language {
        let languages = Languages::new(default, None).expect("a language of Django's");
        let found = languages.negotiate(Some(code), None).clone();
        assert_eq!(found.code(), code);
        found
    }

    fn recorded_messages() -> Vec<Message> {
        vec![
            Message::Required,
            Message::Blank,
            Message::MaxLength { max_length: 150 },
            Message::InvalidEmail,
            Message::InvalidValue,
            Message::InvalidUsername,
            Message::UsernameTaken,
            Message::EmailTaken,
            Message::PasswordTooShort { min_length: 8 },
            Message::PasswordTooCommon,
            Message::PasswordEntirelyNumeric,
            Message::PasswordMismatch,
            Message::PasswordResetSent,
            Message::MustIncludeUsername,
            Message::BadCredentials,
            Message::LoggedOut,
            Message::NotLoggedIn,
            Message::NothingToRevoke,
            Message::NotAuthenticated,
            Message::UnknownToken,
            Message::CsrfFailed { reason: CsrfFailure::TokenMissing },
            Message::BearerHeaderParts,
            Message::TokenNotValidForAnyType,
            Message::TokenInvalid,
            Message::NoRefreshToken,
            Message::NotFound,
            Message::MethodNotAllowed { method: "GET".to_owned() },
            Message::UnsupportedMediaType { media_type: "text/plain".to_owned() },
            Message::JsonParseError { problem: MALFORMED_JSON.to_owned() },
        ]
    }

    #[test]
    fn texts_are_those_of_the_original_stack() {
        let messages = recorded_messages();
        let mut checked = 0;
        for line in RECORDED.lines() {
            let (code, rest) = line.split_once(' ').expect("a language");
            let (key, quoted) = rest.split_once(' ').expect("a key");
            let expected = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            let message = messages.iter().find(|message| message.key() == key).expect(key);
            assert_eq!(Some(&*message.text(&language(code))), expected, "{code} {key}");
            checked += 1;
        }
        assert_eq!(checked, 108);
    }

    #[test]
    fn plural_forms_follow_the_language() {
        let text = |code: &str, min_length| {
            Message::PasswordTooShort { min_length }.text(&language(code)).into_owned()
        };
        assert!(text("en", 1).ends_with("at least 1 character."));
        assert!(text("en", 0).ends_with("at least 0 characters."));
        assert!(text("fr", 0).ends_with("au minimum 0 caractère."));
        assert!(text("fr", 2).ends_with("au minimum 2 caractères."));
        assert!(text("pl", 1).ends_with("1 znak."));
        assert!(text("pl", 22).ends_with("22 znaki."));
        assert!(text("pl", 1012).ends_with("1012 znaków."));
        assert!(text("pl", 1022).ends_with("1022 znaki."));
        assert!(text("ja", 8).contains(" 8 "));
    }

    #[test]
    fn a_throttled_request_is_told_when_to_come_back() {
        let text =
            |code: &str, seconds| Message::Throttled { seconds }.text(&language(code)).into_owned();
        assert_eq!(text("en", 1), "Request was throttled. Expected available in 1 second.");
        assert_eq!(text("en", 59), "Request was throttled. Expected available in 59 seconds.");
        assert_eq!(
            text("de", 1),
            "Die Anfrage wurde gedrosselt. Erwarte Verfügbarkeit in 1 Sekunde."
        );
        // 21 takes the singular in Russian, but DRF asks for exactly one.
        assert_eq!(text("ru", 21).replace("21", "5"), text("ru", 5),);
    }

    #[test]
    fn the_attribute_that_a_password_resembles_is_translated() {
        let message = Message::PasswordTooSimilar { attribute: UserAttribute::FirstName };
        assert_eq!(message.to_string(), "The password is too similar to the first name.");
        assert_eq!(message.text(&language("de")), "Das Passwort ist zu ähnlich zu Vorname.");
    }

    #[test]
    fn a_missing_translation_is_looked_for_in_the_default_language() {
        let message = Message::NoRefreshToken;
        assert_eq!(
            message.text(&in_default("de", "fr")),
            "Aucun jeton d'actualisation valide n'a été trouvé."
        );
        assert_eq!(message.text(&in_default("en", "fr")), "No valid refresh token found.");
        assert_eq!(message.text(&in_default("en-gb", "fr")), "No valid refresh token found.");
        assert_eq!(message.text(&in_default("de", "en")), "No valid refresh token found.");
    }

    #[test]
    fn what_a_request_says_is_never_taken_for_a_placeholder() {
        let message = Message::UnsupportedMediaType { media_type: "{media_type}{".to_owned() };
        assert_eq!(message.to_string(), "Unsupported media type \"{media_type}{\" in request.");
        assert_eq!(fill("{unknown} {", |_| None), "{unknown} {");
    }

    #[test]
    fn csrf_failures_name_their_reason() {
        let text = |reason| Message::CsrfFailed { reason }.to_string();
        let place = TokenSource::Header("X-Csrftoken".to_owned());
        assert_eq!(
            text(CsrfFailure::Token { place, problem: TokenProblem::Incorrect }),
            "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect."
        );
        assert_eq!(
            text(CsrfFailure::Origin("null".to_owned())),
            "CSRF Failed: Origin checking failed - null does not match any trusted origins."
        );
    }

    #[test]
    fn sentences_over_several_lines_have_single_blanks() {
        assert!(!Message::NothingToRevoke.to_string().contains("  "));
        assert!(!Message::InvalidUsername.to_string().contains("  "));
    }

    #[test]
    fn only_sentences_with_values_are_built_anew() {
        assert!(matches!(Message::Required.text(&language("de")), Cow::Borrowed(_)));
    }
}
