//! `doctor`: tries everything with the real parts, a line each. It changes nothing.

mod homeserver;
mod machine;
mod mail;
mod page;
mod sender;
mod test_mails;
mod token;
mod token_file;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::acts::{TRIAL, become_owner, environment, locate};
use crate::cli::{DoctorArgs, Failure};
use crate::clock::Clock;
use crate::config::{self, Folder, Settings};
use crate::domain::printable;
use crate::homeserver::Homeserver;
use crate::outbox::Timeouts;
use crate::store::{DeskCondition, Store, desk_is_running};

use super::{Done, print};

/// Somebody waits before the screen.
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    command: Duration::from_secs(20),
    letter: Duration::from_secs(60),
};

/// So long a web server may take for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// What was found so far; each line is printed at once.
#[derive(Debug, Default)]
struct Findings {
    looked_at: usize,
    wrong: usize,
}

impl Findings {
    fn fine(&mut self, what: &str, found: &str) {
        self.line("ok", what, found);
    }

    /// Works, and could be better.
    fn note(&mut self, what: &str, found: &str) {
        self.line("note", what, found);
    }

    /// Does not work; `found` says what to do.
    fn wrong(&mut self, what: &str, found: &str) {
        self.wrong += 1;
        self.line("WRONG", what, found);
    }

    fn line(&mut self, state: &str, what: &str, found: &str) {
        self.looked_at += 1;
        // A reader that has gone away misses nothing.
        let _ = print(&format!("{state:<6} {what:<12} {}\n", printable(found, 1000)));
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
    /// What the running desk tells of itself; nothing where none runs.
    fn condition(&self) -> DeskCondition {
        let told = self.store.as_ref().filter(|_| self.running);
        told.and_then(|store| store.read(|store| store.condition()).ok()).unwrap_or_default()
    }
}

/// `doctor`
pub fn run(config: Option<&Path>, args: &DoctorArgs, clock: &dyn Clock) -> Done {
    let mut findings = Findings::default();
    let Some((settings, folder)) = read_config(config, &mut findings)? else { return verdict(&findings) };
    // All that follows is tried as the desk's own user would.
    become_owner(&folder)?;
    let store = machine::folder(&folder, &mut findings);
    let running = desk_is_running(&folder);
    let patient = Patient { settings, folder, store, running };
    machine::ban_lists(&patient, &mut findings);
    if running {
        findings.fine("desk", "it runs");
    } else {
        findings.note("desk", "it does not run: start it with `doorman serve`");
    }
    machine::records(&patient, clock, &mut findings);
    let homeserver = Homeserver::of(&patient.settings).map(Arc::new);
    let answering = homeserver::examine(homeserver.as_ref(), &patient, clock, &mut findings);
    token::examine(homeserver.as_ref().filter(|_| answering), &patient, clock, &mut findings);
    page::examine(&patient, &mut findings);
    mail::server(&patient.settings, &mut findings);
    sender::examine(&patient.settings, args.resolver, &mut findings);
    let letter_box = mail::letter_box(&patient.settings, &mut findings);
    if let Some(to) = &args.send {
        mail::send(to, &patient.settings, clock, &mut findings);
    }
    if args.mail {
        match letter_box {
            Some(visit) => test_mails::run(visit, &patient.settings, clock, &mut findings)?,
            None => findings.wrong("test mails", "they need a letter box: see imap in config.yaml"),
        }
    }
    verdict(&findings)
}

/// None: it is broken, and nothing more can be said.
fn read_config(
    config: Option<&Path>,
    findings: &mut Findings,
) -> Result<Option<(Settings, Folder)>, Failure> {
    let Some(path) = locate(config)? else {
        findings.note("config", "none: this is the trial desk; for a real one see config.yaml.example");
        return Ok(Some((Settings::trial(), Folder::new(TRIAL))));
    };
    match config::load(&path, &environment) {
        Ok(loaded) => {
            findings.fine("config", &path.display().to_string());
            for warning in &loaded.warnings {
                findings.note("config", &warning.to_string());
            }
            // What is to be done there is told so that it can be copied.
            let folder = std::path::absolute(loaded.folder.path()).map_or(loaded.folder, Folder::new);
            Ok(Some((loaded.settings, folder)))
        }
        Err(errors) => {
            for problem in &errors.0 {
                findings.wrong("config", &problem.to_string());
            }
            Ok(None)
        }
    }
}

fn verdict(findings: &Findings) -> Done {
    if findings.wrong == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{} of {} findings need you", findings.wrong, findings.looked_at)))
}
