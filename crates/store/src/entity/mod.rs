//! Rows as they are stored. Private to the crate: what leaves it is converted field by field, so
//! that a new column stays in until somebody decides who may see it.

pub(crate) mod address;
pub(crate) mod device;
pub(crate) mod mfa;
pub(crate) mod outbox;
pub(crate) mod rate_limit;
pub(crate) mod session;
pub(crate) mod social;
pub(crate) mod token;
pub(crate) mod user;
