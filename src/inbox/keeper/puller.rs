//! What ends the session's waiting from outside.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::desk::Desk;
use crate::stop::Stop;

use super::LOOK_EVERY;
use crate::inbox::session::Plug;

/// When the desk stops, or has other settings, a session has so long to end by itself.
const PARTING: Duration = Duration::from_secs(2);

/// An open session, and the settings that it was opened by.
pub(super) type Plugged = (Plug, Arc<Settings>);

/// Ends the session's waiting when the desk stops, or has other settings.
pub(super) struct Puller(Stop);

impl Puller {
    pub(super) fn start(stop: Stop, desk: Arc<Desk>, plug: Arc<Mutex<Option<Plugged>>>) -> Self {
        let over = Stop::new();
        let ended = over.clone();
        let spawned = std::thread::Builder::new().name("inbox-stop".into()).spawn(move || {
            let mut called_at = None;
            while !ended.is_given() {
                let stopping = stop.wait(LOOK_EVERY);
                let settings = desk.premises().settings.load();
                let plugged = plug.lock().unwrap_or_else(PoisonError::into_inner);
                match &*plugged {
                    Some((plug, opened_by)) if stopping || !Arc::ptr_eq(opened_by, &settings) => {
                        plug.call_away();
                        if called_at.get_or_insert_with(Instant::now).elapsed() >= PARTING {
                            plug.pull();
                        }
                    }
                    _ => called_at = None,
                }
                drop(plugged);
                if stopping {
                    ended.wait(LOOK_EVERY);
                }
            }
        });
        if let Err(error) = spawned {
            tracing::warn!("the letter box will take a while to close: {error}");
        }
        Self(over)
    }
}

impl Drop for Puller {
    fn drop(&mut self) {
        self.0.give();
    }
}
