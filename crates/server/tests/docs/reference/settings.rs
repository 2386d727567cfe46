//! Every key, from the declarations of the settings.

use std::fmt::Write as _;

use rest_auth_http::config::Settings;
use rest_auth_settings::{Composition as _, Key, Profile, toml_text};
use serde_json::Value;

use super::cell;

const HEAD: &str = "# Settings\n\nEvery key of the configuration file, with its default in the strict \
                    and in the django profile. Durations are like `\"15m\"` or `\"7d\"`, or numbers of \
                    seconds. A key marked with *file* can be read from a file of its own, with \
                    `_file` at the end of its name. Environment variables come first: \
                    `REST_AUTH__<TABLE>__<KEY>`. `rest-auth config example` prints the same as a \
                    file.\n\nThis page is made from the code.\n";

pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    let settings = Settings::with_defaults(Profile::Strict);
    let mut last = "";
    for section in settings.sections() {
        let keys: Vec<_> = section.keys().into_iter().filter(|key| key.unbuilt.is_none()).collect();
        if keys.is_empty() {
            continue;
        }
        if section.table() != last {
            last = section.table();
            let about = section.about().trim();
            let table = "| key | type | strict | django | |\n| --- | --- | --- | --- | --- |\n";
            let _ = write!(page, "\n## `[{last}]`\n\n{about}\n\n{table}");
        }
        for key in keys {
            row(&mut page, &key);
        }
    }
    page
}

fn row(page: &mut String, key: &Key) {
    let file = if key.has_file { ", *file*" } else { "" };
    let (strict, django) = (default(key, &key.strict), default(key, &key.django));
    let django = if strict == django { "the same".to_owned() } else { django };
    let (kind, about) = (cell(&key.type_name), cell(key.doc));
    let _ = writeln!(page, "| `{}` | {kind}{file} | {strict} | {django} | {about} |", key.name);
}

fn default(key: &Key, value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        _ if key.secret => "a secret".to_owned(),
        value => format!("`{}`", cell(&toml_text::literal(value))),
    }
}
