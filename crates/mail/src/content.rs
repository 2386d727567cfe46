//! A mail: its kind, recipient and variables.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The kind of a mail.
///
/// Each names the variables that its templates may use, under allauth's names where allauth has
/// them. Every template also sees `email` (the recipient), `language`, `site_name` and
/// `current_site` (`name` and `domain`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Asks to confirm an address, after registration and on request: `user` (the user's display
    /// name, optional), `activate_url`, `key`.
    EmailConfirmation,
    /// The same with a code to type: `user` (optional), `code`.
    EmailConfirmationCode,
    /// A link to choose a new password: `password_reset_url`, `uid`, `token`, and `username`
    /// unless login is by e-mail address only.
    PasswordReset,
    /// The same with a code to type: `code`.
    PasswordResetCode,
    /// A code that completes a login, after others had guessed at the password: `user` (optional),
    /// `code`.
    LoginCode,
    /// A registration with an address that is taken: `password_reset_url` and `signup_url`, both
    /// optional.
    AccountAlreadyExists,
    /// Notice: `user`, `timestamp`, `ip`, `user_agent`, all optional and all plain text.
    PasswordChanged,
    /// Notice to the old address: `from_email`, `to_email` and those of
    /// [`PasswordChanged`](Self::PasswordChanged), all optional.
    EmailChanged,
    /// Notice that the user name changed: `from_username`, `to_username` and those of
    /// [`PasswordChanged`](Self::PasswordChanged), all optional.
    UsernameChanged,
    /// Notice of a login from a client never seen before: `sessions_url` (optional), and the variables
    /// of [`PasswordChanged`](Self::PasswordChanged).
    NewSignIn,
    /// Notice to the address of a deleted account, with the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    AccountDeleted,
    /// Notice that an account at a provider was connected: `provider`, and those of
    /// [`PasswordChanged`](Self::PasswordChanged).
    SocialAccountConnected,
    /// Notice that an account at a provider was disconnected, with the same variables.
    SocialAccountDisconnected,
    /// Notice: the user set an authenticator app up. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    TotpActivated,
    /// Notice: the second factor was removed. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    TotpDeactivated,
    /// Notice: new recovery codes took the place of earlier ones. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    RecoveryCodesGenerated,
    /// Notice: a recovery code was used, and `remaining` are left. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    RecoveryCodeUsed,
    /// Notice: somebody who knew the first factor typed several wrong codes of the second. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    SecondFactorFailed,
    /// Notice: the user added a passkey. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    PasskeyAdded,
    /// Notice: the user removed a passkey. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    PasskeyRemoved,
    /// Notice: a passkey was refused, because its device may have been copied. With the variables of
    /// [`PasswordChanged`](Self::PasswordChanged).
    PasskeyCopied,
    /// Invites to register: `invitation_url`, and `inviter` (optional).
    Invitation,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 22] = [
        Self::EmailConfirmation,
        Self::EmailConfirmationCode,
        Self::PasswordReset,
        Self::PasswordResetCode,
        Self::LoginCode,
        Self::AccountAlreadyExists,
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::UsernameChanged,
        Self::NewSignIn,
        Self::AccountDeleted,
        Self::SocialAccountConnected,
        Self::SocialAccountDisconnected,
        Self::TotpActivated,
        Self::TotpDeactivated,
        Self::RecoveryCodesGenerated,
        Self::RecoveryCodeUsed,
        Self::SecondFactorFailed,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeyCopied,
        Self::Invitation,
    ];

    /// Its name, as in stored mails.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EmailConfirmation => "email_confirmation",
            Self::EmailConfirmationCode => "email_confirmation_code",
            Self::PasswordReset => "password_reset",
            Self::PasswordResetCode => "password_reset_code",
            Self::LoginCode => "login_code",
            Self::AccountAlreadyExists => "account_already_exists",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::UsernameChanged => "username_changed",
            Self::NewSignIn => "new_sign_in",
            Self::AccountDeleted => "account_deleted",
            Self::SocialAccountConnected => "social_account_connected",
            Self::SocialAccountDisconnected => "social_account_disconnected",
            Self::TotpActivated => "totp_activated",
            Self::TotpDeactivated => "totp_deactivated",
            Self::RecoveryCodesGenerated => "recovery_codes_generated",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::SecondFactorFailed => "second_factor_failed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyCopied => "passkey_copied",
            Self::Invitation => "invitation",
        }
    }

    /// The template prefix, to which `_subject.txt`, `_message.txt` and `_message.html` are added;
    /// allauth's own names where allauth has such a mail.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Self::EmailConfirmation => "account/email/email_confirmation",
            Self::EmailConfirmationCode => "account/email/email_confirmation_code",
            Self::PasswordReset => "account/email/password_reset_key",
            Self::PasswordResetCode => "account/email/password_reset_code",
            Self::LoginCode => "account/email/login_code",
            Self::AccountAlreadyExists => "account/email/account_already_exists",
            Self::PasswordChanged => "account/email/password_changed",
            Self::EmailChanged => "account/email/email_changed",
            Self::UsernameChanged => "account/email/username_changed",
            Self::NewSignIn => "account/email/new_sign_in",
            Self::AccountDeleted => "account/email/account_deleted",
            Self::SocialAccountConnected => "socialaccount/email/account_connected",
            Self::SocialAccountDisconnected => "socialaccount/email/account_disconnected",
            Self::TotpActivated => "mfa/email/totp_activated",
            Self::TotpDeactivated => "mfa/email/totp_deactivated",
            Self::RecoveryCodesGenerated => "mfa/email/recovery_codes_generated",
            Self::RecoveryCodeUsed => "mfa/email/recovery_code_used",
            Self::SecondFactorFailed => "mfa/email/second_factor_failed",
            Self::PasskeyAdded => "mfa/email/webauthn_added",
            Self::PasskeyRemoved => "mfa/email/webauthn_removed",
            Self::PasskeyCopied => "mfa/email/passkey_copied",
            Self::Invitation => "account/email/invitation",
        }
    }
}

