//! Cross-origin resource sharing as django-cors-headers answers it.
//!
//! It is on if any origin is allowed. Every answer then has `Vary: origin`, also if the request has
//! no `Origin` header.

use std::collections::HashSet;

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use rest_auth_flows::error::SetupError;

use crate::paths::whole;
use crate::settings::{CorsSettings, Pattern};

/// The rules, prepared once.
#[derive(Debug)]
pub(crate) struct Cors {
    origins: HashSet<(String, String)>,
    patterns: Vec<Pattern>,
    any: bool,
    on_every_answer: Vec<(HeaderName, HeaderValue)>,
    on_options: Vec<(HeaderName, HeaderValue)>,
    echo: bool,
    private_network: bool,
    paths: Option<Pattern>,
}

const REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

impl Cors {
    /// Prepares the rules; `None` if no origin is allowed.
    ///
    /// # Errors
    /// If a value does not fit into a header.
    pub(crate) fn new(settings: &CorsSettings) -> Result<Option<Self>, SetupError> {
        if !settings.allow_all_origins
            && settings.allowed_origins.is_empty()
            && settings.allowed_origin_regexes.is_empty()
        {
            return Ok(None);
        }
        let mut on_every_answer = Vec::new();
        if settings.allow_credentials {
            on_every_answer
                .push((ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
        }
        if !settings.expose_headers.is_empty() {
            on_every_answer.push((
                ACCESS_CONTROL_EXPOSE_HEADERS,
                joined("cors.expose_headers", &settings.expose_headers)?,
            ));
        }
        let mut on_options = vec![
            (ACCESS_CONTROL_ALLOW_HEADERS, joined("cors.allow_headers", &settings.allow_headers)?),
            (ACCESS_CONTROL_ALLOW_METHODS, joined("cors.allow_methods", &settings.allow_methods)?),
        ];
        let max_age = settings.preflight_max_age.as_secs();
        if max_age > 0 {
            on_options.push((ACCESS_CONTROL_MAX_AGE, HeaderValue::from(max_age)));
        }
        Ok(Some(Self {
            origins: settings.allowed_origins.iter().map(|o| scheme_and_host(o)).collect(),
            patterns: settings.allowed_origin_regexes.clone(),
            any: settings.allow_all_origins,
            on_every_answer,
            on_options,
            echo: settings.allow_credentials || !settings.allow_all_origins,
            private_network: settings.allow_private_network,
            paths: settings.urls_regex.clone(),
        }))
    }

    /// Whether this is a preflight, which is answered without asking any endpoint.
    pub(crate) fn is_preflight(&self, request: &Head) -> bool {
        request.method == Method::OPTIONS
            && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
            && self.covers(request)
    }

    /// Whether the rules are for this path.
    fn covers(&self, request: &Head) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.is_match(whole(request).path()))
    }

    /// Adds the headers that the answer to this request needs.
    pub(crate) fn add_to(&self, request: &Head, answer: &mut HeaderMap) {
        if !self.covers(request) {
            return;
        }
        let (method, request) = (&request.method, &request.headers);
        answer.append(VARY, HeaderValue::from_static("origin"));
        let Some(origin) = request.get(ORIGIN).filter(|origin| !origin.is_empty()) else { return };
        if !self.allows(origin) {
            return;
        }
        let shown = if self.echo { origin.clone() } else { HeaderValue::from_static("*") };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, shown);
        for (name, value) in &self.on_every_answer {
            answer.insert(name.clone(), value.clone());
        }
        if method == Method::OPTIONS {
            for (name, value) in &self.on_options {
                answer.insert(name.clone(), value.clone());
            }
        }
        if self.private_network
            && request.get(REQUEST_PRIVATE_NETWORK).is_some_and(|value| value == "true")
        {
            answer.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let is_listed = |origin: &str| {
            self.origins.contains(&scheme_and_host(origin))
                || self.patterns.iter().any(|pattern| pattern.is_match(origin))
        };
        self.any || origin.to_str().is_ok_and(is_listed)
    }
}

/// Scheme and host of an origin, for comparison. A path after the host is ignored.
fn scheme_and_host(origin: &str) -> (String, String) {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("", origin));
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    (scheme.to_ascii_lowercase(), host.to_owned())
}

fn joined(key: &str, values: &[String]) -> Result<HeaderValue, SetupError> {
    HeaderValue::from_str(&values.join(", ")).map_err(|e| SetupError::new(key, e.to_string()))
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;

    fn shown(settings: &CorsSettings, origin: &[u8]) -> Option<HeaderValue> {
        let cors = Cors::new(settings).unwrap().unwrap();
        let request = axum::http::Request::builder().header(ORIGIN, origin).body(()).unwrap();
        let mut answer = HeaderMap::new();
        cors.add_to(&request.into_parts().0, &mut answer);
        answer.remove(ACCESS_CONTROL_ALLOW_ORIGIN)
    }

    #[test]
    fn pages_without_an_origin_may_read_only_where_they_are_listed() {
        let mut settings = CorsSettings::defaults(Profile::Strict);
        settings.allowed_origins = vec!["https://app.example.com".to_owned()];
        for origin in ["null", "file://", "https://app.example.com.evil.example"] {
            assert_eq!(shown(&settings, origin.as_bytes()), None, "{origin}");
        }
        settings.allowed_origins.extend(["null".to_owned(), "file://".to_owned()]);
        for origin in ["null", "file://", "https://app.example.com"] {
            let allowed = shown(&settings, origin.as_bytes());
            assert_eq!(allowed.unwrap().as_bytes(), origin.as_bytes());
        }
        assert_eq!(shown(&settings, b"https://caf\xe9.example"), None);
        settings.allow_all_origins = true;
        assert_eq!(shown(&settings, b"https://caf\xe9.example").unwrap(), "*");
    }
}
