//! What a person at the terminal is asked before something is destroyed.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};

/// Something that is destroyed, in words: `deletes` the account for good, which otherwise `is kept`.
pub(super) struct Destruction<'a> {
    /// What it does to `what`, such as "deletes".
    pub(super) verb: &'a str,
    /// What is destroyed.
    pub(super) what: &'a str,
}

/// Asks a person at the terminal, unless `sure`. Where there is none, nothing is destroyed.
pub(super) fn ask(destruction: &Destruction<'_>, sure: bool) -> anyhow::Result<()> {
    let Destruction { verb, what } = destruction;
    if sure {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("this {verb} {what} for good; add --yes to do it");
    }
    write!(io::stderr(), "This {verb} {what} for good. Type yes: ").context("the terminal")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("the terminal")?;
    if !answer.trim().eq_ignore_ascii_case("yes") {
        bail!("{what} is kept");
    }
    Ok(())
}
