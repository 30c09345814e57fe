//! The store as other processes change it: the door follows.

use std::time::Duration;

use crate::alarms::Trouble;
use crate::stop::Stop;

use super::Desk;

/// How often other processes' changes are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Desk {
    /// Opens and closes the door as the store says, whichever process has written it.
    pub fn watch_store(&self, stop: &Stop) {
        let alarms = &self.premises().alarms;
        let mut watch = None;
        while !stop.wait(LOOK_EVERY) {
            let looked = match &mut watch {
                None => self.premises().store.watch().map(|new| {
                    watch = Some(new);
                    true
                }),
                Some(watch) => watch.changed(),
            };
            let refreshed = looked.and_then(|changed| if changed { self.refresh() } else { Ok(()) });
            if let Err(error) = refreshed {
                alarms.raise(Trouble::Store, error.to_string());
                watch = None;
            }
        }
    }
}
