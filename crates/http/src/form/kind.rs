//! The types of fields.

use rest_auth_domain::extra_field::FieldType;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A whole number of 64 bits.
    Integer,
    /// True or false.
    Boolean,
    /// A text.
    Text,
    /// An e-mail address.
    Email,
    /// A day.
    Date,
    /// Several texts, in answers only.
    List,
    /// Nested JSON of any shape, such as a WebAuthn credential.
    Json,
}

/// Whether fields may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// Required fields must be there.
    Full,
    /// PATCH: what is left out stays as it is.
    Partial,
}

impl FieldKind {
    /// Its name in the answer to OPTIONS.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Text => "string",
            Self::Email => "email",
            Self::Date => "date",
            Self::List => "list",
            Self::Json => "field",
        }
    }
}

impl From<FieldType> for FieldKind {
    fn from(kind: FieldType) -> Self {
        match kind {
            FieldType::Text => Self::Text,
            FieldType::Integer => Self::Integer,
            FieldType::Boolean => Self::Boolean,
            FieldType::Date => Self::Date,
        }
    }
}
