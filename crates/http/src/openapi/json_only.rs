//! The document for generators of clients that take one media type for each body.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr, Response};

/// The media type that stays.
const JSON: &str = "application/json";

/// Leaves out the forms and pages of bodies that can be JSON.
pub fn keep_json(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        if let Some(RefOr::T(body)) = &mut operation.request_body
            && body.content.contains_key(JSON)
        {
            body.content.retain(|media_type, _| media_type == JSON);
        }
        operation.responses.responses.values_mut().for_each(of_response);
    }
    let components = document.components.iter_mut();
    components.flat_map(|shared| shared.responses.values_mut()).for_each(of_response);
}

fn of_response(response: &mut RefOr<Response>) {
    if let RefOr::T(response) = response
        && response.content.contains_key(JSON)
    {
        response.content.retain(|media_type, _| media_type == JSON);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, .. } = item;
    [get, put, post, delete, options, head, patch].into_iter().flatten()
}
