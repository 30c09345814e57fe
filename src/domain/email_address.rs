use std::fmt;

use super::printable::{first_unseen, name_of_unseen, trimmed};
use super::providers::{FOR_EVERYBODY, Provider};

/// An email address that mail can be sent to: `local@domain`, the domain in its ASCII form.
///
/// Stricter than RFC 5321 on purpose: no quoted local parts, no comments, no address literals, no dotless domains. What
/// nobody's mailbox is called, but what has been used to trick mail programs, is refused at the door.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    typed: String,
    local: String,
    domain: String,
}

/// Why something is not an address, as operators are told it; applicants are told by [`crate::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailProblem {
    /// Nothing was typed.
    #[error("it is empty")]
    Empty,
    /// There is not exactly one `@` with something on both sides.
    #[error("this is not an email address; it should look like name@example.org")]
    NotAnAddress,
    /// The part before the `@` has characters outside ASCII.
    #[error("the part before the @ has characters outside ASCII")]
    NonAsciiLocalPart,
    /// Quotes, comments, spaces …
    #[error("it has a character in it that can't be mailed to")]
    Character,
    /// A character that nobody sees.
    #[error("it has an invisible character in it ({})", name_of_unseen(*.0))]
    Unseen(char),
    /// `a%b@c`, `a!b@c`, `@b:a@c`: the way to somewhere else (RFC 5321, appendix C).
    #[error("it names a way to somewhere else (%, ! or @…:)")]
    SourceRoute,
    /// The part before the `@` is longer than 64 characters, or the whole longer than 254.
    #[error("it is too long")]
    TooLong,
    /// `user@[192.0.2.1]`.
    #[error("after the @ there is an IP address, not a domain name")]
    AddressLiteral,
    /// The part behind the `@` is not a domain of the public internet.
    #[error("the part after the @ is not a domain name")]
    Domain,
    /// A domain where nobody can receive mail (RFC 6761, and what machines are called that have no name).
    #[error("nobody can receive email at this domain")]
    CannotReceive,
}

/// Last labels below which nobody receives mail.
const NO_MAIL: [&str; 3] = ["invalid", "localhost", "localdomain"];

