//! The connections to the mail server, side by side, and what is in its hands.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::config::{Folder, Settings};

use super::Post;
use super::backoff::RelayPause;

/// Letters that are handed over at once, each over a connection of its own.
const MOST: usize = 4;

/// Idle connections are closed after so long.
const REST_AFTER: Duration = Duration::from_secs(5);

/// A mail server that has refused a connection beside others is offered as many as before only after so long.
const NARROW_FOR: Duration = Duration::from_secs(10 * 60);

/// All connections share one fate: the pauses of a mail server in trouble are those of all.
pub(super) struct Lanes {
    folder: Folder,
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    settings: Arc<Settings>,
    /// The recipients of what is being handed over.
    busy: HashSet<String>,
    /// How many of these have met no fault.
    working: usize,
    idle: Vec<Post>,
    idle_since: Option<Instant>,
    narrowed: Option<(usize, Instant)>,
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
            narrowed: None,
            rests_until: None,
            pause: RelayPause::new(),
            has_bug: false,
        };
        Self { folder, state: Mutex::new(state), ended: Condvar::new() }
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
            state.narrowed = None;
            state.pause = RelayPause::new();
            let idle = std::mem::take(&mut state.idle);
            drop(state);
            rest(idle);
        }
    }

    /// Whether the mail server is left alone for now.
    pub(super) fn rest_at(&self, now: Instant) -> bool {
        self.state().rests_until.is_some_and(|until| now < until)
    }

    /// Leaves the mail server alone for so long; None: no longer.
    pub(super) fn leave_alone(&self, until: Option<Instant>) {
        self.state().rests_until = until;
    }

    /// Waits until one more letter may be handed over, `span` at most. Panics where a bug has ended one that was.
    pub(super) fn has_room(&self, now: Instant, span: Duration) -> bool {
        let is_full = |state: &mut State| {
            let most = state.narrowed.filter(|(_, until)| now < *until).map_or(MOST, |(most, _)| most);
            state.busy.len() >= most
        };
        let (state, waited) = self
            .ended
            .wait_timeout_while(self.state(), span, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!state.has_bug, "a letter's way ended by a bug");
        !waited.timed_out()
    }

    /// Waits until any of what is being handed over is, `span` at most.
    pub(super) fn wait_for_one(&self, span: Duration) {
        let state = self.state();
        let before = state.busy.len();
        let _ = self.ended.wait_timeout_while(state, span, |state| state.busy.len() >= before);
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
            state.narrowed = None;
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
pub(super) struct Lane {
    lanes: Arc<Lanes>,
    recipient: String,
    /// Those that it is sent by.
    pub settings: Arc<Settings>,
    /// None: it is of no use any more.
    post: Option<Post>,
    works: bool,
}

/// What follows from a fault of the mail server.
pub(super) enum Fault {
    /// It is in trouble, and left alone for so long.
    Trouble(Duration),
    /// It has others in its hands, and is offered no more than those for now.
    TooMany,
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

    /// It has not: this connection is closed. Many a mail server refuses a second or a fourth that comes beside others,
    /// which is no trouble as long as those do their work.
    pub(super) fn has_faulted(&mut self, now: Instant) -> Fault {
        if let Some(mut post) = self.post.take() {
            post.rest();
        }
        let mut state = self.lanes.state();
        state.working -= usize::from(std::mem::take(&mut self.works));
        if state.working > 0 {
            state.narrowed = Some((state.working, now + NARROW_FOR));
            return Fault::TooMany;
        }
        state.narrowed = None;
        let pause = state.pause.after_fault(&mut UnwrapErr(SysRng));
        state.rests_until = Some(now + pause);
        Fault::Trouble(pause)
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
        self.lanes.ended.notify_all();
        rest(outdated.into_iter().collect());
    }
}
