//! Reads and writes JSON objects, one per line. An error in one line does not stop the others.

use std::io::{self, BufRead, IsTerminal as _, Write};

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::log;

/// Standard input. A person at a terminal is told that it is being read.
pub(super) fn input() -> impl BufRead {
    if io::stdin().is_terminal() {
        log::tell("Type one JSON object per line; Ctrl-D ends the input.");
    }
    io::stdin().lock()
}

/// Calls `act` with each line of `input` and prints the result. Blank lines are skipped.
///
/// # Errors
/// If a line failed, after the last one; at once if nothing can be read or written.
pub(super) async fn each<T, A>(
    mut input: impl BufRead,
    mut output: impl Write,
    act: A,
) -> anyhow::Result<()>
where
    T: DeserializeOwned,
    A: AsyncFn(T) -> anyhow::Result<Value>,
{
    let (mut number, mut lines, mut failed) = (0_u64, 0_u64, 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).context("standard input")? == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        lines += 1;
        let object: Result<Value, _> = serde_json::from_slice(&line);
        let username = object.as_ref().map_or(Value::Null, |object| object["username"].clone());
        let outcome = match object.and_then(serde_json::from_value) {
            Ok(input) => act(input).await,
            Err(error) => Err(error.into()),
        };
        let answer = outcome.unwrap_or_else(|error| {
            failed += 1;
            json!({"line": number, "username": username, "error": format!("{error:#}")})
        });
        writeln!(output, "{answer}")?;
        // A program that sends a line and waits for the answer must get it.
        output.flush()?;
    }
    if failed > 0 {
        bail!("{failed} of {lines} lines failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Name {
        username: String,
    }

    async fn answers(input: &[u8]) -> (Vec<Value>, anyhow::Result<()>) {
        let mut output = Vec::new();
        let outcome = each(input, &mut output, async |name: Name| {
            if name.username == "bad" {
                bail!("no");
            }
            Ok(json!({"username": name.username}))
        })
        .await;
        let lines = String::from_utf8(output).unwrap();
        (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), outcome)
    }

    #[tokio::test]
    async fn a_bad_line_is_answered_with_its_number_and_the_next_one_is_read() {
        let input =
            b"{\"username\": \"ada\"}\n\n{\"username\": \"bad\"}\n{\n\xff\n{\"username\": 1}\n\
                      {\"username\": \"eve\"}";
        let (answers, outcome) = answers(input).await;
        assert_eq!(answers[0], json!({"username": "ada"}));
        assert_eq!(answers[1], json!({"line": 3, "username": "bad", "error": "no"}));
        assert_eq!((&answers[2]["line"], &answers[2]["username"]), (&json!(4), &Value::Null));
        assert_eq!(answers[3]["line"], 5);
        assert_eq!((&answers[4]["line"], &answers[4]["username"]), (&json!(6), &json!(1)));
        assert_eq!(answers[5], json!({"username": "eve"}));
        assert_eq!(outcome.unwrap_err().to_string(), "4 of 6 lines failed");
    }

    #[tokio::test]
    async fn nothing_is_fine() {
        let (answers, outcome) = answers(b"\n").await;
        assert!(answers.is_empty() && outcome.is_ok());
    }
}
