//! The threads of a running desk, from its start to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::desk::Desk;
use crate::inbox::Keeper;
use crate::mirror;
use crate::notify;
use crate::outbox::Delivery;
use crate::premises::Premises;
use crate::rotation::{Rotation, watch_homeserver};
use crate::stop::Stop;
use crate::supervisor::Supervisor;
use crate::tokens::Tokens;
use crate::upkeep;
use crate::web::{FrontDoor, MetricsDoor, Server, Service};

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
    /// For `/metrics`.
    pub measured: Option<Server>,
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
        let life = &parts.premises.life;
        let mut working = Supervisor::new(stop.clone(), Arc::clone(life));
        let mut mirroring = Supervisor::new(all_ended.clone(), Arc::clone(life));
        let parts = Arc::new(parts);
        let to = |work: fn(&Parts, &Stop)| {
            let parts = Arc::clone(&parts);
            move |stop: &Stop| work(&parts, stop)
        };
        mirroring.start("mirror", to(|its, stop| mirror::keep(&its.premises, &*its.clock, stop)))?;
        working.start("rotation", to(|its, stop| its.rotation.run(stop)))?;
        working.start("withdrawal", to(|its, stop| its.rotation.look_after_tokens(stop)))?;
        working.start("outbox", to(|its, stop| its.delivery().run(stop)))?;
        working.start("inbox", to(|its, stop| its.keeper().run(stop)))?;
        working.start("upkeep", to(|its, stop| upkeep::keep(&its.premises, &*its.clock, stop)))?;
        working.start("desk", to(|its, stop| its.desk.keep(stop)))?;
        working.start("pulse", to(|its, stop| its.watch(stop)))?;
        // A homeserver that hangs must not hold up the end of the desk.
        working.start_unawaited(
            "homeserver",
            to(|its, stop| watch_homeserver(&its.premises, &*its.clock, stop)),
        )?;
        if parts.measured.is_some() {
            working.start("metrics", to(Parts::serve_metrics))?;
        }
        working.start_unawaited(
            "lists",
            to(|its, stop| upkeep::fetch_lists(&its.premises, &*its.clock, stop)),
        )?;
        // Whoever is told may take their time.
        working.start_unawaited("notify", to(|its, stop| notify::keep(&its.premises, &*its.clock, stop)))?;
        working.start_unawaited("name", to(|its, stop| upkeep::stay_alone(&its.premises, stop)))?;
        working.start("web", to(|its, stop| serve_web(&its.server, &its.door, stop)))?;
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

impl Parts {
    fn delivery(&self) -> Delivery {
        Delivery::new(Arc::clone(&self.premises), Arc::clone(&self.tokens), Arc::clone(&self.clock))
    }

    fn keeper(&self) -> Keeper {
        Keeper::new(Arc::clone(&self.desk), Arc::clone(&self.clock))
    }

    fn serve_metrics(&self, stop: &Stop) {
        if let Some(server) = &self.measured {
            serve_web(server, &Arc::new(MetricsDoor::new(Arc::clone(&self.desk))), stop);
        }
    }

    fn watch(&self, stop: &Stop) {
        upkeep::watch(&self.premises, &*self.clock, stop, &|| self.desk.refresh());
    }
}

fn serve_web<S: Service>(server: &Server, service: &Arc<S>, stop: &Stop) {
    // Out of memory or threads: a little later there may be some.
    while let Err(error) = server.run(service, stop) {
        tracing::error!("the web server cannot work: {error}");
        if stop.wait(AFTER_FAILURE) {
            return;
        }
    }
}
