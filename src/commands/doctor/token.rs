//! The token: whether the homeserver makes and takes it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::Backend;
use crate::homeserver::{Homeserver, TokenAnswer};
use crate::tokens::{Known, api_of};

use super::{Finding, Findings, Patient, fine, note, token_file, wrong};

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
        findings.tell("live", live(homeserver.token_validity(&token, VALIDITY)));
    }
}

/// Tokens that were made with another backend than the config has now.
fn left_behind(patient: &Patient, clock: &dyn Clock, findings: &mut Findings) {
    let backend = &patient.settings.tokens.backend;
    let asked = backend.asks_homeserver().then(|| backend.kind().word());
    let now = clock.now();
    let store = patient.store.as_ref();
    let left = store.and_then(|store| store.read(|store| store.tokens_left_behind(asked, now)).ok());
    for left in left.into_iter().flatten() {
        findings.tell("old tokens", note(left.to_string()));
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
        let found = format!("backend {word}: not tried, since the homeserver does not answer");
        return findings.tell(WHAT, note(found));
    };
    let Some(api) = api_of(tokens, Arc::clone(homeserver)) else {
        return findings.tell(WHAT, wrong(format!("backend {word}: nobody is asked for tokens")));
    };
    if let Err(fault) = api.try_out() {
        return findings.tell(WHAT, wrong(fault.to_string()));
    }
    findings.tell(WHAT, fine(format!("backend {word}: the homeserver lets the desk make tokens")));
    if tokens.per_applicant {
        let found = "each email carries a token of its own, made when it is sent";
        return findings.tell("live", fine(found));
    }
    let Some(current) = patient.current_token() else { return };
    let found = match api.look(&Known::from(&current), clock.now()) {
        Ok(Some(found)) if found.opens => fine("the homeserver accepts the token"),
        Ok(_) if patient.running => wrong(
            "the homeserver does not accept the token: the desk is working on it; try again in a minute",
        ),
        Ok(_) => note("the homeserver does not accept the token: the desk will see to that when it starts"),
        Err(fault) => note(format!("whether the homeserver accepts the token is unknown: {fault}")),
    };
    findings.tell("live", found);
}

fn live(answer: TokenAnswer) -> Finding {
    match answer {
        TokenAnswer::Live => fine("the homeserver accepts the token"),
        TokenAnswer::NotLive { words } => wrong(format!(
            "{words}: it has to hear of each new one; see docs/homeservers.md. The desk stays closed \
             until it does"
        )),
        TokenAnswer::CannotBeChecked { words } => note(format!("cannot be checked: {words}")),
        TokenAnswer::RegistrationClosed { words } | TokenAnswer::MaybeOpen { words } => wrong(words),
        TokenAnswer::NoAnswer { words } => {
            note(format!("whether the homeserver accepts the token is unknown: {words}"))
        }
    }
}
