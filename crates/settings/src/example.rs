//! A configuration file with every key, its documentation and its default.

use std::fmt::Write as _;

use serde_json::Value;

use crate::composition::Composition;
use crate::profile::Profile;
use crate::section::{Key, Section};
use crate::toml_text;

/// How long a table may be to stand on one line of a comment.
const LINE: usize = 80;

/// The commented file of a profile. Every key is commented out by `#` alone, prose by `# `; a file
/// with all keys uncommented sets exactly the defaults.
#[must_use]
pub fn example<S: Composition>(profile: Profile) -> String {
    let mut out = format!(
        "# Configuration of rest-auth. Every key stands here with its default.\n\
         # Durations are like \"15m\" or \"7d\", or numbers of seconds; \"\" stands for none.\n\
         # Secrets can be read from a file: secret_key_file = \"/run/secrets/key\".\n\
         # Environment variables come first: REST_AUTH__SIMPLE_JWT__SIGNING_KEY.\n\n\
         # Set of defaults: `strict` for a new project, `django` for taking over or sharing a\n\
         # Django database.\n\
         profile = \"{}\"\n",
        profile.as_str()
    );
    let settings = S::with_defaults(profile);
    let mut last_table = "";
    for section in settings.sections() {
        let keys: Vec<_> = section.keys().into_iter().filter(|k| k.unbuilt.is_none()).collect();
        if keys.is_empty() {
            continue;
        }
        if section.table() != last_table {
            write_comment(&mut out, section.about(), "\n");
            let _ = writeln!(out, "[{}]", section.table());
            last_table = section.table();
        }
        for key in keys {
            write_key(&mut out, &key, section, profile);
        }
    }
    out
}

fn write_key(out: &mut String, key: &Key, section: &dyn Section, profile: Profile) {
    write_comment(out, key.doc, "\n");
    let value = key.default_of(profile);
    // A mask in the file would be read as the secret.
    let shown =
        if section.show(key.name).is_none() { String::new() } else { toml_text::literal(value) };
    let other = match profile {
        Profile::Strict => (&key.django, "django"),
        Profile::Django => (&key.strict, "strict"),
    };
    if other.0 != value {
        write_other(out, other.0, other.1);
    }
    let _ = writeln!(out, "#{} = {shown}", key.name);
}

/// The default of the other profile; a table that is too long for a line has one for each entry.
fn write_other(out: &mut String, value: &Value, profile: &str) {
    let whole = toml_text::literal(value);
    match value.as_object().filter(|_| whole.len() > LINE) {
        None => {
            let _ = writeln!(out, "# In the {profile} profile: {whole}");
        }
        Some(entries) => {
            let _ = writeln!(out, "# In the {profile} profile:");
            for (name, value) in entries {
                let _ = writeln!(out, "#   {name} = {}", toml_text::literal(value));
            }
        }
    }
}

fn write_comment(out: &mut String, doc: &str, before: &str) {
    out.push_str(before);
    for line in doc.lines() {
        let _ = writeln!(out, "# {}", line.trim());
    }
}
