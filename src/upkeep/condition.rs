//! What the console, another process, shows of the running desk.

use crate::premises::Premises;
use crate::store::DeskCondition;

/// What stands in the store.
#[derive(Debug, Default)]
pub(super) struct Noted(Option<DeskCondition>);

impl Noted {
    /// Writes it down where it has changed.
    pub(super) fn refresh(&mut self, premises: &Premises) {
        let alarms = premises.alarms.all();
        let condition = DeskCondition {
            alarms: alarms.into_iter().map(|(trouble, what)| (trouble.word().to_owned(), what)).collect(),
            letter_box_is_open: premises
                .settings
                .load()
                .imap
                .is_some()
                .then(|| **premises.letter_box_is_open.load()),
            homeserver: premises
                .homeserver
                .load()
                .as_ref()
                .and_then(|homeserver| homeserver.name_of_family()),
        };
        if self.0.as_ref() != Some(&condition) {
            let writing = condition.clone();
            // Where the store cannot take it, that is an alarm already, and it is tried again.
            if premises.store.write(move |store| store.note_condition(&writing)).is_ok() {
                self.0 = Some(condition);
            }
        }
    }
}
