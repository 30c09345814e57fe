//! What goes wrong with a mail server → whose fault it is, and what the operator can do about it.

use std::error::Error as _;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::transport::smtp::Error;
use rustls::CertificateError;

use crate::config::{Smtp, TlsMode};

use super::outcome::{FaultKind, RelayFault, cleaned};

/// A negative answer of the mail server.
pub(super) struct Answer {
    /// The reply code (RFC 5321, section 4.2).
    pub code: u16,
    /// Code and words, cleaned.
    pub line: String,
}

impl Answer {
    /// What the mail server said, if it was an answer that this is about.
    pub fn of(error: &Error) -> Option<Self> {
        let code: u16 = error.status()?.to_string().parse().ok()?;
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        Some(Self { code, line: cleaned(&format!("{code} {words}")) })
    }

    /// 4xx: later, perhaps.
    pub fn is_temporary(&self) -> bool {
        self.code < 500
    }

    /// An answer, given to a letter, that would be given to all letters alike: it is about us, not about the recipient
    /// or the letter. Postfix, for one, tells only after the recipient what it has against client and sender
    /// (`smtpd_delay_reject`).
    pub fn is_about_us(&self, smtp: &Smtp) -> Option<RelayFault> {
        // Enhanced status codes, RFC 3463: subject and detail.
        let status = self.line.split(' ').nth(1).and_then(|status| status.get(1..)).unwrap_or("");
        let words = self.line.to_ascii_lowercase();
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
            _ if says(&["client host rejected", "helo command rejected"]) => FaultKind::Unavailable,
            _ => return None,
        };
        Some(refused(kind, self, smtp))
    }
}

/// The mail server answered, and the answer is about us.
pub(super) fn refused(kind: FaultKind, answer: &Answer, smtp: &Smtp) -> RelayFault {
    let (host, line) = (&smtp.host, &answer.line);
    let words = match kind {
        FaultKind::Tls => format!("{host} takes nothing without TLS ({line}): set smtp.tls: starttls"),
        FaultKind::Login if smtp.login.is_none() => {
            format!("{host} wants a login ({line}): set smtp.username and smtp.password")
        }
        FaultKind::Login => format!(
            "{host} refused the login ({line}): check smtp.username and smtp.password; some providers want a \
             password made for this one program"
        ),
        FaultKind::Sender if smtp.login.is_none() => format!(
            "{host} does not let this desk send ({line}): set smtp.username and smtp.password, or smtp.from to an \
             address that it lets through"
        ),
        FaultKind::Sender => format!(
            "{host} does not let this desk send as smtp.from ({line}): set it to an address that smtp.username may \
             send from"
        ),
        _ => format!("{host} takes no mail from this desk at the moment ({line})"),
    };
    RelayFault::new(kind, words)
}

/// The login failed. A mail server that repeats the command in its answer must not carry the password into a log.
pub(super) fn login_refused(error: &Error, smtp: &Smtp) -> RelayFault {
    let Some(mut answer) = Answer::of(error) else { return broken(error, smtp) };
    if let Some((name, password)) = &smtp.login {
        let password = password.reveal();
        let mut words = error.source().map(ToString::to_string).unwrap_or_default();
        for secret in
            [BASE64.encode(format!("\0{name}\0{password}")), BASE64.encode(password), password.to_owned()]
        {
            if !secret.is_empty() {
                words = words.replace(&secret, "…");
            }
        }
        answer.line = cleaned(&format!("{} {words}", answer.code));
    }
    let kind = if answer.is_temporary() { FaultKind::Unavailable } else { FaultKind::Login };
    refused(kind, &answer, smtp)
}

/// As [`broken`], before the first letter: where silence most often has other reasons.
pub(super) fn broken_at_first(error: &Error, smtp: &Smtp) -> RelayFault {
    let mut fault = broken(error, smtp);
    if fault.kind == FaultKind::Timeout {
        fault.words.push_str(": check smtp.host, smtp.port and firewalls");
        if smtp.tls != TlsMode::Implicit && smtp.port != 465 {
            fault.words.push_str("; where that port speaks TLS from the start, set smtp.tls: implicit");
        }
    }
    fault
}

