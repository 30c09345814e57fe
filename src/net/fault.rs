//! What goes wrong between the desk and another server, in the operator's words, with what to do.

use std::io;

use rustls::CertificateError;

use crate::domain::printable;

/// The longest that words of a foreign server get, in characters.
const FOREIGN_CHARS: usize = 300;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The host's name leads to no address.
    Name,
    /// Nobody listens there.
    Refused,
    /// The host cannot be reached, for another reason.
    Unreachable,
    /// It went silent, or the time was used up.
    Timeout,
    /// The server's certificate does not hold.
    Certificate,
    /// TLS failed for another reason.
    Tls,
    /// The server closed the connection in the middle.
    HungUp,
    /// What came is not what this protocol's servers say.
    Foreign,
    /// The web server sends on to another place; that is not followed.
    Redirect,
    /// The web server answers more than is read.
    TooLong,
    /// What the web server answers is not JSON.
    NotJson,
    /// STARTTLS is demanded and not offered.
    NoStartTls,
    /// User name or password refused, or asked for, or not asked for.
    Login,
    /// The mail server has no time for us, or turns us away at the door.
    Unavailable,
    /// The mail server does not let us send from this address, or to others' mailboxes.
    Sender,
    /// It did not come to a connection: this machine's trouble, or the configuration's.
    Ours,
}

impl FaultKind {
    /// Whether nobody was there to answer at all.
    pub fn is_no_connection(self) -> bool {
        matches!(
            self,
            Self::Name | Self::Refused | Self::Unreachable | Self::Timeout | Self::Certificate | Self::Tls
        )
    }
}

/// Why there is no usable answer. `Display` tells the operator; never has a password, or a URL's path or query, in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Fault {
    /// What kind of thing it is.
    pub kind: FaultKind,
    /// What happened, and what to do.
    pub words: String,
}

impl Fault {
    /// A fault in these words.
    pub fn new(kind: FaultKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

/// What is spoken with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// With the homeserver, for the most part.
    Http,
    /// With the web server of a list that somebody else keeps.
    List,
    /// With the web server that is told by a webhook.
    Webhook,
    /// With the mail server.
    Smtp,
    /// With the server of the letter box.
    Imap,
}

/// A server, as the operator's words name it.
#[derive(Debug, Clone)]
pub struct Peer {
    /// `host:port`, or `https://host:port`
    pub at: String,
    /// What is spoken there.
    pub protocol: Protocol,
}

impl Peer {
    /// A mail server, of either kind.
    pub fn new(protocol: Protocol, host: &str, port: u16) -> Self {
        Self { at: format!("{host}:{port}"), protocol }
    }

    /// Its name is not known.
    pub fn unknown(&self) -> Fault {
        let check = match self.protocol {
            Protocol::Http => "homeserver or base_url",
            Protocol::List => "lists",
            Protocol::Webhook => "notify.webhook.url",
            Protocol::Smtp => "smtp.host, and this machine's DNS",
            Protocol::Imap => "imap.host, and this machine's DNS",
        };
        Fault::new(FaultKind::Name, format!("the name in {} is not known (DNS): check {check}", self.at))
    }

    /// What came is not the protocol.
    pub fn foreign(&self) -> Fault {
        let protocol = match self.protocol {
            Protocol::Http | Protocol::List | Protocol::Webhook => "HTTP",
            Protocol::Smtp => "SMTP",
            Protocol::Imap => "IMAP",
        };
        Fault::new(FaultKind::Foreign, format!("{} answers something that is not {protocol}", self.at))
    }

