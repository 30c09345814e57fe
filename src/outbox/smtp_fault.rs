//! What goes wrong with a mail server → whose fault it is, and what the operator can do about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::transport::smtp::response::Response;

use crate::config::{Smtp, TlsMode};
use crate::domain::printable;
use crate::net::{Fault, FaultKind, Peer, Protocol};

/// Longest answer that is kept, in characters.
const ANSWER_CHARS: usize = 500;

/// Why a command did not succeed.
pub(super) enum Snag {
    /// The mail server says no.
    No(Answer),
    /// Nothing came that could be understood as an answer.
    Broken(Fault),
}

impl Snag {
    /// Before the first letter: whatever it is, all would meet it.
    pub(super) fn at_first(self, smtp: &Smtp) -> Fault {
        match self {
            Self::No(answer) => refused(FaultKind::Unavailable, &answer, smtp),
            Self::Broken(fault) => broken_at_first(fault, smtp),
        }
    }
}

/// What the mail server said.
pub(super) struct Answer {
    /// The reply code (RFC 5321, section 4.2).
    pub code: u16,
    words: String,
}

impl Answer {
    pub(super) fn of(answer: &Response) -> Self {
        let status = answer.first_word().filter(|word| word.starts_with(['2', '4', '5'])).unwrap_or("");
        let lines = answer.message().enumerate().map(|(number, line)| {
            // Repeated on each line (RFC 2034, section 4).
            if number > 0 { line.strip_prefix(status).unwrap_or(line).trim_start() } else { line }
        });
        Self { code: answer.code().into(), words: lines.collect::<Vec<_>>().join(" ") }
    }

    /// Code and words, fit for the store, a log line and a terminal.
    pub(super) fn line(&self) -> String {
        printable(&format!("{} {}", self.code, self.words), ANSWER_CHARS)
    }

    /// 4xx: later, perhaps.
    pub(super) fn is_temporary(&self) -> bool {
        self.code < 500
    }

    /// An answer, given to a letter, that would be given to all letters alike: it is about us, not about the recipient
    /// or the letter. Postfix, for one, tells only after the recipient what it has against client and sender
    /// (`smtpd_delay_reject`).
    pub(super) fn is_about_us(&self, smtp: &Smtp) -> Option<Fault> {
        let line = self.line();
        let status = status(&line);
        let words = line.to_ascii_lowercase();
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
        let kind = match self.code {
            421 => FaultKind::Unavailable,
            530 if smtp.tls == TlsMode::None && says(&["starttls"]) => FaultKind::Tls,
            530 | 534 | 535 | 538 => FaultKind::Login,
            _ if matches!(status, ".1.7" | ".1.8" | ".7.60")
                || says(&[
                    "sender address rejected",
                    "sender rejected",
                    "not owned by user",
                    "send as this sender",
                ])
                || says(&["relay"]) && !status.starts_with(".1.") =>
            {
                FaultKind::Sender
            }
            _ if says(&["client host rejected", "helo command rejected", "concurrent connections"]) => {
                FaultKind::Unavailable
            }
            _ => return None,
        };
        Some(refused(kind, self, smtp))
    }

    /// The login failed. A mail server that repeats the command in its answer must not carry the password into a log.
    pub(super) fn login_refused(mut self, smtp: &Smtp) -> Fault {
        if let Some((name, password)) = &smtp.login {
            let password = password.reveal();
            for secret in
                [BASE64.encode(format!("\0{name}\0{password}")), BASE64.encode(password), password.to_owned()]
            {
                if !secret.is_empty() {
                    self.words = self.words.replace(&secret, "…");
                }
            }
        }
        let kind = if self.is_temporary() { FaultKind::Unavailable } else { FaultKind::Login };
        refused(kind, &self, smtp)
    }
}

/// Enhanced status code (RFC 3463) of a line: subject and detail, as `.1.1`.
fn status(line: &str) -> &str {
    line.split(' ').nth(1).and_then(|status| status.get(1..)).unwrap_or("")
}

/// Whether an answer is surely for the recipient's sake: no such mailbox or domain, or one that is full or closed.
pub(super) fn is_about_recipient(line: &str) -> bool {
    [".1.1", ".1.2", ".1.3", ".1.6", ".1.10", ".2.1", ".2.2", ".2.3"].contains(&status(line))
}

/// The mail server, as faults name it.
pub(super) fn peer(smtp: &Smtp) -> Peer {
    Peer::new(Protocol::Smtp, &smtp.host, smtp.port)
}

/// The mail server answered, and the answer is about us.
pub(super) fn refused(kind: FaultKind, answer: &Answer, smtp: &Smtp) -> Fault {
    let (host, line) = (&smtp.host, answer.line());
    let words = match kind {
        FaultKind::Tls => format!("{host} accepts nothing without TLS ({line}): set smtp.tls: starttls"),
        FaultKind::Login if smtp.login.is_none() => {
            format!("{host} requires a login ({line}): set smtp.username and smtp.password")
        }
        FaultKind::Login => format!(
            "{host} refused the login ({line}): check smtp.username and smtp.password; some providers require an app password"
        ),
        FaultKind::Sender if smtp.login.is_none() => format!(
            "{host} does not let this desk send ({line}): set smtp.username and smtp.password, or smtp.from to an \
             address that it lets through"
        ),
        FaultKind::Sender => format!(
            "{host} does not let this desk send as smtp.from ({line}): set it to an address that smtp.username may \
             send from"
        ),
        _ => format!("{host} accepts no mail from this desk at the moment ({line})"),
    };
    Fault::new(kind, words)
}

/// The connection is of no use. Before the first letter silence most often has other reasons.
pub(super) fn broken_at_first(mut fault: Fault, smtp: &Smtp) -> Fault {
    if fault.kind == FaultKind::Timeout {
        fault.words.push_str(": check smtp.host, smtp.port and firewalls");
    }
    if matches!(fault.kind, FaultKind::Timeout | FaultKind::HungUp | FaultKind::Foreign) {
        fault.words.push_str(match (smtp.tls, smtp.port) {
            (TlsMode::StartTls | TlsMode::None, 465) => "; port 465 needs smtp.tls: implicit",
            (TlsMode::Implicit, 25 | 587) => "; this port usually needs smtp.tls: starttls",
            (TlsMode::StartTls | TlsMode::None, _) if fault.kind == FaultKind::Timeout => {
                "; where that port speaks TLS from the start, set smtp.tls: implicit"
            }
            _ => "",
        });
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_one_short_line_without_anything_that_steers_a_terminal() {
        let line = |words: &str| Answer { code: 550, words: words.into() }.line();
        assert_eq!(line("5.1.1\r\n no\u{1b}[31m such\u{202e}\0user \t\n"), "550 5.1.1 no [31m such user");
        assert_eq!(line(" \u{200b} \r\n"), "550");
        let long = line(&"ab ".repeat(1000));
        assert_eq!(long.chars().count(), 500);
        assert!(long.ends_with('…'));
        let exact = "a".repeat(495);
        assert_eq!(line(&exact), format!("550 {exact}"));
    }
}
