//! Asking a provider who somebody is: the settings of social login.

pub mod settings;
