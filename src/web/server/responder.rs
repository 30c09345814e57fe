//! The way back from whoever answers to the loop that the connection belongs to.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use mio::Waker;

use super::Response;

/// An answer on its way to a connection. None: whoever should have answered did not.
pub(super) struct Delivery {
    pub connection: usize,
    pub generation: u64,
    pub response: Option<Response>,
}

/// Where a loop finds the answers that others have made.
pub(super) struct Mailbox {
    waker: Waker,
    owner: ThreadId,
    waiting: Mutex<Vec<Delivery>>,
}

impl Mailbox {
    pub(super) fn new(waker: Waker) -> Self {
        Self { waker, owner: std::thread::current().id(), waiting: Mutex::default() }
    }

    /// Moves what waits into `into`.
    pub(super) fn collect(&self, into: &mut Vec<Delivery>) {
        into.append(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn put(&self, delivery: Delivery) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let first = waiting.is_empty();
        waiting.push(delivery);
        drop(waiting);
        // The loop looks here itself after each call; and where others wait already it was woken for them.
        if first && std::thread::current().id() != self.owner {
            // Where even that fails, the loop looks here at its next tick.
            let _ = self.waker.wake();
        }
    }
}

/// Takes the answer to one request, from any thread. Dropped without one, the client gets a 503.
pub struct Responder {
    mailbox: Arc<Mailbox>,
    connection: usize,
    generation: u64,
    sent: bool,
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl Responder {
    pub(super) fn new(mailbox: Arc<Mailbox>, connection: usize, generation: u64) -> Self {
        Self { mailbox, connection, generation, sent: false }
    }

    /// Sends the answer. Whether it arrives, nobody can say.
    pub fn send(mut self, response: Response) {
        self.deliver(Some(response));
    }

    fn deliver(&mut self, response: Option<Response>) {
        self.sent = true;
        self.mailbox.put(Delivery { connection: self.connection, generation: self.generation, response });
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if !self.sent {
            self.deliver(None);
        }
    }
}
