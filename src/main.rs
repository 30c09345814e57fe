//! The command line: arguments → one match over the command.

use std::process::ExitCode;

use doorman::cli::{Cli, Command};

/// Gives memory back that a flood of connections has taken; glibc keeps it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::read(std::env::args_os());
    match cli.command {
        Command::Serve(args) => doorman::app::serve(cli.config.as_deref(), &args),
        Command::Console(args) => doorman::console::run(cli.config.as_deref(), &args),
        command => doorman::commands::run(command, cli.config.as_deref()),
    }
}
