//! `docs/reference`: what can be said from the code. `UPDATE_DOCS=1` writes it anew.

mod commands;
mod errors;
mod events;
mod settings;

use std::env;
use std::fs;

use super::page::root;

/// Holds a page to what the code says, or writes it.
fn hold(name: &str, text: &str) {
    let path = root().join("docs/reference").join(name);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/reference/{name} is out of date: UPDATE_DOCS=1 cargo test -p rest-auth --test docs"
    );
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[test]
fn settings_are_described() {
    hold("settings.md", &settings::page());
}

#[test]
fn commands_are_described() {
    hold("commands.md", &commands::page());
}

#[test]
fn events_are_described() {
    hold("events.md", &events::page());
}

#[test]
fn errors_are_described() {
    hold("errors.md", &errors::page());
}