/// A mail before it is rendered.
///
/// It is stored as JSON until it is delivered, so changing a field's name breaks stored mails.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MailContent {
    /// The kind.
    pub kind: MailKind,
    /// The one recipient, an address without a display name.
    pub to: String,
    /// The code of the recipient's language, such as `pt-br`. English is used if there are no
    /// templates in it.
    pub language: String,
    /// The variables of the templates. They hold links and codes: treat them as secrets.
    pub context: Map<String, Value>,
}

impl MailContent {
    /// A mail without any variables yet.
    pub fn new(kind: MailKind, to: impl Into<String>, language: impl Into<String>) -> Self {
        Self { kind, to: to.into(), language: language.into(), context: Map::new() }
    }

    /// Adds a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }
}

/// Prints the names of the variables only, because their values are links and codes.
impl fmt::Debug for MailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailContent")
            .field("kind", &self.kind)
            .field("to", &self.to)
            .field("language", &self.language)
            .field("context", &self.context.keys().collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reset() -> MailContent {
        MailContent::new(MailKind::PasswordReset, "ada@example.com", "de")
            .with("password_reset_url", "https://example.com/reset/1/secret-token/")
            .with("username", "ada")
    }

    #[test]
    fn survives_storage_as_json() {
        let stored = serde_json::to_string(&reset()).expect("JSON");
        assert_eq!(
            stored,
            concat!(
                r#"{"kind":"password_reset","to":"ada@example.com","language":"de","context":{"#,
                r#""password_reset_url":"https://example.com/reset/1/secret-token/","#,
                r#""username":"ada"}}"#,
            )
        );
        assert_eq!(serde_json::from_str::<MailContent>(&stored).expect("a mail"), reset());
    }

    #[test]
    fn debug_output_hides_links_and_codes() {
        let shown = format!("{:?}", reset());
        assert!(shown.contains("password_reset_url"));
        assert!(!shown.contains("secret-token"));
    }

    #[test]
    fn every_kind_is_stored_by_its_name() {
        for kind in MailKind::ALL {
            assert_eq!(serde_json::json!(kind), kind.name());
        }
    }

    #[test]
    fn every_kind_has_templates_of_its_own() {
        for kind in MailKind::ALL {
            let same = MailKind::ALL.iter().filter(|other| other.template() == kind.template());
            assert_eq!(same.count(), 1, "{kind:?}");
        }
    }
}
