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
        /// A digest per login in `rest_auth_token`: one token per device, nothing to steal.
        Digest = "digest",
        /// One readable token per user in `authtoken_token`, as Django REST framework has it.
        Django = "django",
    }
}

choices! {
    /// The tokens in the links of reset mails.
    pub enum ResetTokenKind {
        /// Random ones of ours that work once, of which the database has the digest.
        Stored = "stored",
        /// Signed ones, as Django and allauth make them.
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
        /// Whoever has an invitation code.
        Invite = "invite",
        /// Nobody.
        Closed = "closed",
    }
}

settings! {
    /// Login, logout, and what a login hands out.
    pub struct RestAuthSettings = "rest_auth" {
        /// Hand out a token at login when `use_jwt` is off.
        token_model: bool = true,
        /// Where tokens are kept: `digest` (ours, one per login) or `django` (`authtoken_token`,
        /// one per user, readable in the database, shared with Django REST framework).
        token_storage: TokenStorage => {
            strict: TokenStorage::Digest,
            django: TokenStorage::Django,
        },
        /// How long a token works at most. Needs `token_storage = "digest"`; none: for ever.
        token_lifetime: Option<Duration> => { strict: Some(days(30)), django: None },
        /// How long an unused token works. Needs `token_storage = "digest"`; none: no limit.
        token_idle_timeout: Option<Duration> => { strict: Some(days(14)), django: None },
        /// Open a session at login and close it at logout.
        session_login: bool = true,
        /// Hand out JWTs at login in place of a token; adds `token/verify/` and `token/refresh/`.
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
        /// Demand a CSRF token of unsafe requests that are authenticated by the cookie.
        jwt_auth_cookie_use_csrf: bool => { strict: true, django: false },
        /// Demand a CSRF token of every unsafe request without an Authorization header.
        jwt_auth_cookie_enforce_csrf_on_unauthenticated: bool = false,
        /// Demand a correct `old_password` when a password is changed.
        old_password_field_enabled: bool => { strict: true, django: false },
        /// End the session in which the password was changed, too.
        logout_on_password_change: bool = false,
        /// End every token, refresh token and session issued before a password was changed or
        /// reset, not only other sessions, and so with the primary e-mail address. The session or
        /// token that changes it goes on.
        revoke_on_password_change: bool => { strict: true, django: false },
        /// Offer `DELETE user/`: users delete their accounts, with their password.
        user_deletion: bool = false,
        /// Address of the page behind the link of a reset mail, with `{uid}` and `{token}`.
        /// None: `password-reset/confirm/{uid}/{token}/` of this server.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::reset_link))]
        password_reset_url: Option<String> = None,
        /// `stored`: tokens of which the database keeps the digest in `rest_auth_one_time`; they end
        /// with the password, the address and the epoch of the user, and answers do not tell which
        /// `uid` exists. `django`: signed ones, which Django accepts too. Signed ones work with
        /// `stored`, too, for active users: those of invitations and of mails that Django sent.
        password_reset_tokens: ResetTokenKind => {
            strict: ResetTokenKind::Stored,
            django: ResetTokenKind::Django,
        },
        /// Who sets a new password by mail has proven to read that mail: the address counts as
        /// verified from then on. Needs `password_reset_tokens = "stored"` or codes.
        password_reset_verifies_email: bool => { strict: true, django: false },
        /// Reset links begin with the domain of Django's table `django_site` in place of the host
        /// of the request, unless `server.public_url` is set.
        password_reset_use_sites_domain: bool = false,
        /// Who may register: `open`, everybody; `invite`, whoever has a code of `rest-auth user
        /// invite`; `authenticated` or `staff`, who are logged in and make accounts for others
        /// without being logged in to them; `closed`, nobody.
        register: RegisterAccess = RegisterAccess::Open,
        /// Address of the page behind the link of an invitation, with `{code}`. Without it
        /// invitations can be printed, but not mailed.
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
