use std::fmt;

use rand::CryptoRng;
use sha2::{Digest, Sha256};

/// What a tag begins with.
const SIGN: &str = "b.";

/// 32 signs, so that each carries five bits; mail servers may fold capitals.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// 80 bits.
const LENGTH: usize = 16;

/// In the address that an email's bounces come to, `local+b.ID.MAC@domain`: which email it is, and that the desk wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceTag {
    /// The email's number.
    pub letter: i64,
    mac: String,
}

/// What only the desk knows.
pub struct BounceKey([u8; 32]);

impl BounceKey {
    /// A new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self(key)
    }

    /// As [`BounceKey::to_hex`] wrote it.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut key = [0; 32];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(key))
    }

    /// For the store.
    pub fn to_hex(&self) -> String {
        self.0.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// For the bounces of this email.
    pub fn tag(&self, letter: i64) -> BounceTag {
        // Nobody can go on from the half of a digest that is shown, and each input is as long: so it needs no HMAC.
        let digest = Sha256::new().chain_update(self.0).chain_update(letter.to_be_bytes()).finalize();
        let mac =
            digest.iter().take(LENGTH).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        BounceTag { letter, mac }
    }
}

impl BounceTag {
    /// What stands behind the `+`. None: it is no tag.
    pub fn parse(detail: &str) -> Option<Self> {
        let (letter, mac) = detail.strip_prefix(SIGN)?.split_once('.')?;
        let fits = mac.len() == LENGTH && mac.bytes().all(|byte| ALPHABET.contains(&byte));
        let is_number = !letter.is_empty() && letter.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { letter: letter.parse().ok().filter(|_| fits && is_number)?, mac: mac.to_owned() })
    }
}

impl fmt::Display for BounceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SIGN}{}.{}", self.letter, self.mac)
    }
}

impl fmt::Debug for BounceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BounceKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use rand::rand_core::UnwrapErr;
    use rand::rngs::SysRng;

    use super::*;

    #[test]
    fn a_tag_comes_back_from_its_address_and_nobody_else_can_make_it() {
        let (ours, theirs) = (BounceKey::generate(&mut UnwrapErr(SysRng)), BounceKey([7; 32]));
        let tag = ours.tag(42);
        assert_eq!(BounceTag::parse(&tag.to_string()), Some(tag.clone()));
        assert_ne!(theirs.tag(42), tag);
        assert_ne!(ours.tag(43).mac, tag.mac);
        assert_eq!(BounceKey::from_hex(&ours.to_hex()).unwrap().tag(42), tag);
        assert!(!format!("{ours:?}").contains(&ours.to_hex()[..8]));
        for foreign in ["", "b", "b.1", "b.1.short", "b.-1.abcdefghijklmnop", "b.1.ABCDEFGHIJKLMNOP", "alice"]
        {
            assert_eq!(BounceTag::parse(foreign), None, "{foreign}");
        }
    }
}
