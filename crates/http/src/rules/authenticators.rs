//! The accepted kinds of credentials, and the answer to a request without valid ones.

use axum::http::{HeaderName, HeaderValue};
use rest_auth_domain::csrf::header_name;
use rest_auth_flows::error::SetupError;

use super::access::Access;
use crate::settings::Configuration;
use crate::settings::rest_framework::Authentication;

/// The authenticators of the configuration, in their order. Where no JWTs are issued, those of JWTs
/// are left out: a token in their header is no credential then.
#[derive(Debug)]
pub(crate) struct Authenticators {
    classes: Vec<Authentication>,
    challenge: Option<HeaderValue>,
    token_challenge: HeaderValue,
    bearer_header: HeaderName,
}

impl Authenticators {
    /// Prepares the authenticators.
    ///
    /// # Errors
    /// [`SetupError`] names the key whose value fits into no header.
    pub(crate) fn new(configuration: Configuration<'_>) -> Result<Self, SetupError> {
        let jwt = &configuration.accounts.simple_jwt;
        let keyword = jwt.auth_header_types.first().map_or("Bearer", String::as_str);
        let bearer = HeaderValue::from_str(&format!("{keyword} realm=\"api\""))
            .map_err(|e| SetupError::new("simple_jwt.auth_header_types", e.to_string()))?;
        let classes = configuration.usable_credentials().collect();
        // The first authenticator alone decides how a request without credentials is refused.
        let challenge = match configuration.authentication_classes().first() {
            Some(Authentication::Token) => Some(HeaderValue::from_static("Token")),
            Some(Authentication::Basic) => Some(HeaderValue::from_static("Basic realm=\"api\"")),
            Some(Authentication::Jwt | Authentication::JwtCookie) => Some(bearer.clone()),
            Some(Authentication::Session) | None => None,
        };
        let bearer_header = header_name(&jwt.auth_header_name)
            .parse()
            .ok()
            .ok_or_else(|| SetupError::new("simple_jwt.auth_header_name", "is not a header"))?;
        Ok(Self { classes, challenge, token_challenge: bearer, bearer_header })
    }

    /// The `WWW-Authenticate` of a refusal; `None` means that refusals are 403.
    pub(crate) fn challenge(&self, access: Access) -> Option<&HeaderValue> {
        match access {
            Access::Unauthenticated => Some(&self.token_challenge),
            Access::Anyone | Access::AnyoneOrUser | Access::LoggedIn | Access::Registration => {
                self.challenge.as_ref()
            }
        }
    }

    /// The header of access tokens, `Authorization` unless configured otherwise.
    pub(crate) fn bearer_header(&self) -> &HeaderName {
        &self.bearer_header
    }

    /// The kinds of credentials, in the order in which they are looked for.
    pub(crate) fn classes(&self) -> &[Authentication] {
        &self.classes
    }
}
