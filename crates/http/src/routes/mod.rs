//! The endpoints, one file each: what they are, which fields they take, and how a request becomes
//! a call of a flow and its result an answer.

pub(crate) mod csrf;
pub(crate) mod emails;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod password_change;
pub(crate) mod password_reset;
pub(crate) mod registration;
pub(crate) mod token_refresh;
pub(crate) mod token_verify;
pub(crate) mod user_details;
