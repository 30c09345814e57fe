//! `doctor`: tries everything with the real parts, a line each.

use std::path::Path;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{self, Settings};
use crate::domain::printable;
use crate::inbox::Visit;
use crate::outbox::{Relay, Timeouts};
use crate::store::desk_is_running;

use super::cli::DoctorArgs;
use super::doctor_mail;
use super::folder::{Intent, environment, locate, open};
use super::{Done, Failure, print};

/// Somebody waits before the screen.
pub(super) const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    command: Duration::from_secs(20),
    letter: Duration::from_secs(60),
};

/// What was found so far; each line is printed at once.
#[derive(Debug, Default)]
pub(super) struct Findings {
    looked_at: usize,
    wrong: usize,
}

impl Findings {
    pub(super) fn fine(&mut self, what: &str, found: &str) {
        self.line("ok", what, found);
    }

    /// Works, and could be better.
    pub(super) fn note(&mut self, what: &str, found: &str) {
        self.line("note", what, found);
    }

    /// Does not work; `found` says what to do.
    pub(super) fn wrong(&mut self, what: &str, found: &str) {
        self.wrong += 1;
        self.line("WRONG", what, found);
    }

    fn line(&mut self, state: &str, what: &str, found: &str) {
        self.looked_at += 1;
        // A reader that has gone away misses nothing.
        let _ = print(&format!("{state:<6} {what:<12} {}\n", printable(found, 1000)));
    }
}

/// `doctor`
pub fn run(config: Option<&Path>, args: &DoctorArgs, clock: &dyn Clock) -> Done {
    let mut findings = Findings::default();
    if let Some(path) = locate(config)? {
        match config::load(&path, &environment) {
            Ok(loaded) => {
                findings.fine("config", &path.display().to_string());
                for warning in &loaded.warnings {
                    findings.note("config", &warning.to_string());
                }
            }
            Err(errors) => {
                for problem in &errors.0 {
                    findings.wrong("config", &problem.to_string());
                }
                return verdict(&findings);
            }
        }
    }
    let opened = open(config, Intent::Write)?;
    let running = desk_is_running(&opened.folder);
    findings
        .fine("folder", &format!("{}: the database can be read and written", opened.folder.path().display()));
    if running {
        findings.fine("desk", "it runs");
    } else {
        findings.note("desk", "it does not run: start it with `doorman serve`");
    }
    mail_server(&opened.settings, &mut findings);
    let letter_box = letter_box(&opened.settings, &mut findings);
    if args.mail {
        match letter_box {
            Some(visit) => doctor_mail::run(visit, &opened.settings, clock, &mut findings)?,
            None => findings.wrong("test mails", "they need a letter box: see imap in config.yaml"),
        }
    }
    verdict(&findings)
}

fn verdict(findings: &Findings) -> Done {
    if findings.wrong == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{} of {} findings need you", findings.wrong, findings.looked_at)))
}

fn mail_server(settings: &Settings, findings: &mut Findings) {
    let Some(smtp) = &settings.smtp else {
        return findings.note("mail server", "none: letters land in outbox/; see smtp in config.yaml");
    };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    match relay.connect() {
        Ok(()) => findings.fine(
            "mail server",
            &format!(
                "{}:{} takes mail{}",
                smtp.host,
                smtp.port,
                smtp.login.as_ref().map_or_else(String::new, |(name, _)| format!(", logged in as {name}"))
            ),
        ),
        Err(fault) => findings.wrong("mail server", &fault.to_string()),
    }
    relay.rest();
}

fn letter_box(settings: &Settings, findings: &mut Findings) -> Option<Visit> {
    let Some(imap) = &settings.imap else {
        findings.note("letter box", "none: requests come by the web only; see imap in config.yaml");
        return None;
    };
    match Visit::open(imap) {
        Ok(visit) => {
            findings.fine(
                "letter box",
                &format!(
                    "{} on {} can be read; people write to {}",
                    imap.mailbox,
                    imap.host,
                    imap.address.to_ascii()
                ),
            );
            Some(visit)
        }
        Err(fault) => {
            findings.wrong("letter box", &fault);
            None
        }
    }
}
