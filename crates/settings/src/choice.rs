//! Values that are one of a few words.

/// Declares an enum whose variants are words of the configuration file. Case is ignored in reading.
#[macro_export]
macro_rules! choices {
    (
        $(#[$about:meta])+
        pub enum $name:ident {
            $($(#[$doc:meta])+ $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])+ $variant,)+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in the configuration file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::SettingValue for $name {
            fn type_name() -> String {
                [$($word),+].join(" | ")
            }

            fn parse(
                value: &$crate::value::Json,
            ) -> Result<Self, $crate::ValueError> {
                $crate::choice::find(Self::ALL, Self::as_str, value)
            }

            fn show(&self) -> $crate::value::Json {
                $crate::value::Json::from(self.as_str())
            }

            fn schema() -> $crate::value::Json {
                $crate::choice::schema(&[$($word),+])
            }
        }
    };
}

use serde_json::{Value, json};

use super::nearest;
use super::value::ValueError;

/// The variant whose word the value is.
///
/// # Errors
/// As [`refusal`] if none fits.
pub fn find<T: Copy>(
    all: &[T],
    word: fn(T) -> &'static str,
    value: &Value,
) -> Result<T, ValueError> {
    let text = value.as_str().unwrap_or_default();
    let found = all.iter().copied().find(|variant| word(*variant).eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|variant| word(*variant)).collect();
        refusal(&words, text)
    })
}

/// The refusal of a text that is none of the words, with the one that it was most likely meant to be.
#[must_use]
pub fn refusal(words: &[&str], text: &str) -> ValueError {
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let message = format!("must be one of {}", quoted.join(", "));
    match nearest::word(words.iter().copied(), &text.to_lowercase()) {
        Some(word) => ValueError::rule(message, format!("did you mean \"{word}\"?")),
        None => ValueError::new(message),
    }
}

/// The JSON Schema of a choice.
#[must_use]
pub fn schema(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

#[cfg(test)]
mod tests {
    use crate::{Profile, SettingValue};

    use super::*;

    #[test]
    fn case_is_ignored_and_an_unknown_word_gets_the_list() {
        assert_eq!(Profile::parse(&json!("Django")), Ok(Profile::Django));
        let error = Profile::parse(&json!("lax")).unwrap_err();
        assert_eq!(error.to_string(), "must be one of \"strict\", \"django\"");
        assert_eq!(error.cure(), None);
    }

    #[test]
    fn a_slip_gets_the_word_that_was_meant() {
        for slip in ["djano", "Djagno", "djangoo"] {
            let error = Profile::parse(&json!(slip)).unwrap_err();
            assert_eq!(error.cure(), Some("did you mean \"django\"?"), "{slip}");
        }
    }
}
