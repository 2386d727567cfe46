//! What an endpoint is: one table entry that the dispatcher, OPTIONS and OpenAPI all read.

use std::future::Future;
use std::pin::Pin;

use axum::http::Method;
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::registration;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::form::Form;
use crate::openapi::outcome::Outcome;
use crate::openapi::tag::Tag;
use crate::reply::Reply;

/// The future of one answer.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Reply, ApiError>> + Send>>;

/// A function that answers one method of an endpoint.
pub(crate) type Handler = fn(ApiRequest) -> Answer;

/// The fields of an endpoint in a configuration.
pub(crate) type FormOf = fn(&Api) -> Form;

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody; credentials that are shown must be good all the same.
    Anyone,
    /// Only who is logged in.
    LoggedIn,
    /// Anybody, and credentials are not looked at: the token endpoints.
    Unauthenticated,
    /// Whom `rest_auth.register` lets in.
    Registration,
}

/// The throttle scope of dj-rest-auth's views.
pub(crate) const SCOPE: &str = "dj_rest_auth";

/// One endpoint.
pub(crate) struct Endpoint {
    /// Below the mount point, with the trailing slash that clients may leave out. `{id}` stands
    /// for the key of a row.
    pub(crate) path: &'static str,
    /// What OPTIONS calls it.
    pub(crate) name: &'static str,
    /// One sentence on what it does, for OPTIONS and OpenAPI.
    pub(crate) description: &'static str,
    /// What it is about, for OpenAPI.
    pub(crate) tag: Tag,
    /// The `Allow` header, in the order DRF lists methods.
    pub(crate) allow: &'static str,
    /// Who may call it, before the configuration is asked; see [`Endpoint::access`].
    pub(crate) access: Access,
    /// The throttle scope, if any.
    pub(crate) scope: Option<&'static str>,
    /// Which method OPTIONS describes the fields under, and the fields.
    pub(crate) form: Option<(&'static str, FormOf)>,
    /// The methods that it answers.
    pub(crate) operations: &'static [Operation],
}

/// One method of an endpoint.
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// What generated clients call it.
    pub(crate) id: &'static str,
    /// What it does, in a few words.
    pub(crate) summary: &'static str,
    /// What answers it.
    pub(crate) handler: Handler,
    /// What it answers beside the failures that all endpoints share. Nothing: the configuration
    /// does not offer it.
    pub(crate) outcomes: fn(&Api) -> Vec<Outcome>,
    /// The fields that it takes, where they are not those of the endpoint.
    pub(crate) form: Option<FormOf>,
    /// Whether the refresh token may come in its cookie.
    pub(crate) reads_refresh_cookie: bool,
}

impl Operation {
    /// A method that takes the fields of the endpoint if it changes anything, and none otherwise.
    pub(crate) const fn new(
        method: Method,
        id: &'static str,
        summary: &'static str,
        handler: Handler,
        outcomes: fn(&Api) -> Vec<Outcome>,
    ) -> Self {
        let (form, reads_refresh_cookie) = (None, false);
        Self { method, id, summary, handler, outcomes, form, reads_refresh_cookie }
    }

    /// The same with fields of its own.
    pub(crate) const fn taking(mut self, form: FormOf) -> Self {
        self.form = Some(form);
        self
    }

    /// The same with a refresh token that may come in its cookie.
    pub(crate) const fn reading_refresh_cookie(mut self) -> Self {
        self.reads_refresh_cookie = true;
        self
    }
}

impl Endpoint {
    /// The names of what stands for something else in the path.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Who may call it in a configuration.
    pub(crate) fn access(&self, api: &Api) -> Access {
        if self.access != Access::Registration {
            return self.access;
        }
        if registration::is_for_users(api.auth()) { Access::LoggedIn } else { Access::Anyone }
    }

    /// Lets a request go on, by who sent it.
    ///
    /// # Errors
    /// 401 for strangers where users are asked for, 403 for whom the endpoint is not.
    pub(crate) fn permit(&self, api: &Api, caller: Option<&User>) -> Result<(), AuthError> {
        match self.access {
            Access::Registration => registration::permit(api.auth(), caller),
            Access::LoggedIn if caller.is_none() => {
                Err(AuthError::refused(Message::NotAuthenticated))
            }
            Access::LoggedIn | Access::Anyone | Access::Unauthenticated => Ok(()),
        }
    }

    /// What answers `method`; HEAD is answered as GET is.
    pub(crate) fn handler(&self, method: &Method) -> Option<Handler> {
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        let operation = self.operations.iter().find(|operation| operation.method == *wanted);
        operation.map(|operation| operation.handler)
    }
}

/// Makes a [`Handler`] of an async function.
macro_rules! handler {
    ($function:path) => {
        |request| Box::pin($function(request))
    };
}
pub(crate) use handler;
