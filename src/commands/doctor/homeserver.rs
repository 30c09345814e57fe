//! The homeserver: is it there, which one is it, whom does it let in, can it be asked for names.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{BackendKind, WhenUnreachable};
use crate::domain::Localpart;
use crate::homeserver::{Family, Homeserver, NameAnswer, RegistrationFlows};

use super::machine;
use super::{ANSWER, Finding, Findings, Patient, fine, note, wrong};

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
        findings.tell(WHAT, note("none: a trial desk asks no homeserver"));
        return false;
    };
    let greeting = match homeserver.greet(ANSWER) {
        Ok(greeting) => greeting,
        Err(words) => {
            let meanwhile = match patient.settings.when_homeserver_unreachable {
                WhenUnreachable::Refuse => "requests are refused meanwhile",
                WhenUnreachable::Accept => "requests are accepted meanwhile, whether the name is free or not",
            };
            findings.tell(WHAT, wrong(format!("{words}; {meanwhile}")));
            return false;
        }
    };
    let ours = clock.now();
    let family = homeserver.identify(ANSWER);
    let at = &greeting.at;
    let backend = patient.settings.tokens.backend.kind();
    let operator_note = family.operator_note(backend, patient.settings.after_rotation.is_some());
    if family.row().asks_for_tokens {
        let found = if family == Family::Unknown {
            let then = "let its proxy pass on /_matrix/federation/v1/version, which tells";
            note(format!("{at} answers, and is {family}: {then}"))
        } else {
            fine(format!("{at} is {family}"))
        };
        findings.tell(WHAT, found);
        if let Some(words) = operator_note {
            findings.tell(WHAT, note(words));
        }
    } else {
        let words = operator_note.unwrap_or_else(|| family.to_string());
        findings.tell(WHAT, wrong(format!("{at}: {words}")));
    }
    findings.tell("clock", machine::clock(greeting.date, ours));
    let has_none_yet = backend == BackendKind::AdminRoom && family.row().is_shut_without_token;
    let flows = registration(homeserver.registration_flows(ANSWER), has_none_yet.then_some(&family));
    findings.tell("registration", flows);
    findings.tell("names", names(homeserver));
    true
}

/// `until_told` is a homeserver that seems closed until the desk has told it to make a token.
fn registration(flows: RegistrationFlows, until_told: Option<&Family>) -> Finding {
    match (flows, until_told) {
        (RegistrationFlows::TokenRequired, _) => fine("the homeserver asks for a registration token"),
        (RegistrationFlows::Open { words }, _) => wrong(format!(
            "the homeserver lets ANYBODY register, without a token (by {words}): have it require one (Synapse: \
             registration_requires_token; others: registration_token or registration_token_file)"
        )),
        (RegistrationFlows::Closed { words }, Some(family)) => note(format!(
            "nobody can register at this moment ({words}): {family} says so while it knows no token, and the desk has one \
             made when it is needed; if it says so afterwards too, set allow_registration"
        )),
        (RegistrationFlows::Closed { words }, None) => wrong(format!(
            "the homeserver lets nobody register, with a token or without ({words}): set enable_registration (Synapse) or \
             allow_registration"
        )),
        (RegistrationFlows::CannotBeAsked { words }, _) => note(words),
        (RegistrationFlows::TooOften(wait), _) => note(format!(
            "whether it is open to all is not known: the homeserver wants to be asked again in {} s at the earliest",
            wait.as_secs()
        )),
        (RegistrationFlows::NoAnswer { words }, _) => {
            note(format!("whether it is open to all is not known: {words}"))
        }
    }
}

fn names(homeserver: &Homeserver) -> Finding {
    match homeserver.name(&Localpart::from_stored(NOBODY.into()), NAME) {
        NameAnswer::Free
        | NameAnswer::InUse { .. }
        | NameAnswer::Reserved { .. }
        | NameAnswer::Invalid { .. }
        | NameAnswer::Forbidden { .. } => fine("the homeserver says whether a name is free"),
        NameAnswer::CannotBeAsked { words } => note(format!("{words}; so names are taken for free")),
        NameAnswer::RegistrationClosed { words } | NameAnswer::NoAnswer { words } => wrong(words),
    }
}
