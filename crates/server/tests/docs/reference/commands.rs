//! Every command, from its own help.

use std::fmt::Write as _;
use std::process::Command;

const HEAD: &str = "# Commands\n\nWhat `rest-auth` and each of its commands say to `--help`. The exit \
                    status is 0 for success, 1 for an error, and 2 for a command line that cannot be \
                    parsed. `rest-auth man` prints the same as manual pages, `rest-auth completions` \
                    what a shell needs to complete it.\n\nThis page is made from the code.\n";

pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    describe(&mut page, &[]);
    page
}

fn describe(page: &mut String, words: &[&str]) {
    let help = help(words);
    let name = [&["rest-auth"], words].concat().join(" ");
    let _ = write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end());
    for command in commands(&help) {
        describe(page, &[words, &[command]].concat());
    }
}

fn help(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rest-auth"));
    let output = command.env_clear().args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?} has no help");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<&str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let named = listed.filter(|line| !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect()
}
