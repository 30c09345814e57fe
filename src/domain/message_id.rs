use std::fmt;

use rand::{CryptoRng, RngExt};

use super::ServerName;

/// What the random half of a Message-ID is made of, and how long it is: 124 bits.
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 24;

/// A mail's Message-ID with its angle brackets (RFC 5322, section 3.6.4). Printable ASCII without blanks, so it can
/// stand in a header as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// A new one for a letter from `sender` (a bare address). Its right half is the sender's domain, else the
    /// homeserver's name.
    pub fn generate(rng: &mut impl CryptoRng, sender: &str, homeserver: &ServerName) -> Self {
        let id: String =
            (0..LENGTH).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
        let of_sender = sender.rsplit_once('@').and_then(|(_, domain)| {
            let domain = idna::domain_to_ascii_strict(domain).ok()?;
            Self::parse(&format!("<{id}@{domain}>"))
        });
        of_sender.unwrap_or_else(|| Self(format!("<{id}@{}>", homeserver.host())))
    }

    /// Takes `<left@right>` from another hand: each half 1 to 250 printable ASCII characters, no blanks, no further
    /// angle brackets. None: it is not fit to be repeated in a header.
    pub fn parse(read: &str) -> Option<Self> {
        let (left, right) = read.strip_prefix('<')?.strip_suffix('>')?.rsplit_once('@')?;
        let fit = |half: &str| {
            (1..=250).contains(&half.len())
                && half.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
        };
        (fit(left) && fit(right)).then(|| Self(read.to_owned()))
    }

    /// With its angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_one_carries_the_senders_domain_or_else_the_homeservers() {
        let mut rng = rand::rngs::SysRng;
        let mut rng = rand::rand_core::UnwrapErr(&mut rng);
        let server = ServerName::parse("your.server:8448").unwrap();
        for (sender, right) in [
            ("desk@mail.example", "@mail.example>"),
            ("desk@bücher.example", "@xn--bcher-kva.example>"),
            ("desk", "@your.server>"),
            ("desk@a b", "@your.server>"),
        ] {
            let id = MessageId::generate(&mut rng, sender, &server);
            assert!(id.as_str().ends_with(right), "{id}");
            assert_eq!(MessageId::parse(id.as_str()), Some(id.clone()));
            assert_ne!(id, MessageId::generate(&mut rng, sender, &server));
        }
    }

    #[test]
    fn what_could_break_a_header_is_no_message_id() {
        let long = format!("<{}@b>", "a".repeat(251));
        for read in [
            "",
            "<>",
            "a@b",
            "<a>",
            "<@b>",
            "<a@>",
            "<a b@c>",
            "<a@b>\r\nBcc: x@y",
            "<a@b><c@d>",
            "<ä@b>",
            &long,
        ] {
            assert_eq!(MessageId::parse(read), None, "{read:?}");
        }
        assert!(MessageId::parse("<CA+x=y/1@mail.gmail.com>").is_some());
    }
}
