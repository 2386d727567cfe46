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
    /// What a new account has to prove about its e-mail address.
    pub enum EmailVerification {
        /// No login before the address is verified.
        Mandatory = "mandatory",
        /// A mail is sent; login works without.
        Optional = "optional",
        /// No mail is sent.
        None = "none",
    }
}

choices! {
    /// The keys in the links of verification mails.
    pub enum ConfirmationKeys {
        /// Random ones of ours that work once, of which the database has the digest.
        Stored = "stored",
        /// allauth's: signed, or readable in its table.
        Django = "django",
    }
}

choices! {
    /// What a person can be named by at login.
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
        /// As the request had it.
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
    /// They tell.
    Off,
    /// They hide it where that costs nothing.
    On,
    /// They hide it even if several accounts with one unverified address come to be.
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
        /// What a login accepts.
        #[rule(rules::login_methods)]
        login_methods: Vec<LoginMethod> = vec![LoginMethod::Username],
        /// Fields of registration; `*` marks what is required.
        signup_fields: SignupFields = SignupFields::default(),
        /// `mandatory`: no login before the address is verified. `optional`: a mail is sent.
        /// `none`: no mail.
        email_verification: EmailVerification = EmailVerification::Optional,
        /// Life of the key in a verification mail, in days.
        #[range(0.0, 36_500.0)]
        email_confirmation_expire_days: u32 = 3,
        /// `stored`: keys that work once, of which the database keeps the digest in
        /// `rest_auth_one_time`; they end with the user's epoch, which a new password, a new address
        /// or a disabled account raises. `django`: those of allauth, which Django accepts too. Only
        /// one kind is accepted: mails that Django sent before a change to `stored` lead nowhere,
        /// and their readers have to ask for another.
        email_confirmation_keys: ConfirmationKeys => {
            strict: ConfirmationKeys::Stored,
            django: ConfirmationKeys::Django,
        },
        /// The kind of allauth's keys, while `email_confirmation_keys` is `django`. On: signed. Off:
        /// random and readable in `account_emailconfirmation`.
        email_confirmation_hmac: bool = true,
        /// Address of the page behind the link of a verification mail, with `{key}`.
        /// None: `registration/account-confirm-email/{key}/` of this server.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::verification_link))]
        email_confirmation_url: Option<String> = None,
        /// Mail a code to type in place of a link: `registration/verify-email/` then takes `email`
        /// and `code` in place of `key`, from any device. Keys mailed before lead nowhere.
        email_verification_by_code_enabled: bool = false,
        /// How often a code to verify an address may be tried.
        #[range(1.0, 10.0)]
        email_verification_by_code_max_attempts: u32 = 3,
        /// How long a code to verify an address works.
        #[range(10.0, 86_400.0)]
        email_verification_by_code_timeout: Duration = minutes(15),
        /// What codes to verify an address look like: `length` without dashes, `numeric` for digits
        /// in place of capital letters, `dashed` in groups of four.
        email_verification_by_code_format: CodeFormatSetting = CodeFormatSetting::default(),
        /// Accepted and without effect, as with dj-rest-auth: verifying signs nobody in.
        login_on_email_confirmation: bool = false,
        /// A verified address belongs to one account.
        unique_email: bool = true,
        /// Adding an address to one's account that is somebody else's looks fine, and its owner
        /// gets a mail. Without effect elsewhere, as with dj-rest-auth: at registration
        /// `neutral_registration` hides who is registered; login and reset always hide it.
        prevent_enumeration: PreventEnumeration = PreventEnumeration::On,
        /// While verification is mandatory, registering an address that is taken gets the answer
        /// of a new one, and its owner a mail.
        neutral_registration: bool => { strict: true, django: false },
        /// Keep the case of user names. Off: they are stored and looked up in lower case.
        preserve_username_casing: bool = true,
        /// User names that nobody may have, in any case.
        username_blacklist: Vec<String> = Vec::new(),
        /// Least length of a user name at registration.
        #[range(1.0, 150.0)]
        username_min_length: u32 = 1,
        /// Which characters a user name may have.
        username_validator: UsernameValidator = UsernameValidator::Unicode,
        /// Basic authentication and the refresh of JWTs ask for what a login asks for: a verified
        /// address while `email_verification` is `mandatory`. Off: as in DRF and SimpleJWT, they ask
        /// for an active user alone.
        recheck_login_steps: bool => { strict: true, django: false },
        /// Refuse a user name that is the e-mail address of another account.
        reject_username_of_email: bool => { strict: true, django: false },
        /// Least length of a password while `auth.password_validators` is empty.
        #[range(1.0, 1024.0)]
        password_min_length: u32 = 6,
        /// Mail a code to type in place of a link to reset a password: `password/reset/confirm/` then
        /// takes `email` and `code` in place of `uid` and `token`, from any device. Links mailed
        /// before lead nowhere.
        password_reset_by_code_enabled: bool = false,
        /// How often a code to reset a password may be tried.
        #[range(1.0, 10.0)]
        password_reset_by_code_max_attempts: u32 = 3,
        /// How long a code to reset a password works.
        #[range(10.0, 86_400.0)]
        password_reset_by_code_timeout: Duration => { strict: minutes(10), django: minutes(3) },
        /// What codes to reset a password look like: `length` without dashes, `numeric` for digits
        /// in place of capital letters, `dashed` in groups of four.
        password_reset_by_code_code_format: CodeFormatSetting = CodeFormatSetting::default(),
        /// Limits by action: `5/m/ip`, `5/300s/key`, several with commas; `""` switches one off.
        /// What is given is added to the defaults; `false` switches all off.
        rate_limits: RateLimits => {
            strict: RateLimits::of_allauth(),
            django: RateLimits::of_dj_rest_auth(),
        },
        /// GET logs out, too. Any page can then sign its visitors out.
        logout_on_get: bool = false,
        /// Front of the subject of mails. None: the name of the site in brackets.
        email_subject_prefix: Option<String> = None,
        /// `https` forces https into the links of mails.
        default_http_protocol: LinkScheme = LinkScheme::Http,
        /// Salt of the signed keys of verification mails.
        salt: String = "account".to_owned(),
        /// How a user is named in mails; by user name where what it asks for is empty.
        user_display: UserDisplay = UserDisplay::Username,
        /// Mail the owner when a password or the primary address changed, or the account was
        /// deleted.
        email_notifications: bool => { strict: true, django: false },
        /// Mail the owner when somebody logs in from a device or network that no login came from
        /// before.
        new_sign_in_notification: bool => { strict: true, django: false },
        /// Offer `emails/`: users list, add, choose and remove their addresses. Needs
        /// `apps.registration`, whose `registration/verify-email/` verifies them.
        email_management: bool => { strict: true, django: false },
        /// A user has one address. A new one replaces it once it is verified, which ends what else
        /// lets the user in.
        change_email: bool = false,
        /// How many addresses a user may have. None: any number.
        #[range(1.0, 1000.0)]
        max_email_addresses: Option<u32> => { strict: Some(10), django: None },
        /// Adding, choosing and removing addresses needs `current_password`, of users who have a
        /// password.
        reauthentication_required: bool => { strict: true, django: false },
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
        "reauthentication_timeout": "`account.reauthentication_required` asks for the password",
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
