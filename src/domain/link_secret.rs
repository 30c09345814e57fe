use std::fmt;

use rand::{CryptoRng, RngExt};
use sha2::{Digest, Sha256};

/// 32 signs, so that each carries five bits; without the look-alikes `0 o 1 l`, and in lower case, as it may be dictated.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// The SHA-256 of a link's secret: all that is stored of it.
pub type LinkHash = [u8; 32];

/// What makes a link secret: whoever holds it can open what it leads to. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret(String);

impl LinkSecret {
    /// A new one, of at least so many bits.
    pub fn generate(rng: &mut impl CryptoRng, bits: usize) -> Self {
        let sign = |_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]);
        Self((0..bits.div_ceil(5)).map(sign).collect())
    }

    /// As it stands in a path; None: it was never one of ours.
    pub fn parse(read: &str) -> Option<Self> {
        let fits = (20..=64).contains(&read.len()) && read.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then(|| Self(read.to_owned()))
    }

    /// The secret itself, for the link.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// By what it is known in the store.
    pub fn hash(&self) -> LinkHash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use rand::rand_core::UnwrapErr;
    use rand::rngs::SysRng;

    use super::*;

    #[test]
    fn a_secret_has_its_bits_and_comes_back_from_its_path() {
        let mut rng = UnwrapErr(SysRng);
        for (bits, signs) in [(128, 26), (160, 32)] {
            let secret = LinkSecret::generate(&mut rng, bits);
            assert_eq!(secret.reveal().len(), signs);
            assert_eq!(LinkSecret::parse(secret.reveal()), Some(secret.clone()));
            assert!(!format!("{secret:?}").contains(secret.reveal()));
        }
        for foreign in ["", "short", "../../etc/passwd/etc/passwd", "A2345678901234567890"] {
            assert_eq!(LinkSecret::parse(foreign), None, "{foreign}");
        }
    }
}
