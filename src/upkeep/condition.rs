//! What the console, another process, shows of the running desk.

use crate::clock::Clock;
use crate::premises::Premises;
use crate::store::{DeskCondition, NewAct};

/// What stands in the store.
#[derive(Debug, Default)]
pub(super) struct Noted(Option<DeskCondition>);

/// The alarms of the one that the other has not.
fn missing<'a>(of: &'a DeskCondition, from: &DeskCondition) -> Vec<&'a (String, String)> {
    of.alarms.iter().filter(|(word, _)| from.alarms.iter().all(|(other, _)| other != word)).collect()
}

impl Noted {
    /// Writes it down where it has changed, and in the journal when an alarm begins or ends.
    pub(super) fn refresh(&mut self, premises: &Premises, clock: &dyn Clock) {
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
        if self.0.as_ref() == Some(&condition) {
            return;
        }
        let (writing, before, now) = (condition.clone(), self.0.clone().unwrap_or_default(), clock.now());
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
            self.0 = Some(condition);
        }
    }
}
