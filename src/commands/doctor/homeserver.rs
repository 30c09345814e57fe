//! The homeserver: is it there, which one is it, whom does it let in, can it be asked for names.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{Backend, BackendKind, WhenUnreachable};
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
    if let Some(words) = homeserver.calls_itself_otherwise(ANSWER) {
        findings
            .tell(WHAT, wrong(format!("{words}: names, tokens and emails would be those of another server")));
    }
    findings.tell("clock", machine::clock(greeting.date, ours));
    findings.tell("registration", registration(homeserver, &family, backend));
    findings.tell("names", names(homeserver, patient));
    true
}

fn registration(homeserver: &Homeserver, family: &Family, backend: BackendKind) -> Finding {
    let by_mas = backend == BackendKind::Mas;
    // Such a one seems closed until the desk has told it to make a token.
    let until_told = backend == BackendKind::AdminRoom && family.row().is_shut_without_token;
    match homeserver.registration_flows(ANSWER) {
        RegistrationFlows::TokenRequired { besides: None } => {
            fine("the homeserver asks for a registration token")
        }
        RegistrationFlows::TokenRequired { besides: Some(besides) } => note(format!(
            "the homeserver asks for a registration token, and for {besides}: the desk's email has nothing of that, so people \
             prove the same twice or get stuck; the token alone is enough"
        )),
        RegistrationFlows::Open { words } => wrong(format!(
            "the homeserver lets ANYBODY register, without a token ({words}): have it require one ({})",
            if by_mas {
                "MAS: account.password_registration_token_required: true"
            } else {
                "Synapse: registration_requires_token; others: registration_token or registration_token_file"
            }
        )),
        RegistrationFlows::Closed { words } if until_told => note(format!(
            "nobody can register at this moment ({words}): {family} says so while it knows no token, and the desk has one \
             made when it is needed; if it says so afterwards too, set allow_registration"
        )),
        RegistrationFlows::Closed { words } => wrong(format!(
            "the homeserver lets nobody register, with a token or without ({words}): set {}",
            if by_mas {
                "account.password_registration_enabled: true in MAS's configuration"
            } else {
                "enable_registration (Synapse) or allow_registration"
            }
        )),
        RegistrationFlows::ByTheDeskAlone { .. } => fine(
            "nobody can register there but through the desk, which makes the accounts; its emails bring no token",
        ),
        RegistrationFlows::CannotBeAsked { words } => match family {
            Family::SynapseBehindMas(_) if !by_mas => behind_mas(homeserver, &words),
            _ => note(words),
        },
        RegistrationFlows::TooOften(wait) => note(format!(
            "whether it is open to everybody is unknown: the homeserver wants to be asked again in {} s at the earliest",
            wait.as_secs()
        )),
        RegistrationFlows::NoAnswer { words } => {
            note(format!("whether it is open to everybody is unknown: {words}"))
        }
    }
}

/// What MAS asks for it tells only its administrators, and nobody at all while it is down.
fn behind_mas(homeserver: &Homeserver, words: &str) -> Finding {
    const UNSEEN: &str = "whether it is open, and asks for a token, cannot be seen";
    const MAS: &str = "the Matrix Authentication Service in front of it";
    note(match homeserver.authentication_service(ANSWER) {
        Ok(Some(issuer)) => format!("{words}; {MAS} is at {issuer}: {UNSEEN} but with tokens.backend mas"),
        Ok(None) => format!("{words}; {MAS} is not named: {UNSEEN} but with tokens.backend mas"),
        Err(fault) => format!("{words}; {MAS} does not answer ({fault}): {UNSEEN}"),
    })
}

fn names(homeserver: &Homeserver, patient: &Patient) -> Finding {
    const UNKNOWN_TO_MAS: &str = "the homeserver says whether a name is free, but for those of application services (bridges, bots): only Synapse knows \
         them, and tells its administrators: set tokens.access_token_file (`mas-cli manage issue-compatibility-token NAME \
         --yes-i-want-to-grant-synapse-admin-privileges` makes one)";
    let is_half_seen =
        matches!(&patient.settings.tokens.backend, Backend::Mas(access) if access.access_token.is_none());
    match homeserver.name(&Localpart::from_stored(NOBODY.into()), NAME) {
        NameAnswer::Free
        | NameAnswer::InUse { .. }
        | NameAnswer::Reserved { .. }
        | NameAnswer::Invalid { .. }
        | NameAnswer::Forbidden { .. } => {
            if is_half_seen {
                note(UNKNOWN_TO_MAS)
            } else {
                fine("the homeserver says whether a name is free")
            }
        }
        NameAnswer::CannotBeAsked { words } => note(format!("{words}; so names count as free")),
        NameAnswer::RegistrationClosed { words } | NameAnswer::NoAnswer { words } => wrong(words),
    }
}
