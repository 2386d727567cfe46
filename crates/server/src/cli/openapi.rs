//! `rest-auth openapi`

use std::io::{self, Write as _};

use rest_auth_http::open;

use super::arguments::Source;
use super::source;

/// Prints the document of this configuration. It opens neither the database nor the mail server,
/// and makes no secret key.
pub(super) fn run(source: &Source) -> anyhow::Result<()> {
    let settings = source::load_sound(source)?.loaded.settings;
    writeln!(io::stdout().lock(), "{}", open::document(&settings).to_pretty_json()?)?;
    Ok(())
}
