//! How many questions the homeserver is asked at once, and who is next.
//!
//! Eight at once, first come first served, until the homeserver says that this is too much (429). From then on it is
//! one at a time, for a while: Synapse takes about one name a second from one address, whatever its configuration.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many at once, as long as nobody complains.
const WIDE: usize = 8;

/// So long it stays at one at a time after the last complaint.
const NARROW_FOR: Duration = Duration::from_secs(600);

/// The wait after a complaint lies between these, whatever is asked for: who lifts a limit does not want to wait an
/// hour for the desk to find out.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// From here on tickets are of those who give way to all others.
const GIVE_WAY: u64 = 1 << 63;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// First come, first served.
    InOrder,
    /// When nobody else wants to know anything.
    Last,
}

/// What a question brought.
pub(super) enum Heard<A> {
    /// An answer, of whatever kind.
    Answer(A),
    /// Asked too often: it may be asked again after this.
    TooOften(Duration),
}

/// Why a question was given up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GaveUp {
    /// Others were before it for too long.
    InTheQueue,
    /// The homeserver wants to be left alone, or asked one question at a time, for longer than there is time.
    TooOften,
}

/// The gate before one kind of question.
#[derive(Default)]
pub(super) struct Gate {
    queue: Mutex<Queue>,
}

/// Who waits, who asks, and from when on.
#[derive(Default)]
struct Queue {
    next_ticket: u64,
    /// The lowest ticket is next. Each has a bell of its own, so that only who is next wakes up.
    waiting: BTreeMap<u64, Arc<Condvar>>,
    asking: usize,
    not_before: Option<Instant>,
    narrow_until: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Goes {
    Now,
    /// When the homeserver may be asked again.
    At(Instant),
    /// When somebody else is through.
    Later,
}

impl Queue {
    fn turn(&self, ticket: u64, now: Instant) -> Goes {
        let width = if self.narrow_until.is_some_and(|until| now < until) { 1 } else { WIDE };
        let is_next = self.waiting.keys().next().is_none_or(|first| *first >= ticket);
        match self.not_before {
            Some(from) if now < from => Goes::At(from),
            _ if is_next && self.asking < width => Goes::Now,
            _ => Goes::Later,
        }
    }

    fn asked_too_often(&mut self, wait: Duration, now: Instant) {
        let from = now + wait;
        self.not_before = Some(self.not_before.map_or(from, |before| before.max(from)));
        self.narrow_until = Some(from + NARROW_FOR);
    }

    /// Where it goes slowly because the homeserver wants it so, that is the reason.
    fn gave_up(&self, now: Instant) -> GaveUp {
        self.narrow_until.filter(|until| now < *until).map_or(GaveUp::InTheQueue, |_| GaveUp::TooOften)
    }

    fn ring_for_the_next(&self) {
        if let Some(bell) = self.waiting.values().next() {
            bell.notify_one();
        }
    }
}

/// Leave to ask; given back when dropped, also by a panic.
struct Pass<'gate>(&'gate Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.asking -= 1;
        queue.ring_for_the_next();
    }
}

impl Gate {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks when it is this caller's turn, again when it was too often, and never beyond the deadline. `ask` is given
    /// the time that is left.
    pub(super) fn ask<A>(
        &self,
        turn: Turn,
        deadline: Instant,
        mut ask: impl FnMut(Duration) -> Heard<A>,
    ) -> Result<A, GaveUp> {
        let ticket = {
            let mut queue = self.queue();
            queue.next_ticket += 1;
            queue.next_ticket | if turn == Turn::Last { GIVE_WAY } else { 0 }
        };
        loop {
            let pass = self.wait_for_turn(ticket, deadline)?;
            match ask(deadline.saturating_duration_since(Instant::now())) {
                Heard::Answer(answer) => return Ok(answer),
                // The ticket is kept: whoever was sent away is next.
                Heard::TooOften(wait) => {
                    self.queue().asked_too_often(wait.clamp(SHORTEST_WAIT, LONGEST_WAIT), Instant::now());
                }
            }
            drop(pass);
        }
    }

    fn wait_for_turn(&self, ticket: u64, deadline: Instant) -> Result<Pass<'_>, GaveUp> {
        let mut queue = self.queue();
        let bell = Arc::new(Condvar::new());
        queue.waiting.insert(ticket, Arc::clone(&bell));
        let turn = loop {
            let now = Instant::now();
            let until = match queue.turn(ticket, now) {
                _ if now >= deadline => break Err(queue.gave_up(now)),
                Goes::Now => break Ok(()),
                // To wait for it would be in vain.
                Goes::At(from) if from >= deadline => break Err(GaveUp::TooOften),
                Goes::At(from) => from,
                Goes::Later => deadline,
            };
            queue = bell.wait_timeout(queue, until - now).unwrap_or_else(PoisonError::into_inner).0;
        };
        queue.waiting.remove(&ticket);
        if turn.is_ok() {
            queue.asking += 1;
        }
        queue.ring_for_the_next();
        drop(queue);
        turn.map(|()| Pass(self))
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
