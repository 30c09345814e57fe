use std::fmt;

use rand::{CryptoRng, RngExt};

/// Letters and digits without the look-alikes `0 O 1 l I`.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// How long a token of doorman's own making is.
const LENGTH: usize = 32;

/// Below this, an adopted token is warned about: without a limit on `/register` it can be guessed.
const WEAK_BELOW: usize = 20;

/// A homeserver's registration token. Whoever holds it can make an account, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RegistrationToken(String);

/// Why something is not usable as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenProblem {
    /// There is nothing.
    Empty,
    /// Longer than 64 characters (Matrix spec, opaque identifiers).
    TooLong,
    /// A character outside `[A-Za-z0-9._~-]`.
    Alphabet,
}

impl fmt::Display for TokenProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is longer than 64 characters",
            Self::Alphabet => "it has characters other than A-Z a-z 0-9 . _ ~ -",
        })
    }
}

impl RegistrationToken {
    /// A new token: 32 characters from an alphabet of 57, 186 bits.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self((0..LENGTH).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect())
    }

    /// A token of another hand, as read from a file: blanks and line ends around it do not count.
    pub fn parse(read: &str) -> Result<Self, TokenProblem> {
        let token = read.trim();
        if token.is_empty() {
            return Err(TokenProblem::Empty);
        }
        if !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b)) {
            return Err(TokenProblem::Alphabet);
        }
        if token.len() > 64 {
            return Err(TokenProblem::TooLong);
        }
        Ok(Self(token.to_owned()))
    }

    /// Whether it is short enough to be guessed in days.
    pub fn is_weak(&self) -> bool {
        self.0.len() < WEAK_BELOW
    }

    /// The token itself, for the file, the homeserver and the letter.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RegistrationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_has_32_characters_that_cannot_be_mistaken_for_each_other() {
        let mut rng = rand::rngs::SysRng;
        let mut rng = rand::rand_core::UnwrapErr(&mut rng);
        for _ in 0..200 {
            let token = RegistrationToken::generate(&mut rng);
            assert_eq!(token.reveal().len(), 32);
            assert!(token.reveal().bytes().all(|b| b.is_ascii_alphanumeric() && !b"0O1lI".contains(&b)));
        }
    }

    #[test]
    fn debug_output_hides_the_token() {
        let token = RegistrationToken::parse("abcdef").unwrap();
        assert!(!format!("{token:?}").contains("abc"));
    }

    #[test]
    fn adopted_tokens_are_checked() {
        assert_eq!(RegistrationToken::parse("abc123\n").unwrap().reveal(), "abc123");
        assert!(RegistrationToken::parse("abc123").unwrap().is_weak());
        assert_eq!(RegistrationToken::parse(" \n"), Err(TokenProblem::Empty));
        assert_eq!(RegistrationToken::parse("a b"), Err(TokenProblem::Alphabet));
        assert_eq!(RegistrationToken::parse(&"a".repeat(65)), Err(TokenProblem::TooLong));
    }
}
