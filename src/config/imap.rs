//! `imap`: the letter box.

use crate::domain::EmailAddress;

use super::entry::Entry;
use super::problems::Problems;
use super::secrets::{Sources, secret};
use super::section::Section;
use super::settings::{Imap, ImapLogin, TlsMode, UnverifiedSenders};
use super::smtp::{host_name, is_loopback};

/// Reads the section. Also whether a password stands in the config itself.
pub(super) fn read(
    entry: &Entry<'_>,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> (Option<Imap>, bool) {
    let mut section = Section::new(&entry.path, entry.node, problems);
    let host = if let Some(entry) = section.take("host") {
        host_name(&entry, problems)
    } else {
        entry.error(problems, "host is missing: the mail server's name, like imap.example.com");
        None
    };
    let (port, tls) = port_and_tls(&mut section, problems);
    let cleartext = section.take("cleartext").and_then(|entry| entry.boolean(problems)).unwrap_or(false);
    if let Some(host) = &host
        && tls == TlsMode::None
        && !is_loopback(host)
        && !cleartext
    {
        entry.error(
            problems,
            "tls: none sends password and mails readable over the net; where that is meant, set cleartext: true",
        );
    }
    let username = section
        .take("username")
        .and_then(|entry| entry.text(problems, "the account's name").map(ToOwned::to_owned))
        .filter(|name| !name.is_empty());
    if username.is_none() {
        entry.error(problems, "username is missing: the mail account's name");
    }
    let (login, inline_secret) = login(entry, &mut section, sources, problems);
    let mut mailbox = "INBOX".to_owned();
    section.set("mailbox", &mut mailbox, |entry| {
        let name = entry.text(problems, "a folder, like INBOX")?;
        let fine = !name.is_empty() && name.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !fine {
            entry.error(problems, "it should be a folder's name in ASCII, like INBOX");
        }
        fine.then(|| name.to_owned())
    });
    let address = if let Some(entry) = section.take("address") {
        entry.email(problems, "it should be the address that people write to")
    } else {
        let from_username = username.as_deref().and_then(|name| EmailAddress::parse(name).ok());
        if from_username.is_none() && username.is_some() {
            let what = "address is missing: the one that people write to, like register@your.server";
            entry.error(problems, what);
        }
        from_username
    };
    let mut trusted_authserv_ids = Vec::new();
    section.set("trusted_authserv_ids", &mut trusted_authserv_ids, |entry| {
        let wanted = "names as they stand in Authentication-Results, like mx.your.server";
        let ids = entry.texts(problems, wanted).into_iter().map(|(_, id)| id.trim().to_ascii_lowercase());
        Some(ids.filter(|id| !id.is_empty()).collect())
    });
    let mut unverified_senders = UnverifiedSenders::Answer;
    section.set("unverified_senders", &mut unverified_senders, |entry| {
        let words = [
            ("answer", UnverifiedSenders::Answer),
            ("hold", UnverifiedSenders::Hold),
            ("ignore", UnverifiedSenders::Ignore),
        ];
        entry.one_of(problems, &words)
    });
    section.finish(problems);
    let imap = (|| {
        Some(Imap {
            host: host?,
            port,
            username: username?,
            login: login?,
            tls,
            mailbox,
            address: address?,
            trusted_authserv_ids,
            unverified_senders,
        })
    })();
    (imap, inline_secret)
}

/// Either follows from the other where that alone is set.
fn port_and_tls(section: &mut Section<'_>, problems: &mut Problems) -> (u16, TlsMode) {
    let port: Option<u16> = section.take("port").and_then(|entry| entry.number(problems, 1, 65_535, ""));
    let mut tls = if port == Some(143) { TlsMode::StartTls } else { TlsMode::Implicit };
    section.set("tls", &mut tls, |entry| {
        let words =
            [("implicit", TlsMode::Implicit), ("starttls", TlsMode::StartTls), ("none", TlsMode::None)];
        entry.one_of(problems, &words)
    });
    (port.unwrap_or(if tls == TlsMode::Implicit { 993 } else { 143 }), tls)
}

/// A password or a command that prints a token. Also whether the password stands in the config itself.
fn login(
    imap: &Entry<'_>,
    section: &mut Section<'_>,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> (Option<ImapLogin>, bool) {
    let before = problems.errors.len();
    let password = secret(section, ["password", "password_file", "password_env"], sources, problems);
    let inline = password.as_ref().is_some_and(|(_, inline)| *inline);
    let command = section
        .take("token_command")
        .and_then(|entry| entry.text(problems, "a command for sh -c").map(ToOwned::to_owned));
    let login = match (password, command) {
        (Some(_), Some(_)) => {
            imap.error(problems, "password and token_command are both set; keep one of them");
            None
        }
        (Some((password, _)), None) => Some(ImapLogin::Password(password)),
        (None, Some(command)) => Some(ImapLogin::TokenCommand(command)),
        (None, None) => {
            // One that cannot be read is told already.
            if problems.errors.len() == before {
                imap.error(problems, "password (or password_file, password_env, token_command) is missing");
            }
            None
        }
    };
    (login, inline)
}
