//! The files that the token stands in: whether it does, and who can read them.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::acts::{group, user};
use crate::config::Backend;
use crate::domain::RegistrationToken;
use crate::store::Origin;
use crate::tokens::{Content, TokenFile};

use super::{Findings, Patient};

/// The homeserver's second configuration file.
pub(super) fn toml(path: &Path, shared: Option<&RegistrationToken>, findings: &mut Findings) {
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
pub(super) fn shared(patient: &Patient, findings: &mut Findings) -> Option<RegistrationToken> {
    const WHAT: &str = "token file";
    let path = patient.folder.registration_token();
    let shown = path.display();
    let known = patient.store.as_ref();
    let known = known.and_then(|store| store.read(|store| store.current_token()).ok().flatten());
    let token = match TokenFile::new(path.clone()).read() {
        Ok(Content::Token(token)) => token,
        Ok(Content::Missing) => {
            let again = if patient.running { "again within a second" } else { "when it starts" };
            match known {
                None => findings.note(WHAT, "none yet: the desk makes it when it first starts"),
                Some(_) => {
                    findings.wrong(WHAT, &format!("{shown} is gone: the desk puts it there {again}"));
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
            findings.wrong(WHAT, &unreadable(&path, &error));
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

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    let owner = std::fs::metadata(path).map(|file| {
        let mode = file.mode() & 0o7777;
        format!(" (owner {}, group {}, mode {mode:04o})", user(file.uid()), group(file.gid()))
    });
    format!(
        "{} cannot be read: {error}{}: it has to be a file that the desk, {}, can read and write",
        path.display(),
        owner.unwrap_or_default(),
        user(rustix::process::geteuid().as_raw())
    )
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
