//! `rest-auth user`
//!
//! `json_lines` reads and writes for `create` and `update`; `record` is an account as it is
//! printed everywhere, and `confirmation` asks before something is destroyed.

mod command;
mod confirmation;
mod create;
mod delete;
mod invite;
mod json_lines;
mod list;
mod mfa;
mod open_or_close;
mod record;
mod set_password;
mod show;
mod update;

pub(super) use command::{UserCommand, run};
