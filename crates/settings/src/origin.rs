//! Where a value comes from.

use std::fmt;
use std::ops::Range;

/// Where the value of a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueOrigin {
    /// Nothing set it.
    Default,
    /// It follows from another key.
    Derived {
        /// That key.
        from: &'static str,
    },
    /// The configuration file.
    File {
        /// Name of the file, as it was given.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The program in which the accounts are embedded.
    Program,
}

impl ValueOrigin {
    /// Sorts what stands in the file by line, and everything else after it.
    pub(crate) fn position(&self) -> (usize, usize) {
        match self {
            Self::File { line, column, .. } => (*line, *column),
            _ => (usize::MAX, 0),
        }
    }
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Derived { from } => write!(f, "follows from {from}"),
            Self::File { name, line, column } => write!(f, "{name}:{line}:{column}"),
            Self::Environment { variable } => f.write_str(variable),
            Self::Program => f.write_str("set by the program"),
        }
    }
}

/// The text of a file with its name, for turning byte offsets into lines and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// Name of the file, as it was given.
    pub(crate) name: &'a str,
    /// Its content.
    pub(crate) content: &'a str,
}

impl Text<'_> {
    /// The place at which a span begins.
    pub(crate) fn origin(&self, span: &Range<usize>) -> ValueOrigin {
        let before = self.content.get(..span.start).unwrap_or(self.content);
        let line_start = before.rfind('\n').map_or(0, |position| position + 1);
        ValueOrigin::File {
            name: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let text = Text { name: "auth.toml", content: "a = 1\nö = 2" };
        assert_eq!(text.origin(&(0..1)).to_string(), "auth.toml:1:1");
        assert_eq!(text.origin(&(11..12)).to_string(), "auth.toml:2:5");
    }
}
