//! Blocks of the shell run, page by page, in a folder of their own with a server at a free port.
//!
//! What a comment below a command says in JSON is held against what the command printed, where `...`
//! stands for anything; a number in front of it is the status of the answer. A page other than the
//! README begins with a server and the user `ada`, who is logged in: `$KEY`, `$ACCESS` and
//! `$REFRESH` are what the last login gave, and `$MAILED` is the secret in the newest mail. So a line
//! that sets one of them to what was printed, such as `KEY=ra_...`, is left out.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::loaded::whole;
use crate::page::{Page, pages};

/// What the commands of a page find.
const PRELUDE: &str = include_str!("prelude.sh");

/// A command, and what its page says that it prints.
struct Step {
    line: usize,
    command: String,
    expected: String,
    is_server: bool,
}

#[test]
fn every_command_runs() {
    let pages = pages();
    let (mut problems, mut ran) = (Vec::new(), 0);
    for page in &pages {
        let runs = |block: &&_| crate::page::Block::reason(block).is_none();
        if !page.blocks.iter().filter(|block| block.language == "sh").any(|block| runs(&block)) {
            continue;
        }
        ran += 1;
        problems.extend(tried(page));
    }
    assert!(ran > 5, "only {ran} pages have commands");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// Runs a page, and says what is wrong with it.
fn tried(page: &Page) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let steps = steps(page);
    let mut script = PRELUDE.to_owned();
    if page.name != "README.md" {
        script.push_str("begin\n");
    }
    for (number, step) in steps.iter().enumerate() {
        script.push_str(&written(number, step));
    }
    let script = script.replace("localhost:8000", &format!("localhost:{port}"));
    fs::write(folder.path().join("page.sh"), script).unwrap();
    let output = Command::new("bash")
        .arg("page.sh")
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("REST_AUTH", env!("CARGO_BIN_EXE_rest-auth"))
        .env("PORT", port.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Some(format!("{}: {said}", page.name));
    }

    steps.iter().enumerate().find_map(|(number, step)| {
        let printed = printed(folder.path(), number);
        let is_right = fits(&step.expected, &printed);
        (!is_right).then(|| format!("{}:{}: {printed}", page.name, step.line))
    })
}

/// The commands of a page. A table that the server goes on with is one, too.
fn steps(page: &Page) -> Vec<Step> {
    let mut steps = Vec::new();
    for block in &page.blocks {
        if block.language == "toml" && block.has("serve") {
            let command = format!("go_on <<'END'\n{}END\n", whole(page, block));
            let (line, expected) = (block.line, String::new());
            steps.push(Step { line, command, expected, is_server: false });
        }
        if block.language == "sh" && block.reason().is_none() {
            let from = steps.len();
            of_block(&block.text, block.line, &mut steps);
            if block.has("server") {
                assert!(steps.len() > from, "{}:{}: no server", page.name, block.line);
                steps.last_mut().unwrap().is_server = true;
            }
        }
    }
    steps
}

fn of_block(text: &str, fence: usize, steps: &mut Vec<Step>) {
    let (mut is_open, mut is_told) = (false, false);
    let begins = Regex::new(r"^ ([\[{]|\d{3}\b)").unwrap();
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if is_open {
            let step = steps.last_mut().unwrap();
            step.command.push_str(line);
            step.command.push('\n');
        } else if let Some(comment) = trimmed.strip_prefix('#') {
            is_told = begins.is_match(comment) || (is_told && comment.starts_with("  "));
            if let Some(step) = steps.last_mut().filter(|_| is_told) {
                step.expected.push_str(comment);
            }
            continue;
        } else if !trimmed.is_empty() {
            let (line_number, command) = (fence + number + 1, format!("{line}\n"));
            let expected = String::new();
            steps.push(Step { line: line_number, command, expected, is_server: false });
        }
        is_told = false;
        is_open = trimmed.ends_with('\\');
    }
}

/// A command in the script of its page.
fn written(number: usize, step: &Step) -> String {
    let command = step.command.replace("cargo run -- ", "rest-auth ");
    let command = command.replace("cargo run", "rest-auth");
    let Step { line, is_server, expected, .. } = step;
    if Regex::new(r"^[A-Z]+=\S*\.\.\.").unwrap().is_match(&command) {
        return String::new();
    }
    if *is_server {
        // The program itself, so that its process can be ended.
        let server = command.trim_end().replacen("rest-auth", "\"$REST_AUTH\"", 1);
        return format!("at {line}\nstop\n{server} >server.log 2>&1 &\nstarted $!\n");
    }
    let is_refusal = expected.trim_start().starts_with('4');
    let done = if is_refusal { "refused" } else { "done_well" };
    format!("at {line}\n{{\n{command}}} >out.{number}\n{done} {number}\n")
}

/// What a command printed, with the status of an answer in front of it.
fn printed(folder: &Path, number: usize) -> String {
    let read = |name: &str| fs::read_to_string(folder.join(format!("{name}.{number}")));
    let (status, out) = (read("status").unwrap_or_default(), read("out").unwrap_or_default());
    format!("{status} {out}")
}

/// Whether a text is what the page says: the same but for blanks, and for `...`.
fn fits(expected: &str, printed: &str) -> bool {
    let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
    let printed = without_blanks(printed);
    let mut rest = printed.as_str();
    let parts = without_blanks(expected);
    let has_status = parts.starts_with(|first: char| first.is_ascii_digit());
    for (index, part) in parts.split("...").enumerate() {
        let found = if index == 0 && has_status {
            rest.strip_prefix(part)
        } else {
            rest.find(part).map(|at| &rest[at + part.len()..])
        };
        let Some(after) = found else { return false };
        rest = after;
    }
    true
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn three_dots_stand_for_anything() {
    assert!(fits(" {\"key\":\"ra_...\"}", "200 {\"key\": \"ra_abc\"}\n"));
    assert!(fits(" 204", "204 ") && !fits(" 204", "200 "));
    assert!(fits(" 400 {\"a\":...", "400 {\"a\":1}") && !fits(" 400 {\"b\"", "400 {\"a\":1}"));
    assert!(fits("", "anything"));
}
