//! The API, feature by feature: what it promises beyond the recorded contract, the rows of
//! `docs/differences.md`, and what parallel requests must not break.
//!
//! A file has the name that its feature has in `flows` and in the routes of `http`. Every test runs
//! on each database: `every_database` makes it so, and `fixture` starts the server. Tests that look
//! into the file of a database run on SQLite alone.

mod every_database;
mod fixture;

mod account_deletion;
mod account_enumeration;
mod accounts;
mod apple_notifications;
mod credentials;
mod csrf;
mod email_verification;
mod emails;
mod embedding;
mod giving_way;
mod growth;
mod hashing;
mod headers;
mod invitations;
mod limits;
mod link_pages;
mod links;
mod login;
mod logout;
mod lookup;
mod mfa;
mod notices;
mod outbox;
mod passkeys;
mod password;
mod password_change;
mod password_reset;
mod password_rules;
mod races;
mod reading;
mod reauthentication;
mod registration;
mod sessions;
mod settings;
mod social;
mod social_accounts;
mod social_begin;
mod social_browser;
mod social_connect;
mod social_exchange;
mod social_signup;
mod social_token_secret;
mod token_refresh;
mod token_verify;
mod user_details;
mod user_fields;
mod well_known;
mod without_allauth;
