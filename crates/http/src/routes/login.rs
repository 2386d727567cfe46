//! `login/`

use axum::http::Method;
use rest_auth_flows::limits::Action;
use rest_auth_flows::login::{self, Origin, PasswordLogin};

use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::tag::Tag;
use crate::origin_check;
use crate::reply::Reply;
use crate::schemes;
use crate::site::Site;
use crate::visit::Visit;

pub(crate) const LOGIN: Endpoint = Endpoint {
    path: "login/",
    name: "Login",
    description: "Check the credentials and hand out what lets later requests in: JWTs, a token, \
                  a session, as the server is configured.",
    tag: Tag::Login,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", form)),
    operations: &[Operation::new(Method::POST, "login", "Log in", handler!(login), outcomes)],
};

fn outcomes(site: &Site) -> Vec<Outcome> {
    let done = outcome::logged_in(site);
    let limited = outcome::limited(site, &[Action::Login, Action::LoginFailed]);
    let refused = outcome::foreign_origin(site).into_iter().chain(limited);
    [done].into_iter().chain(refused).collect()
}

fn form(_: &Site) -> Form {
    Form(vec![
        FormField::text("username", "Username").optional().blankable(),
        FormField::email("email", "Email").optional().blankable(),
        FormField::text("password", "Password"),
    ])
}

async fn login(visit: Visit) -> Result<Reply, ApiError> {
    origin_check::refuse_foreign(&visit)?;
    let input = Input::read(&visit)?;
    let mut fields = form(visit.site()).check(&input, Completeness::Whole)?.all_fine()?;
    let login = PasswordLogin {
        username: fields.take("username"),
        email: fields.take("email"),
        password: fields.take("password"),
    };
    let done = login::with_password(visit.auth(), login, origin(&visit)).await?;
    Ok(schemes::logged_in(&visit, done))
}

/// Where a login happens.
pub(crate) fn origin(visit: &Visit) -> Origin {
    Origin {
        client: visit.client().clone(),
        session: visit.current_session(),
        csrf_secret: schemes::session_csrf_secret(visit),
        language: visit.language().code().to_owned(),
    }
}
