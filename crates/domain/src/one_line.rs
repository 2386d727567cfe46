//! Texts on one line: for logs, for headers, and for what an administrator reads.

use std::error::Error;

/// An error and its causes on one line. A cause that is named already is left out: some errors name
/// theirs themselves.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    one_line(&text)
}

/// The text with every run of line breaks and control characters as one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(is_break).filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Failed {
        text: &'static str,
        source: io::Error,
    }

    #[test]
    fn every_cause_is_named_once_on_one_line() {
        let failed = |text| Failed { text, source: io::Error::other("no\r\nroute") };
        assert_eq!(chain(&failed("not connected")), "not connected: no route");
        assert_eq!(chain(&failed("not connected: no\r\nroute")), "not connected: no route");
    }
}
