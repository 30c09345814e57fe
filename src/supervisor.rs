//! The threads of a running desk: named, started again after a bug, and waited for at the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use crate::stop::{Life, Stop};

/// After a bug a thread rests for so long before it begins anew.
const AFTER_BUG: Duration = Duration::from_secs(1);

/// Threads that end when the stop signal comes.
#[derive(Debug)]
pub struct Supervisor {
    stop: Stop,
    life: Arc<Life>,
    running: Vec<(&'static str, Receiver<()>)>,
}

impl Supervisor {
    /// Nobody works yet. Their signs of life are counted here.
    pub fn new(stop: Stop, life: Arc<Life>) -> Self {
        Self { stop, life, running: Vec::new() }
    }

    /// Starts a thread. `work` returns when the stop signal comes; when it panics, which is logged, it begins anew.
    pub fn start(
        &mut self,
        name: &'static str,
        work: impl FnMut(&Stop) + Send + 'static,
    ) -> std::io::Result<()> {
        let ended = self.spawn(name, work)?;
        self.running.push((name, ended));
        Ok(())
    }

    /// Starts one that leaves nothing half done, whenever it ends: nobody waits for it, and for whom it asks.
    pub fn start_unawaited(
        &self,
        name: &'static str,
        work: impl FnMut(&Stop) + Send + 'static,
    ) -> std::io::Result<()> {
        self.spawn(name, work).map(drop)
    }

    fn spawn(
        &self,
        name: &'static str,
        mut work: impl FnMut(&Stop) + Send + 'static,
    ) -> std::io::Result<Receiver<()>> {
        let (stop, life) = (self.stop.clone(), Arc::clone(&self.life));
        let (done, ended) = bounded::<()>(0);
        std::thread::Builder::new().name(name.into()).spawn(move || {
            // Dropped when the thread ends, which is what is waited for.
            let _done = done;
            let _place = life.enter(name);
            while catch_unwind(AssertUnwindSafe(|| work(&stop))).is_err() {
                if stop.wait(AFTER_BUG) {
                    break;
                }
            }
        })?;
        Ok(ended)
    }

    /// Waits until all have ended, until `deadline` at most. Returns those that have not.
    pub fn wait(self, deadline: Instant) -> Vec<&'static str> {
        self.running
            .into_iter()
            .filter(|(_, ended)| {
                matches!(ended.recv_deadline(deadline), Err(crossbeam_channel::RecvTimeoutError::Timeout))
            })
            .map(|(name, _)| name)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_with_a_bug_begins_anew() {
        let stop = Stop::new();
        let mut supervisor = Supervisor::new(stop.clone(), Arc::default());
        let (told, tells) = bounded(2);
        let mut first = true;
        supervisor
            .start("test", move |_| {
                told.send(()).unwrap();
                assert!(!std::mem::take(&mut first), "on purpose");
            })
            .unwrap();
        tells.recv().unwrap();
        tells.recv().unwrap();
        assert!(supervisor.wait(Instant::now() + Duration::from_secs(10)).is_empty());
    }

    #[test]
    fn one_that_does_not_end_is_named() {
        let stop = Stop::new();
        let mut supervisor = Supervisor::new(stop.clone(), Arc::default());
        supervisor.start("stubborn", |stop| while !stop.wait(Duration::from_secs(60)) {}).unwrap();
        assert_eq!(supervisor.wait(Instant::now()), ["stubborn"]);
        stop.give();
    }

    #[test]
    fn one_that_nobody_waits_for_is_not_waited_for() {
        let stop = Stop::new();
        let supervisor = Supervisor::new(stop.clone(), Arc::default());
        supervisor.start_unawaited("asking", |stop| while !stop.wait(Duration::from_secs(60)) {}).unwrap();
        assert!(supervisor.wait(Instant::now() + Duration::from_secs(10)).is_empty());
        stop.give();
    }
}
