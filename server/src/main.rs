//! The command line `zhicha`: parses arguments and hands over to one file a subcommand in `cli`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    zhicha_server::cli::run()
}