/// Nothing came that could be understood as an answer.
pub(super) fn broken(error: &Error, smtp: &Smtp) -> RelayFault {
    let at = format!("{}:{}", smtp.host, smtp.port);
    if let Some(answer) = Answer::of(error) {
        return refused(FaultKind::Unavailable, &answer, smtp);
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return tls_broken(error, smtp, &at);
    }
    let wrong_tls = match (smtp.tls, smtp.port) {
        (TlsMode::StartTls | TlsMode::None, 465) => "; port 465 wants smtp.tls: implicit",
        (TlsMode::Implicit, 25 | 587) => "; this port usually wants smtp.tls: starttls",
        _ => "",
    };
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => RelayFault::new(
            FaultKind::Connect,
            format!("nobody answers at {at} (connection refused): check smtp.host and smtp.port"),
        ),
        Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            RelayFault::new(FaultKind::Timeout, format!("{at} does not answer in time{wrong_tls}"))
        }
        // A line that is not UTF-8.
        Some(io::ErrorKind::InvalidData) => RelayFault::new(
            FaultKind::Protocol,
            format!("{at} answers something that is not SMTP{wrong_tls}"),
        ),
        Some(
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe,
        ) => lost(&at, wrong_tls),
        Some(_) => RelayFault::new(FaultKind::Connect, format!("{at} cannot be reached: {}", said(error))),
        None if said(error).contains("incomplete response") => lost(&at, wrong_tls),
        None => RelayFault::new(
            FaultKind::Protocol,
            format!("{at} answers something that is not SMTP ({}){wrong_tls}", said(error)),
        ),
    }
}

fn lost(at: &str, wrong_tls: &str) -> RelayFault {
    RelayFault::new(FaultKind::Lost, format!("{at} closed the connection in the middle{wrong_tls}"))
}

fn tls_broken(error: &rustls::Error, smtp: &Smtp, at: &str) -> RelayFault {
    let host = &smtp.host;
    let certificate =
        |what: &str| RelayFault::new(FaultKind::Certificate, format!("the certificate of {at} {what}"));
    match error {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::NotValidForName => {
                certificate(&format!("is not for the name {host}: set smtp.host to a name that it has"))
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                // Each is written as `DnsName("mail.example")`.
                let names: Vec<_> =
                    presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name)).collect();
                let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                certificate(&cleaned(&format!(
                    "is not for the name {host}, but for {names}: set smtp.host to a name that it has"
                )))
            }
            // The last three: a trusted authority has the same name, but did not sign it.
            CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => certificate(
                "is not from an authority that this machine trusts: install its authority's certificate (Debian: \
                 ca-certificates), or name the file with it in the environment variable SSL_CERT_FILE",
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                certificate("has expired: it has to be renewed there; if it was, check this machine's clock")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                certificate("is not valid yet: check this machine's clock")
            }
            other if other.to_string().contains("CaUsedAsEndEntity") => certificate(
                "is marked as an authority's own (CA:TRUE): make one with basicConstraints=CA:FALSE",
            ),
            other => certificate(&cleaned(&format!("does not hold: {other}"))),
        },
        rustls::Error::InvalidMessage(_) => RelayFault::new(
            FaultKind::Tls,
            format!("{at} does not speak TLS from the start: set smtp.tls: starttls (usually port 587)"),
        ),
        other => RelayFault::new(FaultKind::Tls, cleaned(&format!("TLS with {at} fails: {other}"))),
    }
}

/// The error's own words, cleaned.
fn said(error: &Error) -> String {
    cleaned(&error.source().map_or_else(|| error.to_string(), ToString::to_string))
}

/// The first cause of this type. What an [`io::Error`] wraps is no `source` of it, so it is looked into.
fn find<T: std::error::Error + 'static>(error: &Error) -> Option<&T> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| wrapped.downcast_ref()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
