//! Why there is no usable answer, in the operator's words.

use std::fmt;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use crate::domain::printable;

/// The longest that words of a foreign server get, in characters.
const FOREIGN_CHARS: usize = 300;

/// What kind of thing went wrong on the way to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpFaultKind {
    /// The URL is none.
    Url,
    /// The host's name leads to no address.
    Dns,
    /// Nobody listens there.
    Refused,
    /// The host cannot be reached, for another reason.
    Unreachable,
    /// The time was used up.
    Timeout,
    /// The server's certificate does not hold.
    Certificate,
    /// TLS failed for another reason.
    Tls,
    /// The server sends on to another place; that is not followed.
    Redirect,
    /// The answer is longer than is read.
    TooLong,
    /// The server closed the connection in the middle.
    HungUp,
    /// What came is not HTTP.
    NotHttp,
    /// What came is not JSON.
    NotJson,
}

impl HttpFaultKind {
    /// Whether nobody was there to answer at all.
    pub fn is_no_connection(self) -> bool {
        match self {
            Self::Dns | Self::Refused | Self::Unreachable | Self::Timeout | Self::Certificate | Self::Tls => {
                true
            }
            Self::Url | Self::Redirect | Self::TooLong | Self::HungUp | Self::NotHttp | Self::NotJson => {
                false
            }
        }
    }
}

/// Why there is no usable answer. `Display` tells the operator, without path or query of the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFault {
    /// What kind of thing it is.
    pub kind: HttpFaultKind,
    words: String,
}

impl HttpFault {
    pub(super) fn new(kind: HttpFaultKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

impl fmt::Display for HttpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for HttpFault {}

/// ureq's error in the operator's words. Only what cannot hold the URL is taken over from it.
pub(super) fn fault(error: &ureq::Error, at: &str, within: Duration) -> HttpFault {
    use HttpFaultKind as Kind;
    use ureq::Timeout;
    match error {
        ureq::Error::Timeout(Timeout::Resolve) => {
            HttpFault::new(Kind::Timeout, format!("the name in {at} is not looked up in time (DNS)"))
        }
        ureq::Error::Timeout(Timeout::Connect) => {
            HttpFault::new(Kind::Timeout, format!("{at} does not take the connection in time"))
        }
        ureq::Error::Timeout(_) => HttpFault::new(
            Kind::Timeout,
            format!("{at} does not answer within {:.1} s", within.as_secs_f64()),
        ),
        ureq::Error::HostNotFound => dns(at),
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
            HttpFault::new(Kind::TooLong, format!("{at} answers more than a homeserver has to say"))
        }
        ureq::Error::Rustls(error) => tls(error, at),
        ureq::Error::Tls(_) | ureq::Error::TlsRequired => {
            HttpFault::new(Kind::Tls, format!("TLS with {at} fails"))
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            HttpFault::new(Kind::Url, format!("{at} cannot be asked: its URL is none, check base_url"))
        }
        ureq::Error::Io(error) => broken(error, at),
        _ => HttpFault::new(Kind::NotHttp, format!("{at} answers something that is not HTTP")),
    }
}

fn dns(at: &str) -> HttpFault {
    HttpFault::new(
        HttpFaultKind::Dns,
        format!("the name in {at} is not known (DNS): check homeserver or base_url"),
    )
}

fn broken(error: &io::Error, at: &str) -> HttpFault {
    use HttpFaultKind as Kind;
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls(error, at);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            HttpFault::new(Kind::Refused, format!("nobody answers at {at} (connection refused)"))
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            HttpFault::new(Kind::Timeout, format!("{at} does not answer in time"))
        }
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => {
            HttpFault::new(Kind::HungUp, format!("{at} closes the connection in the middle"))
        }
        io::ErrorKind::InvalidData => {
            HttpFault::new(Kind::NotHttp, format!("{at} answers something that is not HTTP"))
        }
        _ if error.to_string().starts_with("failed to lookup address information") => dns(at),
        _ => HttpFault::new(
            Kind::Unreachable,
            format!("{at} cannot be reached: {}", cleaned(&error.to_string())),
        ),
    }
}

fn tls(error: &rustls::Error, at: &str) -> HttpFault {
    let certificate =
        |what: &str| HttpFault::new(HttpFaultKind::Certificate, format!("the certificate of {at} {what}"));
    match error {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                certificate("is not for this name: set base_url to a name that it has")
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
            other => certificate(&format!("does not hold: {}", cleaned(&other.to_string()))),
        },
        rustls::Error::InvalidMessage(_) => HttpFault::new(
            HttpFaultKind::Tls,
            format!("{at} does not speak TLS: if it is plain HTTP, set base_url to http://…"),
        ),
        rustls::Error::General(words) if words.contains("No CA certificates") => certificate(
            "cannot be checked: this machine has no root certificates (Debian: apt-get install ca-certificates)",
        ),
        other => HttpFault::new(
            HttpFaultKind::Tls,
            format!("TLS with {at} fails: {}", cleaned(&other.to_string())),
        ),
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
        let words =
            |problem| tls(&rustls::Error::InvalidCertificate(problem), "https://your.server").to_string();
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
