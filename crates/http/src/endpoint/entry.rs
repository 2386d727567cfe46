//! One table entry for each endpoint, which the dispatcher, OPTIONS and OpenAPI all read.

use axum::http::Method;
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::registration;

use super::handler::Handler;
use super::outcome::PossibleAnswer;
use super::tag::Tag;
use crate::form::Form;
use crate::rules::access::Access;
use crate::settings::Configuration;

/// The fields of an endpoint in a configuration.
pub(crate) type FormOf = fn(Configuration<'_>) -> Form;

/// The throttle scope of dj-rest-auth's views.
pub(crate) const SCOPE: &str = "dj_rest_auth";

/// One endpoint.
pub(crate) struct Endpoint {
    /// Below the mount point, with the trailing slash that clients may leave out. `{id}` stands
    /// for the key of a row.
    pub(crate) path: &'static str,
    /// Its name in the answer to OPTIONS.
    pub(crate) name: &'static str,
    /// One sentence on what it does, for OPTIONS and OpenAPI.
    pub(crate) description: &'static str,
    /// Its chapter in the OpenAPI document.
    pub(crate) tag: Tag,
    /// The `Allow` header, in the order DRF lists methods.
    pub(crate) allow: &'static str,
    /// Who may call it, by default; the configuration can change it, see [`Endpoint::access`].
    pub(crate) access: Access,
    /// The throttle scope, if any.
    pub(crate) scope: Option<&'static str>,
    /// Which method OPTIONS describes the fields under, and the fields.
    pub(crate) form: Option<(&'static str, FormOf)>,
    /// The methods that it answers.
    pub(crate) operations: &'static [Operation],
}

/// One method of an endpoint.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own, and is set by its name"
)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// Its name in generated clients.
    pub(crate) id: &'static str,
    /// What it does, in a few words.
    pub(crate) summary: &'static str,
    /// The function that answers it.
    pub(crate) handler: Handler,
    /// Its answers, beside the failures that all endpoints share. Empty if the configuration does
    /// not offer the method.
    pub(crate) outcomes: fn(Configuration<'_>) -> Vec<PossibleAnswer>,
    /// The fields that it takes, where they are not those of the endpoint.
    pub(crate) form: Option<FormOf>,
    /// The parameters of the query that it reads, with their descriptions.
    pub(crate) query: &'static [(&'static str, &'static str)],
    /// Whether the refresh token may come in its cookie.
    pub(crate) reads_refresh_cookie: bool,
    /// Whether `csrf.check_login_origin` protects it, because another site must not log a visitor
    /// in.
    pub(crate) checks_origin: bool,
    /// Whether an answer can have new credentials: of a login, a registration or a refresh. What does
    /// not say so here may give none.
    pub(crate) issues_credentials: bool,
    /// Whether GET works once, or counts: there is no HEAD then, which programs send that look at a
    /// link before anybody follows it.
    pub(crate) uses_up: bool,
}

impl Operation {
    /// A method that takes the fields of the endpoint if it changes anything, and none otherwise.
    pub(crate) const fn new(
        method: Method,
        id: &'static str,
        summary: &'static str,
        handler: Handler,
        outcomes: fn(Configuration<'_>) -> Vec<PossibleAnswer>,
    ) -> Self {
        Self {
            method,
            id,
            summary,
            handler,
            outcomes,
            form: None,
            query: &[],
            reads_refresh_cookie: false,
            checks_origin: false,
            issues_credentials: false,
            uses_up: false,
        }
    }

    /// The same with fields of its own.
    pub(crate) const fn taking(mut self, form: FormOf) -> Self {
        self.form = Some(form);
        self
    }

    /// The same with parameters in the query.
    pub(crate) const fn asking(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    /// The same with a refresh token that may come in its cookie.
    pub(crate) const fn reading_refresh_cookie(mut self) -> Self {
        self.reads_refresh_cookie = true;
        self
    }

    /// The same, refused if the headers of a browser name another site as the origin.
    pub(crate) const fn checking_origin(mut self) -> Self {
        self.checks_origin = true;
        self
    }

    /// The same, of which an answer can have new credentials.
    pub(crate) const fn issuing_credentials(mut self) -> Self {
        self.issues_credentials = true;
        self
    }

    /// The same, by GET, which uses something up.
    pub(crate) const fn using_up(mut self) -> Self {
        self.uses_up = true;
        self
    }
}

impl Endpoint {
    /// Who may call it by a method in a configuration.
    pub(crate) fn access(&self, method: &Method, configuration: Configuration<'_>) -> Access {
        match self.access {
            Access::Registration if registration::is_for_users(configuration.accounts) => {
                Access::LoggedIn
            }
            Access::Registration => Access::Anyone,
            Access::AnyoneOrUser if method.is_safe() => Access::Unauthenticated,
            access => access,
        }
    }

    /// Checks that the sender may call the endpoint.
    ///
    /// # Errors
    /// 401 if the endpoint needs a user and there is none, 403 if the user may not call it.
    pub(crate) fn permit(
        &self,
        configuration: Configuration<'_>,
        caller: Option<&User>,
    ) -> Result<(), AuthError> {
        match self.access {
            Access::Registration => registration::permit(configuration.accounts, caller),
            Access::LoggedIn if caller.is_none() => {
                Err(AuthError::refused(Message::NotAuthenticated))
            }
            Access::LoggedIn | Access::Anyone | Access::AnyoneOrUser | Access::Unauthenticated => {
                Ok(())
            }
        }
    }

    /// The operation for `method`. HEAD is answered like GET, unless GET uses something up.
    pub(crate) fn operation(&self, method: &Method) -> Option<&Operation> {
        let is_head = *method == Method::HEAD;
        let wanted = if is_head { &Method::GET } else { method };
        let found = self.operations.iter().find(|operation| operation.method == *wanted);
        found.filter(|operation| !(is_head && operation.uses_up))
    }
}
