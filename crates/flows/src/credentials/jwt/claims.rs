//! `simple_jwt.claims`: further claims about users in tokens.

use rest_auth_domain::jwt::Claims;
use rest_auth_store::{Store, User};
use serde_json::{Map, Value};

use super::auth_claims;
use crate::error::{AuthError, SetupError};
use crate::settings::{ExtraFields, SimpleJwtSettings};
use crate::user_fields::stored;

const KEY: &str = "simple_jwt.claims";

/// The registered claims of a JWT (RFC 7519 section 4.1), and our own.
const RESERVED: [&str; 9] = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub", "epoch", "sid"];

/// The value of each claim.
#[derive(Clone, Debug, Default)]
pub struct UserClaims(Vec<(String, ClaimSource)>);

#[derive(Clone, Debug)]
enum ClaimSource {
    Id,
    Username,
    Email,
    FirstName,
    LastName,
    IsActive,
    IsStaff,
    IsSuperuser,
    /// A field of `user.extra_fields`.
    Field(String),
}

impl UserClaims {
    /// Prepares the claims of a configuration.
    ///
    /// # Errors
    /// If a claim is reserved, or its value names no field of users.
    pub fn new(settings: &SimpleJwtSettings, fields: &ExtraFields) -> Result<Self, SetupError> {
        let claims = settings.claims.iter().map(|(claim, source)| {
            if is_reserved(settings, claim) {
                let problem = format!("\"{claim}\" says something else already: name it otherwise");
                return Err(SetupError::new(KEY, problem));
            }
            let found = ClaimSource::of(source, fields).ok_or_else(|| {
                let problem = format!(
                    "\"{claim}\" asks for \"{source}\", which users do not have: give a column \
                     such as \"is_staff\", or declare it in `user.extra_fields`"
                );
                SetupError::new(KEY, problem)
            })?;
            Ok((claim.clone(), found))
        });
        claims.collect::<Result<_, _>>().map(Self)
    }

    /// Puts the claims about a user into a token, and replaces earlier values. Queries the database
    /// only if a claim is a field of `user.extra_fields`.
    ///
    /// # Errors
    /// Errors of the database.
    pub(super) async fn add_to(
        &self,
        store: &Store,
        fields: &ExtraFields,
        user: &User,
        claims: &mut Claims,
    ) -> Result<(), AuthError> {
        let asks = self.0.iter().any(|(_, source)| matches!(source, ClaimSource::Field(_)));
        let fields = if asks { stored::of(store, fields, user.id).await? } else { Map::new() };
        for (claim, source) in &self.0 {
            claims.insert(claim, source.value(user, &fields));
        }
        Ok(())
    }
}

fn is_reserved(settings: &SimpleJwtSettings, claim: &str) -> bool {
    let own = [
        Some(&settings.user_id_claim),
        Some(&settings.revoke_token_claim),
        settings.token_type_claim.as_ref(),
        settings.jti_claim.as_ref(),
    ];
    let says_how = settings.auth_claims && auth_claims::NAMES.contains(&claim);
    says_how || RESERVED.contains(&claim) || own.into_iter().flatten().any(|own| own == claim)
}

impl ClaimSource {
    fn of(name: &str, fields: &ExtraFields) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "username" => Self::Username,
            "email" => Self::Email,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "is_active" => Self::IsActive,
            "is_staff" => Self::IsStaff,
            "is_superuser" => Self::IsSuperuser,
            name => Self::Field(fields.get(name)?.name.clone()),
        })
    }

    fn value(&self, user: &User, fields: &Map<String, Value>) -> Value {
        match self {
            Self::Id => user.id.into(),
            Self::Username => user.username.as_str().into(),
            Self::Email => user.email.as_str().into(),
            Self::FirstName => user.first_name.as_str().into(),
            Self::LastName => user.last_name.as_str().into(),
            Self::IsActive => user.is_active.into(),
            Self::IsStaff => user.is_staff.into(),
            Self::IsSuperuser => user.is_superuser.into(),
            Self::Field(name) => fields.get(name).cloned().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::{Profile, Section as _, SettingValue as _};
    use serde_json::json;

    use super::*;

    fn prepared(claims: &Value) -> Result<UserClaims, SetupError> {
        let mut settings = SimpleJwtSettings::defaults(Profile::Strict);
        settings.set("claims", claims).unwrap();
        let fields = ExtraFields::parse(&json!({"company": "text"})).unwrap();
        UserClaims::new(&settings, &fields)
    }

    #[test]
    fn a_claim_is_a_column_or_a_field() {
        assert_eq!(prepared(&json!({"staff": "is_staff", "org": "company"})).unwrap().0.len(), 2);
        let error = prepared(&json!({"staff": "password"})).unwrap_err();
        assert_eq!(error.key, "simple_jwt.claims");
        assert!(error.problem.contains("\"password\""), "{error}");
    }

    #[test]
    fn claims_that_decide_about_tokens_are_not_to_be_had() {
        for claim in ["exp", "sub", "jti", "user_id", "token_type", "epoch", "sid", "hash_password"]
        {
            assert!(prepared(&json!({claim: "username"})).is_err(), "{claim}");
        }
    }
}
