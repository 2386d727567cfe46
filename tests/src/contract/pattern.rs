//! Patterns in recordings: regular expressions in Python's syntax, and file name globs.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// Compiles a pattern of Python's `re` module, to be searched for in a text.
///
/// The two syntaxes agree but for what [`translated`] changes. Look-around and back references
/// are errors: there is no way to match them here, and no recording has them.
pub(crate) fn search(pattern: &str, dot: Dot) -> Result<Regex, String> {
    RegexBuilder::new(&translated(pattern))
        .dot_matches_new_line(dot == Dot::MatchesNewLine)
        .build()
        .map_err(|error| format!("cannot use the pattern /{pattern}/: {error}"))
}

/// A pattern of the replayer's own, in the syntax of the `regex` crate.
///
/// # Panics
/// When the pattern is not valid: it is constant, so every test that gets here would show it.
pub(crate) fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("/{pattern}/: {error}"))
}

/// What `.` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dot {
    /// Any character.
    MatchesNewLine,
    /// Any character but the end of a line.
    StaysInLine,
}

/// Python's `$` also matches before a last newline, its `\Z` is `\z`, and `[`, `&` and `~` have
/// no meaning inside a class.
fn translated(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, &mut out),
            '[' => class(&mut rest, &mut out),
            '$' => out.push_str(r"(?:\n?\z)"),
            _ => out.push(c),
        }
    }
    out
}

fn escape(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('\\');
    out.extend(rest.next().map(|c| if c == 'Z' { 'z' } else { c }));
}

/// Copies a class to its closing bracket; one that stands first is a member.
fn class(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    out.extend(rest.next_if_eq(&'^'));
    if rest.next_if_eq(&']').is_some() {
        out.push_str(r"\]");
    }
    while let Some(c) = rest.next() {
        match c {
            ']' => return out.push(']'),
            '\\' => escape(rest, out),
            '[' | '&' | '~' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
}

/// Whether a glob fits a name: `*` is anything (`/` too), `?` one character, `[abc]` and `[!abc]`
/// one of these or none of these.
pub(crate) fn glob_fits(glob: &str, name: &str) -> bool {
    let mut pattern = String::from(r"(?s)\A");
    let mut rest = glob.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            '[' if rest.clone().skip(1).any(|c| c == ']') => {
                let negated = rest.next_if_eq(&'!').is_some();
                let mut members = String::new();
                class(&mut rest, &mut members);
                pattern.push_str(if negated { "[^" } else { "[" });
                pattern.push_str(&members[1..]);
            }
            _ => pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push_str(r"\z");
    Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        search(pattern, Dot::MatchesNewLine).unwrap().is_match(text)
    }

    #[test]
    fn reads_patterns_as_python_does() {
        assert!(found("^[0-9a-f]{4}-[0-9a-f]{4}$", "12ab-34cd"));
        assert!(!found("^[0-9a-f]{4}$", "12abc"));
        assert!(found("^a$", "a\n"));
        assert!(!found(r"^a\Z", "a\n"));
        assert!(!found("^a$", "a\nb"));
        assert!(found("^[[]&]$", "[&]"));
        assert!(found("^[]a]+$", "]a"));
        assert!(found("^[^]a]$", "b"));
        assert!(found(r"^[\]$]\$$", "$$"));
        assert!(found("^", ""));
    }

    #[test]
    fn the_dot_matches_what_it_is_told_to() {
        assert!(found("a.b", "a\nb"));
        assert!(!search("a.b", Dot::StaysInLine).unwrap().is_match("a\nb"));
    }

    #[test]
    fn look_around_is_an_error_and_not_a_silent_match() {
        assert!(search("a(?=b)", Dot::StaysInLine).is_err());
        assert!(search(r"(a)\1", Dot::StaysInLine).is_err());
    }

    #[test]
    fn globs_cover_whole_names() {
        assert!(glob_fits("login/*", "login/with-email"));
        assert!(glob_fits("*", "login/with-email"));
        assert!(glob_fits("log?n/[a-w]ith[!x]email", "login/with-email"));
        assert!(!glob_fits("login", "login/with-email"));
        assert!(!glob_fits("l.gin/*", "login/with-email"));
        assert!(!glob_fits("login/[!w]*", "login/with-email"));
        assert!(glob_fits("a[b", "a[b"));
    }
}
