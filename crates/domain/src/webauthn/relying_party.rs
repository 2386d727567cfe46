//! Who asks for a credential, and what is expected of the answer.

use sha2::{Digest as _, Sha256};

/// The site that passkeys belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The domain that credentials are bound to: the host of the pages, or one that it lies in.
    pub id: String,
    /// The name that authenticators show.
    pub name: String,
    /// The origins of the pages, compared exactly: `https://app.example.com`, or
    /// `android:apk-key-hash:…` of an application.
    pub origins: Vec<String>,
    /// The origins of pages that may show ours in a frame. Usually none.
    pub top_origins: Vec<String>,
}

impl RelyingParty {
    pub(super) fn id_hash(&self) -> [u8; 32] {
        id_hash(&self.id)
    }
}

/// What authenticators sign in place of the id of a site.
#[must_use]
pub fn id_hash(id: &str) -> [u8; 32] {
    Sha256::digest(id.as_bytes()).into()
}

/// Whether the authenticator has to verify the user, by a PIN or a finger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// It has to.
    Required,
    /// It should, if it can.
    Preferred,
    /// It should not.
    Discouraged,
}

/// What a ceremony was begun with.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The site.
    pub party: &'a RelyingParty,
    /// The challenge, in base64url.
    pub challenge: &'a str,
    /// Whether the authenticator has to verify the user.
    pub user_verification: UserVerification,
}
