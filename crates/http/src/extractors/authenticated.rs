//! The user who sent a request, and the credential that was accepted.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_flows::User;
use rest_auth_flows::credentials::issue_time;
use rest_auth_flows::error::AuthError;

use super::AuthRejection;
use super::identify::logged_in;
use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::caller::ShownCredential;

/// The user who sent a request, with the credential that was accepted. For handlers that treat
/// browsers and programs differently, or ask for a fresh login. An API token costs one query more
/// than with [`CurrentUser`](super::CurrentUser).
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The user.
    pub user: User,
    /// The kind of credential.
    pub scheme: CredentialScheme,
    /// When the credential was issued: a session or token at the login, an access token at the
    /// login or the last refresh. None where that is not known, as for sessions in Django's table.
    pub issued_at: Option<DateTime<Utc>>,
    /// How old the credential is.
    pub age: Option<TimeDelta>,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialScheme {
    /// A session cookie.
    Session,
    /// An API token.
    Token,
    /// A JWT, in a header or a cookie.
    Jwt,
    /// A name and a password (HTTP Basic), which are as old as the request.
    Basic,
}

impl<S> FromRequestParts<S> for Authenticated
where
    Api: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthRejection> {
        let (request, known) = logged_in(Api::from_ref(state), parts).await?;
        let (scheme, issued_at) = credential(&request, &known.user, &known.shown)
            .await
            .map_err(|error| AuthRejection::new(&request, error))?;
        let age = issued_at.map(|issued_at| request.auth().now() - issued_at);
        Ok(Self { user: known.user, scheme, issued_at, age })
    }
}

async fn credential(
    request: &ApiRequest,
    user: &User,
    shown: &ShownCredential,
) -> Result<(CredentialScheme, Option<DateTime<Utc>>), AuthError> {
    let auth = request.auth();
    Ok(match shown {
        ShownCredential::Token(token) => {
            (CredentialScheme::Token, issue_time::of_api_token(auth, user, token).await?)
        }
        ShownCredential::Access(token) => {
            (CredentialScheme::Jwt, issue_time::of_access_token(auth, token))
        }
        ShownCredential::Password => (CredentialScheme::Basic, Some(auth.now())),
        ShownCredential::Session | ShownCredential::Nothing => {
            let session = request.session().await?.session.as_ref();
            (CredentialScheme::Session, session.and_then(issue_time::of_session))
        }
    })
}
