//! Where browsers end up: the addresses of front ends, and of apps on the same device.

use rest_auth_settings::ValueError;
use url::Url;

/// Schemes that browsers run, show or hand to another program, so that no app has them as its own.
const OF_BROWSERS: [&str; 14] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "javascript",
    "mailto",
    "tel",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

const CURE: &str =
    "write \"https://app.example.com/done\", or for an app \"com.example.app:/done\"";

/// A page of http or https, or an address of an app.
pub(super) fn address(text: &str) -> Result<(), ValueError> {
    let refused = |problem: &str| Err(ValueError::rule(problem, CURE));
    // A parser passes over line ends in the middle of a word, and a browser does, too.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refused("has a blank or a character that no address has");
    }
    let Ok(url) = Url::parse(text) else { return refused("must be a whole address") };
    if OF_BROWSERS.contains(&url.scheme()) {
        return refused("begins with a scheme that is no page and no app");
    }
    let is_web = matches!(url.scheme(), "http" | "https");
    if is_web && !text.starts_with(&format!("{}://", url.scheme())) {
        return refused("must begin with https:// in lower case");
    }
    if url.host_str().is_some_and(|host| host.contains('*')) {
        return refused("has a `*` in its host, and a pattern is not understood");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("has a user name or a password in it");
    }
    Ok(())
}

/// The same for each item of a list.
pub(super) fn addresses(all: &[String]) -> Result<(), ValueError> {
    all.iter().try_for_each(|text| address(text))
}

/// A path below the host, or nothing.
pub(super) fn path(text: &str) -> Result<(), ValueError> {
    if text.is_empty() || (text.starts_with('/') && !text.starts_with("//")) {
        return Ok(());
    }
    Err(ValueError::rule(
        "must be a path that begins with a slash",
        "write \"/accounts/{provider}/login/callback/\", or \"\" for the server's own",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_apps_are_told_from_everything_else() {
        for fine in [
            "https://app.example.com",
            "http://localhost:5173/done?x=1",
            "https://app.example.com/#/done",
            "com.example.app:/done",
            "exampleapp://done",
        ] {
            assert_eq!(address(fine), Ok(()), "{fine}");
        }
        for wrong in [
            "",
            "/done",
            "//app.example.com/done",
            "app.example.com/done",
            "javascript:alert(1)",
            "JavaScript://x/%0aalert(1)",
            "java\nscript:alert(1)",
            " https://app.example.com",
            "data:text/html,x",
            "file:///etc/passwd",
            "https:/app.example.com",
            "HTTPS://app.example.com",
            "https://",
            "https://ada:secret@app.example.com/",
        ] {
            assert!(address(wrong).is_err(), "{wrong:?}");
            assert!(addresses(&["https://app.example.com".to_owned(), wrong.to_owned()]).is_err());
        }
        for (text, is_path) in
            [("", true), ("/callback/", true), ("callback", false), ("//x", false)]
        {
            assert_eq!(path(text).is_ok(), is_path, "{text}");
        }
    }
}
