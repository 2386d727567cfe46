//! All sections of a program together.

use std::collections::BTreeMap;

use crate::origin::ValueOrigin;
use crate::profile::Profile;
use crate::section::Section;

/// The sections of a program, and where each value comes from. Declared once by `composition!`.
pub trait Composition: Sized {
    /// The values that hold when nothing is configured.
    fn with_defaults(profile: Profile) -> Self;

    /// The set of defaults that holds.
    fn profile(&self) -> Profile;

    /// Every section, in the order in which they are documented. Several may be parts of one
    /// table.
    fn sections(&self) -> Vec<&dyn Section>;

    /// The same, for writing.
    fn sections_mut(&mut self) -> Vec<&mut dyn Section>;

    /// Where the values come from.
    fn origins(&self) -> &Origins;

    /// The same, for writing.
    fn origins_mut(&mut self) -> &mut Origins;
}

/// Where each value comes from that is not a plain default, by the name of its key.
#[derive(Clone, Debug, Default)]
pub struct Origins(BTreeMap<String, ValueOrigin>);

impl Origins {
    /// Where the value of a key such as `session.cookie_age` comes from.
    #[must_use]
    pub fn of(&self, key: &str) -> &ValueOrigin {
        self.0.get(key).unwrap_or(&ValueOrigin::Default)
    }

    /// Notes where the value of a key comes from.
    pub fn note(&mut self, key: impl Into<String>, origin: ValueOrigin) {
        self.0.insert(key.into(), origin);
    }

    /// Whether a key of this table has a value that is not a plain default.
    #[must_use]
    pub fn has_table(&self, table: &str) -> bool {
        let inside = |key: &String| key.split_once('.').is_some_and(|(name, _)| name == table);
        self.0.keys().any(inside)
    }
}

/// Declares a struct with one public field for each section, and its [`Composition`].
///
/// A field has its documentation, then `name: Type`, where the type is declared by `settings!`.
#[macro_export]
macro_rules! composition {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty),+ $(,)?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        $vis struct $name {
            /// The set of defaults that holds.
            $vis profile: $crate::Profile,
            $($(#[doc = $doc])+ $vis $field: $type,)+
            /// Where the values come from.
            $vis origins: $crate::composition::Origins,
        }

        impl $name {
            /// The values that hold when nothing is configured.
            #[must_use]
            $vis fn defaults(profile: $crate::Profile) -> Self {
                Self {
                    profile,
                    $($field: <$type>::defaults(profile),)+
                    origins: $crate::composition::Origins::default(),
                }
            }
        }

        impl $crate::Composition for $name {
            fn with_defaults(profile: $crate::Profile) -> Self {
                Self::defaults(profile)
            }

            fn profile(&self) -> $crate::Profile {
                self.profile
            }

            fn sections(&self) -> Vec<&dyn $crate::Section> {
                vec![$(&self.$field),+]
            }

            fn sections_mut(&mut self) -> Vec<&mut dyn $crate::Section> {
                vec![$(&mut self.$field),+]
            }

            fn origins(&self) -> &$crate::composition::Origins {
                &self.origins
            }

            fn origins_mut(&mut self) -> &mut $crate::composition::Origins {
                &mut self.origins
            }
        }
    };
}
