//! The token: where it stands, who can read it, whether the homeserver takes it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{Backend, BackendKind};
use crate::domain::RegistrationToken;
use crate::homeserver::{Homeserver, TokenAnswer};
use crate::store::Origin;
use crate::tokens::{Content, Known, TokenFile, api_of};

use super::machine::{group, user};
use super::{Findings, Patient};

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
    let shared = if tokens.per_applicant { None } else { file(patient, findings) };
    match &tokens.backend {
        Backend::File => {}
        Backend::Toml { path } => toml(path, shared.as_ref(), findings),
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

/// The homeserver's second configuration file.
fn toml(path: &Path, shared: Option<&RegistrationToken>, findings: &mut Findings) {
    const WHAT: &str = "toml file";
    let shown = path.display();
    match TokenFile::toml(path.to_owned()).read() {
        Ok(Content::Token(token)) if Some(&token) == shared => {
            findings.fine(WHAT, &format!("{shown} holds the same token"));
            readers(path, true, WHAT, findings);
        }
        Ok(Content::Missing) if shared.is_none() => {
            findings.note(WHAT, "none yet: the desk makes it when it first starts");
        }
        Ok(Content::Missing) => {
            findings.wrong(WHAT, &format!("{shown} is not there: the running desk writes it"));
        }
        Ok(_) => findings
            .wrong(WHAT, &format!("{shown} does not hold the current token: the running desk writes it")),
        Err(error) => findings.wrong(
            WHAT,
            &format!("{shown} cannot be read: {error}: the desk has to be able to read and write it"),
        ),
    }
}

/// `.registration_token`; the token in it.
fn file(patient: &Patient, findings: &mut Findings) -> Option<RegistrationToken> {
    const WHAT: &str = "token file";
    let path = patient.folder.registration_token();
    let shown = path.display();
    let known = patient.store.as_ref();
    let known = known.and_then(|store| store.read(|store| store.current_token()).ok().flatten());
    let content = TokenFile::new(path.clone()).read();
    let token = match content {
        Ok(Content::Token(token)) => token,
        Ok(Content::Missing) => {
            match known {
                None => findings.note(WHAT, "none yet: the desk makes it when it first starts"),
                Some(_) if patient.running => {
                    findings.wrong(
                        WHAT,
                        &format!("{shown} is gone: the desk puts it there again within a second"),
                    );
                }
                Some(_) => {
                    findings.wrong(WHAT, &format!("{shown} is gone: the desk puts it there when it starts"));
                }
            }
            return None;
        }
        Ok(Content::Unfit(problem)) => {
            findings.wrong(
                WHAT,
                &format!(
                    "{shown} holds no token: {problem}; `doorman rotate` writes one, and so does the desk"
                ),
            );
            return None;
        }
        Err(error) => {
            let owner = std::fs::metadata(&path).map(|file| {
                format!(
                    " (owner {}, group {}, mode {:04o})",
                    user(file.uid()),
                    group(file.gid()),
                    file.mode() & 0o7777
                )
            });
            findings.wrong(
                WHAT,
                &format!(
                    "{shown} cannot be read: {error}{}: it has to be a file that the desk, {}, can read and write",
                    owner.unwrap_or_default(),
                    user(rustix::process::geteuid().as_raw())
                ),
            );
            return None;
        }
    };
    readers(&path, patient.settings.tokens.backend == Backend::File, WHAT, findings);
    // What was made for the desk is as good as the homeserver makes it, and cannot be guessed either.
    let was_made = known.as_ref().is_some_and(|known| {
        known.token == token && !matches!(known.origin, Origin::Found | Origin::Adopted)
    });
    if token.is_weak() && !was_made {
        findings.note(
            WHAT,
            "the token has fewer than 20 characters and can be guessed: `doorman rotate` makes a better one",
        );
    }
    if known.is_some_and(|known| known.token != token) {
        let when =
            if patient.running { "takes it over within a second" } else { "takes it over when it starts" };
        findings.note(WHAT, &format!("another hand has written a token there: the desk {when}"));
    }
    Some(token)
}

/// Who can read the file. `for_homeserver`: it has to, too.
fn readers(path: &Path, for_homeserver: bool, what: &str, findings: &mut Findings) {
    let Some(folder) = path.parent().and_then(|folder| std::fs::metadata(folder).ok()) else { return };
    let Ok(file) = std::fs::metadata(path) else { return };
    let shown = path.display();
    let mode = file.mode() & 0o7777;
    let (owner, members) = (user(file.uid()), group(file.gid()));
    let stands = format!("{shown}: owner {owner}, group {members}, mode {mode:04o}");
    if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        findings.wrong(what, &format!("{stands}: the desk cannot write it, so no new token can be made"));
    } else if mode & 0o004 != 0 {
        findings.note(what, &format!("{stands}: every user of this machine can read it: chmod o-r {shown}"));
    } else if !for_homeserver {
        findings.fine(what, &stands);
    } else if mode & 0o040 == 0 {
        findings.note(
            what,
            &format!(
                "{stands}: nobody but {owner} can read it; a homeserver of another user needs: chgrp ITS-GROUP {shown} && \
                 chmod g+r {shown}"
            ),
        );
    } else if folder.gid() == file.gid() && folder.mode() & 0o011 == 0 {
        findings.note(
            what,
            &format!(
                "{stands}: {owner} and the group {members} may read it, but only {} may enter the folder: a homeserver of \
                 another user reads it only where this one file is mounted, or after chmod g+x on the folder",
                user(folder.uid())
            ),
        );
    } else {
        findings.fine(
            what,
            &format!("{stands}: the homeserver has to run as {owner}, or be in the group {members}"),
        );
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
