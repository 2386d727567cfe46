//! Social login: asks another service who a user is.
//!
//! [`mod@settings`] is the configuration. [`Social`] holds the providers: [`Social::identify`] asks one,
//! by way of `exchange` (a code for tokens), `audience` (whether a token is ours), `userinfo` (the
//! request for a profile) and [`profile`] (what an answer says, with the `named_fields` of the
//! configuration); [`Social::authorize`] is the address of a login in the browser; `apple` reads what
//! Apple tells of its users, and [`Social::examine`] looks at a provider without a user. `provider` is
//! the record of one provider, `providers` all of them, one file each; `configured` puts record and
//! configuration together, `discovery` adds what a server says of itself. Below them are `http`, with
//! its circuit `breakers`, the `cache` of documents, and `once`, by what a token is known that works
//! once. [`addresses`] has the rules for e-mail addresses, and `urls` those for the addresses of servers.

pub mod addresses;
mod apple;
mod audience;
mod authorization;
mod breakers;
mod cache;
mod configured;
mod discovery;
mod error;
mod examination;
mod exchange;
mod http;
mod identify;
mod named_fields;
mod oauth1;
mod once;
pub mod profile;
mod profile_email;
mod provider;
mod providers;
pub mod settings;
mod social;
mod urls;
mod userinfo;

pub use addresses::TrustedEmail;
pub use apple::{AppleNotice, AppleNotification};
pub use authorization::Authorization;
pub use error::{SocialError, SocialSetupError};
pub use examination::Examined;
pub use exchange::ProviderTokens;
pub use identify::{Identity, Presented};
pub use once::Once;
pub use profile::{FormerUid, ProfileError, SocialProfile, Source, extract};
pub use profile_email::ProfileEmail;
pub use providers::names as known_providers;
pub use social::Social;
