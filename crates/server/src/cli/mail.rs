//! `rest-auth mail`

mod command;
mod list;
mod preview;
mod retry;
mod test;

pub(super) use command::{MailCommand, run};
