//! What waits for the operator, told where they are: in a Matrix room, where it is decided too, and by a webhook. (The digest by
//! mail is [`crate::upkeep`]'s.)
//!
//! What is owed stands in the store, written by whatever it tells of in the same transaction. Each channel has threads of its
//! own, which hold nobody up; what was told is noted afterwards, so that it is told at least once over every kill, and by the
//! key of its row once where the other side heeds that (the room does).

mod failing;
mod hearing;
mod message;
mod replies;
mod room;
mod telling;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::NoticeChannel;

pub use room::Room;
pub use webhook::Webhook;

/// After a failure of the machine's it is tried again after so long.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The channels that these settings ask for, each with its place, by which it is known whether it is another: a hash, since what
/// is to be kept to oneself can stand in a URL.
fn channels(settings: &Settings) -> Vec<(NoticeChannel, String)> {
    let room = settings.notify.matrix.as_ref().filter(|_| !settings.trial);
    let webhook = settings.notify.webhook.as_ref();
    let known = |place: &str| {
        let hash = Sha256::digest(place.as_bytes());
        hash.iter().take(16).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    };
    let room = room.map(|matrix| (NoticeChannel::Matrix, known(&matrix.room)));
    room.into_iter().chain(webhook.map(|hook| (NoticeChannel::Webhook, known(&hook.url)))).collect()
}

/// Tells what is owed, and hears what is replied, until the stop signal comes; anew whenever the settings change.
pub fn keep(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut listener = premises.pulse().listen(stop, &[Topic::Settings], Duration::ZERO);
    loop {
        let (settings, asked) = (premises.settings.load_full(), premises.homeserver.load_full());
        let (channels, now) = (channels(&settings), clock.now());
        if let Err(error) = premises.store.write(move |store| store.set_notice_channels(&channels, now)) {
            premises.alarms.raise(Trouble::Store, error.to_string());
            if stop.wait(AFTER_FAILURE) {
                return;
            }
            continue;
        }
        // What was wrong before may not be any more.
        premises.alarms.clear(Trouble::MatrixRoom);
        premises.alarms.clear(Trouble::Webhook);
        // Given when the settings are others, and with the desk's own.
        let changed = Stop::new();
        std::thread::scope(|scope| {
            let (changed, mut started) = (&changed, Vec::new());
            if let (Some(matrix), Some(homeserver)) = (&settings.notify.matrix, &asked) {
                let room = Arc::new(Room::new(Arc::clone(homeserver), matrix));
                let telling = Arc::clone(&room);
                let hears = move || replies::hear(&room, premises, clock, changed);
                started.extend(start(scope, "room-hears", hears));
                let tells = move || telling::tell(&telling, premises, clock, changed);
                started.extend(start(scope, "room-tells", tells));
            }
            if let Some(hook) = &settings.notify.webhook {
                let tells = move || webhook::tell(&Webhook::new(hook), premises, clock, changed);
                started.extend(start(scope, "webhook", tells));
            }
            while listener.wait(Next::never()) {
                let homeserver = premises.homeserver.load_full();
                if premises.settings.load().notify != settings.notify
                    || homeserver.as_ref().map(Arc::as_ptr) != asked.as_ref().map(Arc::as_ptr)
                    // By a panic, which goes on here.
                    || started.iter().any(std::thread::ScopedJoinHandle::is_finished)
                {
                    break;
                }
            }
            changed.give();
        });
        if stop.is_given() {
            return;
        }
    }
}

fn start<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() + Send + 'scope,
) -> Option<std::thread::ScopedJoinHandle<'scope, ()>> {
    let started = std::thread::Builder::new().name(name.into()).spawn_scoped(scope, work);
    started
        .inspect_err(|error| tracing::error!("a thread cannot be started, so nobody is told by it: {error}"))
        .ok()
}
