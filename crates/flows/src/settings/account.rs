//! `[account]`: allauth's `ACCOUNT_*`.

use std::time::Duration;

use rest_auth_settings::rules::if_given;
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError, minutes};
use rest_auth_settings::{choices, settings};

use super::code_format::CodeFormatSetting;
use super::rate_limit::RateLimits;
use super::rules;
use super::signup_fields::SignupFields;

choices! {
    /// Whether the e-mail address of a new account must be verified.
    pub enum EmailVerification {
        /// No login before the address is verified.
        Mandatory = "mandatory",
        /// A mail is sent, and login works before the address is verified.
        Optional = "optional",
        /// No mail is sent.
        None = "none",
    }
}

choices! {
    /// The keys in the links of verification mails.
    pub enum ConfirmationKeys {
        /// Random keys that work once. The database stores a digest of each.
        Stored = "stored",
        /// allauth's keys: signed, or readable in its table.
        Django = "django",
    }
}

choices! {
    /// What identifies a user at login.
    pub enum LoginMethod {
        /// The user name.
        Username = "username",
        /// A verified e-mail address.
        Email = "email",
    }
}

choices! {
    /// The scheme of links in mails.
    pub enum LinkScheme {
        /// The scheme of the request.
        Http = "http",
        /// Always https.
        Https = "https",
    }
}

choices! {
    /// Which characters a user name may have.
    pub enum UsernameValidator {
        /// Letters and digits of every script, and `@.+-_`.
        Unicode = "unicode",
        /// Letters and digits of ASCII, and `@.+-_`.
        Ascii = "ascii",
    }
}

choices! {
    /// How a user is named in mails.
    pub enum UserDisplay {
        /// By user name.
        Username = "username",
        /// By e-mail address.
        Email = "email",
        /// By first and last name.
        FullName = "full_name",
    }
}

/// Whether answers hide that an address is registered (allauth's `PREVENT_ENUMERATION`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreventEnumeration {
    /// Answers reveal it.
    Off,
    /// Answers hide it, except where that would allow several accounts with one unverified address.
    On,
    /// Answers always hide it, even if this allows several accounts with one unverified address.
    Strict,
}

impl SettingValue for PreventEnumeration {
    fn type_name() -> String {
        "boolean or \"strict\"".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        match value {
            Json::Bool(false) => Ok(Self::Off),
            Json::Bool(true) => Ok(Self::On),
            Json::String(text) if text == "strict" => Ok(Self::Strict),
            _ => Err(ValueError::new("must be true, false or \"strict\"")),
        }
    }

    fn show(&self) -> Json {
        match self {
            Self::Off => Json::Bool(false),
            Self::On => Json::Bool(true),
            Self::Strict => Json::from("strict"),
        }
    }

    fn schema() -> Json {
        serde_json::json!({"enum": [true, false, "strict"]})
    }
}

