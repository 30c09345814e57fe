//! The connections to the mail server, side by side, and what is in its hands.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::config::{Folder, Settings};
use crate::pulse::Next;

use super::Post;
use super::backoff::RelayPause;

/// Letters that are handed over at once, each over a connection of its own.
const MOST: usize = 4;

/// Idle connections are closed after so long.
const REST_AFTER: Duration = Duration::from_secs(5);

/// All connections share one fate: the pauses of a mail server in trouble are those of all.
#[derive(Debug)]
pub(super) struct Lanes {
    folder: Folder,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: Arc<Settings>,
    /// The recipients of what is being handed over.
    busy: HashSet<String>,
    /// How many of these have met no fault.
    working: usize,
    idle: Vec<Post>,
    idle_since: Option<Instant>,
    /// So many at once: fewer where the mail server has refused one beside others.
    at_most: usize,
    rests_until: Option<Instant>,
    pause: RelayPause,
    has_bug: bool,
}

impl Lanes {
    /// No connection yet.
    pub(super) fn new(settings: Arc<Settings>, folder: Folder) -> Self {
        let state = State {
            settings,
            busy: HashSet::new(),
            working: 0,
            idle: Vec::new(),
            idle_since: None,
            at_most: MOST,
            rests_until: None,
            pause: RelayPause::default(),
            has_bug: false,
        };
        Self { folder, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on as these settings say. What the mail server has in its hands ends as it began.
    pub(super) fn take_up(&self, settings: &Arc<Settings>) {
        let mut state = self.state();
        if !Arc::ptr_eq(settings, &state.settings) {
            state.settings = Arc::clone(settings);
            state.rests_until = None;
            state.at_most = MOST;
            state.pause = RelayPause::default();
            let idle = std::mem::take(&mut state.idle);
            drop(state);
            rest(idle);
        }
    }

    /// Whether the mail server is left alone for now.
    pub(super) fn rest_at(&self, now: Instant) -> bool {
        self.state().rests_until.is_some_and(|until| now < until)
    }

    /// Has `next` hold the end of the mail server's rest, or the time to close what is idle. Returns whether it rests.
    pub(super) fn wait(&self, next: &mut Next, now: Instant) -> bool {
        let state = self.state();
        if let Some(since) = state.idle_since.filter(|_| !state.idle.is_empty()) {
            next.at(since + REST_AFTER);
        }
        next.waits(state.rests_until, now)
    }

    /// Leaves the mail server alone for so long; None: no longer.
    pub(super) fn leave_alone(&self, until: Option<Instant>) {
        self.state().rests_until = until;
    }

    /// Whether one more letter may be handed over. Panics where a bug has ended one that was.
    pub(super) fn have_room(&self) -> bool {
        let state = self.state();
        assert!(!state.has_bug, "an email could not be handled because of a bug");
        state.busy.len() < state.at_most
    }

    /// The way for a letter to this recipient. None: another one to them is on its way, and keeps its place.
    pub(super) fn take(self: &Arc<Self>, recipient: &str) -> Option<Lane> {
        let mut state = self.state();
        if !state.busy.insert(recipient.to_lowercase()) {
            return None;
        }
        state.working += 1;
        state.idle_since = None;
        let settings = Arc::clone(&state.settings);
        let post = state.idle.pop().unwrap_or_else(|| Post::new(&settings, &self.folder));
        let (lanes, recipient) = (Arc::clone(self), recipient.to_lowercase());
        Some(Lane { lanes, recipient, settings, post: Some(post), works: true })
    }

    /// Closes what nobody has needed for a while.
    pub(super) fn rest_when_idle(&self, now: Instant) {
        let mut state = self.state();
        if !state.busy.is_empty() {
            state.idle_since = None;
        } else if now.saturating_duration_since(*state.idle_since.get_or_insert(now)) >= REST_AFTER {
            state.at_most = MOST;
            let idle = std::mem::take(&mut state.idle);
            drop(state);
            rest(idle);
        }
    }

    /// Closes all that are open.
    pub(super) fn rest(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        rest(idle);
    }
}

fn rest(posts: Vec<Post>) {
    for mut post in posts {
        post.rest();
    }
}

/// One letter's way to the mail server. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Lane {
    lanes: Arc<Lanes>,
    recipient: String,
    /// Those that it is sent by.
    pub settings: Arc<Settings>,
    /// None: it is of no use any more.
    post: Option<Post>,
    works: bool,
}

impl Lane {
    /// The connection, or where letters are written.
    pub(super) fn post(&mut self) -> &mut Post {
        self.post.get_or_insert_with(|| Post::new(&self.settings, &self.lanes.folder))
    }

    /// The mail server has said something about the letter, whatever it was.
    pub(super) fn has_answered(&self) {
        self.lanes.state().pause.after_answer();
    }

    /// It has not: this connection is closed, and the mail server is in trouble, and left alone for so long. None: it is not.
    /// Many a mail server refuses a second connection or a fourth, which gets no more than the others for a while.
    pub(super) fn has_faulted(&mut self, now: Instant) -> Option<Duration> {
        if let Some(mut post) = self.post.take() {
            post.rest();
        }
        let mut state = self.lanes.state();
        state.working -= usize::from(std::mem::take(&mut self.works));
        if state.working > 0 {
            state.at_most = state.working;
            return None;
        }
        state.at_most = MOST;
        let pause = state.pause.after_fault(&mut UnwrapErr(SysRng));
        state.rests_until = Some(now + pause);
        Some(pause)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut state = self.lanes.state();
        state.busy.remove(&self.recipient);
        state.working -= usize::from(self.works);
        state.has_bug |= std::thread::panicking();
        let outdated = if Arc::ptr_eq(&self.settings, &state.settings) {
            state.idle.extend(self.post.take());
            None
        } else {
            self.post.take()
        };
        drop(state);
        rest(outdated.into_iter().collect());
    }
}
