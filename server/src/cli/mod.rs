//! The subcommands of `zhicha`, one file each. Exit codes: 0 good, 1 found something wrong, 2 could not run.

pub mod admin;
mod backup;
mod checklists;
#[cfg(test)]
mod documented;
pub mod fsck;
mod openapi;
mod restore;
mod serve;
mod tls;
pub mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 直查: the sync and office server, and its tools.
#[derive(Parser)]
#[command(name = "zhicha", version, about, long_about = None)]
#[command(after_help = "Exit codes: 0 good, 1 found something wrong, 2 could not run.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(Box<serve::Args>),
    /// Check an export: hashes, signatures, receipts, and the readable page
    Verify(verify::Args),
    /// Check the data folder: signatures, chains, projections, audit log
    Fsck(fsck::Args),
    /// Save the data folder, encrypted; also beside a running server
    Backup(Box<backup::Args>),
    /// Bring a backup back into a new data folder
    Restore(restore::Args),
    /// Look after a data folder
    Admin(admin::Args),
    /// A certificate for a LAN or a closed network
    Tls(tls::Args),
    /// Tools for authors of checklists
    Checklists(checklists::Args),
    /// Print the description of the HTTP interface
    Openapi,
}

/// What a subcommand found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing wrong.
    Good,
    /// Something, listed on stdout.
    Wrong,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Serve(args) => serve::run(*args),
        Command::Verify(args) => verify::run(&args),
        Command::Fsck(args) => fsck::run(args),
        Command::Backup(args) => backup::run(*args),
        Command::Restore(args) => restore::run(args),
        Command::Admin(args) => admin::run(args),
        Command::Tls(args) => tls::run(args),
        Command::Checklists(args) => checklists::run(&args),
        Command::Openapi => openapi::run(),
    };
    match done {
        Ok(Found::Good) => ExitCode::SUCCESS,
        Ok(Found::Wrong) => ExitCode::from(1),
        Err(error) => {
            eprintln!("zhicha: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs `work` on a runtime of its own.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
