//! Escapes for HTML.

use minijinja::{AutoEscape, Error, Output, State, Value, escape_formatter};

/// Writes a value. In HTML texts only `& < > " '` are escaped: with the slashes of a link as
/// references, which the template engine writes by itself, some mail programs see no link.
pub(crate) fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) if *state.auto_escape() == AutoEscape::Html => {
            Ok(out.write_str(&escaped(text))?)
        }
        _ => escape_formatter(out, state, value),
    }
}

/// The filter that escapes explicitly.
pub(crate) fn escape(value: &Value) -> Value {
    if value.is_safe() {
        return value.clone();
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Value::from_safe_string(escaped(&text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_html_reads_is_escaped() {
        assert_eq!(
            escaped("https://example.com/?a=1&b='<\"x\">'"),
            "https://example.com/?a=1&amp;b=&#x27;&lt;&quot;x&quot;&gt;&#x27;"
        );
    }
}
