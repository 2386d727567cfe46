//! `[passkeys]`: the `PASSKEY_*` keys of `REST_AUTH`.

use std::time::Duration;

use rest_auth_domain::webauthn;
use rest_auth_settings::rules::if_given;
use rest_auth_settings::{choices, minutes, settings};

use super::rules;

choices! {
    /// Whether authenticators have to verify the user, by a PIN or a finger.
    pub enum UserVerification {
        /// They have to.
        Required = "required",
        /// They should, if they can.
        Preferred = "preferred",
        /// They should not.
        Discouraged = "discouraged",
    }
}

choices! {
    /// Whether authenticators keep a new passkey so that they find it without a user name.
    pub enum ResidentKey {
        /// They have to.
        Required = "required",
        /// They should, if they can.
        Preferred = "preferred",
        /// They should not.
        Discouraged = "discouraged",
    }
}

choices! {
    /// The name of a user on authenticators.
    pub enum UserHandle {
        /// Random bytes, which tell nothing.
        Random = "random",
        /// The primary key in decimal.
        DjRestAuth = "dj_rest_auth",
        /// The primary key in base 36.
        Allauth = "allauth",
    }
}

choices! {
    /// The table of new passkeys.
    pub enum PasskeyStorage {
        /// dj-rest-auth's.
        DjRestAuth = "dj_rest_auth",
        /// allauth's.
        Allauth = "allauth",
    }
}

settings! {
    /// Login with passkeys: keys on the user's own devices (WebAuthn).
    pub struct PasskeySettings = "passkeys" {
        /// The domain that passkeys are bound to, for good: the host of the pages, or one that it
        /// lies in. Passkeys of another domain do not work. None: the host of `server.public_url`,
        /// in the strict profile.
        #[rule(|id: &Option<String>| if_given(id.as_deref(), rules::rp_id))]
        rp_id: Option<String> = None,
        /// The name that devices show. None: `server.site_name`, or else `rp_id`, in the strict
        /// profile.
        rp_name: Option<String> = None,
        /// The origins of the pages, compared exactly: `https://app.example.com`, or
        /// `android:apk-key-hash:…` of an application. Empty: that of `server.public_url`, and
        /// `csrf.trusted_origins`, in the strict profile.
        #[rule(rules::rp_origins)]
        rp_origins: Vec<String> = Vec::new(),
        /// The origins of pages that may show those of `rp_origins` in a frame.
        #[rule(rules::rp_origins)]
        top_origins: Vec<String> = Vec::new(),
        /// How long a user may take.
        #[range(10.0, 3600.0)]
        challenge_timeout: Duration = minutes(5),
        /// Whether devices have to verify the user: `required`, `preferred` or `discouraged`. A
        /// passkey that was used without is one factor: users with a second one are asked for it.
        user_verification: UserVerification => {
            strict: UserVerification::Required,
            django: UserVerification::Preferred,
        },
        /// Whether devices keep new passkeys so that they find them without a user name:
        /// `required`, `preferred` or `discouraged`.
        resident_key: ResidentKey => {
            strict: ResidentKey::Required,
            django: ResidentKey::Preferred,
        },
        /// A passkey is a second factor: every other login of its user stops for it or for a recovery
        /// code, of which they get some with their first passkey. Off: it completes logins that stop
        /// for another factor.
        second_factor: bool => { strict: true, django: false },
        /// Tell the passkeys of a user to whoever names the user. Off: nobody learns who is
        /// registered, and devices find the passkey themselves.
        list_by_username: bool => { strict: false, django: true },
        /// What devices call a user: `random`, or the primary key as `dj_rest_auth` or `allauth`
        /// writes it. All are accepted.
        user_handle: UserHandle => {
            strict: UserHandle::Random,
            django: UserHandle::DjRestAuth,
        },
        /// How many passkeys a user may have. None: any number.
        #[range(1.0, 1000.0)]
        max_passkeys: Option<u32> => { strict: Some(50), django: None },
        /// Address of the page where users add a passkey, for password managers, which look for it at
        /// `/.well-known/passkey-endpoints`. None: they are not told.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::page))]
        enroll_url: Option<String> = None,
        /// Address of the page where users see and remove their passkeys, likewise.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::page))]
        manage_url: Option<String> = None,
        /// Whose table new passkeys go to: `dj_rest_auth` or `allauth`. Those of both log in.
        storage: PasskeyStorage = PasskeyStorage::DjRestAuth,
    }
}

impl From<UserVerification> for webauthn::UserVerification {
    fn from(setting: UserVerification) -> Self {
        match setting {
            UserVerification::Required => Self::Required,
            UserVerification::Preferred => Self::Preferred,
            UserVerification::Discouraged => Self::Discouraged,
        }
    }
}
