//! The files that the token stands in: whether it does, and who can read them.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::acts::{group, user};
use crate::config::Backend;
use crate::domain::RegistrationToken;
use crate::store::Origin;
use crate::tokens::{Content, TokenFile};

use super::{Finding, Findings, Patient, fine, note, wrong};

/// The homeserver's second configuration file.
pub(super) fn toml(path: &Path, shared: Option<&RegistrationToken>, findings: &mut Findings) {
    const WHAT: &str = "toml file";
    let shown = path.display();
    let found = match TokenFile::toml(path.to_owned()).read() {
        Ok(Content::Token(token)) if Some(&token) == shared => {
            findings.tell(WHAT, fine(format!("{shown} holds the same token")));
            return tell_readers(path, true, WHAT, findings);
        }
        Ok(Content::Missing) if shared.is_none() => note("none yet: the desk creates it at its first start"),
        Ok(Content::Missing) => wrong(format!("{shown} is not there: the running desk writes it")),
        Ok(_) => wrong(format!("{shown} does not hold the current token: the running desk writes it")),
        Err(error) => {
            let then = "the desk has to be able to read and write it";
            wrong(format!("{shown} cannot be read: {error}: {then}"))
        }
    };
    findings.tell(WHAT, found);
}

/// `.registration_token`; the token in it.
pub(super) fn shared(patient: &Patient, findings: &mut Findings) -> Option<RegistrationToken> {
    const WHAT: &str = "token file";
    let path = patient.folder.registration_token();
    let shown = path.display();
    let known = patient.current_token();
    let token = match TokenFile::new(path.clone()).read() {
        Ok(Content::Token(token)) => token,
        other => {
            let again = if patient.running { "again within a second" } else { "when it starts" };
            let found = match other {
                Err(error) => wrong(unreadable(&path, &error)),
                Ok(Content::Unfit(problem)) => {
                    let then = "`doorman rotate` writes one, and so does the desk";
                    wrong(format!("{shown} holds no token: {problem}; {then}"))
                }
                Ok(_) if known.is_none() => note("none yet: the desk creates it at its first start"),
                Ok(_) => wrong(format!("{shown} is gone: the desk puts it there {again}")),
            };
            findings.tell(WHAT, found);
            return None;
        }
    };
    tell_readers(&path, patient.settings.tokens.backend == Backend::File, WHAT, findings);
    // What was made for the desk is as good as the homeserver makes it, and cannot be guessed either.
    let was_made = known.as_ref().is_some_and(|known| {
        known.token == token && !matches!(known.origin, Origin::Found | Origin::Adopted)
    });
    if token.is_weak() && !was_made {
        let found =
            "the token has fewer than 20 characters and can be guessed: `doorman rotate` makes a better one";
        findings.tell(WHAT, note(found));
    }
    if known.is_some_and(|known| known.token != token) {
        let when = if patient.running { "within a second" } else { "when it starts" };
        let found = format!("somebody else has written a token there: the desk adopts it {when}");
        findings.tell(WHAT, note(found));
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

fn tell_readers(path: &Path, for_homeserver: bool, what: &str, findings: &mut Findings) {
    if let Some(found) = readers(path, for_homeserver) {
        findings.tell(what, found);
    }
}

/// Who can read the file. `for_homeserver`: it has to, too.
fn readers(path: &Path, for_homeserver: bool) -> Option<Finding> {
    let folder = std::fs::metadata(path.parent()?).ok()?;
    let file = std::fs::metadata(path).ok()?;
    let shown = path.display();
    let mode = file.mode() & 0o7777;
    let (owner, members) = (user(file.uid()), group(file.gid()));
    let stands = format!("{shown}: owner {owner}, group {members}, mode {mode:04o}");
    Some(if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        wrong(format!("{stands}: the desk cannot write it, so no new token can be made"))
    } else if mode & 0o004 != 0 {
        note(format!("{stands}: every user of this machine can read it: chmod o-r {shown}"))
    } else if !for_homeserver {
        fine(stands)
    } else if mode & 0o040 == 0 {
        note(format!(
            "{stands}: nobody but {owner} can read it; a homeserver of another user needs: chgrp ITS-GROUP {shown} && \
             chmod g+r {shown}"
        ))
    } else if folder.gid() == file.gid() && folder.mode() & 0o011 == 0 {
        note(format!(
            "{stands}: {owner} and the group {members} may read it, but only {} may enter the folder: a homeserver of \
             another user reads it only where this one file is mounted, or after chmod g+x on the folder",
            user(folder.uid())
        ))
    } else {
        fine(format!("{stands}: the homeserver has to run as {owner}, or be in the group {members}"))
    })
}
