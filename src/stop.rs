//! The stop signal: threads wait on it instead of sleeping, so that the desk can end at once.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A signal that is given once and stays given. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    /// A signal not yet given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal and wakes whoever waits for it.
    pub fn give(&self) {
        *self.inner.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.inner.1.notify_all();
    }

    /// Whether the signal was given.
    pub fn is_given(&self) -> bool {
        *self.inner.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the signal, at most `span`. True: it was given.
    pub fn wait(&self, span: Duration) -> bool {
        let deadline = Instant::now() + span;
        let mut given = self.inner.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*given {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            given = self.inner.1.wait_timeout(given, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
