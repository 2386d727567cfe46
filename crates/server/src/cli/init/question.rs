//! Questions, on standard error, and their answers, from standard input. A wrong answer is explained
//! and asked for again.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::str::FromStr;

use anyhow::{Context as _, anyhow};

use crate::log;

/// A question.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    /// The option that answers it.
    pub(super) option: &'q str,
    pub(super) text: &'q str,
    /// What may be answered, and what it means.
    pub(super) choices: &'q [(&'q str, &'q str)],
    /// The answer that an empty line stands for.
    pub(super) default: Option<&'q str>,
}

/// The answer that was given by an option, or else is asked for.
pub(super) fn ask<T>(given: Option<T>, question: &Question<'_>) -> anyhow::Result<T>
where
    T: FromStr<Err = String>,
{
    ask_if(given, question, |_| Ok(()))
}

/// The same for an answer that must also fit the ones before.
pub(super) fn ask_if<T>(
    given: Option<T>,
    question: &Question<'_>,
    fits: impl Fn(&T) -> Result<(), String>,
) -> anyhow::Result<T>
where
    T: FromStr<Err = String>,
{
    let option = question.option;
    if let Some(answer) = given {
        fits(&answer).map_err(|problem| anyhow!("{option}: {problem}"))?;
        return Ok(answer);
    }
    put(question);
    loop {
        mark();
        let line = line()?.with_context(|| format!("no answer; give {option}"))?;
        let text = match (line.trim(), question.default) {
            ("", Some(default)) => default,
            (text, _) => text,
        };
        match text.parse().and_then(|answer| fits(&answer).map(|()| answer)) {
            Ok(answer) => return Ok(answer),
            Err(problem) => log::tell(format_args!("    {problem}; once more:")),
        }
    }
}

/// A text that is not shown while it is typed.
pub(super) fn ask_secret(option: &str, text: &str) -> anyhow::Result<String> {
    loop {
        let answer = if io::stdin().is_terminal() {
            rpassword::prompt_password(format!("{text}, not shown: ")).context("the terminal")?
        } else {
            log::tell(text);
            line()?.with_context(|| format!("no answer; give {option}"))?
        };
        if !answer.is_empty() {
            return Ok(answer);
        }
        log::tell("    nothing was typed; once more:");
    }
}

/// Shows a person where to type.
fn mark() {
    if io::stdin().is_terminal() {
        // Who cannot see the mark can type nevertheless.
        let _ = io::stderr().write_all(b"> ");
    }
}

fn put(question: &Question<'_>) {
    let width = question.choices.iter().map(|(choice, _)| choice.len()).max().unwrap_or_default();
    let mut lines = vec![question.text.to_owned()];
    for (choice, about) in question.choices {
        lines.push(format!("    {choice:width$}  {about}"));
    }
    if let Some(default) = question.default {
        lines.push(format!("    [Enter: {default}]"));
    }
    log::tell(lines.join("\n"));
}

/// A line of standard input; none at its end.
fn line() -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).context("standard input")?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}
