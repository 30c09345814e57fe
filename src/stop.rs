//! The stop signal: threads wait on it instead of sleeping, so that the desk can end at once.

mod life;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, eventfd};

pub use life::{Life, Stuck, gets_on};

/// Whoever waits for longer gives a sign of life in between.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// By what one thread is woken: it remembers each of up to 32 reasons until the thread has heard of it.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<u32>,
    grew: Condvar,
    /// Readable while it is rung.
    descriptor: Option<OwnedFd>,
}

impl Bell {
    /// One that can be polled beside a socket.
    pub fn beside_a_socket() -> io::Result<Self> {
        let descriptor = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { descriptor: Some(descriptor), ..Self::default() })
    }

    fn rung(&self) -> MutexGuard<'_, u32> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever rings again before the thread has heard it wakes nobody.
    pub fn ring(&self, reasons: u32) {
        let mut rung = self.rung();
        if *rung | reasons != *rung {
            *rung |= reasons;
            self.grew.notify_all();
            if let Some(descriptor) = &self.descriptor {
                let _ = rustix::io::write(descriptor, &1u64.to_ne_bytes());
            }
        }
    }

    /// Whether it is rung, and nobody has heard it yet.
    pub fn is_rung(&self) -> bool {
        *self.rung() != 0
    }

    /// Hears for which reasons it is rung. It rings for no other again than the stop signal.
    pub fn hear(&self) -> u32 {
        let mut rung = self.rung();
        let heard = *rung;
        *rung &= Stop::REASON;
        if let (0, Some(descriptor)) = (*rung, &self.descriptor) {
            let _ = rustix::io::read(descriptor, &mut [0; 8]);
        }
        heard
    }

    /// Waits until it is rung for another reason than those of `known`, until `deadline` at most.
    pub fn wait(&self, known: u32, deadline: Option<Instant>) {
        gets_on();
        let mut rung = self.rung();
        while *rung & !known == 0 {
            let left = deadline
                .map_or(LONGEST_WAIT, |deadline| deadline.saturating_duration_since(Instant::now()))
                .min(LONGEST_WAIT);
            if left.is_zero() {
                break;
            }
            rung = self.grew.wait_timeout(rung, left).unwrap_or_else(PoisonError::into_inner).0;
            gets_on();
        }
    }

    /// What becomes readable when it is rung.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.descriptor.as_ref().map(AsFd::as_fd)
    }
}

/// A signal that is given once and stays given. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    given: Bell,
    bells: Mutex<Vec<Weak<Bell>>>,
}

impl Stop {
    /// The reason for which it rings.
    pub const REASON: u32 = 1 << 31;

    /// A signal not yet given.
    pub fn new() -> Self {
        Self::default()
    }

    fn bells(&self) -> MutexGuard<'_, Vec<Weak<Bell>>> {
        self.inner.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the signal and wakes whoever waits for it.
    pub fn give(&self) {
        let bells = self.bells();
        self.inner.given.ring(Self::REASON);
        for bell in bells.iter().filter_map(Weak::upgrade) {
            bell.ring(Self::REASON);
        }
    }

    /// Has the signal ring this bell too.
    pub fn ring_too(&self, bell: &Arc<Bell>) {
        let mut bells = self.bells();
        bells.retain(|bell| bell.strong_count() > 0);
        bells.push(Arc::downgrade(bell));
        if self.is_given() {
            bell.ring(Self::REASON);
        }
    }

    /// Whether the signal was given.
    pub fn is_given(&self) -> bool {
        self.inner.given.is_rung()
    }

    /// Waits for the signal, at most `span`. True: it was given.
    pub fn wait(&self, span: Duration) -> bool {
        self.inner.given.wait(0, Some(Instant::now() + span));
        self.is_given()
    }
}