settings! {
    /// Accounts and their e-mail addresses.
    pub struct AccountSettings = "account" {
        /// What identifies a user at login: `username`, `email`, or both.
        #[rule(rules::login_methods)]
        login_methods: Vec<LoginMethod> = vec![LoginMethod::Username],
        /// Fields of registration: `email`, `username`, `first_name`, `last_name`, `password1`,
        /// `password2`; `*` marks required ones.
        signup_fields: SignupFields = SignupFields::default(),
        /// `mandatory`: no login before the address is verified. `optional`: a mail is sent.
        /// `none`: no mail.
        email_verification: EmailVerification = EmailVerification::Optional,
        /// Life of the key in a verification mail, in days.
        #[range(0.0, 36_500.0)]
        email_confirmation_expire_days: u32 = 3,
        /// `stored`: keys that work once; `rest_auth_one_time` holds their digests. A new password,
        /// a new address or disabling the account ends them. `django`: allauth's keys, which Django
        /// accepts too. Only the configured kind is accepted: after a change to `stored` the links
        /// in mails from Django stop working, and users have to request another mail.
        email_confirmation_keys: ConfirmationKeys => {
            strict: ConfirmationKeys::Stored,
            django: ConfirmationKeys::Django,
        },
        /// The kind of allauth's keys, if `email_confirmation_keys` is `django`. On: signed. Off:
        /// random and readable in `account_emailconfirmation`.
        email_confirmation_hmac: bool = true,
        /// Address of the page behind the link of a verification mail, with `{key}`.
        /// None: `registration/account-confirm-email/{key}/` of this server.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::verification_link))]
        email_confirmation_url: Option<String> = None,
        /// Show a page of this server behind each link of a mail that no page of a front end is
        /// configured for: to verify an address, to choose a new password, to accept an invitation.
        /// Off: nothing is there, as in dj-rest-auth.
        link_pages: bool => { strict: true, django: false },
        /// Mail a code to type in place of a link: `registration/verify-email/` then takes `email`
        /// and `code` in place of `key`, from any device. Keys that were mailed earlier stop
        /// working.
        email_verification_by_code_enabled: bool = false,
        /// How many attempts a code to verify an address allows.
        #[range(1.0, 10.0)]
        email_verification_by_code_max_attempts: u32 = 3,
        /// How long a code to verify an address is valid.
        #[range(10.0, 86_400.0)]
        email_verification_by_code_timeout: Duration = minutes(15),
        /// Format of codes to verify an address: `length` without dashes, `numeric` for digits
        /// instead of capital letters, `dashed` for groups of four.
        email_verification_by_code_format: CodeFormatSetting = CodeFormatSetting::default(),
        /// Accepted without effect, as in dj-rest-auth: verifying an address does not log the user
        /// in.
        login_on_email_confirmation: bool = false,
        /// A verified address belongs to one account.
        unique_email: bool = true,
        /// An address identifies an account (login, reset, codes, another verification mail) once
        /// its user has verified it, or while it is the one that the account was made with and none
        /// is verified. Off: every address does that a user has added, as in allauth. A mail that
        /// the owner of such an address asks for then opens the account of whoever added it.
        identify_by_proven_email: bool => { strict: true, django: false },
        /// The first mail that somebody proves to get, by a password reset, makes the account theirs:
        /// accounts at providers, second factors, passkeys and further addresses from before go.
        reset_reclaims_account: bool => { strict: true, django: false },
        /// If a user adds an address that belongs to another account, the answer is the usual one,
        /// and the owner gets a mail. No effect elsewhere, as in dj-rest-auth:
        /// `neutral_registration` does the same for registration, and login and reset always do.
        prevent_enumeration: PreventEnumeration = PreventEnumeration::On,
        /// While verification is mandatory, a registration with a taken address gets the answer for
        /// a new one, and the owner gets a mail. So does an account by a provider that has not verified
        /// the address.
        neutral_registration: bool => { strict: true, django: false },
        /// Keep the case of user names. Off: they are stored and looked up in lower case.
        preserve_username_casing: bool = true,
        /// User names that nobody may have, in upper or lower case.
        username_blacklist: Vec<String> = Vec::new(),
        /// Minimum length of a user name at registration.
        #[range(1.0, 150.0)]
        username_min_length: u32 = 1,
        /// Which characters a user name may have.
        username_validator: UsernameValidator = UsernameValidator::Unicode,
        /// Basic authentication and the refresh of JWTs have the conditions of a login: a verified
        /// address while `email_verification` is `mandatory`. Off: the user must be active, and
        /// nothing else is checked, as in DRF and SimpleJWT.
        recheck_login_steps: bool => { strict: true, django: false },
        /// Refuse a user name that is the e-mail address of another account. While
        /// `neutral_registration` hides who is registered, every address but the own one.
        reject_username_of_email: bool => { strict: true, django: false },
        /// Refuse a user name that consists of compatible forms of the characters of another one,
        /// such as full-width letters or ligatures (Unicode normalization form KC). Names that Django
        /// gave are not compared in this way.
        reject_look_alike_usernames: bool => { strict: true, django: false },
        /// Minimum length of a password while `auth.password_validators` is empty.
        #[range(1.0, 1024.0)]
        password_min_length: u32 = 6,
        /// Mail a code to type in place of a link to reset a password: `password/reset/confirm/`
        /// then takes `email` and `code` in place of `uid` and `token`, from any device. Links that
        /// were mailed earlier stop working.
        password_reset_by_code_enabled: bool = false,
        /// How many attempts a code to reset a password allows.
        #[range(1.0, 10.0)]
        password_reset_by_code_max_attempts: u32 = 3,
        /// How long a code to reset a password is valid.
        #[range(10.0, 86_400.0)]
        password_reset_by_code_timeout: Duration => { strict: minutes(10), django: minutes(3) },
        /// Format of codes to reset a password: `length` without dashes, `numeric` for digits
        /// instead of capital letters, `dashed` for groups of four.
        password_reset_by_code_code_format: CodeFormatSetting = CodeFormatSetting::default(),
        /// Limits by action, such as `5/m/ip` or `5/300s/key`, several separated by commas; `""`
        /// switches one off. Given limits are added to the defaults; `false` switches all off.
        rate_limits: RateLimits => {
            strict: RateLimits::of_allauth(),
            django: RateLimits::of_dj_rest_auth(),
        },
        /// GET logs out, too. Any page can then log its visitors out.
        logout_on_get: bool = false,
        /// Prefix of the subject of mails. None: the name of the site in brackets.
        email_subject_prefix: Option<String> = None,
        /// `https` forces https into the links of mails.
        default_http_protocol: LinkScheme = LinkScheme::Http,
        /// Salt of the signed keys of verification mails.
        salt: String = "account".to_owned(),
        /// How mails name the user. If the chosen value is empty, they use the user name.
        user_display: UserDisplay = UserDisplay::Username,
        /// Mail the owner when a password, the primary address or the user name changed, or the
        /// account was deleted.
        email_notifications: bool => { strict: true, django: false },
        /// Mail the owner when somebody logs in from a device or network that no login came from
        /// before.
        new_sign_in_notification: bool => { strict: true, django: false },
        /// Address of your page where users see and end their logins (`sessions/`). The mail about a
        /// login from a new device links to it. None: no link.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::page))]
        sessions_url: Option<String> = None,
        /// Offer `emails/`, where users list, add, choose and remove their addresses. Needs
        /// `apps.registration`, whose `registration/verify-email/` verifies them.
        email_management: bool => { strict: true, django: false },
        /// A user has one address. A new one replaces it once it is verified, and this ends the
        /// user's other logins.
        change_email: bool = false,
        /// How many addresses a user may have. None: any number.
        #[range(1.0, 1000.0)]
        max_email_addresses: Option<u32> => { strict: Some(10), django: None },
        /// What changes ways to log in (the user name, addresses, factors, passkeys, accounts at
        /// providers) needs a proof that is younger than `reauthentication_timeout`: 403
        /// `reauthentication_required` otherwise. `reauthenticate/` takes one. Changes of all but
        /// accounts at providers also take `current_password`.
        reauthentication_required: bool => { strict: true, django: false },
        /// How long a proof is good for such changes.
        #[range(10.0, 86_400.0)]
        reauthentication_timeout: Duration = minutes(5),
        /// A login is such a proof, too, if the user gave a password, a code or a passkey.
        login_counts_as_reauthentication: bool => { strict: true, django: false },
        /// "Remember me" of allauth's own login page. This login does not read it, as
        /// dj-rest-auth's does not.
        session_remember: Option<bool> = None,
    }
    instead {
        "adapter": "settings of their own stand for its methods",
        "forms": "has no meaning here: it is about HTML pages",
        "authenticated_login_redirects": "has no meaning here: it is about HTML pages",
        "confirm_email_on_get": "has no meaning here: it is about HTML pages",
        "email_confirmation_anonymous_redirect_url":
            "has no meaning here: it is about HTML pages",
        "email_confirmation_authenticated_redirect_url":
            "has no meaning here: it is about HTML pages",
        "login_on_password_reset": "has no meaning here: it is about HTML pages",
        "login_timeout": "has no meaning here: it is about HTML pages",
        "logout_on_password_change": "use `rest_auth.logout_on_password_change`",
        "logout_redirect_url": "has no meaning here: it is about HTML pages",
        "password_input_render_value": "has no meaning here: it is about HTML pages",
        "signup_form_class": "has no meaning here: it is about HTML pages",
        "signup_form_honeypot_field": "has no meaning here: it is about HTML pages",
        "signup_redirect_url": "has no meaning here: it is about HTML pages",
        "template_extension": "has no meaning here: it is about HTML pages",
        "email_unknown_accounts": "mails go to registered addresses only",
        "email_max_length": "addresses have at most 254 characters",
        "password_reset_token_generator": "use `rest_auth.password_reset_tokens`",
        "username_validators": "use `account.username_validator`",
        "user_model_email_field": "the user table is Django's, its column is `email`",
        "user_model_username_field": "the user table is Django's, its column is `username`",
        "email_verification_supports_change": "has no meaning here: it is about HTML pages",
        "email_verification_supports_resend": "`registration/resend-email/` mails another code",
        "login_by_code_enabled": "login by code is not offered yet",
        "login_by_code_format": "login by code is not offered yet",
        "login_by_code_max_attempts": "login by code is not offered yet",
        "login_by_code_required": "login by code is not offered yet",
        "login_by_code_supports_resend": "login by code is not offered yet",
        "login_by_code_timeout": "login by code is not offered yet",
        "login_by_code_trust_enabled": "login by code is not offered yet",
        "phone_verification_code_format": "phone numbers are not offered yet",
        "phone_verification_enabled": "phone numbers are not offered yet",
        "phone_verification_max_attempts": "phone numbers are not offered yet",
        "phone_verification_supports_change": "phone numbers are not offered yet",
        "phone_verification_supports_resend": "phone numbers are not offered yet",
        "phone_verification_timeout": "phone numbers are not offered yet",
    }
}
