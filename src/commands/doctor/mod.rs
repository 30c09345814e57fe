//! `doctor`: tries everything with the real parts, a line each. It changes nothing, but for an event `test` that a webhook is told; `--mail` notes what it found out of bounces.

mod homeserver;
mod machine;
mod mail;
mod notify;
mod page;
mod sender;
mod sign_up;
mod test_mails;
mod token;
mod token_file;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::acts::words::counted;
use crate::acts::{environment, locate, trial, trust_clock};
use crate::cli::{DoctorArgs, Failure};
use crate::clock::Clock;
use crate::config::{self, Folder, Settings};
use crate::domain::printable;
use crate::homeserver::Homeserver;
use crate::lock::desk_is_running;
use crate::outbox::Timeouts;
use crate::store::{DeskCondition, Store, TokenRecord};

use super::{Done, act, print};

/// Somebody waits before the screen.
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    command: Duration::from_secs(20),
    letter: Duration::from_secs(60),
};

/// So long a web server may take for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// What was found of one thing, in words.
#[derive(Debug)]
enum Finding {
    Fine(String),
    /// Works, and could be better.
    Note(String),
    /// Does not work; the words say what to do.
    Wrong(String),
}

fn fine(found: impl Into<String>) -> Finding {
    Finding::Fine(found.into())
}

fn note(found: impl Into<String>) -> Finding {
    Finding::Note(found.into())
}

fn wrong(found: impl Into<String>) -> Finding {
    Finding::Wrong(found.into())
}

/// What was found so far.
#[derive(Debug, Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    /// Prints it at once. A reader that has gone away misses nothing.
    fn tell(&mut self, what: &str, finding: Finding) {
        let (state, found) = match finding {
            Finding::Fine(found) => ("ok", found),
            Finding::Note(found) => ("note", found),
            Finding::Wrong(found) => ("WRONG", found),
        };
        self.wrong += usize::from(state == "WRONG");
        let _ = print(&format!("{state:<6} {what:<12} {}\n", printable(&found, 1000)));
    }
}

/// The desk that is examined.
struct Patient {
    settings: Settings,
    folder: Folder,
    /// None: it cannot be opened, or was never made.
    store: Option<Arc<Store>>,
    running: bool,
}

impl Patient {
    fn current_token(&self) -> Option<TokenRecord> {
        self.store.as_ref()?.read(|store| store.current_token()).ok().flatten()
    }

    /// What the running desk tells of itself; nothing where none runs.
    fn condition(&self) -> DeskCondition {
        let told = self.store.as_ref().filter(|_| self.running);
        told.and_then(|store| store.read(|store| store.condition()).ok()).unwrap_or_default()
    }
}

/// `doctor`
pub fn run(config: Option<&Path>, args: &DoctorArgs, clock: &dyn Clock) -> Done {
    if args.trust_clock {
        return act(config, |opened| trust_clock(opened, clock.now()));
    }
    let mut findings = Findings::default();
    let Some((settings, folder)) = read_config(config, &mut findings)? else { return verdict(&findings) };
    let store = machine::folder(&folder, &mut findings);
    let running = desk_is_running(folder.path());
    let patient = Patient { settings, folder, store, running };
    machine::ban_lists(&patient, &mut findings);
    let runs = if running { fine("it runs") } else { note("it does not run: start it with `doorman serve`") };
    findings.tell("desk", runs);
    machine::records(&patient, clock, &mut findings);
    let homeserver = Homeserver::of(&patient.settings).map(Arc::new);
    let answering = homeserver::examine(homeserver.as_ref(), &patient, clock, &mut findings);
    token::examine(homeserver.as_ref().filter(|_| answering), &patient, clock, &mut findings);
    page::examine(&patient, &mut findings);
    sign_up::examine(homeserver.as_ref().filter(|_| answering), &patient, &mut findings);
    findings.tell("mail server", mail::server(&patient.settings));
    sender::examine(&patient.settings, args.resolver, &mut findings);
    let (letter_box, visit) = mail::letter_box(&patient.settings);
    findings.tell("letter box", letter_box);
    notify::examine(homeserver.as_ref().filter(|_| answering), &patient, clock, &mut findings);
    if let Some(to) = &args.send {
        findings.tell("test email", mail::send(to, &patient.settings, clock));
    }
    if args.mail {
        test_mails::run(visit, &patient, clock, &mut findings);
    }
    verdict(&findings)
}

/// None: it is broken, and nothing more can be said.
fn read_config(
    config: Option<&Path>,
    findings: &mut Findings,
) -> Result<Option<(Settings, Folder)>, Failure> {
    // Root goes no further in a folder that is not safe, and that is a finding too.
    let located = locate(config).inspect_err(|failure| findings.tell("folder", wrong(failure.to_string())));
    let Some(path) = located? else {
        let found = "none: this is the trial desk; `doorman init` makes a real one";
        findings.tell("config", note(found));
        return Ok(trial().map(|folder| (Settings::trial(), folder)));
    };
    match config::load(&path, &environment) {
        Ok(loaded) => {
            findings.tell("config", fine(path.display().to_string()));
            for warning in &loaded.warnings {
                findings.tell("config", note(warning.to_string()));
            }
            // What is to be done there is told so that it can be copied.
            let folder = std::path::absolute(loaded.folder.path()).map_or(loaded.folder, Folder::new);
            Ok(Some((loaded.settings, folder)))
        }
        Err(errors) => {
            for problem in &errors.0 {
                findings.tell("config", wrong(problem.to_string()));
            }
            Ok(None)
        }
    }
}

fn verdict(findings: &Findings) -> Done {
    match findings.wrong {
        0 => Ok(()),
        wrong => Err(Failure::new(format!("{} found", counted(wrong, "problem")))),
    }
}
