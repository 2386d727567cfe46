//! Rows as they are stored. Private to the crate: rows are converted field by field to public
//! types, so that a new column is not exposed by accident.

pub(crate) mod account_emailaddress;
pub(crate) mod account_emailconfirmation;
pub(crate) mod auth_user;
pub(crate) mod auth_user_groups;
pub(crate) mod auth_user_user_permissions;
pub(crate) mod authtoken_token;
pub(crate) mod dj_rest_auth_mfa_authenticator;
pub(crate) mod django_session;
pub(crate) mod django_site;
pub(crate) mod mfa_authenticator;
pub(crate) mod passkeys_webauthncredential;
pub(crate) mod rest_auth_claim;
pub(crate) mod rest_auth_known_client;
pub(crate) mod rest_auth_one_time;
pub(crate) mod rest_auth_outbox;
pub(crate) mod rest_auth_passkey;
pub(crate) mod rest_auth_passkey_user;
pub(crate) mod rest_auth_rate_limit;
pub(crate) mod rest_auth_reauthentication;
pub(crate) mod rest_auth_refresh_family;
pub(crate) mod rest_auth_refresh_token;
pub(crate) mod rest_auth_session;
pub(crate) mod rest_auth_setting;
pub(crate) mod rest_auth_token;
pub(crate) mod rest_auth_trusted_browser;
pub(crate) mod rest_auth_user;
pub(crate) mod rest_auth_user_field;
pub(crate) mod socialaccount_socialaccount;
pub(crate) mod socialaccount_socialapp;
pub(crate) mod socialaccount_socialtoken;
pub(crate) mod token_blacklist_blacklistedtoken;
pub(crate) mod token_blacklist_outstandingtoken;
pub(crate) mod usersessions_usersession;
