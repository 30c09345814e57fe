//! The one writer: takes what has gathered, commits it together, and answers each only when it is on disk.
//!
//! An fsync costs far more than the rows it covers, and connections that fight over SQLite's write lock sleep in its
//! busy handler. So all writes of this process go through one thread.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};
use rusqlite::Connection;

use crate::pulse::{Pulse, Topic};

use super::StoreError;
use super::schema::is_still_ours;

/// Writes that share one commit, at most: bounds how long the first of them waits.
const BATCH: usize = 512;

/// Writes that may wait: beyond, whoever writes waits for room.
const QUEUE: usize = 4096;

/// Runs within the batch's transaction, if there is one, and leaves behind what is to happen once its fate is known.
type Work = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Afterwards + Send>;
type Afterwards = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The door to the writing thread.
pub(super) struct Writer {
    queue: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on this connection.
    pub(super) fn start(connection: Connection, pulse: Arc<Pulse>) -> Result<Self, StoreError> {
        let (sender, receiver) = crossbeam_channel::bounded(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(&connection, &receiver, &pulse))
            .map_err(|error| StoreError::Other(format!("no thread for the writer: {error}")))?;
        Ok(Self { queue: Some(sender), thread: Some(thread) })
    }

    /// Does `work` in a transaction and waits until it is on disk. An error of `work` undoes only what it did itself.
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, fate) = crossbeam_channel::bounded(1);
        let work: Work = Box::new(move |connection| {
            let done = connection.and_then(|connection| in_savepoint(connection, work));
            Box::new(move |committed| {
                // Nobody may be waiting any more.
                let _ = answer.send(committed.and(done));
            })
        });
        self.queue.as_ref().ok_or(StoreError::Stopped)?.send(work).map_err(|_| StoreError::Stopped)?;
        fate.recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// Does `work` in a transaction, later; nobody waits for it. False: there was no room, and it is not done.
    pub(super) fn write_later(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> bool {
        let work: Work = Box::new(move |connection| {
            let done = connection.and_then(|connection| in_savepoint(connection, work));
            Box::new(move |committed| {
                if let Err(error) = committed.and(done) {
                    tracing::warn!("a record was lost: {error}");
                }
            })
        });
        self.queue.as_ref().is_some_and(|queue| queue.try_send(work).is_ok())
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT work")?.execute([])?;
    let done = work(connection);
    // A full disk makes SQLite roll back the whole transaction by itself; then there is no savepoint any more.
    if !connection.is_autocommit() {
        if done.is_err() {
            connection.prepare_cached("ROLLBACK TO work")?.execute([])?;
        }
        connection.prepare_cached("RELEASE work")?.execute([])?;
    }
    done
}

fn run(connection: &Connection, queue: &Receiver<Work>, pulse: &Pulse) {
    while let Ok(first) = queue.recv() {
        let (mut answers, before) = (Vec::new(), connection.total_changes());
        let committed =
            commit(connection, std::iter::once(first).chain(queue.try_iter()).take(BATCH), &mut answers);
        // What has changed nothing wakes nobody.
        if committed.is_ok() && connection.total_changes() != before {
            pulse.ring(Topic::Store);
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}

fn commit(
    connection: &Connection,
    batch: impl Iterator<Item = Work>,
    answers: &mut Vec<Afterwards>,
) -> Result<(), StoreError> {
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
    if let Err(error) = begun {
        let error = StoreError::from(error);
        answers.extend(batch.map(|work| work(Err(error.clone()))));
        return Err(error);
    }
    if let Err(error) = is_still_ours(connection) {
        let _ = connection.execute_batch("ROLLBACK");
        answers.extend(batch.map(|work| work(Err(error.clone()))));
        return Err(error);
    }
    for work in batch {
        answers.push(work(Ok(connection)));
        if connection.is_autocommit() {
            // SQLite rolled everything back: whatever was done in this batch is undone.
            return Err(StoreError::Full);
        }
    }
    connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).map(drop).map_err(|error| {
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        error.into()
    })
}
