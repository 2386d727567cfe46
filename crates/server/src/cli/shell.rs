//! `rest-auth completions` and `rest-auth man`

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::Arguments;

/// Prints what a shell reads to complete the command line.
pub(super) fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    // In one piece: the generator would panic where the reader has gone.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    let mut script = String::from_utf8(script).context("the script is no text")?;
    if shell == Shell::Bash {
        // The generator spells a dash in the name of the program in two ways, so that no command
        // below the first would be found.
        script = script.replace("rest__subcmd__auth", "rest__auth");
    }
    Ok(io::stdout().lock().write_all(script.as_bytes())?)
}

/// Prints the manual page, or writes one for each command into a folder.
pub(super) fn man(folder: Option<&Path>) -> anyhow::Result<()> {
    let command = Arguments::command();
    let Some(folder) = folder else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page)?;
        return Ok(io::stdout().lock().write_all(&page)?);
    };
    clap_mangen::generate_to(command, folder)
        .with_context(|| format!("no manual can be written into {}", folder.display()))
}
