//! The macro that declares the sentences.

/// Declares [`Message`] from a table of variants and their English texts.
///
/// A `{name}` in a text stands for the field of that name.
macro_rules! sentences {
    ($(
        $(#[$doc:meta])*
        $name:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? })?
            = $english:literal;
    )+) => {
        /// Everything that the API can say, one variant per sentence.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Message {
            $($(#[$doc])* $name $({ $($(#[$field_doc])* $field: $type),+ })?,)+
        }

        impl Message {
            /// The name under which catalogues list the translation: that of the variant.
            pub(super) fn key(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => stringify!($name),)+
                }
            }

            /// The English text, with its placeholders.
            pub(super) fn english(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $english,)+
                }
            }

            /// What stands for `{name}` in the text.
            pub(super) fn value(&self, name: &str) -> Option<&dyn Display> {
                match self {
                    $(Self::$name { $($($field),+)? } => {
                        pick(name, &[$($((stringify!($field), $field as &dyn Display)),+)?])
                    })+
                }
            }
        }

        #[cfg(test)]
        pub(super) const KEYS: &[&str] = &[$(stringify!($name)),+];
    };
}
pub(super) use sentences;
