//! The chapters of the OpenAPI document.

use utoipa::openapi::tag::{Tag as Chapter, TagBuilder};

/// What an endpoint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// Coming in and going out.
    Login,
    /// One's own data.
    User,
    /// One's own addresses.
    Emails,
    /// Changing and resetting.
    Password,
    /// New accounts and their addresses.
    Registration,
    /// JSON Web Tokens.
    Tokens,
    /// What pages in a browser need besides.
    Browser,
}

impl Tag {
    /// How operations refer to it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Login => "Login",
            Self::User => "User",
            Self::Emails => "E-mail addresses",
            Self::Password => "Password",
            Self::Registration => "Registration",
            Self::Tokens => "Tokens",
            Self::Browser => "Browser",
        }
    }

    /// Its entry in the document.
    pub(crate) fn chapter(self) -> Chapter {
        let about = match self {
            Self::Login => "Coming in and going out.",
            Self::User => "The data of the user who is logged in.",
            Self::Emails => "The addresses of the user who is logged in.",
            Self::Password => "Changing a password, and choosing a new one by mail.",
            Self::Registration => "Opening an account and proving its e-mail address.",
            Self::Tokens => "Renewing and checking JSON Web Tokens.",
            Self::Browser => "What pages in a browser need besides.",
        };
        TagBuilder::new().name(self.name()).description(Some(about)).build()
    }
}
