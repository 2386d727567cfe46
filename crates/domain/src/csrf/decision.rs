//! The check of a request's origin and CSRF token (Django's `CsrfViewMiddleware`).

use std::fmt;

use super::domain_pattern::is_same_domain;
use super::origins::CsrfRules;
use super::secret::{CsrfSecret, TokenFormat};
use super::url::SplitUrl;

/// The parts of a request that the decision depends on. Header values are as sent; `None` is an
/// absent header, which is not the same as an empty one.
#[derive(Clone, Copy)]
pub struct CsrfRequest<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// Whether the request came over TLS, as far as the proxy settings tell.
    pub secure: bool,
    /// The `Host` it was sent to, with port if one was given.
    pub host: &'a str,
    /// The server's port as the client knows it.
    pub port: u16,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
    /// The header `Referer`.
    pub referer: Option<&'a str>,
    /// The secret from the cookie, or from the session where `CSRF_USE_SESSIONS` is on.
    pub secret: Option<&'a str>,
    /// The field `csrfmiddlewaretoken` of a form; JSON has none.
    pub form_token: Option<&'a str>,
    /// The header that [`CsrfRules::header`] names.
    pub header_token: Option<&'a str>,
}

/// Why a request is refused. `Display` is Django's reason, which follows `CSRF Failed: ` in the
/// answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrfFailure {
    /// The `Origin` is neither this site nor a trusted one.
    #[error("Origin checking failed - {0} does not match any trusted origins.")]
    Origin(String),
    /// Over TLS one of `Origin` and `Referer` must be there.
    #[error("Referer checking failed - no Referer.")]
    NoReferer,
    /// The `Referer` is no URL.
    #[error("Referer checking failed - Referer is malformed.")]
    MalformedReferer,
    /// A page without TLS, which may have been changed on the way.
    #[error("Referer checking failed - Referer is insecure while host is secure.")]
    InsecureReferer,
    /// The `Referer` is neither this site nor a trusted one.
    #[error("Referer checking failed - {0} does not match any trusted origins.")]
    Referer(String),
    /// The browser has no secret.
    #[error("CSRF cookie not set.")]
    NoCookie,
    /// The browser's secret is none; the answer should set a new one.
    #[error("CSRF cookie {0}.")]
    Cookie(TokenFormat),
    /// The request has no token.
    #[error("CSRF token missing.")]
    TokenMissing,
    /// The token is wrong.
    #[error("CSRF token from {place} {problem}.")]
    Token {
        /// Where it was found.
        place: TokenSource,
        /// What is wrong with it.
        problem: TokenProblem,
    },
}

/// Where a token was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// In a form.
    Form,
    /// In the header of this name.
    Header(String),
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("POST"),
            Self::Header(name) => write!(f, "the '{name}' HTTP header"),
        }
    }
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// It is none.
    #[error(transparent)]
    Format(#[from] TokenFormat),
    /// It is not made of this browser's secret.
    #[error("incorrect")]
    Incorrect,
}

/// Decides whether a request may go on.
///
/// # Errors
/// [`CsrfFailure`], the first that Django finds: origin or referer, then cookie, then token.
pub fn decide(request: &CsrfRequest<'_>, rules: &CsrfRules) -> Result<(), CsrfFailure> {
    match check_before_body(request, rules)? {
        Some(secret) => check_token(&secret, request, rules),
        None => Ok(()),
    }
}

/// The part of [`decide`] for which no body has to be read: what it refuses is refused whatever
/// the token.
///
/// # Errors
/// [`CsrfFailure`] of the origin, the referer or the cookie.
pub fn decide_before_body(request: &CsrfRequest<'_>, rules: &CsrfRules) -> Result<(), CsrfFailure> {
    check_before_body(request, rules).map(drop)
}

/// The secret that a token has to match; `None` for a method that needs none.
fn check_before_body(
    request: &CsrfRequest<'_>,
    rules: &CsrfRules,
) -> Result<Option<CsrfSecret>, CsrfFailure> {
    if matches!(request.method, "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        return Ok(None);
    }
    match request.origin {
        Some(origin) => check_origin(origin, request, rules)?,
        None if request.secure => check_referer(request, rules)?,
        None => {}
    }
    let secret = request.secret.ok_or(CsrfFailure::NoCookie)?;
    CsrfSecret::parse(secret).map(Some).map_err(CsrfFailure::Cookie)
}