    /// What an error of the connection means.
    pub fn fault(&self, error: &io::Error) -> Fault {
        use io::ErrorKind;
        let at = &self.at;
        let wrapped = error.get_ref();
        if let Some(error) = wrapped.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return self.tls(error);
        }
        match error.kind() {
            ErrorKind::ConnectionRefused => {
                let check = match self.protocol {
                    Protocol::Http | Protocol::List | Protocol::Webhook => "",
                    Protocol::Smtp => ": check smtp.host and smtp.port",
                    Protocol::Imap => ": check imap.host and imap.port",
                };
                let words = format!("nobody answers at {at} (connection refused){check}");
                Fault::new(FaultKind::Refused, words)
            }
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                Fault::new(FaultKind::Timeout, format!("{at} does not answer in time"))
            }
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => {
                Fault::new(FaultKind::HungUp, format!("{at} closes the connection in the middle"))
            }
            ErrorKind::InvalidData => self.foreign(),
            // The standard library has no kind for it.
            _ if error.to_string().starts_with("failed to lookup address information") => self.unknown(),
            _ => {
                Fault::new(FaultKind::Unreachable, cleaned(&format!("the connection to {at} fails: {error}")))
            }
        }
    }

    fn tls(&self, error: &rustls::Error) -> Fault {
        let at = &self.at;
        let (host_key, without) = match self.protocol {
            Protocol::Http => ("base_url", "if it is plain HTTP, set base_url to http://…"),
            Protocol::List => ("the url in lists", "if it is plain HTTP, write http://… in lists"),
            Protocol::Webhook => {
                ("notify.webhook.url", "if it is plain HTTP, set notify.webhook.url to http://…")
            }
            Protocol::Smtp => ("smtp.host", "set smtp.tls: starttls (usually port 587)"),
            Protocol::Imap => ("imap.host", "set imap.tls: starttls (usually port 143)"),
        };
        match error {
            rustls::Error::InvalidCertificate(problem) => {
                let what = certificate(problem, host_key);
                Fault::new(FaultKind::Certificate, format!("the certificate of {at} {what}"))
            }
            rustls::Error::InvalidMessage(_) => {
                Fault::new(FaultKind::Tls, format!("{at} does not speak TLS: {without}"))
            }
            other => {
                Fault::new(FaultKind::Tls, format!("TLS with {at} fails: {}", cleaned(&other.to_string())))
            }
        }
    }
}

fn certificate(problem: &CertificateError, host_key: &str) -> String {
    match problem {
        CertificateError::NotValidForName => {
            format!("is not for this name: set {host_key} to a name that it has")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            // Each is written as `DnsName("mail.example")`.
            let names: Vec<_> = presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name)).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            format!("is not for this name, but for {}: set {host_key} to a name that it has", cleaned(&names))
        }
        // The last three: a trusted authority has the same name, but did not sign it.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is not from an authority that this machine trusts: install its authority's certificate (Debian: \
             ca-certificates), or name the file with it in the environment variable SSL_CERT_FILE"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "has expired: it has to be renewed there; if it was, check this machine's clock".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet: check this machine's clock".to_owned()
        }
        other if other.to_string().contains("CaUsedAsEndEntity") => {
            "is marked as an authority's own (CA:TRUE): make one with basicConstraints=CA:FALSE".to_owned()
        }
        other => format!("does not hold: {}", cleaned(&other.to_string())),
    }
}

/// Words of a foreign server as one short line that steers no terminal.
pub fn cleaned(foreign: &str) -> String {
    printable(foreign, FOREIGN_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_that_do_not_hold_are_told_with_their_remedy() {
        let peer = Peer { at: "https://your.server".into(), protocol: Protocol::Http };
        let words = |problem| peer.tls(&rustls::Error::InvalidCertificate(problem)).to_string();
        assert!(words(CertificateError::Expired).contains("has expired"));
        assert!(words(CertificateError::NotValidForName).contains("base_url"));
        assert!(words(CertificateError::UnknownIssuer).contains("SSL_CERT_FILE"));
        assert!(words(CertificateError::Revoked).contains("does not hold"));
    }

    #[test]
    fn foreign_words_become_one_short_line_that_steers_no_terminal() {
        assert_eq!(cleaned("no\u{1b}[31m such\u{202e}\0user \t\r\n"), "no [31m such user");
        assert_eq!(cleaned(" \u{200b} \r\n"), "");
        for word in ["äb ", "äbc ", "ä"] {
            let long = cleaned(&word.repeat(1000));
            assert_eq!(long.chars().count(), FOREIGN_CHARS);
            assert!(long.ends_with('…'));
        }
        assert_eq!(cleaned(&"ä".repeat(FOREIGN_CHARS)), "ä".repeat(FOREIGN_CHARS));
    }
}
