//! The bodies of answers.

use std::borrow::Cow;

use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr};

use super::fields;
use crate::api::Api;
use crate::routes::user_details;
use crate::settings::rest_framework::Authentication;

/// A schema with the name that generated clients know it by.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) name: Cow<'static, str>,
    pub(crate) schema: Box<Schema>,
}

impl Named {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, schema: impl Into<Schema>) -> Self {
        Self { name: name.into(), schema: Box::new(schema.into()) }
    }

    /// A reference to it.
    pub(crate) fn reference(&self) -> RefOr<Schema> {
        Ref::from_schema_name(self.name.as_ref()).into()
    }
}

/// A text.
pub(super) fn text(description: &str) -> ObjectBuilder {
    let builder = ObjectBuilder::new().schema_type(Type::String);
    builder.description((!description.is_empty()).then_some(description))
}

fn required(builder: ObjectBuilder, name: &str, schema: impl Into<RefOr<Schema>>) -> ObjectBuilder {
    builder.property(name, schema).required(name)
}

/// Texts about one field.
pub(super) fn texts() -> ArrayBuilder {
    ArrayBuilder::new().items(text(""))
}

/// A sentence.
pub(crate) fn detail() -> Named {
    let schema =
        required(ObjectBuilder::new(), "detail", text("What happened, in the language asked for."));
    Named::new("Detail", schema.description(Some("A sentence for people.")))
}

/// Why credentials were refused.
pub(crate) fn refusal(api: &Api) -> Named {
    let mut schema = required(ObjectBuilder::new(), "detail", text("What is wrong with them."))
        .description(Some("Why credentials were refused."));
    if speaks_of_jwts(api) {
        schema = schema
            .property("code", text("The reason for programs, such as `token_not_valid`."))
            .property("messages", ArrayBuilder::new().items(token_problem()));
    }
    Named::new("Refusal", schema)
}

fn token_problem() -> ObjectBuilder {
    let schema = required(ObjectBuilder::new(), "token_class", text("`AccessToken`"));
    let schema = required(schema, "token_type", text("`access`"));
    required(schema, "message", text("What is wrong with the token."))
}

fn speaks_of_jwts(api: &Api) -> bool {
    let is_jwt =
        |class: &Authentication| matches!(class, Authentication::Jwt | Authentication::JwtCookie);
    api.auth().settings().rest_auth.use_jwt || api.schemes().classes().iter().any(is_jwt)
}

/// The user, as `user/` shows it.
pub(crate) fn user(api: &Api) -> Named {
    let schema = fields::answer(&user_details::form(api));
    Named::new("User", schema.description(Some("What users may see of themselves.")))
}

/// An address of the user.
pub(crate) fn email_address() -> Named {
    let flag = |about| ObjectBuilder::new().schema_type(Type::Boolean).description(Some(about));
    let id = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    let schema = required(ObjectBuilder::new(), "id", id);
    let schema = required(schema, "email", text("The address, in lower case."));
    let verified = flag("Whether the user has shown to read its mail.");
    let schema = required(schema, "verified", verified);
    let schema = required(schema, "primary", flag("Whether mail goes to it."));
    Named::new("EmailAddress", schema)
}

/// The addresses of the user.
pub(crate) fn email_addresses() -> Named {
    let schema = ArrayBuilder::new().items(email_address().reference());
    Named::new("EmailAddresses", schema)
}

/// The answer to a login with a token.
pub(crate) fn token() -> Named {
    let key = text("The token, for the header `Authorization: Token …`.");
    Named::new("Token", required(ObjectBuilder::new(), "key", key))
}

/// The answer to a login with JWTs.
pub(crate) fn jwt_login(api: &Api) -> Named {
    let mut schema = jwt_pair(api);
    if api.auth().settings().rest_auth.jwt_auth_return_expiration {
        schema = required(schema, "access_expiration", time("When the access token expires."));
        schema = required(schema, "refresh_expiration", time("When the refresh token expires."));
    }
    Named::new("JwtLogin", schema)
}

fn jwt_pair(api: &Api) -> ObjectBuilder {
    let settings = &api.auth().settings().rest_auth;
    let refresh = if settings.jwt_auth_httponly {
        text("Always empty: scripts may not read the refresh token, which is in its cookie.")
            .max_length(Some(0))
    } else {
        text("The refresh token.")
    };
    let schema = required(ObjectBuilder::new(), "access", text("The access token."));
    let schema = required(schema, "refresh", refresh);
    required(schema, "user", user(api).reference())
}

/// The answer to a registration that logs in with JWTs: never with their ends.
pub(crate) fn jwt_registration(api: &Api) -> Named {
    Named::new("JwtRegistration", jwt_pair(api))
}

/// The answer to a refresh.
pub(crate) fn refreshed(api: &Api) -> Named {
    let settings = api.auth().settings();
    let schema = required(ObjectBuilder::new(), "access", text("The new access token."));
    let mut schema =
        required(schema, "access_expiration", time("When the new access token expires."));
    if settings.simple_jwt.rotate_refresh_tokens && !settings.rest_auth.jwt_auth_httponly {
        schema = required(schema, "refresh", text("The new refresh token."));
        schema =
            required(schema, "refresh_expiration", time("When the new refresh token expires."));
    }
    Named::new("RefreshedToken", schema)
}

/// `{}`: good.
pub(crate) fn nothing() -> Named {
    Named::new("Nothing", ObjectBuilder::new().description(Some("An object without keys.")))
}

fn time(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}
