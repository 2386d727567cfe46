//! Functions that answer one method of an endpoint: they take the request, and then whatever else
//! is read from it, in that order.

use std::future::Future;
use std::pin::Pin;

use axum::http::Method;

use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::form::{Checked, Completeness, FormBody};
use crate::input::Input;
use crate::reply::Reply;

/// The future of one answer.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Result<Reply, ApiError>> + Send>>;

/// A function that answers one method of an endpoint, whatever it takes.
pub(crate) type Handler = fn(ApiRequest) -> HandlerFuture;

/// What a handler takes beside the request.
pub(crate) trait FromRequest: Sized {
    /// Reads it from the request.
    ///
    /// # Errors
    /// The error answer if the request does not have it.
    fn from_request(request: &ApiRequest) -> Result<Self, ApiError>;
}

/// The id of a row that the path names; 404 if it is not a number from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathId(pub(crate) i64);

impl FromRequest for PathId {
    fn from_request(request: &ApiRequest) -> Result<Self, ApiError> {
        Ok(Self(request.path_id()?))
    }
}

/// The name of something that the path names, in base64url; 404 if it is none.
#[derive(Clone, Debug)]
pub(crate) struct PathName(pub(crate) String);

impl FromRequest for PathName {
    fn from_request(request: &ApiRequest) -> Result<Self, ApiError> {
        Ok(Self(request.path_name()?.to_owned()))
    }
}

/// A body of which some fields may be wrong.
impl<F: FormBody> FromRequest for Checked<F> {
    fn from_request(request: &ApiRequest) -> Result<Self, ApiError> {
        let completeness = match *request.method() {
            Method::PATCH => Completeness::Partial,
            _ => Completeness::Full,
        };
        let input = Input::read(request)?;
        Ok(Self::of(&input, request.configuration(), completeness)?)
    }
}

/// A body with nothing wrong.
impl<F: FormBody> FromRequest for F {
    fn from_request(request: &ApiRequest) -> Result<Self, ApiError> {
        Ok(Checked::from_request(request)?.into_valid()?)
    }
}

/// An async function that can be made a [`Handler`]; `A` are its arguments after the request.
pub(crate) trait Handles<A> {
    /// Reads the arguments from the request and calls it.
    fn handle(self, request: ApiRequest) -> HandlerFuture;
}

impl<F, R> Handles<()> for F
where
    F: Fn(ApiRequest) -> R,
    R: Future<Output = Result<Reply, ApiError>> + Send + 'static,
{
    fn handle(self, request: ApiRequest) -> HandlerFuture {
        Box::pin(self(request))
    }
}

impl<F, R, A> Handles<(A,)> for F
where
    F: Fn(ApiRequest, A) -> R,
    R: Future<Output = Result<Reply, ApiError>> + Send + 'static,
    A: FromRequest,
{
    fn handle(self, request: ApiRequest) -> HandlerFuture {
        match A::from_request(&request) {
            Ok(argument) => Box::pin(self(request, argument)),
            Err(error) => refused(error),
        }
    }
}

impl<F, R, A, B> Handles<(A, B)> for F
where
    F: Fn(ApiRequest, A, B) -> R,
    R: Future<Output = Result<Reply, ApiError>> + Send + 'static,
    A: FromRequest,
    B: FromRequest,
{
    fn handle(self, request: ApiRequest) -> HandlerFuture {
        let first = A::from_request(&request);
        match first.and_then(|first| Ok((first, B::from_request(&request)?))) {
            Ok((first, second)) => Box::pin(self(request, first, second)),
            Err(error) => refused(error),
        }
    }
}

fn refused(error: ApiError) -> HandlerFuture {
    Box::pin(std::future::ready(Err(error)))
}

/// Makes a [`Handler`] of an async function.
macro_rules! handler {
    ($function:path) => {
        |request| $crate::endpoint::Handles::handle($function, request)
    };
}
pub(crate) use handler;
