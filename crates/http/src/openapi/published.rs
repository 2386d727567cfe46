//! The text of the document, for the path below which the API is asked.

use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use utoipa::openapi::{OpenApi, Server};

use crate::paths;

/// A document that names as its server the path at which the API is mounted. An application nests
/// the router wherever it likes, so only a request shows the path.
pub(super) struct Published {
    document: OpenApi,
    /// The last text, with its path. Usually all requests use the same path.
    last: Mutex<Option<(String, Bytes)>>,
}

impl Published {
    pub(super) fn new(document: OpenApi) -> Self {
        Self { document, last: Mutex::new(None) }
    }

    /// The text for a path, or for the path of the configuration if the request shows none; `None`
    /// if the document cannot be written as JSON.
    pub(super) fn text_below(&self, path: Option<&str>) -> Option<Bytes> {
        let path = path.unwrap_or_default();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, text)) = &*last
            && known == path
        {
            return Some(text.clone());
        }
        let mut document = self.document.clone();
        if !path.is_empty() {
            document.servers = Some(vec![Server::new(path)]);
        }
        let text = Bytes::from(document.to_json().ok()?);
        *last = Some((path.to_owned(), text.clone()));
        Some(text)
    }
}

/// The path that the API is mounted at, as a request for the document shows it: `/accounts` for
/// `/accounts/schema/`, and `/` at the root.
pub(super) fn mounted_at(head: &Parts) -> Option<&str> {
    let path = paths::whole(head).path();
    let base = path.strip_suffix('/').unwrap_or(path).strip_suffix("/schema")?;
    Some(if base.is_empty() { "/" } else { base })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn the_path_before_the_document_is_where_the_api_is() {
        for (path, base) in [
            ("/accounts/schema/", Some("/accounts")),
            ("/a/b/schema?format=json", Some("/a/b")),
            ("/schema/", Some("/")),
            ("/accounts/%73chema/", None),
        ] {
            let (head, ()) = Request::get(path).body(()).unwrap().into_parts();
            assert_eq!(mounted_at(&head), base, "{path}");
        }
    }
}
