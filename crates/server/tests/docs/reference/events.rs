//! The events of the log, from the declaration of the accounts' events and from what is logged.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::Regex;

use super::cell;
use crate::page::{read, sources};

const HEAD: &str = "# Events\n\nWhat happens to accounts is a line of the log with the fields `event`, \
                    `outcome` (`success` or `failure`), `user` (the id, if it is known) and `address` (of \
                    the client), beside those listed here. A program that embeds the accounts gets the \
                    same by `on_event`.\n\nThis page is made from the code.\n\n\
                    | `event` | further fields | |\n| --- | --- | --- |\n";

const SERVER: &str = "\n## Of the server itself\n\n| `event` | |\n| --- | --- |\n";

/// What the server logs of its own work.
const OF_SERVER: [(&str, &str); 11] = [
    ("cleanup", "Expired rows were removed."),
    ("cookie_too_large", "A cookie is larger than browsers keep."),
    (
        "credentials_passed_over",
        "A request showed credentials in a header that no scheme here takes.",
    ),
    ("mail_failed", "A mail could not be delivered; `give_up` tells whether it is tried again."),
    ("mail_resumed", "Mails are delivered again."),
    ("mail_sent", "A mail was handed to the mail server."),
    ("mail_stopped", "No mail can be delivered: the mail server is left alone for a while."),
    (
        "provider_document_kept",
        "A document of a provider could not be had anew; the last one holds.",
    ),
    ("provider_resumed", "A provider of social login answers again."),
    (
        "provider_stopped",
        "A provider of social login does not answer, and is left alone for a while.",
    ),
    ("provider_unavailable", "A social login failed, because the provider did not answer."),
];

/// What each event has.
const COMMON: [&str; 1] = ["user"];

pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    let source = read("crates/flows/src/events/event.rs");
    let names = names(&source);
    let variants = Regex::new(r"(?ms)^((?:    /// [^\n]*\n)+)    (\w+) \{\n(.*?)^    \},").unwrap();
    let field = Regex::new(r"(?m)^        (\w+): ").unwrap();
    let end = source.find("/// How an event ended").unwrap();
    let mut found = 0;
    for variant in variants.captures_iter(&source[..end]) {
        let name = &names[&variant[2]];
        let fields = field.captures_iter(&variant[3]).map(|field| field[1].to_owned());
        let fields: Vec<_> = fields.filter(|name| !COMMON.contains(&name.as_str())).collect();
        let fields: Vec<_> = fields.iter().map(|name| shown(&variant[2], name)).collect();
        let about = cell(&variant[1].replace("///", " "));
        let _ = writeln!(page, "| `{name}` | {} | {about} |", fields.join(", "));
        found += 1;
    }
    assert_eq!(found, names.len(), "an event is not described");
    page.push_str(SERVER);
    for (name, about) in of_server() {
        let _ = writeln!(page, "| `{name}` | {about} |");
    }
    page
}

/// The names in the log, by variant.
fn names(source: &str) -> BTreeMap<String, String> {
    let named = Regex::new(r#"Self::(\w+) \{ \.\. \} => "(\w+)""#).unwrap();
    let start = source.find("pub const fn name").or_else(|| source.find("pub fn name")).unwrap();
    let all = named.captures_iter(&source[start..]);
    let all = all.map(|pair| (pair[1].to_owned(), pair[2].to_owned()));
    let mut by_variant = BTreeMap::new();
    for (variant, name) in all {
        by_variant.entry(variant).or_insert(name);
    }
    by_variant
}

/// A field, under its name in the log.
fn shown(variant: &str, field: &str) -> String {
    match (variant, field) {
        ("EmailAdded" | "EmailRemoved", "address") => "`address_id`".to_owned(),
        (_, field) => format!("`{field}`"),
    }
}

/// The events of the server, each of which is logged somewhere, and no other is.
fn of_server() -> [(&'static str, &'static str); 11] {
    let literal = Regex::new(r#"event = "(\w+)""#).unwrap();
    let mut logged: Vec<String> = Vec::new();
    for source in sources() {
        logged.extend(literal.captures_iter(&source).map(|found| found[1].to_owned()));
    }
    logged.sort();
    logged.dedup();
    assert_eq!(logged, OF_SERVER.map(|(name, _)| name));
    OF_SERVER
}
