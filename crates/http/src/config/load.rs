//! Reads the settings from a file, the environment and the program, and checks them.

use rest_auth_settings::{ConfigFile, Sources};

use super::composition::Settings;
use super::{check, derive};

/// The result of reading a configuration.
pub type Loaded = rest_auth_settings::Loaded<Settings>;

/// Reads a configuration from a file and environment variables.
pub fn load(
    file: Option<ConfigFile<'_>>,
    variables: impl Iterator<Item = (String, String)>,
) -> Loaded {
    let variables = variables.map(|(name, value)| (name.into(), value.into())).collect();
    load_from(Sources { file, variables, program: Vec::new() })
}

/// Reads a configuration. It reads the files that `<key>_file` names, and nothing else.
#[must_use]
pub fn load_from(sources: Sources<'_>) -> Loaded {
    let mut loaded: Loaded = rest_auth_settings::load(sources);
    derive::derive(&mut loaded.settings);
    // Combinations are checked only if every key could be read, because a refused key has its
    // default.
    if !loaded.has_errors() {
        loaded.report(check::check(&loaded.settings));
    }
    loaded
}
