//! The `rest-auth` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    rest_auth::cli::run()
}
