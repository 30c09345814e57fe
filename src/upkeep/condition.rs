//! What the console, another process, shows of the running desk.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::clock::Clock;
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::{DeskCondition, NewAct};

/// How often it is looked whether the console has something new to show of the desk.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The alarms of the one that the other has not.
fn missing<'a>(of: &'a DeskCondition, from: &DeskCondition) -> Vec<&'a (String, String)> {
    of.alarms.iter().filter(|(word, _)| from.alarms.iter().all(|(other, _)| other != word)).collect()
}

/// Writes it down whenever it changes, and in the journal when an alarm begins or ends, until the stop signal comes.
pub fn note_condition(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut noted: Option<DeskCondition> = None;
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
            let (writing, before, now) = (condition.clone(), noted.clone().unwrap_or_default(), clock.now());
            // Where the store cannot take it, that is an alarm already, and it is tried again.
            let written = premises.store.write(move |store| {
                let (begun, ended) = (missing(&writing, &before), missing(&before, &writing));
                for (what, alarms) in [("alarm", begun), ("alarm_over", ended)] {
                    for (word, text) in alarms {
                        let text = serde_json::Value::from(text.as_str()).to_string();
                        store.note_act(&NewAct::of_desk(now, what, Some(word.clone()), Some(text)))?;
                    }
                }
                store.note_condition(&writing)
            });
            if written.is_ok() {
                noted = Some(condition);
            }
        }
        if stop.wait(LOOK_EVERY) {
            return;
        }
    }
}
