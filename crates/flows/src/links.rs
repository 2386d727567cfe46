//! The links in mails.

use rest_auth_domain::host::Origin;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::User;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::settings::FlowSettings;
use crate::settings::account::UserDisplay;

/// What the links of this server begin with, and the path at which it answers.
#[derive(Clone, Debug)]
pub struct LinkBase {
    host: Host,
    /// `server.base_path` unless an application has nested the API at a path of its own.
    mount: Option<String>,
}

/// `server.public_url` or, without it, the host that the request was sent to.
#[derive(Clone, Debug)]
enum Host {
    /// Configured, without a path.
    Configured(String),
    /// Taken from the request.
    Request(Origin),
}

impl LinkBase {
    /// Links that begin with `server.public_url`.
    #[must_use]
    pub fn configured(url: impl Into<String>) -> Self {
        Self { host: Host::Configured(url.into()), mount: None }
    }

    /// Links to the host that a request was sent to.
    #[must_use]
    pub fn of_request(origin: Origin) -> Self {
        Self { host: Host::Request(origin), mount: None }
    }

    /// The same for an API that an application has nested at a path, which is empty at the root.
    #[must_use]
    pub fn nested_at(self, path: &str) -> Self {
        Self { mount: Some(path.to_owned()), ..self }
    }

    /// The same, with the domain of Django's sites in place of the request's host where
    /// `rest_auth.password_reset_use_sites_domain` says so.
    pub(crate) async fn for_reset(&self, auth: &Auth) -> Result<Self, AuthError> {
        let Host::Request(origin) = &self.host else { return Ok(self.clone()) };
        if !auth.settings().rest_auth.password_reset_use_sites_domain {
            return Ok(self.clone());
        }
        Ok(match auth.store().site(auth.settings().site.site_id).await? {
            Some(site) => {
                let host = Host::Request(Origin { host: site.domain, ..origin.clone() });
                Self { host, ..self.clone() }
            }
            None => self.clone(),
        })
    }

    /// Where a provider sends the browser back, if its table has no `callback_url`.
    pub(crate) fn callback(&self, settings: &FlowSettings, provider: &str) -> String {
        match &*settings.social.default_callback_path {
            "" => self.own_callback(settings, provider),
            path => format!("{}{}", self.origin(), path.replace("{provider}", provider)),
        }
    }

    /// Where a provider sends the browser back that this server sent there.
    pub(crate) fn own_callback(&self, settings: &FlowSettings, provider: &str) -> String {
        self.of_provider(settings, provider, "callback")
    }

    /// An endpoint of the API below the name of a provider.
    pub(crate) fn of_provider(
        &self,
        settings: &FlowSettings,
        provider: &str,
        endpoint: &str,
    ) -> String {
        self.absolute(&format!("{}/{provider}/{endpoint}/", self.mount(settings)))
    }

    /// The path at which the API answers, without a slash at its end.
    fn mount<'a>(&'a self, settings: &'a FlowSettings) -> &'a str {
        self.mount.as_deref().unwrap_or(&settings.api_path).trim_end_matches('/')
    }

    /// Scheme and host, without the mount point.
    fn origin(&self) -> String {
        match &self.host {
            Host::Configured(url) => {
                let host = url.find("://").map_or(0, |scheme| scheme + 3);
                let end = url[host..].find('/').map_or(url.len(), |path| host + path);
                url[..end].to_owned()
            }
            Host::Request(origin) => origin.absolute(""),
        }
    }

    /// Whether there is no address that a link could begin with.
    fn is_nowhere(&self) -> bool {
        matches!(&self.host, Host::Configured(url) if url.is_empty())
    }

    fn absolute(&self, path: &str) -> String {
        match &self.host {
            Host::Configured(url) => format!("{}{path}", url.trim_end_matches('/')),
            Host::Request(origin) => origin.absolute(path),
        }
    }
}

/// Where a new password can be chosen: `rest_auth.password_reset_url` with `{uid}` and `{token}`
/// filled in, or the path of dj-rest-auth.
pub(crate) fn password_reset(
    settings: &FlowSettings,
    base: &LinkBase,
    uid: &str,
    token: &str,
) -> String {
    match &settings.rest_auth.password_reset_url {
        Some(template) => template.replace("{uid}", uid).replace("{token}", token),
        None => base.absolute(&format!("/password-reset/confirm/{uid}/{token}/")),
    }
}

/// Where an address is confirmed: `account.email_confirmation_url` with `{key}` filled in, or the
/// path of dj-rest-auth.
pub(crate) fn email_confirmation(settings: &FlowSettings, base: &LinkBase, key: &str) -> String {
    match &settings.account.email_confirmation_url {
        Some(template) => template.replace("{key}", key),
        None => base.absolute(&format!("/registration/account-confirm-email/{key}/")),
    }
}

/// Where an invitation is accepted: `rest_auth.invitation_url` with `{code}` filled in, or the page
/// of this server. dj-rest-auth has no path for it.
pub(crate) fn invitation(settings: &FlowSettings, base: &LinkBase, code: &str) -> Option<String> {
    match &settings.rest_auth.invitation_url {
        Some(template) => Some(template.replace("{code}", code)),
        None if settings.account.link_pages && !base.is_nowhere() => {
            Some(base.absolute(&format!("/registration/invitation/{code}/")))
        }
        None => None,
    }
}

/// The name of a user in mails, by `account.user_display`; the user name where that is empty.
pub(crate) fn display_name(auth: &Auth, user: &User) -> String {
    let name = match auth.settings().account.user_display {
        UserDisplay::Username => String::new(),
        UserDisplay::Email => user.email.clone(),
        UserDisplay::FullName => format!("{} {}", user.first_name, user.last_name),
    };
    match name.trim() {
        "" => user.username.clone(),
        name => name.to_owned(),
    }
}

/// A mail with made-up values and the links that the settings make, for authors of templates.
#[must_use]
pub fn sample_mail(
    settings: &FlowSettings,
    base: &LinkBase,
    kind: MailKind,
    to: &str,
    language: &str,
) -> MailContent {
    let mail = MailContent::sample(kind, to, language)
        .with("activate_url", email_confirmation(settings, base, "sample"))
        .with("password_reset_url", password_reset(settings, base, "uid", "sample"));
    match invitation(settings, base, "sample") {
        Some(url) => mail.with("invitation_url", url),
        None => mail,
    }
}
