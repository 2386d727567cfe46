//! `rest-auth social`

mod check;
mod command;
mod list;

pub(super) use command::{SocialCommand, run};
