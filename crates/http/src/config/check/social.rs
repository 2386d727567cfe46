//! Providers of social login with which something cannot work, or is open to those between.

use rest_auth_flows::settings::HandOver;
use url::Url;

use super::addresses::given_url;
use super::collector::Check;
use super::cross_origin::has_cookies_for_other_sites;
use super::sites;
use crate::config::derive::is_local_http_url;

pub(super) fn check(check: &mut Check<'_>) {
    let settings = check.settings;
    let social = &settings.social;
    let in_browser = social.redirect_url.is_some();
    for entry in social.providers.configured().filter(|entry| entry.lacks_secret(in_browser)) {
        let (id, what) = (&entry.id, entry.name_of_secret());
        let message =
            format!("`socialaccount.providers.{id}` has no `{what}`: codes cannot be used");
        let cure = format!("set `{what}` or `{what}_file`");
        check.warning("socialaccount.providers", message, cure);
    }
    for entry in social.providers.all().iter().filter(|entry| !entry.is_configured()) {
        let id = &entry.id;
        let message =
            format!("`socialaccount.providers.{id}` has no `client_id`: nobody can log in with it");
        check.warning("socialaccount.providers", message, "set it, or remove the table");
    }
    for entry in social.providers.configured() {
        in_the_clear(check, "socialaccount.providers", entry.urls.get("authorize_url"));
        let urls = entry.callback_url.iter().chain(&entry.callback_urls);
        in_the_clear(check, "socialaccount.providers", urls);
    }
    if social.allow_private_addresses {
        asked_in_the_clear(check);
    }
    in_the_clear(check, "socialaccount.redirect_url", &social.redirect_url);
    in_the_clear(check, "socialaccount.redirect_urls", &social.redirect_urls);
    if in_browser {
        in_the_clear(check, "server.public_url", &settings.http.public_url);
        forms_without_cookies(check);
        cookies_of_another_site(check);
    }
}

/// Providers that post their answer from a page of their own: browsers bring the cookie of the login
/// there only if it has `SameSite=None`, which they take by https alone.
fn forms_without_cookies(check: &mut Check<'_>) {
    let settings = check.settings;
    let url = settings.http.public_url.as_deref().unwrap_or_default();
    let posts = settings.social.providers.configured().find(|entry| entry.posts_form());
    if let Some(entry) = posts.filter(|_| !url.starts_with("https://")) {
        let message = format!(
            "`server.public_url` is no https address, and `{}` posts its answers: no login in the \
             browser ends well, because no cookie comes with them",
            entry.id
        );
        check.warning("server.public_url", message, "serve https, and set it to that address");
    }
}

/// Pages of another site, whose requests do not bring the cookies that a login sets.
fn cookies_of_another_site(check: &mut Check<'_>) {
    let settings = check.settings;
    let social = &settings.social;
    let Some(own) = given_url(check) else { return };
    if social.hand_over != HandOver::Cookies || has_cookies_for_other_sites(check) {
        return;
    }
    let pages = social.redirect_url.iter().chain(&social.redirect_urls);
    let pages = pages.filter_map(|page| Url::parse(page).ok());
    let mut pages = pages.filter(|page| matches!(page.scheme(), "https" | "http"));
    if let Some(page) = pages.find(|page| !sites::same(&own, page)) {
        let message = format!(
            "`socialaccount.hand_over` is `cookies`, and {page} is of another site than {own} \
             (`server.public_url`): browsers do not send the cookies from there"
        );
        check.warning("socialaccount.hand_over", message, "set it to `code`");
    }
}

/// Codes that a browser brings to an address by http can be read on the way.
fn in_the_clear<'u>(check: &mut Check<'_>, key: &str, urls: impl IntoIterator<Item = &'u String>) {
    let is_open = |url: &&String| url.starts_with("http://") && !is_local_http_url(url);
    if let Some(url) = urls.into_iter().find(is_open) {
        let message = format!("{url} is http: the codes of logins travel in the clear");
        check.warning(key, message, "serve https");
    }
}

/// Providers outside of this network that are asked by http, which `allow_private_addresses` lets
/// pass: who is inside cannot be told, and a name without a dot is.
fn asked_in_the_clear(check: &mut Check<'_>) {
    let is_outside = |url: &str| {
        let host = Url::parse(url).ok().filter(|url| url.scheme() == "http");
        let name = host.as_ref().and_then(Url::domain);
        let inside = ["localhost", "local", "internal", "lan"];
        name.is_some_and(|name| {
            name.rsplit_once('.').is_some_and(|(_, last)| !inside.contains(&last))
        })
    };
    for entry in check.settings.social.providers.configured() {
        let asked = entry.urls.iter().filter(|(key, _)| *key != "authorize_url");
        if let Some((key, _)) = asked.into_iter().find(|(_, url)| is_outside(url)) {
            let id = &entry.id;
            let message = format!(
                "`socialaccount.providers.{id}.{key}` is http: the secret of your app and tokens \
                 travel in the clear"
            );
            check.warning("socialaccount.providers", message, "write https://");
        }
    }
}
