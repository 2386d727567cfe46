//! The languages that are offered, and the choice among them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::accepted;
use crate::message::catalogue::Catalogue;
use crate::message::files::DJANGO_LANGUAGES;

/// English, for answers without negotiation.
pub static ENGLISH: Language = Language { code: Cow::Borrowed("en"), own: None, default: None };

/// The language of an answer.
#[derive(Clone)]
pub struct Language {
    code: Cow<'static, str>,
    own: Option<&'static Catalogue>,
    default: Option<&'static Catalogue>,
}

impl Language {
    /// The code in lower case, such as `pt-br`: the value of `Content-Language`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What this finds in the catalogue of the language, or else in that of the default language.
    pub(crate) fn look_up(
        &self,
        find: impl Fn(&'static Catalogue) -> Option<&'static str>,
    ) -> Option<&'static str> {
        [self.own, self.default].into_iter().flatten().find_map(find)
    }

    fn new(code: Cow<'static, str>, default: Option<&'static Catalogue>) -> Self {
        // The catalogue of English is empty, so any default would hide it.
        let default = default.filter(|_| !code.starts_with("en"));
        Self { own: Catalogue::of(&code), default, code }
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Language").field(&self.code).finish()
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Language {}

/// `i18n.language_code` is no language that could be offered; Django's check `translation.E004`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the default language `{code}` is not among the languages offered")]
pub struct UnknownLanguage {
    /// The setting.
    pub code: String,
}

/// The languages offered, prepared once: `i18n.languages` and `i18n.language_code`.
#[derive(Clone, Debug)]
pub struct Languages {
    offered: Vec<Language>,
    by_code: HashMap<String, usize>,
    default: usize,
}

impl Languages {
    /// Prepares the offer: the codes of `LANGUAGES`, or Django's own list without one.
    ///
    /// As with Django, a code for which there is no catalogue at all is never chosen for a request
    /// that asks for it.
    ///
    /// # Errors
    ///
    /// If the default language is neither offered nor a variant of one that is.
    pub fn new(language_code: &str, offered: Option<&[String]>) -> Result<Self, UnknownLanguage> {
        let default = Catalogue::of(&language_code.to_lowercase());
        let codes: Vec<Cow<'static, str>> = match offered {
            None => DJANGO_LANGUAGES.into_iter().map(Cow::Borrowed).collect(),
            Some(codes) => codes.iter().map(|code| Cow::Owned(code.to_lowercase())).collect(),
        };
        let mut languages = Self { offered: Vec::new(), by_code: HashMap::new(), default: 0 };
        for code in codes {
            if languages.by_code.contains_key(&*code) {
                continue;
            }
            languages.by_code.insert(code.clone().into_owned(), languages.offered.len());
            languages.offered.push(Language::new(code, default));
        }
        languages.default = languages
            .variant(language_code)
            .ok_or_else(|| UnknownLanguage { code: language_code.to_owned() })?;
        Ok(languages)
    }

    /// Chooses for a request: by the language cookie, else by the header `Accept-Language`, else
    /// the default.
    #[must_use]
    pub fn negotiate(&self, cookie: Option<&str>, accept_language: Option<&str>) -> &Language {
        let index = cookie
            .and_then(|code| self.variant(code))
            .or_else(|| self.accepted(accept_language?))
            .unwrap_or(self.default);
        self.offered.get(index).unwrap_or(&ENGLISH)
    }

    /// The languages in the order of the setting.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.offered.iter()
    }

    fn accepted(&self, header: &str) -> Option<usize> {
        accepted::ranges(header)
            .iter()
            .take_while(|range| *range != "*")
            .find_map(|range| self.variant(range))
    }

    /// Django's `get_supported_language_variant`: the code, its special fallback, the code without
    /// its last subtags one by one, and at last any offered variant of its language.
    fn variant(&self, code: &str) -> Option<usize> {
        let code = if code.len() <= accepted::MAX_LENGTH {
            code
        } else {
            let start = code.as_bytes().get(..accepted::MAX_LENGTH)?;
            code.get(..start.iter().rposition(|byte| *byte == b'-').filter(|end| *end > 0)?)?
        };
        if code.is_empty() {
            return None;
        }
        let shorter = code.rmatch_indices('-').filter_map(|(end, _)| code.get(..end));
        let generic = code.split_once('-').map_or(code, |(language, _)| language);
        std::iter::once(code)
            .chain(chinese(code))
            .chain(shorter)
            .find_map(|code| self.usable(code))
            .or_else(|| {
                let is_variant = |offered: &Language| {
                    offered.code.strip_prefix(generic).is_some_and(|rest| rest.starts_with('-'))
                };
                self.offered.iter().position(is_variant)
            })
    }

