//! The threads of a running desk, from its start to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::desk::Desk;
use crate::digest;
use crate::inbox::Keeper;
use crate::mirror;
use crate::outbox::Delivery;
use crate::premises::Premises;
use crate::rotation::{Rotation, Withdrawal, watch_homeserver};
use crate::service_manager;
use crate::stop::Stop;
use crate::supervisor::Supervisor;
use crate::tokens::Tokens;
use crate::upkeep::{note_condition, retire, watch_bans};
use crate::web::{FrontDoor, Server};

/// After a failure of the machine's it is tried again after so long.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The threads have so long to end after a signal.
const PARTING: Duration = Duration::from_secs(8);

/// The mirror, which shows what they did to the last, has at least so long after them.
const MIRRORS_PARTING: Duration = Duration::from_secs(1);

/// The parts that threads are made of.
pub(super) struct Parts {
    pub premises: Arc<Premises>,
    pub clock: Arc<dyn Clock>,
    pub tokens: Arc<Tokens>,
    pub rotation: Rotation,
    pub desk: Arc<Desk>,
    pub door: Arc<FrontDoor>,
    pub server: Server,
}

/// All threads of a desk that runs.
pub(super) struct Threads {
    stop: Stop,
    working: Supervisor,
    /// Given when all others have ended, so that the mirror shows every request that they accepted.
    all_ended: Stop,
    mirroring: Supervisor,
}

impl Threads {
    /// Starts them; the door is open to the net at the last.
    pub(super) fn start(parts: Parts) -> std::io::Result<Self> {
        let (stop, all_ended) = (Stop::new(), Stop::new());
        let mut working = Supervisor::new(stop.clone());
        let mut mirroring = Supervisor::new(all_ended.clone());
        let (shared, time) = (Arc::clone(&parts.premises), Arc::clone(&parts.clock));
        mirroring.start("mirror", move |stop| mirror::keep(&shared, &*time, stop))?;
        start_working(&mut working, parts)?;
        Ok(Self { stop, working, all_ended, mirroring })
    }

    /// Has them end, and waits for it, for some seconds at most.
    pub(super) fn end(self) {
        let deadline = Instant::now() + PARTING;
        self.stop.give();
        let mut late = self.working.wait(deadline);
        self.all_ended.give();
        // Whoever was late has not used up the mirror's time.
        late.extend(self.mirroring.wait(deadline.max(Instant::now() + MIRRORS_PARTING)));
        for name in late {
            // What it was doing is in the store, and is taken up at the next start.
            tracing::warn!("the thread {name} did not end in time; the desk ends without it");
        }
    }
}

fn start_working(threads: &mut Supervisor, parts: Parts) -> std::io::Result<()> {
    let Parts { premises, clock, tokens, rotation, desk, door, server } = parts;
    threads.start("rotation", move |stop| rotation.run(stop))?;
    let withdrawal = Withdrawal {
        premises: Arc::clone(&premises),
        tokens: Arc::clone(&tokens),
        clock: Arc::clone(&clock),
    };
    threads.start("withdrawal", move |stop| withdrawal.run(stop))?;
    let (shared, time) = (Arc::clone(&premises), Arc::clone(&clock));
    threads.start("outbox", move |stop| {
        Delivery::new(Arc::clone(&shared), Arc::clone(&tokens), Arc::clone(&time)).run(stop);
    })?;
    let (kept, time) = (Arc::clone(&desk), Arc::clone(&clock));
    threads.start("inbox", move |stop| Keeper::new(Arc::clone(&kept), Arc::clone(&time)).run(stop))?;
    let (shared, time) = (Arc::clone(&premises), Arc::clone(&clock));
    threads.start("digest", move |stop| digest::keep(&shared, &*time, stop))?;
    let shared = Arc::clone(&premises);
    threads.start("bans", move |stop| watch_bans(&shared, stop))?;
    let (shared, time) = (Arc::clone(&premises), Arc::clone(&clock));
    threads.start("condition", move |stop| note_condition(&shared, &*time, stop))?;
    let watched = Arc::clone(&desk);
    threads.start("store-watch", move |stop| watched.watch_store(stop))?;
    let (shared, time) = (Arc::clone(&premises), Arc::clone(&clock));
    threads.start("retention", move |stop| retire(&shared, &*time, stop))?;
    let (shared, time) = (Arc::clone(&premises), Arc::clone(&clock));
    // A homeserver that hangs must not hold up the end of the desk.
    threads.start_unawaited("homeserver", move |stop| watch_homeserver(&shared, &*time, stop))?;
    threads.start("watchdog", service_manager::keep_watchdog_quiet)?;
    threads.start("web", move |stop| serve_web(&server, &door, stop))
}

fn serve_web(server: &Server, service: &Arc<FrontDoor>, stop: &Stop) {
    // Out of memory or threads: a little later there may be some.
    while let Err(error) = server.run(service, stop) {
        tracing::error!("the web server cannot work: {error}");
        if stop.wait(AFTER_FAILURE) {
            return;
        }
    }
}
