//! The token: whether the homeserver makes and takes it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{Backend, BackendKind};
use crate::homeserver::{Homeserver, TokenAnswer};
use crate::tokens::{Known, api_of};

use super::{Findings, Patient, token_file};

/// Synapse answers this question once in ten seconds, after the first few.
const VALIDITY: Duration = Duration::from_secs(20);

/// `homeserver`: None where there is none that answers.
pub(super) fn examine(
    homeserver: Option<&Arc<Homeserver>>,
    patient: &Patient,
    clock: &dyn Clock,
    findings: &mut Findings,
) {
    let tokens = &patient.settings.tokens;
    left_behind(patient, clock, findings);
    let shared = if tokens.per_applicant { None } else { token_file::shared(patient, findings) };
    match &tokens.backend {
        Backend::File => {}
        Backend::Toml { path } => token_file::toml(path, shared.as_ref(), findings),
        Backend::Synapse { .. } | Backend::Mas(_) | Backend::AdminRoom { .. } => {
            return by_asking(homeserver, patient, clock, findings);
        }
    }
    if let (Some(token), Some(homeserver)) = (shared, homeserver) {
        live(&homeserver.token_validity(&token, VALIDITY), findings);
    }
}

/// Tokens that were made with another backend than the config has now.
fn left_behind(patient: &Patient, clock: &dyn Clock, findings: &mut Findings) {
    let kind = patient.settings.tokens.backend.kind();
    let asked = (!matches!(kind, BackendKind::File | BackendKind::Toml)).then_some(kind.word());
    let now = clock.now();
    let store = patient.store.as_ref();
    let left = store.and_then(|store| store.read(|store| store.tokens_left_behind(asked, now)).ok());
    for left in left.into_iter().flatten() {
        findings.note("old tokens", &left.to_string());
    }
}

/// Tokens that the homeserver is asked for: whether it lets the desk, and what it says of the shared one.
fn by_asking(
    homeserver: Option<&Arc<Homeserver>>,
    patient: &Patient,
    clock: &dyn Clock,
    findings: &mut Findings,
) {
    const WHAT: &str = "token API";
    let tokens = &patient.settings.tokens;
    let word = tokens.backend.kind().word();
    let Some(homeserver) = homeserver else {
        return findings
            .note(WHAT, &format!("backend {word}: not tried, since the homeserver does not answer"));
    };
    let Some(api) = api_of(tokens, Arc::clone(homeserver)) else {
        return findings.wrong(WHAT, &format!("backend {word}: nobody is asked for tokens"));
    };
    match api.try_out() {
        Ok(()) => findings.fine(WHAT, &format!("backend {word}: the homeserver lets the desk make tokens")),
        Err(fault) => return findings.wrong(WHAT, &fault.to_string()),
    }
    if tokens.per_applicant {
        return findings.fine("live", "each letter carries a token of its own, made when it goes out");
    }
    let current = patient.store.as_ref();
    let Some(current) = current.and_then(|store| store.read(|store| store.current_token()).ok().flatten())
    else {
        return;
    };
    match api.look(&Known::from(&current), clock.now()) {
        Ok(Some(found)) if found.opens => findings.fine("live", "the homeserver takes the token"),
        Ok(_) if patient.running => {
            findings.wrong(
                "live",
                "the homeserver does not take the token: the desk sees to it; ask again in a minute",
            );
        }
        Ok(_) => findings
            .note("live", "the homeserver does not take the token: the desk sees to it when it starts"),
        Err(fault) => {
            findings.note("live", &format!("whether the homeserver takes the token is not known: {fault}"));
        }
    }
}

fn live(answer: &TokenAnswer, findings: &mut Findings) {
    const WHAT: &str = "live";
    match answer {
        TokenAnswer::Live => findings.fine(WHAT, "the homeserver takes the token"),
        TokenAnswer::NotLive { words } => findings.wrong(
            WHAT,
            &format!(
                "{words}: it has to hear of each new one; see the README, \"The homeserver and the token\". The desk stays \
                 closed until it does"
            ),
        ),
        TokenAnswer::CannotBeChecked { words } => findings.note(WHAT, &format!("cannot be checked: {words}")),
        TokenAnswer::RegistrationClosed { words } | TokenAnswer::MaybeOpen { words } => findings.wrong(WHAT, words),
        TokenAnswer::NoAnswer { words } => {
            findings.note(WHAT, &format!("whether the homeserver takes the token is not known: {words}"));
        }
    }
}
