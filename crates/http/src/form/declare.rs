//! `form!`: one declaration for the struct of a body and for its fields.

use validator::Validate;

use super::field::{Form, FormField};
use super::values::Values;
use crate::settings::Configuration;

/// The struct of a body.
pub(crate) trait FormBody: Validate + Sized {
    /// The fields in a configuration.
    fn declared(configuration: Configuration<'_>) -> Form;

    /// Takes the values of the fields.
    fn take(values: &mut Values) -> Self;

    /// Removes the value of a field that is wrong.
    fn forget(&mut self, wrong: &str);
}

/// A line of a declaration, which adds fields to a form.
pub(crate) trait Declared {
    /// Adds it under the name of the member.
    fn add_to(self, form: &mut Vec<FormField>, name: &'static str);
}

impl Declared for FormField {
    fn add_to(self, form: &mut Vec<FormField>, name: &'static str) {
        if self.is_offered() {
            form.push(self.named(name));
        }
    }
}

/// Fields that have their names from the configuration.
impl Declared for Vec<FormField> {
    fn add_to(self, form: &mut Vec<FormField>, _: &'static str) {
        form.extend(self);
    }
}

/// Declares a body: a struct whose members are its fields, each with its rules in the order in
/// which errors are told. The name in parentheses is the configuration that rules may depend on.
///
/// A member of type `Option<String>` is `None`, one of type `String` is empty, if its field was left
/// out, is not offered, or is wrong. Rules that need no database follow in `#[validate(..)]`.
macro_rules! form {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident($configuration:pat) {
            $(
                $(#[$field_attribute:meta])*
                $field:ident: $type:ident $(<$parameter:ty>)? = $rule:expr
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(validator::Validate)]
        $visibility struct $name {
            $(
                $(#[$field_attribute])*
                pub(crate) $field: $type $(<$parameter>)?,
            )*
        }

        impl $crate::form::FormBody for $name {
            fn declared($configuration: $crate::settings::Configuration<'_>) -> $crate::form::Form {
                let mut fields = Vec::new();
                $($crate::form::Declared::add_to($rule, &mut fields, stringify!($field));)*
                $crate::form::Form(fields)
            }

            fn take(values: &mut $crate::form::Values) -> Self {
                Self { $($field: $crate::form::FieldValue::take(stringify!($field), values),)* }
            }

            fn forget(&mut self, wrong: &str) {
                $($crate::form::FieldValue::forget(&mut self.$field, stringify!($field), wrong);)*
            }
        }
    };
}
pub(crate) use form;