    fn usable(&self, code: &str) -> Option<usize> {
        let code = code.to_lowercase();
        let index = self.by_code.get(&code).copied()?;
        Catalogue::of(&code).map(|_| index)
    }
}

/// The script that is written in a region; the only fallbacks in Django's `LANG_INFO`. Django looks
/// them up in lower case only, which a cookie need not be in.
fn chinese(code: &str) -> Option<&'static str> {
    match code {
        "zh-cn" | "zh-my" | "zh-sg" => Some("zh-hans"),
        "zh-hk" | "zh-mo" | "zh-tw" => Some("zh-hant"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(default: &str, codes: &[&str]) -> Result<Languages, UnknownLanguage> {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        Languages::new(default, Some(&codes))
    }

    #[test]
    fn chooses_among_the_languages_of_django() {
        let languages = Languages::new("en-us", None).expect("English");
        for (header, code) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("de-CH, fr;q=0.5", "de"),
            ("fr;q=0.5, de;q=0.9", "de"),
            ("xx, de;q=0.1", "de"),
            ("xx", "en"),
            ("*", "en"),
            ("*,de", "en"),
            ("", "en"),
            ("de;q=0", "de"),
            ("DE", "de"),
            ("zh", "zh-hans"),
            ("zh-CN", "zh-hans"),
            ("zh-TW", "zh-hant"),
            ("zh-Hans", "zh-hans"),
            ("pt", "pt"),
            ("pt-BR", "pt-br"),
            ("en-GB", "en-gb"),
            ("nonsense; q=x", "en"),
            ("sr-latn", "sr-latn"),
        ] {
            assert_eq!(languages.negotiate(None, Some(header)).code(), code, "{header}");
        }
        assert_eq!(languages.negotiate(None, None).code(), "en");
    }

    #[test]
    fn a_cookie_goes_before_the_header() {
        let languages = Languages::new("en-us", None).expect("English");
        let choose = |cookie: &str| languages.negotiate(Some(cookie), Some("fr")).code().to_owned();
        assert_eq!(choose("de"), "de");
        assert_eq!(choose("DE-at"), "de");
        assert_eq!(choose("tlh"), "fr");
        assert_eq!(choose("pt_BR"), "fr");
        assert_eq!(choose(""), "fr");
        assert_eq!(choose(&format!("de-{}", "x".repeat(600))), "de");
        assert_eq!(choose(&format!("{}-de", "é".repeat(600))), "fr");
        // Django knows the scripts of Chinese regions in lower case only.
        assert_eq!(choose("zh-tw"), "zh-hant");
        assert_eq!(choose("zh-TW"), "zh-hans");
    }

    #[test]
    fn a_list_limits_the_choice() {
        let languages = offer("en", &["en", "de", "pt-BR"]).expect("a good list");
        let choose = |header| languages.negotiate(None, Some(header)).code();
        assert_eq!(choose("de"), "de");
        assert_eq!(choose("fr"), "en");
        assert_eq!(choose("fr, de;q=0.5"), "de");
        assert_eq!(choose("pt"), "pt-br");
        assert_eq!(choose("pt-PT"), "pt-br");
    }

    #[test]
    fn a_region_that_is_offered_is_sent_back() {
        let languages = offer("en-us", &["en-us", "de-at", "tlh"]).expect("a good list");
        let choose = |header| languages.negotiate(None, Some(header)).code();
        assert_eq!(choose("de-AT"), "de-at");
        assert_eq!(choose("de"), "de-at");
        assert_eq!(choose("tlh"), "en-us");
    }

    #[test]
    fn a_default_that_cannot_be_offered_is_refused() {
        for (default, codes) in
            [("fr", &["en", "de"][..]), ("tlh", &["tlh"]), ("en", &[]), ("", &["en"])]
        {
            let refused = offer(default, codes).expect_err(default);
            assert_eq!(refused, UnknownLanguage { code: default.to_owned() });
        }
        assert_eq!(
            offer("de-ch", &["en", "de"]).expect("German").negotiate(None, None).code(),
            "de"
        );
    }

    #[test]
    fn every_language_of_django_can_be_chosen() {
        let languages = Languages::new("en-us", None).expect("English");
        assert_eq!(languages.iter().count(), DJANGO_LANGUAGES.len());
        for code in DJANGO_LANGUAGES {
            assert_eq!(languages.negotiate(None, Some(code)).code(), code);
        }
    }
}
