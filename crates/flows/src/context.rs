//! The request that a flow runs in.

use std::fmt;

use crate::auth::Auth;
use crate::client::Client;
use crate::current_session::CurrentSession;
use crate::links::LinkBase;

/// The facts about a request that flows use. It is made once for each request.
pub struct Context {
    /// The device.
    pub client: Client,
    /// The code of the language that mails to the user are written in, such as `pt-br`.
    pub language: String,
    /// The beginning of links in mails.
    pub links: LinkBase,
    /// The session of the request.
    pub session: CurrentSession,
    /// The API token that the request was authenticated by.
    pub token: Option<String>,
    /// The access token that the request was authenticated by.
    pub access: Option<Vec<u8>>,
    /// What the cookie of a trusted browser holds.
    pub browser: Option<String>,
    /// A new CSRF secret for a session that a login makes, where sessions keep it.
    pub csrf_secret: Option<String>,
}

impl Context {
    /// The context of what no device of a user asks for, such as a command: no device, no session, and
    /// the language of the server.
    #[must_use]
    pub fn for_command(auth: &Auth, links: LinkBase) -> Self {
        Self {
            client: Client::default(),
            language: auth.settings().i18n.language_code.clone(),
            links,
            session: CurrentSession::None,
            token: None,
            access: None,
            browser: None,
            csrf_secret: None,
        }
    }
}

impl fmt::Debug for Context {
    /// Without the token and the CSRF secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("client", &self.client)
            .field("language", &self.language)
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}
