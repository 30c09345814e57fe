//! What the console, another process, shows of the running desk.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::DeskCondition;

/// How often it is looked whether the console has something new to show of the desk.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Writes it down whenever it changes, until the stop signal comes.
pub fn note_condition(premises: &Premises, stop: &Stop) {
    let mut noted = None;
    loop {
        let condition = DeskCondition {
            alarms: premises
                .alarms
                .all()
                .into_iter()
                .map(|(trouble, what)| (trouble.word().to_owned(), what))
                .collect(),
            letter_box_is_open: premises
                .settings
                .load()
                .imap
                .is_some()
                .then(|| premises.letter_box_is_open.load(Ordering::Relaxed)),
            homeserver: premises
                .homeserver
                .load()
                .as_ref()
                .and_then(|homeserver| homeserver.name_of_family()),
        };
        if noted.as_ref() != Some(&condition) {
            let writing = condition.clone();
            // Where the store cannot take it, that is an alarm already, and it is tried again.
            if premises.store.write(move |store| store.note_condition(&writing)).is_ok() {
                noted = Some(condition);
            }
        }
        if stop.wait(LOOK_EVERY) {
            return;
        }
    }
}