impl EmailAddress {
    /// Understands an address as an applicant typed it; blanks around it are forgiven, an international domain is
    /// turned into punycode.
    pub fn parse(typed: &str) -> Result<Self, EmailProblem> {
        let typed = trimmed(typed);
        if typed.is_empty() {
            return Err(EmailProblem::Empty);
        }
        if typed.len() > 1000 {
            return Err(EmailProblem::TooLong);
        }
        if let Some(c) = first_unseen(typed) {
            return Err(EmailProblem::Unseen(c));
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailProblem::NotAnAddress)?;
        if local.is_empty() || domain.is_empty() {
            return Err(EmailProblem::NotAnAddress);
        }
        if !local.is_ascii() {
            return Err(EmailProblem::NonAsciiLocalPart);
        }
        if local.starts_with('@') && local.contains(':') || local.contains(['%', '!']) {
            return Err(EmailProblem::SourceRoute);
        }
        if local.contains('@') && !local.starts_with('"') {
            return Err(EmailProblem::NotAnAddress);
        }
        // RFC 5322 atext and dots.
        if !local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b)) {
            return Err(EmailProblem::Character);
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(EmailProblem::NotAnAddress);
        }
        // Would be an option, or a pipe, to a mail program further down the line.
        if local.starts_with('-') || local.starts_with('|') {
            return Err(EmailProblem::Character);
        }
        if local.len() > 64 {
            return Err(EmailProblem::TooLong);
        }
        if domain.starts_with('[') {
            return Err(EmailProblem::AddressLiteral);
        }
        if domain.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(EmailProblem::Character);
        }
        if local.len() + 1 + domain.len() > 254 {
            return Err(EmailProblem::TooLong);
        }
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailProblem::Domain)?;
        if ascii.parse::<std::net::IpAddr>().is_ok() {
            return Err(EmailProblem::AddressLiteral);
        }
        let labels: Vec<&str> = ascii.split('.').collect();
        let top_is_a_name =
            labels.last().is_some_and(|top| !top.is_empty() && !top.bytes().all(|b| b.is_ascii_digit()));
        if labels.len() < 2 || !top_is_a_name || labels.iter().any(|label| label.is_empty()) {
            return Err(EmailProblem::Domain);
        }
        if labels.last().is_some_and(|top| top.len() < 2 || NO_MAIL.contains(top)) {
            return Err(EmailProblem::CannotReceive);
        }
        if local.len() + 1 + ascii.len() > 254 {
            return Err(EmailProblem::TooLong);
        }
        Ok(Self { typed: typed.to_owned(), local: local.to_owned(), domain: ascii })
    }

    /// As the applicant typed it, without the blanks around it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What the mail server is told: the local part as typed, the domain in ASCII.
    pub fn to_ascii(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The same mailbox, by this detail. None: it would be too long, or no address.
    pub fn with_detail(&self, detail: &str) -> Option<Self> {
        Self::parse(&format!("{}+{detail}@{}", self.local, self.domain)).ok()
    }

    /// The domain in ASCII, lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The registrable domain (public suffix list), for which one registrant stands; None: that of a provider of mail for
    /// everybody.
    pub fn own_domain(&self) -> Option<&str> {
        let registrable = psl::domain_str(&self.domain).unwrap_or(&self.domain);
        let everybodys = [self.domain(), registrable].iter().any(|domain| FOR_EVERYBODY.contains(domain));
        (!everybodys).then_some(registrable)
    }

    /// The mailbox that this address leads to, by what its provider calls the same: `A+tag@X` is `a@x`, and
    /// `J.Doe@googlemail.com` is `jdoe@gmail.com`.
    pub fn mailbox(&self) -> String {
        let (local, domain) = Provider::mailbox(&self.local.to_ascii_lowercase(), &self.domain);
        format!("{local}@{domain}")
    }

    /// What is probably meant, where the domain looks like a slip of the keyboard: `ann@gmial.com` → `ann@gmail.com`.
    pub fn likely_meant(&self) -> Option<String> {
        super::slips::likely_meant(&self.domain).map(|domain| format!("{}@{domain}", self.local))
    }

    /// The whole address, case folded: what ban patterns are held against.
    pub fn folded(&self) -> String {
        format!("{}@{}", self.local.to_ascii_lowercase(), self.domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood() {
        for (typed, ascii, mailbox) in [
            ("alice@example.org", "alice@example.org", "alice@example.org"),
            (" Alice+Matrix@Example.ORG\t", "Alice+Matrix@example.org", "alice@example.org"),
            ("a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            ("+tag@example.org", "+tag@example.org", "+tag@example.org"),
            ("a@example.org.", "a@example.org", "a@example.org"),
            ("\u{feff}a@example.org\u{a0}", "a@example.org", "a@example.org"),
            ("o'hara@example.org", "o'hara@example.org", "o'hara@example.org"),
        ] {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!(address.to_ascii(), ascii);
            assert_eq!(address.mailbox(), mailbox);
            assert_eq!(address.as_typed(), trimmed(typed));
        }
    }

    #[test]
    fn a_registrant_stands_for_all_below_their_domain_and_a_provider_for_nobody() {
        for (typed, own) in [
            ("a@example.org", Some("example.org")),
            ("a@x.y.example.co.uk", Some("example.co.uk")),
            ("a@co.uk", Some("co.uk")),
            ("a@sub.desk.test", Some("desk.test")),
            ("a@gmail.com", None),
            ("a@ann.fastmail.com", None),
            ("a@GMX.de", None),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().own_domain(), own, "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}example.org", "abcdefgh.".repeat(30));
        for (typed, problem) in [
            ("", EmailProblem::Empty),
            ("   ", EmailProblem::Empty),
            ("alice", EmailProblem::NotAnAddress),
            ("@example.org", EmailProblem::NotAnAddress),
            ("alice@", EmailProblem::NotAnAddress),
            ("a@b@example.org", EmailProblem::NotAnAddress),
            ("a..b@example.org", EmailProblem::NotAnAddress),
            (".a@example.org", EmailProblem::NotAnAddress),
            ("\"a b\"@example.org", EmailProblem::Character),
            ("a(comment)@example.org", EmailProblem::Character),
            ("a b@example.org", EmailProblem::Character),
            ("a\r\nBcc: x@example.org", EmailProblem::Unseen('\r')),
            ("a\0@example.org", EmailProblem::Unseen('\0')),
            ("-oQ@example.org", EmailProblem::Character),
            ("|cat@example.org", EmailProblem::Character),
            ("Alice <alice@example.org>", EmailProblem::Character),
            ("älice@example.org", EmailProblem::NonAsciiLocalPart),
            ("ａlice@example.org", EmailProblem::NonAsciiLocalPart),
            ("a@[127.0.0.1]", EmailProblem::AddressLiteral),
            ("a@127.0.0.1", EmailProblem::AddressLiteral),
            ("a@localhost", EmailProblem::Domain),
            ("a@x_y.test", EmailProblem::Domain),
            ("a@-x.test", EmailProblem::Domain),
            ("a@example..org", EmailProblem::Domain),
            ("a@exam\u{202e}ple.org", EmailProblem::Unseen('\u{202e}')),
            ("al\u{200b}ice@example.org", EmailProblem::Unseen('\u{200b}')),
            ("alice@exam\u{ad}ple.org", EmailProblem::Unseen('\u{ad}')),
            ("ann%other.example@mine.example", EmailProblem::SourceRoute),
            ("a!b@mine.example", EmailProblem::SourceRoute),
            ("@other.example:a@mine.example", EmailProblem::SourceRoute),
            ("x@test.invalid", EmailProblem::CannotReceive),
            ("x@localhost.localdomain", EmailProblem::CannotReceive),
            ("x@my.localhost", EmailProblem::CannotReceive),
            ("x@gmail.c", EmailProblem::CannotReceive),
            (&long, EmailProblem::TooLong),
            (&longer, EmailProblem::TooLong),
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(problem), "{typed:?}");
        }
    }
}
