//! "Did you mean …?", asked once about an address that looks like a slip of the keyboard.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::domain::EmailAddress;

/// So many addresses are remembered as asked about; a restart forgets them, and then one is asked about once more.
const REMEMBERED: usize = 1000;

/// The addresses that were asked about lately. Whoever sends one of them again means it.
#[derive(Debug, Default)]
pub(super) struct Slips(Mutex<VecDeque<String>>);

impl Slips {
    /// The address that is probably meant, where that has not been asked yet.
    pub(super) fn likely_meant(&self, typed: &EmailAddress) -> Option<String> {
        let meant = typed.likely_meant()?;
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let typed = typed.folded();
        if asked.contains(&typed) {
            return None;
        }
        asked.truncate(REMEMBERED - 1);
        asked.push_front(typed);
        Some(meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_about_once_and_a_flood_of_others_grows_nothing() {
        let slips = Slips::default();
        let ask = |typed: &str| slips.likely_meant(&EmailAddress::parse(typed).unwrap());
        assert_eq!(ask("ann@gmail.com"), None);
        assert_eq!(ask("ann@gmial.com").as_deref(), Some("ann@gmail.com"));
        assert_eq!(ask("Ann@Gmial.com"), None);
        for number in 0..2 * REMEMBERED {
            assert!(ask(&format!("n{number}@gmial.com")).is_some());
        }
        assert_eq!(slips.0.lock().unwrap().len(), REMEMBERED);
    }
}
