//! The events.

use crate::login::factor::Method;

/// Something that happened to an account, or was attempted. Users are named by their primary keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The user logged in and got credentials, at a registration as well.
    Login {
        /// The user's id.
        user: i64,
        /// What was proven.
        factors: Vec<Method>,
    },
    /// A login was tried with a wrong password or for nobody.
    LoginFailed {
        /// Whose account was tried, if exactly one user has that name or address.
        user: Option<i64>,
    },
    /// A login waits for a code that was mailed to the user, because others had guessed at their
    /// password.
    LoginCodeSent {
        /// The user's id.
        user: i64,
    },
    /// A login waits for the second factor of the user, or for them to set one up.
    SecondFactorAsked {
        /// The user's id.
        user: i64,
    },
    /// A code of the second factor was wrong.
    SecondFactorFailed {
        /// The user's id.
        user: i64,
    },
    /// A second factor was not even looked at, set up or removed.
    SecondFactorRefused {
        /// The user's id, if it is known who it would have been.
        user: Option<i64>,
        /// Why.
        reason: &'static str,
    },
    /// The user set up an authenticator app.
    TotpActivated {
        /// The user's id.
        user: i64,
    },
    /// The user removed their authenticator app.
    TotpDeactivated {
        /// The user's id.
        user: i64,
    },
    /// The user got new recovery codes.
    RecoveryCodesGenerated {
        /// The user's id.
        user: i64,
    },
    /// The user used a recovery code.
    RecoveryCodeUsed {
        /// The user's id.
        user: i64,
    },
    /// An administrator removed the second factors of the user.
    SecondFactorsReset {
        /// The user's id.
        user: i64,
    },
    /// The user logged out.
    Logout {
        /// The user's id.
        user: i64,
    },
    /// An account was made.
    Registration {
        /// The user's id.
        user: i64,
    },
    /// Somebody was invited to register.
    Invitation {
        /// The primary key of the invitation.
        invitation: i64,
    },
    /// The user proved that an address is theirs.
    EmailVerified {
        /// The user's id.
        user: i64,
    },
    /// The user named another address.
    EmailAdded {
        /// The user's id.
        user: i64,
        /// The primary key of the address.
        address: i64,
    },
    /// The user removed an address.
    EmailRemoved {
        /// The user's id.
        user: i64,
        /// The primary key that the address had.
        address: i64,
    },
    /// The primary address of the user is another one now, or none.
    EmailChanged {
        /// The user's id.
        user: i64,
    },
    /// The user has another user name now.
    UsernameChanged {
        /// The user's id.
        user: i64,
    },
    /// The user changed their password.
    PasswordChanged {
        /// The user's id.
        user: i64,
    },
    /// The user set a new password by a mailed link or code.
    PasswordReset {
        /// The user's id.
        user: i64,
    },
    /// An administrator set the password of the user.
    PasswordSet {
        /// The user's id.
        user: i64,
    },
    /// The user proved again who they are.
    Reauthenticated {
        /// The user's id.
        user: i64,
        /// What was proven.
        method: Method,
    },
    /// The user ended one of their logins.
    SessionEnded {
        /// The user's id.
        user: i64,
    },
    /// The user ended all of their logins but this one.
    OtherSessionsEnded {
        /// The user's id.
        user: i64,
    },
    /// The user let a browser log in without the second factor.
    BrowserTrusted {
        /// The user's id.
        user: i64,
    },
    /// What was shown again, before a change that asks for it, was wrong.
    ReauthenticationFailed {
        /// The user's id.
        user: i64,
    },
    /// The user logged in with a device or from a network that was not seen before.
    NewSignIn {
        /// The user's id.
        user: i64,
    },
    /// A refresh token came again after it was used, and its login has ended.
    RefreshTokenReused {
        /// The user's id.
        user: i64,
    },
    /// Nobody logged in by a provider: it refused what was sent, or did not answer.
    SocialLoginFailed {
        /// The provider's id.
        provider: String,
        /// Why the login failed.
        reason: String,
    },
    /// An account at a provider was connected.
    SocialAccountConnected {
        /// The user's id.
        user: i64,
        /// The provider's id.
        provider: String,
    },
    /// An account at a provider was disconnected.
    SocialAccountDisconnected {
        /// The user's id.
        user: i64,
        /// The provider's id.
        provider: String,
    },
    /// A provider told that the user does not use it with this application any more, or has deleted
    /// their account there, and the user was logged out everywhere.
    SocialConsentRevoked {
        /// The user's id.
        user: i64,
        /// The provider's id.
        provider: String,
    },
    /// The user added a passkey.
    PasskeyAdded {
        /// The user's id.
        user: i64,
    },
    /// The user removed a passkey.
    PasskeyRemoved {
        /// The user's id.
        user: i64,
    },
    /// The counter of a passkey did not grow, as if its device had been copied.
    PasskeyCopied {
        /// The user's id.
        user: i64,
    },
    /// The account was deleted.
    AccountDeleted {
        /// The user's id.
        user: i64,
    },
    /// A request was sent to a host that this server does not answer for.
    HostRefused {
        /// What was compared with what.
        reason: String,
    },
    /// A request came from a page of another origin, or said over https where it came from in no
    /// way that can be believed.
    OriginRefused {
        /// What was compared with what.
        reason: String,
    },
    /// A request that cookies authenticate had no CSRF token, or a wrong one.
    CsrfRefused {
        /// What is missing or wrong.
        reason: String,
    },
    /// Something was refused because it was tried too often.
    LimitReached {
        /// The action of `account.rate_limits`, or `throttle` for those of REST framework.
        limit: &'static str,
    },
}

