//! From a request to the struct of its body.

use rest_auth_domain::char_field::Presence;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;

use super::declare::FormBody;
use super::field::Form;
use super::kind::Completeness;
use super::rules;
use super::values::Values;
use crate::input::Input;
use crate::settings::Configuration;

/// A body in which some fields may be wrong. The flow checks the others further, so that one answer
/// reports all errors.
#[derive(Debug)]
pub(crate) struct Checked<F> {
    /// The values of the fields that are right.
    pub(crate) fields: F,
    /// The errors of the others.
    pub(crate) errors: FieldErrors,
}

impl<F: FormBody> Checked<F> {
    /// Checks every field and reports all problems.
    ///
    /// # Errors
    /// If the input is not an object.
    pub(crate) fn of(
        input: &Input,
        configuration: Configuration<'_>,
        completeness: Completeness,
    ) -> Result<Self, FieldErrors> {
        let form = F::declared(configuration);
        let (mut values, mut errors) = read(&form, input, completeness)?;
        let mut fields = F::take(&mut values);
        if let Err(found) = fields.validate() {
            let names: Vec<&str> = form.writable().map(|field| field.name.as_ref()).collect();
            rules::report(&found, names.iter().copied(), &mut errors);
            errors = errors.in_order_of(&names);
        }
        for (wrong, _) in errors.iter() {
            if !form.0.iter().any(|field| field.name == wrong && field.is_kept()) {
                fields.forget(wrong);
            }
        }
        Ok(Self { fields, errors })
    }

    /// The body, if nothing is wrong with it.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn into_valid(self) -> Result<F, FieldErrors> {
        self.errors.into_result()?;
        Ok(self.fields)
    }
}

/// The rules of shape.
fn read(
    form: &Form,
    input: &Input,
    completeness: Completeness,
) -> Result<(Values, FieldErrors), FieldErrors> {
    let fields = match input {
        Input::Fields(fields) => fields,
        Input::Null => return Err(FieldErrors::form(Message::NoData)),
        Input::NotADictionary(datatype) => {
            return Err(FieldErrors::form(Message::NotADictionary { datatype }));
        }
    };
    let (mut values, mut errors) = (Values::default(), FieldErrors::new());
    for field in form.writable() {
        let given = fields.get(&field.name);
        let may_miss = !field.rule.required || completeness == Completeness::Partial;
        if may_miss && matches!(given, Presence::Missing) {
            continue;
        }
        let read = field.read(given);
        if let Some(said) = read.value {
            values.keep(field, said);
        }
        errors.extend(field.name.clone(), read.problems);
    }
    Ok((values, errors))
}
