//! What an application that embeds the accounts needs:
//! `use rest_auth_http::prelude::*;`

pub use crate::api::Api;
pub use crate::embed::RestAuth;
pub use crate::extractors::{Authenticated, CredentialScheme, CurrentUser, OptionalUser};
pub use rest_auth_flows::events::{Event, Occurrence};
