//! The homeserver: is it there, which one is it, whom does it let in, can it be asked for names.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{BackendKind, WhenUnreachable};
use crate::domain::Localpart;
use crate::homeserver::{Family, Homeserver, NameAnswer, RegistrationFlows};

use super::machine;
use super::{ANSWER, Findings, Patient};

/// A name that nobody has, fit for every server.
const NOBODY: &str = "doorman-doctor-asks";

/// Names are asked for in the desk's turn, which a busy desk can make longer.
const NAME: Duration = Duration::from_secs(20);

/// Whether it answers. None: a trial desk, which has none.
pub(super) fn examine(
    homeserver: Option<&Arc<Homeserver>>,
    patient: &Patient,
    clock: &dyn Clock,
    findings: &mut Findings,
) -> bool {
    const WHAT: &str = "homeserver";
    let Some(homeserver) = homeserver else {
        findings.note(WHAT, "none: a trial desk asks no homeserver");
        return false;
    };
    let greeting = match homeserver.greet(ANSWER) {
        Ok(greeting) => greeting,
        Err(words) => {
            let meanwhile = match patient.settings.when_homeserver_unreachable {
                WhenUnreachable::Refuse => "requests are refused meanwhile",
                WhenUnreachable::Accept => "requests are accepted meanwhile, whether the name is free or not",
            };
            findings.wrong(WHAT, &format!("{words}; {meanwhile}"));
            return false;
        }
    };
    let ours = clock.now();
    let family = homeserver.identify(ANSWER);
    let at = &greeting.at;
    let backend = patient.settings.tokens.backend.kind();
    let note = family.operator_note(backend, patient.settings.after_rotation.is_some());
    if family.row().asks_for_tokens {
        if family == Family::Unknown {
            findings.note(
                WHAT,
                &format!(
                    "{at} answers, and is {family}: let its proxy pass on /_matrix/federation/v1/version, which tells"
                ),
            );
        } else {
            findings.fine(WHAT, &format!("{at} is {family}"));
        }
        if let Some(note) = note {
            findings.note(WHAT, &note);
        }
    } else {
        findings.wrong(WHAT, &format!("{at}: {}", note.unwrap_or_else(|| family.to_string())));
    }
    machine::clock(greeting.date, ours, findings);
    let has_none_yet = backend == BackendKind::AdminRoom && family.row().is_shut_without_token;
    registration(homeserver.registration_flows(ANSWER), has_none_yet.then_some(&family), findings);
    names(homeserver, findings);
    true
}

/// `until_told` is a homeserver that seems closed until the desk has told it to make a token.
fn registration(flows: RegistrationFlows, until_told: Option<&Family>, findings: &mut Findings) {
    const WHAT: &str = "registration";
    match flows {
        RegistrationFlows::TokenRequired => findings.fine(WHAT, "the homeserver asks for a registration token"),
        RegistrationFlows::Open { words } => findings.wrong(
            WHAT,
            &format!(
                "the homeserver lets ANYBODY register, without a token (by {words}): have it require one (Synapse: \
                 registration_requires_token; others: registration_token or registration_token_file)"
            ),
        ),
        RegistrationFlows::Closed { words } => match until_told {
            Some(family) => findings.note(
                WHAT,
                &format!(
                    "nobody can register at this moment ({words}): {family} says so while it knows no token, and the desk \
                     has one made when it is needed; if it says so afterwards too, set allow_registration"
                ),
            ),
            None => findings.wrong(
                WHAT,
                &format!(
                    "the homeserver lets nobody register, with a token or without ({words}): set enable_registration \
                     (Synapse) or allow_registration"
                ),
            ),
        },
        RegistrationFlows::CannotBeAsked { words } => findings.note(WHAT, &words),
        RegistrationFlows::TooOften(wait) => findings.note(
            WHAT,
            &format!(
                "whether it is open to all is not known: the homeserver wants to be asked again in {} s at the earliest",
                wait.as_secs()
            ),
        ),
        RegistrationFlows::NoAnswer { words } => {
            findings.note(WHAT, &format!("whether it is open to all is not known: {words}"));
        }
    }
}

fn names(homeserver: &Homeserver, findings: &mut Findings) {
    const WHAT: &str = "names";
    match homeserver.name(&Localpart::from_stored(NOBODY.into()), NAME) {
        NameAnswer::Free
        | NameAnswer::InUse { .. }
        | NameAnswer::Reserved { .. }
        | NameAnswer::Invalid { .. }
        | NameAnswer::Forbidden { .. } => {
            findings.fine(WHAT, "the homeserver says whether a name is free");
        }
        NameAnswer::CannotBeAsked { words } => {
            findings.note(WHAT, &format!("{words}; so names are taken for free"));
        }
        NameAnswer::RegistrationClosed { words } | NameAnswer::NoAnswer { words } => {
            findings.wrong(WHAT, &words);
        }
    }
}
