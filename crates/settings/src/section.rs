//! A section is one table of the configuration file, declared once by `settings!`.

use std::fmt;

use serde_json::Value;
use validator::ValidateRange as _;

use super::profile::Profile;
use super::value::{SettingValue, ValueError};

/// One table of the configuration file, or the part of it that one layer uses.
pub trait Section {
    /// The name of the table.
    fn table(&self) -> &'static str;

    /// What the table is about.
    fn about(&self) -> &'static str;

    /// The keys, in the order in which they are documented.
    fn keys(&self) -> Vec<Key>;

    /// Keys of Django that are not offered, each with what to do instead.
    fn instead(&self) -> &'static [(&'static str, &'static str)];

    /// Sets one key.
    ///
    /// # Errors
    /// When the key is unknown, its value refused, or its feature not offered.
    fn set(&mut self, key: &str, value: &Value) -> Result<(), SetError>;

    /// The value of one key as the configuration file would have it, secrets masked.
    fn show(&self, key: &str) -> Option<Value>;
}

/// What is known about one key without any file.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key inside its table.
    pub name: &'static str,
    /// Its documentation, one line per line, each with the blank that follows `///`.
    pub doc: &'static str,
    /// Its type in plain words.
    pub type_name: String,
    /// The accepted forms, as JSON Schema.
    pub schema: Value,
    /// Whether it is masked.
    pub secret: bool,
    /// Whether it may be given as `<key>_file`.
    pub has_file: bool,
    /// Whether it is the path of a file or a folder.
    pub is_path: bool,
    /// The smallest and largest number (durations: seconds).
    pub range: Option<(f64, f64)>,
    /// The reason why it cannot be set, if its feature does not exist.
    pub unbuilt: Option<&'static str>,
    /// The default of the strict profile.
    pub strict: Value,
    /// The default of the django profile.
    pub django: Value,
}

impl Key {
    /// The default of a profile, in the form of the configuration file.
    #[must_use]
    pub const fn default_of(&self, profile: Profile) -> &Value {
        match profile {
            Profile::Strict => &self.strict,
            Profile::Django => &self.django,
        }
    }
}

/// A rule about the value of one key, whatever other keys say.
pub type Rule<T> = fn(&T) -> Result<(), ValueError>;

