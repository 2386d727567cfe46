//! `rest-auth init`: a configuration file by question.
//!
//! `command` has the options, asks for what is missing by `question`, and writes the file.
//! `answer` are the answers, `document` is the file that they make, and `files` writes it and the
//! secrets beside it.

mod answer;
mod command;
mod document;
mod files;
mod question;

pub(super) use command::{Init, run};
