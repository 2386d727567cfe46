//! Cuts a file of SQL into its statements.

/// The statements of `text`, without comments, surrounding blanks and the closing semicolon.
///
/// Semicolons and dashes inside quotes (`'`, `"` and backticks) do not count; a doubled quote is
/// an escaped one. Only `--` comments are known: our files use no others.
pub(crate) fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '-') if characters.peek() == Some(&'-') => {
                while characters.peek().is_some_and(|next| *next != '\n') {
                    characters.next();
                }
            }
            (None, ';') => keep(&mut found, &mut current),
            (None, '\'' | '"' | '`') => {
                quote = Some(character);
                current.push(character);
            }
            (Some(open), _) if open == character => {
                // A doubled quote closes and opens again at once, which comes to the same.
                quote = None;
                current.push(character);
            }
            _ => current.push(character),
        }
    }
    keep(&mut found, &mut current);
    found
}

fn keep(found: &mut Vec<String>, current: &mut String) {
    let statement = current.trim();
    if !statement.is_empty() {
        found.push(statement.to_owned());
    }
    current.clear();
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn cuts_at_semicolons_outside_quotes_only() {
        let text = "-- a; comment\nINSERT INTO t VALUES ('a;b''--c');\n\nSELECT \"x;y\", `z;` ;";
        assert_eq!(statements(text), ["INSERT INTO t VALUES ('a;b''--c')", "SELECT \"x;y\", `z;`"]);
    }

    #[test]
    fn drops_comments_and_blank_statements() {
        assert_eq!(statements("-- only\n ; ;\nSELECT 1 -- one\n"), ["SELECT 1"]);
        assert!(statements("").is_empty());
    }
}