/// How an event ended for the client that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// It was done.
    Success,
    /// It was refused.
    Failure,
}

impl Event {
    /// The name in the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Login { .. } => "login",
            Self::LoginFailed { .. } => "login_failed",
            Self::LoginCodeSent { .. } => "login_code_sent",
            Self::SecondFactorAsked { .. } => "second_factor_asked",
            Self::SecondFactorFailed { .. } => "second_factor_failed",
            Self::SecondFactorRefused { .. } => "second_factor_refused",
            Self::TotpActivated { .. } => "totp_activated",
            Self::TotpDeactivated { .. } => "totp_deactivated",
            Self::RecoveryCodesGenerated { .. } => "recovery_codes_generated",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::SecondFactorsReset { .. } => "second_factors_reset",
            Self::Logout { .. } => "logout",
            Self::Registration { .. } => "registration",
            Self::Invitation { .. } => "invitation",
            Self::EmailVerified { .. } => "email_verified",
            Self::EmailAdded { .. } => "email_added",
            Self::EmailRemoved { .. } => "email_removed",
            Self::EmailChanged { .. } => "email_changed",
            Self::UsernameChanged { .. } => "username_changed",
            Self::PasswordChanged { .. } => "password_changed",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordSet { .. } => "password_set",
            Self::Reauthenticated { .. } => "reauthenticated",
            Self::SessionEnded { .. } => "session_ended",
            Self::OtherSessionsEnded { .. } => "other_sessions_ended",
            Self::BrowserTrusted { .. } => "browser_trusted",
            Self::ReauthenticationFailed { .. } => "reauthentication_failed",
            Self::NewSignIn { .. } => "new_sign_in",
            Self::RefreshTokenReused { .. } => "refresh_token_reused",
            Self::SocialLoginFailed { .. } => "social_login_failed",
            Self::SocialAccountConnected { .. } => "social_account_connected",
            Self::SocialAccountDisconnected { .. } => "social_account_disconnected",
            Self::SocialConsentRevoked { .. } => "social_consent_revoked",
            Self::PasskeyAdded { .. } => "passkey_added",
            Self::PasskeyRemoved { .. } => "passkey_removed",
            Self::PasskeyCopied { .. } => "passkey_copied",
            Self::AccountDeleted { .. } => "account_deleted",
            Self::HostRefused { .. } => "host_refused",
            Self::OriginRefused { .. } => "origin_refused",
            Self::CsrfRefused { .. } => "csrf_refused",
            Self::LimitReached { .. } => "limit_reached",
        }
    }

    /// The user that it concerns, if known.
    #[must_use]
    pub fn user(&self) -> Option<i64> {
        match *self {
            Self::Login { user, .. }
            | Self::LoginCodeSent { user }
            | Self::SecondFactorAsked { user }
            | Self::SecondFactorFailed { user }
            | Self::TotpActivated { user }
            | Self::TotpDeactivated { user }
            | Self::RecoveryCodesGenerated { user }
            | Self::RecoveryCodeUsed { user }
            | Self::SecondFactorsReset { user }
            | Self::Logout { user }
            | Self::Registration { user }
            | Self::EmailVerified { user }
            | Self::EmailAdded { user, .. }
            | Self::EmailRemoved { user, .. }
            | Self::EmailChanged { user }
            | Self::UsernameChanged { user }
            | Self::PasswordChanged { user }
            | Self::PasswordReset { user }
            | Self::PasswordSet { user }
            | Self::Reauthenticated { user, .. }
            | Self::SessionEnded { user }
            | Self::OtherSessionsEnded { user }
            | Self::BrowserTrusted { user }
            | Self::ReauthenticationFailed { user }
            | Self::NewSignIn { user }
            | Self::SocialAccountConnected { user, .. }
            | Self::SocialAccountDisconnected { user, .. }
            | Self::SocialConsentRevoked { user, .. }
            | Self::RefreshTokenReused { user }
            | Self::PasskeyAdded { user }
            | Self::PasskeyRemoved { user }
            | Self::PasskeyCopied { user }
            | Self::AccountDeleted { user } => Some(user),
            Self::LoginFailed { user } | Self::SecondFactorRefused { user, .. } => user,
            Self::Invitation { .. }
            | Self::SocialLoginFailed { .. }
            | Self::HostRefused { .. }
            | Self::OriginRefused { .. }
            | Self::CsrfRefused { .. }
            | Self::LimitReached { .. } => None,
        }
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> EventOutcome {
        match self {
            Self::LoginFailed { .. }
            | Self::SocialLoginFailed { .. }
            | Self::SecondFactorFailed { .. }
            | Self::SecondFactorRefused { .. }
            | Self::ReauthenticationFailed { .. }
            | Self::RefreshTokenReused { .. }
            | Self::PasskeyCopied { .. }
            | Self::HostRefused { .. }
            | Self::OriginRefused { .. }
            | Self::CsrfRefused { .. }
            | Self::LimitReached { .. } => EventOutcome::Failure,
            _ => EventOutcome::Success,
        }
    }
}

impl EventOutcome {
    /// The word in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}
