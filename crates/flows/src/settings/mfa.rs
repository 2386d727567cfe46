//! `[mfa]`: the `MFA_*` keys of `REST_AUTH`, and those of allauth.

use std::time::Duration;

use rest_auth_settings::{Secret, choices, days, minutes, seconds, settings};

use super::apps::AppsSettings;
use super::rules;
use super::same_site::SameSite;

choices! {
    /// Which logins ask for the second factor.
    pub enum Enforcement {
        /// Logins by password.
        Password = "password",
        /// All.
        Everywhere = "everywhere",
    }
}

choices! {
    /// Who must have a second factor.
    pub enum RequiredOf {
        /// Nobody.
        Never = "never",
        /// Staff and superusers.
        Staff = "staff",
        /// Everybody.
        Always = "always",
    }
}

choices! {
    /// How secrets of authenticator apps are kept.
    pub enum TotpStorage {
        /// Encrypted. Django cannot read them.
        Encrypted = "encrypted",
        /// Readable, as dj-rest-auth signs them.
        Django = "django",
    }
}

choices! {
    /// How recovery codes are kept.
    pub enum RecoveryCodeStorage {
        /// Hashed, and shown once. Django cannot read them.
        Hashed = "hashed",
        /// As a seed, from which they can be shown again, as in dj-rest-auth.
        Django = "django",
    }
}

choices! {
    /// What switches the second factor off.
    pub enum DeactivationProof {
        /// A code of the authenticator app.
        Totp = "totp",
        /// A recovery code.
        RecoveryCode = "recovery_code",
        /// A passkey.
        Passkey = "passkey",
    }
}

choices! {
    /// Where it is kept which browsers are trusted.
    pub enum TrustStorage {
        /// `rest_auth_trusted_browser`, by the digest of a cookie.
        Database = "database",
        /// A signed cookie of allauth's.
        Allauth = "allauth",
    }
}

