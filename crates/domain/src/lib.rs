//! Formats, rules and sentences, without input, output or anything asynchronous.
//!
//! Three groups, each readable by itself. *What is said*: [`message`] with its [`language`]s,
//! [`field_errors`]. *What is read*: [`json_input`], [`char_field`], [`extra_field`],
//! [`header_parameters`], [`authorization`], [`host`], [`username`], [`email`], [`rate`]. *What Django stores and signs*:
//! [`signing`] first, then [`password`], [`session`], [`csrf`], [`cookie`], [`jwt`],
//! [`opaque_token`], [`password_reset`], [`email_key`], [`mfa`]. *What others sign*: [`openid`] and
//! [`webauthn`]. *What is ours*: [`mailed_secret`],
//! [`encrypted`], [`user_code`]. [`clock`] and [`random`] make time and random bytes arguments.

pub mod authorization;
pub mod char_field;
pub mod clock;
pub mod cookie;
pub mod csrf;
pub mod datetime;
pub mod email;
pub mod email_key;
pub mod encoding;
pub mod encrypted;
pub mod extra_field;
pub mod field_errors;
pub mod header_parameters;
pub mod host;
pub mod json;
pub mod json_input;
pub mod jwt;
pub mod language;
pub mod mailed_secret;
pub mod message;
pub mod mfa;
pub mod one_line;
pub mod opaque_token;
pub mod openid;
pub mod password;
pub mod password_reset;
pub mod python_text;
pub mod random;
pub mod rate;
pub mod session;
pub mod signing;
pub mod sliding_window;
pub mod uid;
pub mod user_code;
pub mod username;
pub mod webauthn;
