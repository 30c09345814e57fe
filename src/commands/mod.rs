//! The small commands: thin, over the same desk and store. Each works beside a running desk and without one.

mod ban;
mod check_config;
mod cooldowns;
mod doctor;
mod explain;
mod export;
mod init;
mod invite;
mod journal;
mod outbox;
mod rehearse;
mod requests;
mod status;
mod storage;
mod suppress;
mod table;
mod token;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::CommandFactory;
use serde_json::Value;

use crate::acts::{self, Door, Intent, NotDone, Opened, Outcome, open};
use crate::cli::{Cli, Command, Failure, complain};
use crate::clock::{Clock, SystemClock};
use crate::domain::EmailAddress;
use crate::filter::Filter;
use crate::store::RequestFilter;

use table::{Cell, table};

type Done = Result<(), Failure>;

impl From<NotDone> for Failure {
    fn from(why: NotDone) -> Self {
        Self::new(why.words(Door::Command))
    }
}

fn email(typed: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(typed).map_err(|problem| Failure::new(format!("{typed:?}: {problem}")))
}

/// Opens the desk to look.
fn look(config: Option<&Path>) -> Result<Opened, Failure> {
    open(config, Intent::Read, Door::Command)
}

/// Opens the desk, does something there and says what was done.
fn act(config: Option<&Path>, act: impl FnOnce(&Opened) -> Result<Outcome, NotDone>) -> Result<(), Failure> {
    say(&act(&open(config, Intent::Write, Door::Command)?)?)
}

/// Opens the desk and does the same with each of these, whatever becomes of the others.
fn act_on_each<T>(
    config: Option<&Path>,
    each: impl IntoIterator<Item = T>,
    mut act: impl FnMut(&Opened, T) -> Result<Outcome, NotDone>,
) -> Done {
    let opened = open(config, Intent::Write, Door::Command)?;
    let mut all = Ok(());
    for one in each {
        if let Err(failure) = act(&opened, one).map_err(Failure::from).and_then(|outcome| say(&outcome))
            && let Err(before) = std::mem::replace(&mut all, Err(failure))
        {
            complain(&before.to_string());
        }
    }
    all
}

fn say(outcome: &Outcome) -> Done {
    print(&format!("{}\n", outcome.done.words(Door::Command)))
}

/// Does what the command line says; `serve` and what is not a command of the operator's is not among it.
pub fn run(command: Command, config: Option<&Path>) -> ExitCode {
    let now = SystemClock.now();
    let done = match command {
        // The desk itself and the console are floors further up.
        Command::Serve(_) | Command::Console(_) => Ok(()),
        Command::CheckConfig => check_config::run(config, now),
        Command::Init(args) => init::run(config, &args, &SystemClock),
        Command::ExampleConfig => print(&crate::config::example()),
        Command::Token(args) => token::show(config, &args, now),
        Command::Rotate => token::rotate(config),
        Command::Pause => act(config, |opened| acts::pause(opened, true, now)),
        Command::Resume => act(config, |opened| acts::pause(opened, false, now)),
        Command::Surge { mode } => act(config, |opened| acts::surge(opened, mode.into(), now)),
        Command::Requests(args) => requests::run(config, args, now),
        Command::Ban(args) => ban::run(config, args.command, now),
        Command::Outbox(args) => outbox::run(config, args, now),
        Command::Cooldowns(args) => cooldowns::run(config, args, now),
        Command::Suppress { command } => suppress::run(config, command, now),
        Command::Import { file } => storage::import(config, &file, now),
        Command::Export(args) => export::run(config, &args),
        Command::Invite(args) => invite::run(config, args, now),
        Command::Approve { ids } => act_on_each(config, ids, |opened, id| acts::approve(opened, id, now)),
        Command::Refuse { ids, meant, because } => refuse(config, ids, meant, because.as_deref(), now),
        Command::Status { json } => match status::show(config, json, now) {
            Ok(true) => return ExitCode::FAILURE,
            Ok(false) => Ok(()),
            Err(failure) => Err(failure),
        },
        Command::Rehearse(args) => rehearse::run(config, &args),
        Command::Why { id, json } => explain::why(config, id, json),
        Command::Judge(args) => explain::judge(config, &args, now),
        Command::Log(args) => journal::list(config, &args),
        Command::Undo { count } => journal::undo(config, count, now),
        Command::Redo => journal::redo(config, now),
        Command::Disclose { address } => storage::disclose(config, &address),
        Command::Forget { address } => storage::forget(config, &address, now),
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
            complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

/// `refuse`
fn refuse(
    config: Option<&Path>,
    mut ids: Vec<i64>,
    meant: Option<Filter>,
    because: Option<&str>,
    now: DateTime<Utc>,
) -> Done {
    if let Some(meant) = meant {
        let held = RequestFilter { verdict: Some("held"), meant, ..RequestFilter::default() };
        ids.extend(look(config)?.store.read(|store| store.requests(&held))?.iter().map(|row| row.id));
    }
    if ids.is_empty() {
        return Err(Failure::new("no waiting request matches that"));
    }
    act_on_each(config, ids, |opened, id| acts::refuse(opened, id, because, now))
}

/// One page for the program and all its commands, and theirs.
fn man(page: &mut Vec<u8>) -> std::io::Result<()> {
    fn below(command: &clap::Command, name: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
        for sub in command.get_subcommands() {
            let name = format!("{name} {}", sub.get_name());
            let titled = sub.clone().name(name.clone()).display_name(name.clone()).no_binary_name(true);
            clap_mangen::Man::new(titled).render(page)?;
            below(sub, &name, page)?;
        }
        Ok(())
    }
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(page)?;
    below(&command, "doorman", page)
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

/// A listing: for scripts one JSON value, for people a table, or that there is nothing.
fn list<T>(
    rows: &[T],
    json: bool,
    as_json: impl Fn(&T) -> Value,
    nothing: &str,
    header: &[&str],
    cells: impl Fn(&T) -> Vec<Cell>,
) -> Done {
    if json {
        return print_json(&rows.iter().map(as_json).collect());
    }
    if rows.is_empty() {
        return print(nothing);
    }
    print(&table(header, &rows.iter().map(cells).collect::<Vec<_>>()))
}

/// One JSON value, and nothing else.
fn print_json(value: &Value) -> Done {
    print(&format!("{value:#}\n"))
}
