//! `[simple_jwt]`: Django's `SIMPLE_JWT`.

use std::collections::BTreeMap;
use std::time::Duration;

use rest_auth_settings::{OneOrMany, Pem, Secret, days, minutes, seconds};
use rest_auth_settings::{choices, settings};

choices! {
    /// A signature algorithm of JWTs (RFC 7518 section 3.1, RFC 8037).
    pub enum Algorithm {
        /// HMAC with SHA-256.
        Hs256 = "HS256",
        /// HMAC with SHA-384.
        Hs384 = "HS384",
        /// HMAC with SHA-512.
        Hs512 = "HS512",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        Rs384 = "RS384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        Rs512 = "RS512",
        /// RSASSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// RSASSA-PSS with SHA-384.
        Ps384 = "PS384",
        /// RSASSA-PSS with SHA-512.
        Ps512 = "PS512",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        Es384 = "ES384",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

impl Algorithm {
    /// The minimum length of a key in octets for the HMAC family (RFC 7518 section 3.2).
    #[must_use]
    pub const fn shortest_secret(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            _ => None,
        }
    }
}

choices! {
    /// The column that names a user inside a token.
    pub enum UserIdField {
        /// The primary key.
        Id = "id",
        /// The user name.
        Username = "username",
        /// The e-mail address of the user.
        Email = "email",
    }
}

settings! {
    /// JSON Web Tokens.
    pub struct SimpleJwtSettings = "simple_jwt" {
        /// Lifetime of an access token. It is short, because access tokens are not in the database
        /// and cannot be revoked one by one.
        #[range(1.0, 3_153_600_000.0)]
        access_token_lifetime: Duration = minutes(5),
        /// Lifetime of a refresh token.
        #[range(1.0, 3_153_600_000.0)]
        refresh_token_lifetime: Duration => { strict: days(30), django: days(1) },
        /// How long after a login its tokens can be refreshed, even with rotation. None: no limit.
        refresh_family_lifetime: Option<Duration> => { strict: Some(days(30)), django: None },
        /// Return a new refresh token at every refresh.
        rotate_refresh_tokens: bool => { strict: true, django: false },
        /// Refuse a refresh token that was rotated. Needs `apps.token_blacklist`.
        blacklist_after_rotation: bool => { strict: true, django: false },
        /// Treat the refresh tokens of one login as a family: using a rotated one again ends them
        /// all.
        refresh_families: bool => { strict: true, django: false },
        /// How long a rotated refresh token can be used again and gets the same successor, in case
        /// the answer was lost. 0: never.
        #[range(0.0, 60.0)]
        reuse_grace: Duration => { strict: seconds(10), django: seconds(0) },
        /// How long a rotated refresh token can be used again while its successor has not been
        /// used, for clients that notice late that the answer was lost. No effect while
        /// `reuse_grace` is 0.
        #[range(0.0, 2_592_000.0)]
        reuse_grace_while_unused: Duration => { strict: days(1), django: seconds(0) },
        /// Refuse access tokens issued before a password change, a logout everywhere or the end of
        /// the account. It needs no further query, because the user is loaded anyway.
        check_epoch: bool => { strict: true, django: false },
        /// Tokens say how the user logged in: `auth_time`, `amr` (`pwd`, `otp`, `pop`,
        /// `fed`, `user`, `mfa`) and `acr` (`aal1`, `aal2`).
        auth_claims: bool => { strict: true, django: false },
        /// `token/verify/` also refuses tokens of users who are deleted, disabled or logged out.
        verify_checks_user: bool => { strict: true, django: false },
        /// Refuse tokens of disabled users.
        check_user_is_active: bool = true,
        /// Put a digest of the password hash into tokens, and refuse tokens in which it differs.
        /// `check_epoch` has the same effect and puts nothing about the hash into tokens.
        check_revoke_token: bool = false,
        /// Name of the claim with that digest.
        revoke_token_claim: String = "hash_password".to_owned(),
        /// Signature algorithm.
        algorithm: Algorithm = Algorithm::Hs256,
        /// Secret of an HS algorithm, or private key in PEM. None: `server.secret_key`.
        signing_key: Option<Secret> = None,
        /// Public key in PEM, for all algorithms except HS. None: the public half of `signing_key`.
        verifying_key: Option<Pem> = None,
        /// Address of a key set from which public keys are fetched.
        #[unbuilt = "is not offered: keys come from simple_jwt.verifying_key"]
        jwk_url: Option<String> = None,
        /// `aud` of tokens, written and required.
        audience: Option<OneOrMany> = None,
        /// `iss` of tokens, written and required.
        issuer: Option<String> = None,
        /// Tolerance for clocks that differ, for every time in a token: it also lengthens the life
        /// of tokens.
        #[range(0.0, 86_400.0)]
        leeway: Duration = seconds(0),
        /// Tolerance for clocks that differ, for `iat` and `nbf` alone: how far in the future a
        /// token may have been issued. Other instances may be ahead. `leeway` holds if it is longer.
        #[range(0.0, 3_600.0)]
        issue_leeway: Duration = seconds(60),
        /// Words before a token in the Authorization header. WWW-Authenticate names the first.
        auth_header_types: Vec<String> = vec!["Bearer".to_owned()],
        /// Accept those words in any case, `bearer` for `Bearer` (RFC 9110, section 11.1).
        auth_header_ignores_case: bool => { strict: true, django: false },
        /// Name of that header, in CGI spelling.
        auth_header_name: String = "HTTP_AUTHORIZATION".to_owned(),
        /// Column that names the user in a token.
        user_id_field: UserIdField = UserIdField::Id,
        /// Claim that names the user.
        user_id_claim: String = "user_id".to_owned(),
        /// Claim with the type of a token. None: the type is not checked.
        token_type_claim: Option<String> = Some("token_type".to_owned()),
        /// Claim with the id of a token. None: tokens have none.
        jti_claim: Option<String> = Some("jti".to_owned()),
        /// No effect: it concerns SimpleJWT's own login endpoints, which are not offered.
        update_last_login: bool = false,
        /// Further claims: the name of each claim, and the user's data in it, which is `id`,
        /// `username`, `email`, `first_name`, `last_name`, `is_active`, `is_staff`, `is_superuser`
        /// or a field of `user.extra_fields`. Access tokens contain the values at the time of the
        /// login or refresh.
        claims: BTreeMap<String, String> = BTreeMap::new(),
        /// Refresh tokens have the `claims` too, as in SimpleJWT. They do nothing there, and a cookie
        /// above 4096 bytes is dropped by browsers.
        claims_in_refresh_tokens: bool => { strict: false, django: true },
    }
    instead {
        "blacklist": "use `apps.token_blacklist`",
        "json_encoder": "claims are plain JSON, no encoder is needed",
        "user_authentication_rule":
            "`simple_jwt.check_user_is_active` decides about disabled users",
        "auth_token_classes": "access tokens are accepted, and no other type",
        "token_user_class": "the user is always loaded from the database",
        "sliding_token_refresh_exp_claim": "sliding tokens are not offered",
        "sliding_token_lifetime": "sliding tokens are not offered",
        "sliding_token_refresh_lifetime": "sliding tokens are not offered",
        "sliding_token_obtain_serializer": "sliding tokens are not offered",
        "sliding_token_refresh_serializer": "sliding tokens are not offered",
        "token_obtain_serializer": "further claims are declared in `simple_jwt.claims`",
        "token_refresh_serializer": "the fields of this endpoint are fixed",
        "token_verify_serializer": "the fields of this endpoint are fixed",
        "token_blacklist_serializer": "SimpleJWT's own blacklist endpoint is not offered",
        "auth_header_type": "SimpleJWT removed it: use `simple_jwt.auth_header_types`",
        "auth_token_class": "SimpleJWT removed it: access tokens are accepted",
        "secret_key": "SimpleJWT removed it: use `simple_jwt.signing_key`",
        "token_backend_class": "SimpleJWT removed it",
    }
}
