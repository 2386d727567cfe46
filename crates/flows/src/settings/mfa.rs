//! `[mfa]`: the `MFA_*` keys of `REST_AUTH`, and those of allauth.

use std::time::Duration;

use rest_auth_settings::settings;
use rest_auth_settings::{minutes, seconds};

settings! {
    /// Login in two steps.
    pub struct MfaSettings = "mfa" {
        /// Time between the two steps of a login.
        #[unbuilt = "is not offered yet: login has one step"]
        ephemeral_token_timeout: Duration = minutes(5),
        /// Digits of a code.
        #[range(6.0, 8.0)]
        #[unbuilt = "is not offered yet: login has one step"]
        totp_digits: u32 = 6,
        /// How long a code is valid.
        #[range(15.0, 300.0)]
        #[unbuilt = "is not offered yet: login has one step"]
        totp_period: Duration = seconds(30),
        /// Name of this service in authenticator apps. Empty: none.
        #[unbuilt = "is not offered yet: login has one step"]
        totp_issuer: String = String::new(),
        /// Number of recovery codes.
        #[range(1.0, 100.0)]
        #[unbuilt = "is not offered yet: login has one step"]
        recovery_code_count: u32 = 10,
    }
    instead {
        "adapter": "settings of their own stand for its methods",
        "forms": "has no meaning here: it is about HTML pages",
        "allow_unverified_email": "is not offered yet: login has one step",
        "passkey_login_enabled": "passkeys are not offered yet",
        "passkey_signup_enabled": "passkeys are not offered yet",
        "rate_limits": "is not offered yet: login has one step",
        "reauthentication_required": "is not offered yet: login has one step",
        "recovery_codes_show_once": "is not offered yet: login has one step",
        "recovery_code_digits": "is not offered yet: login has one step",
        "supported_types": "is not offered yet: login has one step",
        "totp_insecure_bypass_code": "is not offered: a code that always works is a back door",
        "totp_tolerance": "is not offered yet: login has one step",
        "trust_cookie_age": "trusted browsers are not offered yet",
        "trust_cookie_domain": "trusted browsers are not offered yet",
        "trust_cookie_httponly": "trusted browsers are not offered yet",
        "trust_cookie_name": "trusted browsers are not offered yet",
        "trust_cookie_path": "trusted browsers are not offered yet",
        "trust_cookie_samesite": "trusted browsers are not offered yet",
        "trust_cookie_secure": "trusted browsers are not offered yet",
        "trust_enabled": "trusted browsers are not offered yet",
        "webauthn_allow_insecure_origin": "passkeys are not offered yet",
        "webauthn_user_verification": "passkeys are not offered yet",
    }
}
