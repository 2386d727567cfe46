//! `[cors]`: the `CORS_*` of django-cors-headers.

use std::time::Duration;

use regex::Regex;
use rest_auth_settings::settings;
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError, days};
use serde_json::json;

use super::rules;

/// A regular expression that is matched from the start of a text, as Python's `re.match` does.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// If it is not a pattern of the `regex` crate, which supports neither look-around nor back
    /// references.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        // The size is limited, so that a pattern cannot use up the memory.
        let regex = regex::RegexBuilder::new(&format!("^(?:{text})")).size_limit(1 << 20).build();
        let refuse = |_| ValueError::new("must be a regular expression without look-around");
        regex.map(|regex| Self { text: text.to_owned(), regex }).map_err(refuse)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether anything may follow what the pattern describes, in one of its alternatives at least.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let ends = |hir: regex_syntax::hir::Hir| {
            hir.properties().look_set_suffix().contains(regex_syntax::hir::Look::End)
        };
        !regex_syntax::parse(&self.text).is_ok_and(ends)
    }

    /// Whether a dot stands for any one character, as in `https://app.example.com`.
    #[must_use]
    pub fn has_bare_dot(&self) -> bool {
        let mut characters = self.text.chars().peekable();
        let mut in_class = false;
        while let Some(c) = characters.next() {
            match c {
                '\\' => {
                    characters.next();
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '.' if !in_class && !matches!(characters.peek(), Some('*' | '+' | '?' | '{')) => {
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// Whether a text begins with what the pattern describes.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl SettingValue for Pattern {
    fn type_name() -> String {
        "regular expression".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let text = value.as_str();
        text.ok_or_else(|| ValueError::expected("a regular expression", value)).and_then(Self::new)
    }

    fn show(&self) -> Json {
        Json::from(self.text.as_str())
    }

    fn schema() -> Json {
        json!({"type": "string", "format": "regex"})
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

settings! {
    /// Which other origins may read answers in a browser.
    pub struct CorsSettings = "cors" {
        /// Origins, such as `https://app.example.com`.
        #[rule(rules::allowed_origins)]
        allowed_origins: Vec<String> = Vec::new(),
        /// Patterns of origins, matched from the start: end them with `$`.
        allowed_origin_regexes: Vec<Pattern> = Vec::new(),
        /// Any origin.
        allow_all_origins: bool = false,
        /// Let other origins send cookies.
        allow_credentials: bool = false,
        /// Request headers that are allowed.
        allow_headers: Vec<String> = texts(&[
            "accept",
            "authorization",
            "content-type",
            "user-agent",
            "x-csrftoken",
            "x-requested-with",
        ]),
        /// Methods that are allowed.
        allow_methods: Vec<String> = texts(&["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"]),
        /// Let public sites reach this server in a private network.
        allow_private_network: bool = false,
        /// Headers of answers that scripts may read.
        expose_headers: Vec<String> = Vec::new(),
        /// How long browsers remember these rules. 0: the header is left out.
        preflight_max_age: Duration = days(1),
        /// Paths that these rules apply to, matched from the start. None: all.
        urls_regex: Option<Pattern> = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_from_the_start() {
        let pattern = Pattern::new(r"https://\w+\.example\.com$").unwrap();
        assert!(pattern.is_match("https://a.example.com"));
        assert!(!pattern.is_match("x https://a.example.com"));
        assert!(!pattern.is_match("https://a.example.com.evil.org"));
    }

    #[test]
    fn a_pattern_is_open_unless_every_alternative_has_an_end() {
        for (text, open) in [
            (r"https://\w+\.example\.com$", false),
            (r"^https://(a|b)\.example\.com$", false),
            (r"https://\w+\.example\.com", true),
            (r"https://a\.example\.com|https://b\.example\.com$", true),
            (r"https://a\.example\.com\$", true),
        ] {
            assert_eq!(Pattern::new(text).unwrap().is_open(), open, "{text}");
        }
    }

    #[test]
    fn a_dot_that_was_meant_for_itself_is_found() {
        for (text, bare) in [
            (r"https://app.example\.com$", true),
            (r"https://.*\.example\.com$", false),
            (r"https://[a.]+\.example\.com$", false),
            (r"https://app\.example\.com$", false),
        ] {
            assert_eq!(Pattern::new(text).unwrap().has_bare_dot(), bare, "{text}");
        }
    }

    #[test]
    fn patterns_of_python_that_do_not_exist_here_are_refused() {
        assert!(Pattern::new("(?!evil)").is_err());
        assert!(Pattern::new("(").is_err());
    }
}
