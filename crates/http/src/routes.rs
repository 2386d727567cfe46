//! The endpoints, one file each: the table entry, the fields, and the handler, which calls a flow
//! and makes the answer of its result.

pub(crate) mod apple_notifications;
pub(crate) mod csrf;
pub(crate) mod emails;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod mfa;
pub(crate) mod passkeys;
pub(crate) mod password_change;
pub(crate) mod password_reset;
pub(crate) mod reauthentication;
pub(crate) mod registration;
pub(crate) mod sessions;
pub(crate) mod social;
pub(crate) mod social_accounts;
pub(crate) mod social_begin;
pub(crate) mod social_browser;
pub(crate) mod social_connect;
pub(crate) mod social_exchange;
pub(crate) mod social_signup;
pub(crate) mod social_token_secret;
pub(crate) mod token_refresh;
pub(crate) mod token_verify;
pub(crate) mod user_details;
