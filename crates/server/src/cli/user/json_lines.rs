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

/// Calls `act` with each line of `input` and prints the result. Blank lines are skipped. `example` is
/// what a line looks like.
///
/// # Errors
/// If a line failed, after the last one; at once if nothing can be read or written.
pub(super) async fn each<T, A>(
    example: &str,
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
        let object = object(line.trim_ascii(), example);
        let username = object.as_ref().map_or(Value::Null, |object| object["username"].clone());
        let input = object.and_then(|object| Ok(serde_json::from_value(object)?));
        let outcome = match input {
            Ok(input) => act(input).await,
            Err(error) => Err(error),
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

/// The object of a line.
fn object(line: &[u8], example: &str) -> anyhow::Result<Value> {
    match serde_json::from_slice(line) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Ok(_) => bail!("the line is no object; write one like {example}"),
        Err(error) => {
            // The line that is told beside this is that of the input.
            let whole = error.to_string();
            let reason = whole.split(" at line ").next().unwrap_or_default();
            let column = error.column();
            bail!(
                "the line is no JSON: {reason} at column {column}; write one object, like {example}"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    const EXAMPLE: &str = "{\"username\": \"ada\"}";

    #[derive(Deserialize)]
    struct Name {
        username: String,
    }

    async fn answers(input: &[u8]) -> (Vec<Value>, anyhow::Result<()>) {
        let mut output = Vec::new();
        let outcome = each(EXAMPLE, input, &mut output, async |name: Name| {
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
    async fn a_line_that_is_no_object_is_told_what_one_looks_like() {
        let (answers, _) = answers(b"username,email\n[1]\n{\"username\": \"ada\"\n").await;
        let errors: Vec<_> = answers.iter().map(|answer| answer["error"].clone()).collect();
        let like = format!("write one object, like {EXAMPLE}");
        assert_eq!(errors[0], format!("the line is no JSON: expected value at column 1; {like}"));
        assert_eq!(errors[1], format!("the line is no object; write one like {EXAMPLE}"));
        let unended = errors[2].as_str().unwrap();
        assert!(unended.contains("EOF") && unended.ends_with(&like), "{unended}");
        assert_eq!(answers[2]["line"], 3);
    }

    #[tokio::test]
    async fn nothing_is_fine() {
        let (answers, outcome) = answers(b"\n").await;
        assert!(answers.is_empty() && outcome.is_ok());
    }
}
