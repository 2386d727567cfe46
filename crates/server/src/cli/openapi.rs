//! `rest-auth openapi`

use std::io::{self, Write as _};

use rest_auth_http::{open, openapi};

use super::arguments::ConfigSource;
use super::source;

/// Prints the document of this configuration. It opens neither the database nor the mail server,
/// and makes no secret key.
pub(super) fn run(source: &ConfigSource, json_only: bool) -> anyhow::Result<()> {
    let settings = source::load_sound(source)?.loaded.settings;
    let mut document = open::document(&settings);
    if json_only {
        openapi::keep_json(&mut document);
    }
    writeln!(io::stdout().lock(), "{}", document.to_pretty_json()?)?;
    Ok(())
}
