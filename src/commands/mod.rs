//! The small commands: thin, over the same desk and store. Each works beside a running desk and without one.

mod ban;
mod check_config;
pub mod cli;
mod cooldowns;
mod doctor;
mod export;
pub mod folder;
mod held;
mod outbox;
mod requests;
mod storage;
mod table;
mod token;
mod undo;
pub mod when;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::clock::{Clock, SystemClock};
use crate::config::ConfigErrors;
use crate::store::StoreError;

use cli::{Cli, Command};

/// What the commands do, for whoever has the desk open already.
pub mod acts {
    pub use super::ban::change;
    pub use super::cooldowns::lift;
    pub use super::held::{approve, refuse};
    pub use super::outbox::{drop_letter, retry};
    pub use super::token::{pause, rotate};
    pub use super::undo::{LastAct, last_act, undo};
}

/// Why a command did not do what it was asked; told on standard error, exit code 1.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// In these words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self(errors.to_string())
    }
}

type Done = Result<(), Failure>;

/// Does what the command line says; `serve` and what is not a command of the operator's is not among it.
pub fn run(command: Command, config: Option<&Path>) -> ExitCode {
    let now = SystemClock.now();
    let done = match command {
        // The desk itself and the console are floors further up.
        Command::Serve(_) | Command::Console(_) => Ok(()),
        Command::CheckConfig => return check_config::run(config),
        Command::ExampleConfig => print(&crate::config::example()),
        Command::Token(args) => token::show(config, &args, now),
        Command::Rotate => token::run_rotate(config),
        Command::Pause => token::run_pause(config, Some(now)),
        Command::Resume => token::run_pause(config, None),
        Command::Requests(args) => requests::run(config, args, now),
        Command::Ban(args) => ban::run(config, args.command, now),
        Command::Outbox(args) => outbox::run(config, args, now),
        Command::Cooldowns(args) => cooldowns::run(config, args, now),
        Command::Import { file } => storage::import(config, &file, now),
        Command::Export(args) => export::run(config, &args),
        Command::Approve { id } => held::run_approve(config, id, now),
        Command::Refuse { id, because } => held::run_refuse(config, id, because, now),
        Command::Undo => undo::run(config, now),
        Command::Forget { address } => storage::forget(config, &address),
        Command::Backup { file } => storage::backup(config, &file),
        Command::Restore { file } => storage::restore(config, &file),
        Command::Doctor(args) => doctor::run(config, &args, &SystemClock),
        Command::Site(args) => storage::site(config, &args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "doorman", &mut script);
            print_bytes(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            man(&mut page).map_err(|error| Failure::new(error.to_string())).and_then(|()| print_bytes(&page))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.0);
            ExitCode::FAILURE
        }
    }
}

/// One page for the program and all its commands.
fn man(page: &mut Vec<u8>) -> std::io::Result<()> {
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(page)?;
    for sub in command.get_subcommands() {
        let name = format!("doorman {}", sub.get_name());
        clap_mangen::Man::new(sub.clone().name(name.clone()).display_name(name).no_binary_name(true))
            .render(page)?;
    }
    Ok(())
}

/// Says what went wrong.
pub fn complain(words: &str) {
    // Nothing can be done where even that fails.
    let _ = writeln!(std::io::stderr(), "doorman: {words}");
}

/// Writes to standard output. A reader that has gone away (`| head`) is no failure.
fn print(text: &str) -> Done {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Done {
    print_while_read(bytes).map(drop)
}

/// Writes to standard output. False: the reader has gone away.
fn print_while_read(bytes: &[u8]) -> Result<bool, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(format!("standard output: {error}"))),
    }
}

/// `1 letter`, `2 letters`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// One JSON value, and nothing else.
fn print_json(value: &serde_json::Value) -> Done {
    print(&format!("{value:#}\n"))
}

/// How many rows are listed: all for scripts, a screenful or two for people, unless they say.
fn limit(asked: Option<u64>, json: bool) -> Option<u64> {
    asked.or((!json).then_some(50))
}
