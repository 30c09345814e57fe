//! One at a time by each link: a second click waits for the first.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The requests that are being dealt with.
#[derive(Debug, Default)]
pub(super) struct Turns {
    busy: Mutex<HashSet<i64>>,
    bell: Condvar,
}

/// Leave to go on; given back when it is dropped, also by a panic.
pub(super) struct Turn<'a>(&'a Turns, i64);

impl Turns {
    /// Waits until nobody else deals with this request. None: beyond the deadline.
    pub(super) fn take(&self, request: i64, deadline: Instant) -> Option<Turn<'_>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while !busy.insert(request) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return None;
            }
            busy = self.bell.wait_timeout(busy, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(Turn(self, request))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
        self.0.bell.notify_all();
    }
}
