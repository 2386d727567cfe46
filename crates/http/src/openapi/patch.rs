//! Changes to the derived schemas of answers that depend on the configuration.

use rest_auth_flows::settings::mfa::RequiredOf;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema};

use super::fields;
use crate::answers::{FieldErrors, JwtPair, RefreshedTokens, TokenKey, UserDetails};
use crate::form;
use crate::settings::Configuration;

/// The schema of this name in a configuration.
pub(super) fn patched(
    name: &str,
    schema: RefOr<Schema>,
    configuration: Configuration<'_>,
) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = schema else { return schema };
    if name == UserDetails::name() {
        user(&mut object, configuration);
    } else if name == JwtPair::name() {
        pair(&mut object, configuration);
        recovery_codes(&mut object, configuration);
    } else if name == TokenKey::name() {
        recovery_codes(&mut object, configuration);
    } else if name == RefreshedTokens::name() {
        refreshed(&mut object, configuration);
    } else if name == FieldErrors::name() {
        // Names are always texts.
        object.property_names = None;
        let key = configuration.non_field_errors_key();
        object.description = object.description.map(|about| about.replace(DEFAULT_KEY, key));
    }
    RefOr::T(Schema::Object(object))
}

const DEFAULT_KEY: &str = "non_field_errors";

/// Fields that the configuration adds; there are no others.
fn user(object: &mut Object, configuration: Configuration<'_>) {
    object.additional_properties = None;
    for field in form::extra(configuration.accounts.user.extra_fields.iter()) {
        object.required.push(field.name.to_string());
        object.properties.insert(field.name.to_string(), fields::shown(&field).into());
    }
}

/// The refresh token is empty if scripts may not read it, and a setting adds the times of expiry.
fn pair(object: &mut Object, configuration: Configuration<'_>) {
    let settings = &configuration.accounts.rest_auth;
    if settings.jwt_auth_httponly
        && let Some(RefOr::T(Schema::Object(refresh))) = object.properties.get_mut("refresh")
    {
        let about = "Always empty. The refresh token is in its cookie, which scripts cannot read.";
        refresh.description = Some(about.to_owned());
        refresh.max_length = Some(0);
    }
    if !settings.jwt_auth_return_expiration {
        remove(object, &["access_expiration", "refresh_expiration"]);
    }
}

/// A login shows recovery codes only where it can set an authenticator app up.
fn recovery_codes(object: &mut Object, configuration: Configuration<'_>) {
    let settings = configuration.accounts;
    if !settings.apps.mfa || settings.mfa.required == RequiredOf::Never {
        remove(object, &["recovery_codes"]);
    }
}

/// A new refresh token is in the body where there is one and scripts may read it.
fn refreshed(object: &mut Object, configuration: Configuration<'_>) {
    let settings = configuration.accounts;
    if settings.simple_jwt.rotate_refresh_tokens && !settings.rest_auth.jwt_auth_httponly {
        object.required.extend(["refresh", "refresh_expiration"].map(str::to_owned));
    } else {
        remove(object, &["refresh", "refresh_expiration"]);
    }
}

fn remove(object: &mut Object, names: &[&str]) {
    object.properties.retain(|name, _| !names.contains(&name.as_str()));
}