settings! {
    /// Login in two steps.
    pub struct MfaSettings = "mfa" {
        /// Which logins ask for the second factor of a user who has one: `password` or
        /// `everywhere`. Requests with a password in their header (Basic) are refused in both cases.
        enforce: Enforcement => {
            strict: Enforcement::Everywhere,
            django: Enforcement::Password,
        },
        /// Who has to set a second factor up before a login is complete: `never`, `staff` or
        /// `always`.
        required: RequiredOf = RequiredOf::Never,
        /// Factors of django-allauth count, too.
        allauth_factors: bool => { strict: true, django: false },
        /// Time between the two steps of a login, and between the two steps of an activation.
        #[range(10.0, 3600.0)]
        ephemeral_token_timeout: Duration = minutes(5),
        /// Wrong codes after which a login has to begin again.
        #[range(1.0, 100.0)]
        max_attempts: u32 = 5,
        /// Digits of a code.
        #[range(6.0, 8.0)]
        totp_digits: u32 = 6,
        /// How long a code is valid. The codes before and after it are accepted, too.
        #[range(15.0, 300.0)]
        totp_period: Duration = seconds(30),
        /// Name of this service in authenticator apps. Empty: none.
        totp_issuer: String = String::new(),
        /// How new secrets of authenticator apps are kept: `encrypted` under a key that is derived
        /// from `mfa.encryption_key`, or `django`. Both are read.
        totp_storage: TotpStorage => {
            strict: TotpStorage::Encrypted,
            django: TotpStorage::Django,
        },
        /// Key that secrets of authenticator apps are encrypted and recovery codes hashed with, so
        /// that `server.secret_key` can be replaced without them. What `server.secret_key` wrote is
        /// still read. None: `server.secret_key`.
        #[rule(|key: &Option<Secret>| key.as_ref().map_or(Ok(()), rules::encryption_key))]
        encryption_key: Option<Secret> = None,
        /// Former ones, still accepted when secrets and codes are read.
        encryption_key_fallbacks: Vec<Secret> = Vec::new(),
        /// Number of recovery codes.
        #[range(1.0, 63.0)]
        recovery_code_count: u32 = 10,
        /// How new recovery codes are kept: `hashed`, 80 bits each and shown once, or `django`, 32
        /// bits each and shown at any time. Both are read.
        recovery_codes: RecoveryCodeStorage => {
            strict: RecoveryCodeStorage::Hashed,
            django: RecoveryCodeStorage::Django,
        },
        /// Digits of recovery codes that allauth has made, as its own setting says. Others are not
        /// affected.
        #[range(2.0, 32.0)]
        recovery_code_digits: u32 = 8,
        /// What removes an authenticator app: a code of it (`totp`), a `recovery_code`, a `passkey`.
        #[rule(rules::deactivate_with)]
        deactivate_with: Vec<DeactivationProof> => {
            strict: vec![
                DeactivationProof::Totp,
                DeactivationProof::RecoveryCode,
                DeactivationProof::Passkey,
            ],
            django: vec![DeactivationProof::Totp],
        },
        /// The code that activates an app is used up by that, and does not log in as well.
        activation_uses_code: bool => { strict: true, django: false },
        /// A change of factors ends the user's other logins.
        revoke_on_change: bool => { strict: true, django: false },
        /// Users may let a browser be trusted: `mfa/verify/` takes `trust_browser`, and later logins
        /// from it are not asked for the second factor.
        trust_enabled: bool = false,
        /// Where it is kept which browsers are trusted: `database`, where users see and end it, or
        /// `allauth`, in allauth's signed cookie, which Django reads, too.
        trust_storage: TrustStorage => {
            strict: TrustStorage::Database,
            django: TrustStorage::Allauth,
        },
        /// How long a browser is trusted.
        #[range(60.0, 31_536_000.0)]
        trust_cookie_age: Duration = days(14),
        /// Name of the cookie of trusted browsers.
        trust_cookie_name: String = "mfa_trusted".to_owned(),
        /// Domain attribute. None: this host only.
        trust_cookie_domain: Option<String> = None,
        /// Path attribute.
        trust_cookie_path: String = "/".to_owned(),
        /// `HttpOnly` attribute.
        trust_cookie_httponly: bool = true,
        /// `Secure` attribute. In the strict profile it is off by default while
        /// `server.public_url` is http on this machine.
        trust_cookie_secure: bool => { strict: true, django: false },
        /// `SameSite` attribute. None: no attribute.
        trust_cookie_samesite: Option<SameSite> = Some(SameSite::Lax),
        /// Tell which factors there are: `methods` beside `mfa_required`, `factors` in
        /// `mfa/status/`.
        detailed_answers: bool => { strict: true, django: false },
    }
    instead {
        "adapter": "settings of their own stand for its methods",
        "forms": "has no meaning here: it is about HTML pages",
        "allow_unverified_email": "has no meaning here: `account.email_verification` says who can log in",
        "passkey_login_enabled": "use `apps.passkeys`",
        "passkey_signup_enabled": "is not offered: a passkey is added to an account",
        "rate_limits": "use the action `mfa` of `account.rate_limits`",
        "reauthentication_required": "use `account.reauthentication_required`",
        "recovery_codes_show_once": "use `mfa.recovery_codes = \"hashed\"`",
        "supported_types": "cannot be changed: authenticator apps and recovery codes",
        "totp_insecure_bypass_code": "is not offered: a code that always works is a back door",
        "totp_tolerance": "cannot be changed: the codes before and after the current one are accepted",
        "webauthn_allow_insecure_origin": "list the origin in `passkeys.rp_origins`",
        "webauthn_user_verification": "use `passkeys.user_verification`",
    }
}

impl MfaSettings {
    /// Whether a passkey removes an authenticator app.
    #[must_use]
    pub fn takes_passkeys(&self, apps: &AppsSettings) -> bool {
        apps.passkeys && self.deactivate_with.contains(&DeactivationProof::Passkey)
    }
}