/// Why a key was not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// The section has no such key.
    Unknown,
    /// The value has the wrong type, is out of range or breaks a rule.
    Refused(ValueError),
    /// The feature of the key does not exist.
    Unbuilt(&'static str),
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("is unknown"),
            Self::Refused(error) => error.fmt(f),
            Self::Unbuilt(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for SetError {}

/// Describes one key from its type.
#[must_use]
pub fn describe<T: SettingValue>(
    name: &'static str,
    doc: &'static str,
    strict: &T,
    django: &T,
) -> Key {
    Key {
        name,
        doc,
        type_name: T::type_name(),
        schema: T::schema(),
        secret: T::is_secret(),
        has_file: T::has_file(),
        is_path: T::is_path(),
        range: None,
        unbuilt: None,
        strict: strict.show(),
        django: django.show(),
    }
}

/// Reads a value into a field.
///
/// # Errors
/// When the value is refused, out of range or breaks the rule, or when the key is not built and the value asks for
/// anything but what holds anyway.
pub fn assign<T: SettingValue>(
    field: &mut T,
    value: &Value,
    range: Option<(f64, f64)>,
    rule: Option<Rule<T>>,
    unbuilt: Option<&'static str>,
) -> Result<(), SetError> {
    let parsed = field.parse_over(value).map_err(SetError::Refused)?;
    if let (Some((min, max)), Some(size)) = (range, parsed.magnitude())
        && !size.validate_range(Some(min), Some(max), None, None)
    {
        let message = format!("must be between {min} and {max}");
        return Err(SetError::Refused(ValueError::new(message)));
    }
    if let Some(rule) = rule {
        rule(&parsed).map_err(SetError::Refused)?;
    }
    if let Some(sentence) = unbuilt
        && parsed.show() != field.show()
    {
        return Err(SetError::Unbuilt(sentence));
    }
    *field = parsed;
    Ok(())
}

/// Declares a section: a struct with public fields, `defaults(profile)` and [`Section`].
///
/// A key has its documentation, then optionally `#[range(min, max)]`, `#[rule(function)]` (see
/// [`Rule`](crate::section::Rule)) and `#[unbuilt = "why"]`, then `name: Type = default`, or `name: Type => { strict: default, django: default }`.
/// `instead { "key": "what to do" }` names keys of Django that are not offered.
#[macro_export]
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $name:ident = $table:literal {
            $(
                $(#[doc = $doc:literal])+
                $(#[range($min:literal, $max:literal)])?
                $(#[rule($rule:expr)])?
                $(#[unbuilt = $unbuilt:literal])?
                $key:ident: $type:ty
                    $(= $both:expr)?
                    $(=> { strict: $strict:expr, django: $django:expr $(,)? })?
            ),* $(,)?
        }
        $(instead { $($old:literal: $sentence:literal),* $(,)? })?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        $vis struct $name {
            $($(#[doc = $doc])+ $vis $key: $type,)*
        }

        impl $name {
            /// The values that hold when nothing is configured.
            #[must_use]
            $vis fn defaults(profile: $crate::Profile) -> Self {
                let _ = profile;
                Self {
                    $($key: {
                        $($both)?
                        $(match profile {
                            $crate::Profile::Strict => $strict,
                            $crate::Profile::Django => $django,
                        })?
                    },)*
                }
            }
        }

        impl $crate::Section for $name {
            fn table(&self) -> &'static str {
                $table
            }

            fn about(&self) -> &'static str {
                concat!($($about, "\n"),+)
            }

            fn keys(&self) -> Vec<$crate::Key> {
                let strict = Self::defaults($crate::Profile::Strict);
                let django = Self::defaults($crate::Profile::Django);
                vec![$($crate::Key {
                    range: [$(($min, $max))?].first().copied(),
                    unbuilt: [$($unbuilt)?].first().copied(),
                    ..$crate::section::describe(
                        stringify!($key),
                        concat!($($doc, "\n"),+),
                        &strict.$key,
                        &django.$key,
                    )
                },)*]
            }

            fn instead(&self) -> &'static [(&'static str, &'static str)] {
                &[$($(($old, $sentence),)*)?]
            }

            fn set(
                &mut self,
                key: &str,
                value: &$crate::value::Json,
            ) -> Result<(), $crate::SetError> {
                match key {
                    $(stringify!($key) => $crate::section::assign(
                        &mut self.$key,
                        value,
                        [$(($min, $max))?].first().copied(),
                        {
                            let rule: Option<$crate::section::Rule<$type>> = None;
                            $(let rule = rule.or(Some(|value| ($rule)(value)));)?
                            rule
                        },
                        [$($unbuilt)?].first().copied(),
                    ),)*
                    _ => Err($crate::SetError::Unknown),
                }
            }

            fn show(&self, key: &str) -> Option<$crate::value::Json> {
                match key {
                    $(stringify!($key) => {
                        Some($crate::SettingValue::show(&self.$key))
                    })*
                    _ => None,
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::not_empty;

    settings! {
        /// A shop, for the tests.
        struct Shop = "shop" {
            /// Whether it is open.
            open: bool => { strict: false, django: true },
            /// How many people fit in.
            #[range(1.0, 20.0)]
            room: u32 = 5,
            /// What is sold, at least one thing.
            #[rule(something)]
            goods: Vec<String> = vec!["tea".to_owned()],
            /// Delivery.
            #[unbuilt = "is not offered"]
            delivery: bool = false,
        }
        instead { "doors": "count the `room`" }
    }

    fn something(goods: &[String]) -> Result<(), ValueError> {
        not_empty(goods, "is empty: nobody would come", "list \"tea\"")
    }

    #[test]
    fn a_rule_is_about_values_of_the_right_type() {
        let mut shop = Shop::defaults(Profile::Strict);
        assert_eq!(shop.set("goods", &json!(["milk"])), Ok(()));
        let Err(SetError::Refused(error)) = shop.set("goods", &json!([])) else { panic!() };
        assert_eq!(error.to_string(), "is empty: nobody would come");
        assert_eq!(error.cure(), Some("list \"tea\""));
        let Err(SetError::Refused(error)) = shop.set("goods", &json!(5)) else { panic!() };
        assert_eq!(error.cure(), None);
        assert_eq!(shop.goods, ["milk"]);
    }

    #[test]
    fn defaults_depend_on_the_profile() {
        assert!(!Shop::defaults(Profile::Strict).open);
        assert!(Shop::defaults(Profile::Django).open);
        let key = &Shop::defaults(Profile::Strict).keys()[0];
        assert_eq!(key.doc.trim(), "Whether it is open.");
        assert_eq!(key.default_of(Profile::Django), &json!(true));
    }

    #[test]
    fn ranges_and_types_are_checked() {
        let mut shop = Shop::defaults(Profile::Strict);
        assert_eq!(shop.set("room", &json!(7)), Ok(()));
        assert_eq!(shop.room, 7);
        let error = shop.set("room", &json!(21)).unwrap_err();
        assert_eq!(error.to_string(), "must be between 1 and 20");
        assert_eq!(shop.set("rooms", &json!(7)), Err(SetError::Unknown));
        assert_eq!(shop.instead(), [("doors", "count the `room`")]);
    }

    #[test]
    fn an_unbuilt_key_may_only_be_left_as_it_is() {
        let mut shop = Shop::defaults(Profile::Strict);
        assert_eq!(shop.set("delivery", &json!(false)), Ok(()));
        let error = shop.set("delivery", &json!(true));
        assert_eq!(error, Err(SetError::Unbuilt("is not offered")));
        assert_eq!(shop.show("delivery"), Some(json!(false)));
        assert_eq!(shop.about().trim(), "A shop, for the tests.");
        assert_eq!(shop.table(), "shop");
        assert_eq!(shop.keys().len(), 4);
    }
}
