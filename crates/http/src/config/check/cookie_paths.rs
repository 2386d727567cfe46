//! Paths of cookies that the requests which need them are not below.

use super::collector::Check;

pub(super) fn check(check: &mut Check<'_>) {
    let settings = check.settings;
    let (session, csrf, jwt) = (&settings.session, &settings.csrf, &settings.rest_auth);
    let base = settings.http.base_path.trim_end_matches('/');
    let csrf_path = Some(&csrf.cookie_path).filter(|_| !csrf.use_sessions);
    for (key, path) in
        [("session.cookie_path", Some(&session.cookie_path)), ("csrf.cookie_path", csrf_path)]
    {
        let Some(path) = path.filter(|path| !covers(path, &format!("{base}/"))) else { continue };
        let message = format!(
            "`{key}` is \"{path}\", and the API is at \"{base}/\": browsers do not send the cookie \
             there"
        );
        check.warning(key, message, format!("set it to \"/\" or \"{base}/\""));
    }
    if !jwt.use_jwt || jwt.jwt_auth_refresh_cookie.is_none() {
        return;
    }
    let key = "rest_auth.jwt_auth_refresh_cookie_path";
    let path = &jwt.jwt_auth_refresh_cookie_path;
    for (endpoint, loss) in [
        ("token/refresh/", "nobody can refresh"),
        ("logout/", "logout cannot take the refresh token back"),
    ] {
        if !covers(path, &format!("{base}/{endpoint}")) {
            let message =
                format!("`{key}` is \"{path}\", which \"{base}/{endpoint}\" is not below: {loss}");
            return check.warning(key, message, format!("set it to \"{base}/\""));
        }
    }
}

/// Whether browsers send a cookie with this path there (RFC 6265, section 5.1.4).
fn covers(cookie: &str, request: &str) -> bool {
    let Some(rest) = request.strip_prefix(cookie) else { return false };
    rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_what_is_below_it() {
        for path in ["/", "/api", "/api/", "/api/auth", "/api/auth/"] {
            assert!(covers(path, "/api/auth/"), "{path}");
        }
        for path in ["/ap", "/auth", "/api/auth/user/", "/api/auth/."] {
            assert!(!covers(path, "/api/auth/"), "{path}");
        }
    }
}
