//! `smtp`, flat or as `email.smtp`.

use crate::domain::{Secret, ServerName};

use super::entry::Entry;
use super::problems::Problems;
use super::secrets::{Sources, secret};
use super::section::Section;
use super::settings::{Sender, Smtp, TlsMode};

/// What stands there.
pub(super) struct Written {
    pub smtp: Option<Smtp>,
    pub from: Option<Sender>,
    /// The password stands in the config itself.
    pub inline_secret: bool,
}

/// Reads the section.
pub(super) fn read(entry: &Entry<'_>, sources: &Sources<'_>, problems: &mut Problems) -> Written {
    let mut section = Section::new(&entry.path, entry.node, problems);
    let host = if let Some(entry) = section.take("host") {
        host_name(&entry, problems)
    } else {
        entry.error(problems, "host is missing: the mail server's name, like smtp.example.com");
        None
    };
    let port = section.take("port").and_then(|entry| entry.number(problems, 1, 65_535, ""));
    let tls = tls(&mut section, port, problems);
    let port = port.unwrap_or(match tls {
        TlsMode::Implicit => 465,
        TlsMode::StartTls => 587,
        TlsMode::None => 25,
    });
    let (login, inline_secret) = login(entry, &mut section, sources, problems);
    if let Some(host) = &host
        && login.is_some()
        && tls == TlsMode::None
        && !is_loopback(host)
    {
        problems.warn(entry.line, &entry.path, "tls: none sends the password readable over the net");
    }
    let from = section.take("from").and_then(|entry| {
        let sender = sender(entry.text(problems, "Desk <desk@your.server>")?);
        if sender.is_none() {
            entry
                .error(problems, "it should be an address, like desk@your.server or Desk <desk@your.server>");
        }
        sender
    });
    let from = from.or_else(|| login.as_ref().and_then(|(username, _)| sender(username)));
    section.finish(problems);
    Written { smtp: host.map(|host| Smtp { host, port, login, tls }), from, inline_secret }
}

/// Name and password, both or neither. Also whether the password stands in the config itself.
fn login(
    smtp: &Entry<'_>,
    section: &mut Section<'_>,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> (Option<(String, Secret)>, bool) {
    let username = section.take("username");
    let before = problems.errors.len();
    let password = secret(section, ["password", "password_file", "password_env"], sources, problems);
    let inline = password.as_ref().is_some_and(|(_, inline)| *inline);
    let login = match (username, password) {
        (Some(entry), Some((password, _))) => {
            entry.text(problems, "text").map(|username| (username.to_owned(), password))
        }
        (Some(entry), None) => {
            // One that cannot be read is told already.
            if problems.errors.len() == before {
                entry.error(
                    problems,
                    "password (or password_file, password_env) is missing; without a login leave both out",
                );
            }
            None
        }
        (None, Some(_)) => {
            smtp.error(problems, "a password is set and username is missing; without a login leave both out");
            None
        }
        (None, None) => None,
    };
    (login, inline)
}

/// A mail server's name or address, `[…]` around it or not.
pub(super) fn host_name(entry: &Entry<'_>, problems: &mut Problems) -> Option<String> {
    let host = entry.text(problems, "the mail server's name")?.trim().trim_matches(['[', ']']);
    let fine = !host.is_empty()
        && host.len() < 256
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte));
    if !fine {
        entry.error(problems, "it should be the mail server's name or address, like smtp.example.com");
    }
    fine.then(|| host.to_owned())
}

/// `tls`, else `use_tls`, else what the port is for.
fn tls(section: &mut Section<'_>, port: Option<u16>, problems: &mut Problems) -> TlsMode {
    let use_tls = section.take("use_tls").and_then(|entry| Some((entry.boolean(problems)?, entry)));
    let tls = section.take("tls").and_then(|entry| {
        entry.one_of(
            problems,
            &[("starttls", TlsMode::StartTls), ("implicit", TlsMode::Implicit), ("none", TlsMode::None)],
        )
    });
    match (tls, use_tls) {
        (Some(tls), Some((use_tls, entry))) if use_tls == (tls == TlsMode::None) => {
            entry.error(problems, "it contradicts tls; keep tls alone");
            tls
        }
        (Some(tls), _) => tls,
        (None, Some((false, _))) => TlsMode::None,
        // Nothing else is spoken there (RFC 8314).
        (None, _) if port == Some(465) => TlsMode::Implicit,
        (None, _) => TlsMode::StartTls,
    }
}

/// Whether what is sent there stays on this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `Name <address>` or `address`.
fn sender(text: &str) -> Option<Sender> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
        None => ("", text),
    };
    let (local, domain) = address.rsplit_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let fine = !local.is_empty()
        && local.chars().all(plain)
        && idna::domain_to_ascii_strict(domain).is_ok_and(|domain| !domain.is_empty())
        && !name.chars().any(char::is_control);
    fine.then(|| Sender { name: (!name.is_empty()).then(|| name.to_owned()), address: address.to_owned() })
}

/// Who letters come from where nobody says.
pub(super) fn default_sender(homeserver: &ServerName) -> Sender {
    Sender { name: None, address: format!("noreply@{}", homeserver.host()) }
}
