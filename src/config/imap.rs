//! `imap`: the letter box.

use crate::domain::EmailAddress;

use super::problems::Problems;
use super::secrets::{Sources, secret};
use super::section::Section;
use super::settings::{Imap, ImapLogin, TlsMode, UnverifiedSenders};
use super::smtp::{host_name, is_loopback};

/// Reads the section. Also whether a password stands in the config itself.
#[expect(clippy::too_many_lines, reason = "one key after the other")]
pub(super) fn read(
    mut section: Section<'_>,
    line: usize,
    path: &str,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> (Option<Imap>, bool) {
    let missing = |problems: &mut Problems, what: &str| problems.error(line, path, what);
    let host = if let Some(entry) = section.take("host") {
        host_name(&entry, problems)
    } else {
        missing(problems, "host is missing: the mail server's name, like imap.example.com");
        None
    };
    let port = section.take("port").and_then(|entry| entry.number(problems, 1, 65_535, ""));
    let port = port.and_then(|port| u16::try_from(port).ok());
    let tls = section.take("tls").and_then(|entry| {
        let words =
            [("implicit", TlsMode::Implicit), ("starttls", TlsMode::StartTls), ("none", TlsMode::None)];
        entry.one_of(problems, &words)
    });
    let tls = tls.unwrap_or(if port == Some(143) { TlsMode::StartTls } else { TlsMode::Implicit });
    let port = port.unwrap_or(if tls == TlsMode::Implicit { 993 } else { 143 });
    let cleartext = section.take("cleartext").and_then(|entry| entry.boolean(problems)).unwrap_or(false);
    if let Some(host) = &host
        && tls == TlsMode::None
        && !is_loopback(host)
        && !cleartext
    {
        missing(
            problems,
            "tls: none sends password and mails readable over the net; where that is meant, set cleartext: true",
        );
    }
    let username = section
        .take("username")
        .and_then(|entry| entry.text(problems, "the account's name").map(ToOwned::to_owned))
        .filter(|name| !name.is_empty());
    if username.is_none() {
        missing(problems, "username is missing: the mail account's name");
    }
    let errors = problems.errors.len();
    let password = secret(&mut section, ["password", "password_file", "password_env"], sources, problems);
    let inline_secret = password.as_ref().is_some_and(|(_, inline)| *inline);
    let command = section
        .take("token_command")
        .and_then(|entry| entry.text(problems, "a command for sh -c").map(ToOwned::to_owned));
    let login = match (password, command) {
        (Some(_), Some(_)) => {
            missing(problems, "password and token_command are both set; keep one of them");
            None
        }
        (Some((password, _)), None) => Some(ImapLogin::Password(password)),
        (None, Some(command)) => Some(ImapLogin::TokenCommand(command)),
        (None, None) => {
            if problems.errors.len() == errors {
                missing(problems, "password (or password_file, password_env, token_command) is missing");
            }
            None
        }
    };
    let mailbox = section.take("mailbox").and_then(|entry| {
        let name = entry.text(problems, "a folder, like INBOX")?;
        let fine = !name.is_empty() && name.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !fine {
            entry.error(problems, "it should be a folder's name in ASCII, like INBOX");
        }
        fine.then(|| name.to_owned())
    });
    let address = if let Some(entry) = section.take("address") {
        let parsed = entry.text(problems, "an e-mail address").map(EmailAddress::parse);
        if let Some(Err(problem)) = &parsed {
            entry.error(problems, format!("it should be the address that people write to: {problem}"));
        }
        parsed.and_then(Result::ok)
    } else {
        let from_username = username.as_deref().and_then(|name| EmailAddress::parse(name).ok());
        if from_username.is_none() && username.is_some() {
            missing(problems, "address is missing: the one that people write to, like register@your.server");
        }
        from_username
    };
    let trusted_authserv_ids = section
        .take("trusted_authserv_ids")
        .map(|entry| {
            entry.texts(problems, "names as they stand in Authentication-Results, like mx.your.server")
        })
        .unwrap_or_default()
        .into_iter()
        .map(|(_, id)| id.trim().to_ascii_lowercase())
        .filter(|id| !id.is_empty())
        .collect();
    let unverified_senders = section
        .take("unverified_senders")
        .and_then(|entry| {
            let words = [
                ("answer", UnverifiedSenders::Answer),
                ("hold", UnverifiedSenders::Hold),
                ("ignore", UnverifiedSenders::Ignore),
            ];
            entry.one_of(problems, &words)
        })
        .unwrap_or(UnverifiedSenders::Answer);
    section.finish(problems);
    let imap = (|| {
        Some(Imap {
            host: host?,
            port,
            username: username?,
            login: login?,
            tls,
            mailbox: mailbox.unwrap_or_else(|| "INBOX".into()),
            address: address?,
            trusted_authserv_ids,
            unverified_senders,
        })
    })();
    (imap, inline_secret)
}
