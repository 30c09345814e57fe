use std::fmt;

use zeroize::Zeroizing;

/// A password that somebody has just chosen. It is overwritten when it goes, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// As it was typed: nothing of it is taken off. None: nothing was typed.
    pub fn new(typed: String) -> Option<Self> {
        let typed = Zeroizing::new(typed);
        (!typed.is_empty()).then_some(Self(typed))
    }

    /// The password itself, for the homeserver.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
