//! What needs a look at many requests is counted on threads of their own: no key waits for it.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::acts::Opened;
use crate::bans::Lists;
use crate::domain::BanKind;
use crate::filter::Filter;
use crate::store::{Order, RequestRow, StoreError};

use super::alike::{Alike, alike};
use super::banning::{Hits, hits, hits_of_lists};

/// A key waits so long for what it wants counted: a count that is there at once is not announced first.
pub(super) const COUNT_WITHIN: Duration = Duration::from_millis(15);

/// Among so many requests counting takes a few milliseconds: it is done at once.
pub(super) const QUICK: usize = 5_000;

/// What is to be counted, or looked for.
#[derive(Debug, Clone)]
pub(super) enum Count {
    /// Earlier requests that are like this one.
    Alike(Box<RequestRow>),
    /// What each of these entries would have refused since.
    Hits(Vec<(BanKind, String)>, DateTime<Utc>),
    /// How often each entry of the lists has hit somebody since.
    OfLists(Arc<Lists>, DateTime<Utc>),
    /// Which requests a filter means.
    Meant(Filter, Order),
}

/// What has been counted.
#[derive(Debug)]
pub(super) enum Counted {
    Alike(Vec<Alike>),
    /// In the order of the entries.
    Hits(Vec<Hits>),
    OfLists(HashMap<(BanKind, String), u64>),
    /// Their numbers, in this order.
    Meant(Vec<i64>),
}

impl Count {
    /// Looks, as long as it is told to go on.
    pub(super) fn run(
        &self,
        opened: &Opened,
        go_on: &impl Fn() -> ControlFlow<()>,
    ) -> Result<Counted, StoreError> {
        let (store, server) = (&opened.store, &opened.settings.homeserver);
        Ok(match self {
            Self::Alike(row) => Counted::Alike(alike(store, server, row, go_on)?),
            Self::Hits(entries, since) => Counted::Hits(hits(store, *since, None, server, entries, go_on)?),
            Self::OfLists(lists, since) => {
                Counted::OfLists(hits_of_lists(store, *since, server, lists, go_on)?)
            }
            Self::Meant(filter, order) => {
                let mut ids = Vec::new();
                let each = |id| {
                    ids.push(id);
                    go_on()
                };
                store.read(|store| store.matching(filter, *order, 0, each))?;
                Counted::Meant(ids)
            }
        })
    }

    /// What is on screen at the same time is counted side by side.
    fn line(&self) -> usize {
        match self {
            Self::Alike(_) | Self::Hits(..) => 0,
            Self::OfLists(..) => 1,
            Self::Meant(..) => 2,
        }
    }
}

/// Line and number of a count, and what came of it.
type Done = (usize, u64, Result<Counted, StoreError>);

/// Counts beside; of each line only what was asked for last.
#[derive(Debug)]
pub(super) struct Counter {
    asked: [Arc<AtomicU64>; 3],
    is_open: [bool; 3],
    done: (Sender<Done>, Receiver<Done>),
}

impl Counter {
    pub(super) fn new() -> Self {
        Self { asked: Default::default(), is_open: [false; 3], done: channel() }
    }

    /// Whether something is still being counted.
    pub(super) fn is_counting(&self) -> bool {
        self.is_open.contains(&true)
    }

    /// Counts this instead of what was asked for before.
    pub(super) fn start(&mut self, count: Count, opened: &Arc<Opened>) {
        let line = count.line();
        let asked = Arc::clone(&self.asked[line]);
        let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.is_open[line] = true;
        let (opened, done) = (Arc::clone(opened), self.done.0.clone());
        let counting = move || {
            let go_on = || match asked.load(Ordering::Relaxed) {
                last if last == number => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            };
            let counted = catch_unwind(AssertUnwindSafe(|| count.run(&opened, &go_on)))
                .unwrap_or_else(|_| Err(StoreError::Other("counting went wrong inside doorman".into())));
            // The console may be gone.
            let _ = done.send((line, number, counted));
        };
        if let Err(error) = std::thread::Builder::new().name("console-count".into()).spawn(counting) {
            let _ = self.done.0.send((line, number, Err(StoreError::Other(error.to_string()))));
        }
    }

    /// What has been counted, where that takes no longer.
    pub(super) fn wait(&mut self, span: Duration) -> Option<Result<Counted, StoreError>> {
        let until = Instant::now() + span;
        while self.is_counting() {
            let left = until.saturating_duration_since(Instant::now());
            let (line, number, counted) = self.done.1.recv_timeout(left).ok()?;
            if number == self.asked[line].load(Ordering::Relaxed) {
                self.is_open[line] = false;
                return Some(counted);
            }
        }
        None
    }
}
