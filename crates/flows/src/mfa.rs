//! Users set their second factors up, see them and remove them.
//!
//! [`activation`] and [`deactivation`] of the authenticator app, [`recovery`] for its recovery codes,
//! [`status`] for what there is. `stored` is what the database gets of a new factor, `change` what
//! every change causes, `wrong_codes` what wrong ones cause. [`census`] looks over all factors before a
//! takeover. How a login asks for a factor is in [`login`](crate::login).

pub mod activation;
pub mod census;
pub(crate) mod change;
pub mod deactivation;
pub mod recovery;
pub mod reset;
pub mod status;
pub(crate) mod stored;
pub(crate) mod wrong_codes;
