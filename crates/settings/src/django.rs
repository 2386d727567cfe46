//! How Django, and its packages, spell settings.
//!
//! [`names`] finds the table and the key of a setting, [`values`] the plain form of its value, and
//! [`legacy`] translates allauth's deprecated keys.

pub(crate) mod legacy;
pub(crate) mod names;
pub(crate) mod values;
