//! Settings of Django as they stand in its own file, which is Python.

use crate::finding::Finding;
use crate::origin::Text;

/// Calls by which settings in Python read the environment or state a duration.
const CALLS: [&str; 6] = ["os.environ", "os.getenv(", "timedelta(", "env(", "env.", "config("];

/// One finding in place of one for each line, if a text that is no TOML has a line that only Python
/// has.
pub(crate) fn finding(text: Text<'_>) -> Option<Finding> {
    let mut begin = 0;
    for line in text.content.split_inclusive('\n') {
        if is_python(line.trim()) {
            let indent = line.len() - line.trim_start().len();
            let origin = text.origin(&(begin + indent..begin + line.len()));
            let message = "this is Python, and the configuration file is TOML".to_owned();
            return Some(Finding::error("", origin, message).cure(
                "write `REST_AUTH = {'USE_JWT': True}` as the line [REST_AUTH] with USE_JWT = true \
                 below it, None as \"\", and durations as \"5m\"; names may stay in upper case",
            ));
        }
        begin += line.len();
    }
    None
}

fn is_python(line: &str) -> bool {
    if line.starts_with('#') {
        return false;
    }
    if line.starts_with("import ") || (line.starts_with("from ") && line.contains(" import ")) {
        return true;
    }
    let value = match line.split_once(['=', ':']) {
        Some((key, _)) if is_quoted(key.trim()) && line[key.len()..].starts_with(':') => {
            return true;
        }
        Some((_, value)) => value.trim().trim_end_matches(',').trim(),
        None => return false,
    };
    matches!(value, "True" | "False" | "None" | "(")
        || CALLS.iter().any(|call| value.starts_with(call))
}

fn is_quoted(key: &str) -> bool {
    let within = |mark: char| {
        let inner = key.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(|name| !name.is_empty() && !name.contains(mark))
    };
    within('\'') || within('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(content: &str) -> Option<String> {
        let text = Text { name: "auth.toml", content };
        finding(text).map(|finding| finding.origin.to_string())
    }

    #[test]
    fn the_first_line_that_only_python_has_is_found() {
        let dictionary = "REST_AUTH = {\n    'USE_JWT': True,\n    \"TOKEN_MODEL\": None,\n}\n";
        assert_eq!(place(dictionary).as_deref(), Some("auth.toml:2:5"));
        for line in [
            "import os",
            "from datetime import timedelta",
            "DEBUG = True",
            "TOKEN_MODEL = None",
            "SECRET_KEY = os.environ['KEY']",
            "LIFETIME = timedelta(minutes=5)",
            "MIDDLEWARE = (",
        ] {
            assert_eq!(place(line).as_deref(), Some("auth.toml:1:1"), "{line}");
        }
    }

    #[test]
    fn toml_with_a_slip_is_no_python() {
        for line in ["bind = ", "[server", "# DEBUG = True", "a = \"True\"", "url: x", "\"a\" = 1"]
        {
            assert_eq!(place(line), None, "{line}");
        }
    }
}
