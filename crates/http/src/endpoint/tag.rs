//! The chapters of the OpenAPI document.

use utoipa::openapi::tag::{Tag as Chapter, TagBuilder};

/// What an endpoint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// Login and logout.
    Login,
    /// The user's own data.
    User,
    /// The user's own addresses.
    Emails,
    /// Second factors.
    Mfa,
    /// Keys on the user's own devices.
    Passkeys,
    /// Where the user is logged in, and fresh proofs.
    Sessions,
    /// Password change and reset.
    Password,
    /// Accounts at other services.
    Social,
    /// New accounts and their addresses.
    Registration,
    /// JSON Web Tokens.
    Tokens,
    /// CSRF tokens for pages in a browser.
    Browser,
}

impl Tag {
    /// How operations refer to it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Login => "Login",
            Self::User => "User",
            Self::Emails => "E-mail addresses",
            Self::Mfa => "Second factors",
            Self::Passkeys => "Passkeys",
            Self::Sessions => "Sessions",
            Self::Password => "Password",
            Self::Social => "Social login",
            Self::Registration => "Registration",
            Self::Tokens => "Tokens",
            Self::Browser => "Browser",
        }
    }

    /// Its entry in the document.
    pub(crate) fn chapter(self) -> Chapter {
        let about = match self {
            Self::Login => "Login and logout.",
            Self::User => "The data of the user who is logged in.",
            Self::Emails => "The addresses of the user who is logged in.",
            Self::Mfa => "Authenticator apps, recovery codes, and the second step of a login.",
            Self::Passkeys => {
                "Keys on the user's own devices: adding them, and logging in with one."
            }
            Self::Sessions => {
                "Where the user is logged in, and proofs that changes of ways to log in need."
            }
            Self::Password => "Changing a password, and resetting it by mail.",
            Self::Social => "Login with an account at another service.",
            Self::Registration => "Creating an account and verifying its e-mail address.",
            Self::Tokens => "Renewing and checking JSON Web Tokens.",
            Self::Browser => "CSRF tokens for pages in a browser.",
        };
        TagBuilder::new().name(self.name()).description(Some(about)).build()
    }
}