fn check_origin(
    origin: &str,
    request: &CsrfRequest<'_>,
    rules: &CsrfRules,
) -> Result<(), CsrfFailure> {
    let scheme = if request.secure { "https://" } else { "http://" };
    let is_own = origin.strip_prefix(scheme) == Some(request.host)
        && rules.allowed_hosts.allows(request.host);
    if is_own || rules.trusted.trusts_origin(origin) {
        Ok(())
    } else {
        Err(CsrfFailure::Origin(origin.to_owned()))
    }
}

fn check_referer(request: &CsrfRequest<'_>, rules: &CsrfRules) -> Result<(), CsrfFailure> {
    let referer = request.referer.ok_or(CsrfFailure::NoReferer)?;
    let referer = SplitUrl::parse(referer).ok_or(CsrfFailure::MalformedReferer)?;
    if referer.scheme.is_empty() || referer.netloc.is_empty() {
        return Err(CsrfFailure::MalformedReferer);
    }
    if referer.scheme != "https" {
        return Err(CsrfFailure::InsecureReferer);
    }
    let host = &referer.netloc;
    if rules.trusted.trusts_host(host) || is_own_host(host, request, rules) {
        Ok(())
    } else {
        Err(CsrfFailure::Referer(referer.to_text()))
    }
}

fn is_own_host(netloc: &str, request: &CsrfRequest<'_>, rules: &CsrfRules) -> bool {
    match &rules.cookie_domain {
        Some(domain) if matches!(request.port, 80 | 443) => is_same_domain(netloc, domain),
        Some(domain) => is_same_domain(netloc, &format!("{domain}:{}", request.port)),
        None => rules.allowed_hosts.allows(request.host) && is_same_domain(netloc, request.host),
    }
}

fn check_token(
    secret: &CsrfSecret,
    request: &CsrfRequest<'_>,
    rules: &CsrfRules,
) -> Result<(), CsrfFailure> {
    // Only POST has form fields in Django, and an empty one counts as absent.
    let form_token = request.form_token.filter(|t| request.method == "POST" && !t.is_empty());
    let (token, place) = match (form_token, request.header_token) {
        (Some(token), _) => (token, TokenSource::Form),
        (None, Some(token)) => (token, TokenSource::Header(rules.shown_header.clone())),
        (None, None) => return Err(CsrfFailure::TokenMissing),
    };
    let problem = match CsrfSecret::parse(token) {
        Ok(token) if token.matches(secret) => return Ok(()),
        Ok(_) => TokenProblem::Incorrect,
        Err(format) => TokenProblem::Format(format),
    };
    Err(CsrfFailure::Token { place, problem })
}

#[cfg(test)]
mod tests {
    use super::super::origins::TrustedOrigins;
    use super::*;
    use crate::host::AllowedHosts;

    const SECRET: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";

    const POST: CsrfRequest<'_> = CsrfRequest {
        method: "POST",
        secure: true,
        host: "api.example.com",
        port: 443,
        origin: None,
        referer: Some("https://api.example.com/"),
        secret: Some(SECRET),
        form_token: None,
        header_token: Some(SECRET),
    };

    fn rules(hosts: &[&str]) -> CsrfRules {
        let origins = TrustedOrigins::parse(&["https://*.example.org"]).unwrap();
        CsrfRules::new(origins, AllowedHosts::new(hosts), None, "X-CSRFToken")
    }

    #[test]
    fn a_method_in_lower_case_is_not_safe() {
        let request = CsrfRequest { method: "get", secret: None, ..POST };
        assert_eq!(decide(&request, &rules(&["*"])), Err(CsrfFailure::NoCookie));
    }

    #[test]
    fn a_host_that_is_not_ours_vouches_for_nothing() {
        assert_eq!(decide(&POST, &rules(&["api.example.com"])), Ok(()));
        let refused = Err(CsrfFailure::Referer("https://api.example.com/".to_owned()));
        assert_eq!(decide(&POST, &rules(&["other.example.com"])), refused);
        assert_eq!(decide(&CsrfRequest { host: "", ..POST }, &rules(&["*"])), refused);
    }

    #[test]
    fn origins_that_only_look_trusted_are_refused() {
        for origin in [
            "https://example.org.evil",
            "https://evil-example.org",
            "https://example.org:1",
            "https://u@example.org.evil",
            "https://[",
            "https:///example.org",
            "example.org",
        ] {
            let request = CsrfRequest { origin: Some(origin), ..POST };
            let refused = Err(CsrfFailure::Origin(origin.to_owned()));
            assert_eq!(decide(&request, &rules(&["*"])), refused);
        }
    }
}
