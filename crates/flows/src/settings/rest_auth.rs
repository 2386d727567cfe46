//! `[rest_auth]`: Django's `REST_AUTH`.

use std::time::Duration;

use rest_auth_settings::days;
use rest_auth_settings::rules::if_given;
use rest_auth_settings::{choices, settings};

use super::rules;
use super::same_site::SameSite;

choices! {
    /// Where the tokens of the token scheme are kept.
    pub enum TokenStorage {
        /// One token per login. `rest_auth_token` holds a digest, from which the token cannot be
        /// computed.
        Digest = "digest",
        /// One token per user, readable in `authtoken_token`, as in Django REST framework.
        Django = "django",
    }
}

choices! {
    /// The tokens in the links of reset mails.
    pub enum ResetTokenKind {
        /// Random keys that work once. The database stores a digest of each.
        Stored = "stored",
        /// Signed tokens, as Django and allauth make them.
        Django = "django",
    }
}

choices! {
    /// Who may register.
    pub enum RegisterAccess {
        /// Everybody.
        Open = "open",
        /// Users who are signed in.
        Authenticated = "authenticated",
        /// Staff.
        Staff = "staff",
        /// Anybody with an invitation code.
        Invite = "invite",
        /// Nobody.
        Closed = "closed",
    }
}

settings! {
    /// Login, logout, and the credentials that a login returns.
    pub struct RestAuthSettings = "rest_auth" {
        /// Return a token at login if `use_jwt` is off.
        token_model: bool = true,
        /// Where tokens are kept: `digest` (ours, one per login) or `django` (`authtoken_token`,
        /// one per user, readable in the database, shared with Django REST framework).
        token_storage: TokenStorage => {
            strict: TokenStorage::Digest,
            django: TokenStorage::Django,
        },
        /// Maximum lifetime of a token. Needs `token_storage = "digest"`; none: for ever.
        token_lifetime: Option<Duration> => { strict: Some(days(30)), django: None },
        /// How long an unused token is valid. Needs `token_storage = "digest"`; none: no limit.
        token_idle_timeout: Option<Duration> => { strict: Some(days(14)), django: None },
        /// Open a session at login and close it at logout.
        session_login: bool = true,
        /// Return JWTs at login instead of a token. Adds `token/verify/` and `token/refresh/`.
        use_jwt: bool = false,
        /// Name of the cookie with the access token. None: no cookie, and none is accepted.
        jwt_auth_cookie: Option<String> = None,
        /// Name of the cookie with the refresh token.
        jwt_auth_refresh_cookie: Option<String> = None,
        /// Path of the refresh cookie.
        jwt_auth_refresh_cookie_path: String = "/".to_owned(),
        /// Secure attribute of both cookies. In the strict profile it is off by default while
        /// `server.public_url` is http on this machine.
        jwt_auth_secure: bool => { strict: true, django: false },
        /// `HttpOnly` attribute of both cookies. On: the refresh token is left out of bodies, and
        /// logout reads it from its cookie only.
        jwt_auth_httponly: bool = true,
        /// `SameSite` attribute of both cookies. None: no attribute.
        jwt_auth_samesite: Option<SameSite> = Some(SameSite::Lax),
        /// Domain attribute of both cookies. None: this host only.
        jwt_auth_cookie_domain: Option<String> = None,
        /// Add `access_expiration` and `refresh_expiration` to the answers of login.
        jwt_auth_return_expiration: bool = false,
        /// Require a CSRF token in unsafe requests that are authenticated by the cookie.
        jwt_auth_cookie_use_csrf: bool => { strict: true, django: false },
        /// Require a CSRF token in every unsafe request without an Authorization header.
        jwt_auth_cookie_enforce_csrf_on_unauthenticated: bool = false,
        /// Require a correct `old_password` when a password is changed.
        old_password_field_enabled: bool => { strict: true, django: false },
        /// Also end the session in which the password was changed.
        logout_on_password_change: bool = false,
        /// When the password or the primary e-mail address is changed or reset, end every token,
        /// refresh token and session that was issued before, not only other sessions. The session
        /// or token that makes the change stays valid.
        revoke_on_password_change: bool => { strict: true, django: false },
        /// Offer `DELETE user/`, by which users delete their accounts. It asks for the password.
        user_deletion: bool = false,
        /// Address of the page behind the link of a reset mail, with `{uid}` and `{token}`.
        /// None: `password-reset/confirm/{uid}/{token}/` of this server.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::reset_link))]
        password_reset_url: Option<String> = None,
        /// Address of the page where users change their password. `/.well-known/change-password`, which
        /// password managers look for, leads there. None: it is not there.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::page))]
        password_change_url: Option<String> = None,
        /// `stored`: tokens that work once; `rest_auth_one_time` holds their digests. A new
        /// password, a new address or disabling the account ends them, and answers do not reveal
        /// which `uid` exists. `django`: signed tokens, which Django accepts too. With `stored`,
        /// signed tokens still work for active users: those of invitations and of mails that Django
        /// sent.
        password_reset_tokens: ResetTokenKind => {
            strict: ResetTokenKind::Stored,
            django: ResetTokenKind::Django,
        },
        /// Resetting a password by mail also verifies the address, because the user has received
        /// mail at it. Needs `password_reset_tokens = "stored"` or codes.
        password_reset_verifies_email: bool => { strict: true, django: false },
        /// Reset links begin with the domain in Django's table `django_site` instead of the host of
        /// the request, unless `server.public_url` is set.
        password_reset_use_sites_domain: bool = false,
        /// Who may register. `open`: everybody. `invite`: whoever has a code from `rest-auth user
        /// invite`. `authenticated`, `staff`: users who are logged in; they create accounts for
        /// others. `closed`: nobody.
        register: RegisterAccess = RegisterAccess::Open,
        /// Address of the page behind the link of an invitation, with `{code}`. None:
        /// `registration/invitation/{code}/` of this server, where `account.link_pages` is on; where
        /// it is off, invitations can be printed, but not mailed.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::invitation_link))]
        invitation_url: Option<String> = None,
    }
    instead {
        "token": "use `rest_auth.token_model`",
        "mfa_login": "use `apps.mfa`",
        "login_serializer": "`account.login_methods` says what a login accepts",
        "token_serializer": "the answer of a token login is `key`, always",
        "jwt_serializer": "`rest_auth.jwt_auth_return_expiration` adds the expiry times",
        "jwt_serializer_with_expiration":
            "`rest_auth.jwt_auth_return_expiration` adds the expiry times",
        "jwt_token_claims_serializer": "further claims are declared in `simple_jwt.claims`",
        "user_details_serializer": "further columns are declared in `user.extra_fields`",
        "password_reset_serializer": "`rest_auth.password_reset_url` is the address of the link",
        "password_reset_confirm_serializer": "the fields of this endpoint are fixed",
        "password_change_serializer":
            "`rest_auth.old_password_field_enabled` asks for the old password",
        "register_serializer": "`account.signup_fields` says which fields are required",
        "register_permission_classes": "`rest_auth.register` says who may register",
        "token_creator": "`rest_auth.token_storage` says whether a login makes a token of its own",
        "mfa_verify_serializer": "the fields of this endpoint are fixed",
        "mfa_totp_activate_init_serializer": "the fields of this endpoint are fixed",
        "mfa_totp_activate_confirm_serializer": "the fields of this endpoint are fixed",
        "mfa_totp_deactivate_serializer": "the fields of this endpoint are fixed",
        "mfa_status_serializer": "the fields of this endpoint are fixed",
        "mfa_recovery_codes_serializer": "the fields of this endpoint are fixed",
    }
}
