//! `rest-auth openapi`

use std::io::{self, Write as _};

use rest_auth_http::open;

use super::arguments::Source;
use super::source;

/// Prints the document of this configuration. Neither the database nor the mail server is asked,
/// and no secret key is made.
pub(super) fn run(source: &Source) -> anyhow::Result<()> {
    let settings = source::load_sound(source)?.settings;
    writeln!(io::stdout().lock(), "{}", open::document(&settings).to_pretty_json()?)?;
    Ok(())
}
