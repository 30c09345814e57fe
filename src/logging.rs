//! Log lines: to standard error, for people or as JSON.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGXFSZ;
use tracing_subscriber::EnvFilter;

use crate::domain::printable;

/// What log lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging; from then on panics are logged too, and a file that may not grow any more is an error like any other. `$DOORMAN_LOG` filters (`debug`, `doorman::outbox=debug`).
pub fn start(look: Look) {
    let filter =
        EnvFilter::try_from_env("DOORMAN_LOG").unwrap_or_else(|_| EnvFilter::new("doorman=info,warn"));
    // A log that is full or closed is no reason to end: told of it, the library would panic, and in a panic abort.
    let builder = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match look {
        Look::Text => {
            let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            builder.with_target(false).with_ansi(colours).init();
        }
        Look::Json => builder.json().flatten_event(true).with_ansi(false).init(),
    }
    // By default it ends the process (`RLIMIT_FSIZE`); with a handler, the write fails instead.
    let nobody_asks = Arc::new(AtomicBool::new(false));
    if let Err(error) = signal_hook::flag::register(SIGXFSZ, nobody_asks) {
        tracing::warn!("SIGXFSZ cannot be caught: {error}");
    }
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("unnamed");
        // What it panicked at may stand in it.
        let told = printable(&panic.to_string(), 500);
        // Cargo builds its own crate from a relative path, libraries from their absolute ones.
        if panic.location().is_some_and(|at| Path::new(at.file()).is_absolute()) {
            tracing::warn!(thread, "a library gave up: {told}");
        } else {
            tracing::error!(thread, "a bug in doorman: {told}");
        }
    }));
}
