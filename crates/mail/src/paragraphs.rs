//! The paragraphs of a plain text, for the layout of the HTML part.

use serde::Serialize;
use serde_json::{Map, Value};

/// A line of a paragraph.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct TextLine<'a> {
    text: &'a str,
    /// The link, if the line consists of one of the mail's own links.
    href: Option<&'a str>,
}

/// Splits a text at its blank lines.
///
/// Only a value that the server passed as a link becomes one; a user name that looks like an
/// address stays text.
pub(crate) fn split<'a>(text: &'a str, context: &Map<String, Value>) -> Vec<Vec<TextLine<'a>>> {
    let mut paragraphs = vec![Vec::new()];
    for text in text.lines().map(str::trim) {
        if text.is_empty() {
            paragraphs.push(Vec::new());
        } else if let Some(paragraph) = paragraphs.last_mut() {
            let href = is_link(text, context).then_some(text);
            paragraph.push(TextLine { text, href });
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

fn is_link(line: &str, context: &Map<String, Value>) -> bool {
    (line.starts_with("https://") || line.starts_with("http://"))
        && context
            .iter()
            .any(|(name, value)| name.ends_with("_url") && value.as_str() == Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &str)]) -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    }

    #[test]
    fn splits_at_blank_lines() {
        let paragraphs = split("\nHello,\n\n\none\r\n two\n \nthree\n", &Map::new());
        let texts: Vec<Vec<&str>> =
            paragraphs.iter().map(|lines| lines.iter().map(|line| line.text).collect()).collect();
        assert_eq!(texts, [vec!["Hello,"], vec!["one", "two"], vec!["three"]]);
    }

    #[test]
    fn links_only_what_was_passed_as_a_link() {
        let context = context(&[
            ("activate_url", "https://example.com/k/"),
            ("user", "https://evil.example/"),
            ("other_url", "javascript:alert(1)"),
        ]);
        let linked = |line: &str| split(line, &context)[0][0].href.is_some();
        assert!(linked("https://example.com/k/"));
        assert!(!linked("https://example.com/k/2"));
        assert!(!linked("https://evil.example/"));
        assert!(!linked("javascript:alert(1)"));
        assert!(!linked("see https://example.com/k/"));
    }
}
