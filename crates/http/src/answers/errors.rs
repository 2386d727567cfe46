//! Errors, and sentences for people.

use rest_auth_domain::field_errors::{self, NON_FIELD_ERRORS};
use rest_auth_domain::language::Language;
use rest_auth_domain::message::Message;
use rest_auth_flows::error::Refusal;
use rest_auth_flows::login::Method;
use serde::ser::{Serialize, Serializer};
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// A sentence for people.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct Detail {
    /// What happened, in the language asked for.
    detail: String,
}

impl Detail {
    /// The sentence in a language.
    pub(crate) fn new(message: &Message, language: &Language) -> Self {
        Self { detail: message.text(language).into_owned() }
    }
}

/// Refused credentials.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct AuthenticationError {
    /// What is wrong with them, in the language asked for.
    detail: String,
    /// The reason for programs, such as `token_not_valid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<&'static str>,
    /// The result for each accepted type of token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    messages: Option<Vec<TokenProblem>>,
}

/// The user has to prove again who they are, because the last proof is too old for this.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct ReauthenticationRequired {
    /// What happened, in the language asked for.
    detail: String,
    /// Always `reauthentication_required`.
    code: &'static str,
    /// What `reauthenticate/` takes of this user: `password`, `totp`, `recovery_code`, `passkey`; with
    /// `provider` alone the user has to log in again.
    methods: Vec<&'static str>,
}

impl ReauthenticationRequired {
    /// The refusal in a language.
    pub(crate) fn new(methods: &[Method], language: &Language) -> Self {
        let message = Message::ReauthenticationRequired;
        Self {
            detail: message.text(language).into_owned(),
            code: "reauthentication_required",
            methods: methods.iter().map(|method| method.name()).collect(),
        }
    }
}

/// The result for one accepted type of token.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct TokenProblem {
    /// `AccessToken`
    token_class: &'static str,
    /// `access`
    token_type: &'static str,
    /// What is wrong with the token.
    message: String,
}

impl AuthenticationError {
    /// SimpleJWT's shape: the sentence, its code, and for access tokens what each accepted type
    /// says.
    pub(crate) fn new(refusal: &Refusal, language: &Language) -> Self {
        let problem = refusal.token_problem.as_ref().map(|problem| TokenProblem {
            token_class: "AccessToken",
            token_type: "access",
            message: problem.text(language).into_owned(),
        });
        Self {
            detail: refusal.message.text(language).into_owned(),
            code: refusal.message.code().filter(|_| refusal.coded),
            messages: problem.map(|problem| vec![problem]),
        }
    }
}

/// The problems of each field, as sentences by the name of the field. Problems of the form as a
/// whole are listed under `non_field_errors`.
#[derive(ToSchema)]
#[schema(value_type = BTreeMap<String, Vec<String>>)]
pub(crate) struct FieldErrors<'e>(InLanguage<'e>);

struct InLanguage<'e> {
    errors: &'e field_errors::FieldErrors,
    language: &'e Language,
    form_key: &'e str,
}

impl<'e> FieldErrors<'e> {
    /// The errors in a language. `form_key` is the key of errors that concern the whole form, DRF's
    /// `NON_FIELD_ERRORS_KEY`.
    pub(crate) fn new(
        errors: &'e field_errors::FieldErrors,
        language: &'e Language,
        form_key: &'e str,
    ) -> Self {
        Self(InLanguage { errors, language, form_key })
    }
}

impl Serialize for FieldErrors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let InLanguage { errors, language, form_key } = &self.0;
        serializer.collect_map(errors.iter().map(|(name, messages)| {
            let name = if name == NON_FIELD_ERRORS { form_key } else { name };
            let texts: Vec<_> = messages.iter().map(|message| message.text(language)).collect();
            (name, texts)
        }))
    }
}

/// The two kinds of answers to a bad body: errors of its fields, or a sentence if it cannot be
/// read. Used by the OpenAPI document only.
pub(crate) enum BadRequest {}

impl PartialSchema for BadRequest {
    fn schema() -> RefOr<Schema> {
        let about = "Errors of the fields, or a sentence if the body cannot be read.";
        let either = OneOfBuilder::new()
            .item(Ref::from_schema_name(FieldErrors::name()))
            .item(Ref::from_schema_name(Detail::name()))
            .description(Some(about));
        RefOr::T(Schema::OneOf(either.build()))
    }
}

impl ToSchema for BadRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((FieldErrors::name().into(), FieldErrors::schema()));
        schemas.push((Detail::name().into(), Detail::schema()));
    }
}
