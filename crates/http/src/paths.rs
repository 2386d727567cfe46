//! Paths in their normal form (RFC 3986, section 6.2.2.2).

use std::borrow::Cow;

use axum::extract::{OriginalUri, Request};
use axum::http::Uri;
use axum::http::request::Parts as Head;

/// Decodes escapes of characters that need none: `/%6Cogin/` becomes `/login/`.
pub(crate) fn plain(mut request: Request) -> Request {
    if let Some(uri) = normalized(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The address as it was sent, wherever the API is mounted: a nested router sees only the rest.
pub(crate) fn whole(head: &Head) -> &Uri {
    head.extensions.get::<OriginalUri>().map_or(&head.uri, |original| &original.0)
}

/// The path at which another application has nested the API, without a slash at its end.
pub(crate) fn nest(head: &Head) -> &str {
    let nest = whole(head).path().strip_suffix(head.uri.path());
    nest.unwrap_or_default().trim_end_matches('/')
}

/// A link in a mail to a page of this server: what it begins with, and what a mail has behind that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MailedLink {
    pub(crate) folder: &'static str,
    pub(crate) secrets: &'static str,
}

/// To verify an address, as in dj-rest-auth.
pub(crate) const VERIFICATION_LINK: MailedLink =
    MailedLink { folder: "/registration/account-confirm-email/", secrets: "{key}" };

/// To choose a new password, as in dj-rest-auth.
pub(crate) const RESET_LINK: MailedLink =
    MailedLink { folder: "/password-reset/confirm/", secrets: "{uid}/{token}" };

/// To register with an invitation.
pub(crate) const INVITATION_LINK: MailedLink =
    MailedLink { folder: "/registration/invitation/", secrets: "{code}" };

/// A path for the log: what a mailed link has in it is left out, because it may still work.
pub(crate) fn without_secrets(path: &str) -> Cow<'_, str> {
    let links = [VERIFICATION_LINK, RESET_LINK, INVITATION_LINK];
    let shown = links.into_iter().find_map(|MailedLink { folder, secrets }| {
        let (before, _) = path.split_once(folder)?;
        Some(format!("{before}{folder}{secrets}/"))
    });
    shown.map_or(Cow::Borrowed(path), Cow::Owned)
}

/// The address with a plain path; `None` if it is plain already.
fn normalized(uri: &Uri) -> Option<Uri> {
    if !uri.path().contains('%') {
        return None;
    }
    let mut path = unescaped(uri.path());
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

fn unescaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let hex = rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(plain) =
            hex.map(char::from).filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c))
        {
            out.push(plain);
            rest = &rest[at + 3..];
        } else {
            out.push('%');
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_no_escape_is_written_plainly() {
        assert_eq!(unescaped("/%6Cogin/%7e"), "/login/~");
        assert_eq!(unescaped("/a%2Fb%3f%zz%+1%4"), "/a%2Fb%3f%zz%+1%4");
        assert_eq!(unescaped("/%C3%A9/é%6"), "/%C3%A9/é%6");
        assert_eq!(unescaped("/%256C/"), "/%256C/");
    }

    #[test]
    fn the_query_stays_as_it_is() {
        let uri = normalized(&Uri::from_static("/%6Cogin/?a=%6C")).map(|uri| uri.to_string());
        assert_eq!(uri.as_deref(), Some("/login/?a=%6C"));
        assert_eq!(normalized(&Uri::from_static("/login/?a=%6C")), None);
    }

    #[test]
    fn what_a_link_has_in_its_path_is_left_out() {
        for (path, shown) in [
            ("/password-reset/confirm/1/a-token/", "/password-reset/confirm/{uid}/{token}/"),
            ("/x/password-reset/confirm/1/a-token", "/x/password-reset/confirm/{uid}/{token}/"),
            (
                "/registration/account-confirm-email/a-key/",
                "/registration/account-confirm-email/{key}/",
            ),
            ("/registration/invitation/a-code/more", "/registration/invitation/{code}/"),
            ("/api/auth/registration/", "/api/auth/registration/"),
        ] {
            assert_eq!(without_secrets(path), shown);
        }
    }
}
