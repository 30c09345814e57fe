//! Watches the mailbox, decides each mail once, and moves it away.

mod round;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::alarms::Trouble;
use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::config::{Imap, Settings};
use crate::desk::Desk;
use crate::pulse::{Listener, Next, Topic};
use crate::stop::Stop;
use crate::store::StoreError;

use super::clerk::Clerk;
use super::fault::{Fault, Kind};
use super::lease::{self, Lease};
use super::session::{Patience, Session};

/// Pauses after a fault: the first, the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// After a refused login: more tries would lock the account, or the address out.
const LOGIN_PAUSE: Duration = Duration::from_secs(15 * 60);

/// A session that has held so long was a good one: the pauses begin anew.
const GOOD_SESSION: Duration = Duration::from_secs(60);

/// IDLE is begun anew after so long (RFC 2177 allows 29 minutes; middle boxes forget sooner).
const IDLE: Duration = Duration::from_secs(100);

/// Without IDLE it is looked so often.
const POLL: Duration = Duration::from_secs(60);

/// A server that tells of new mails where there are none is asked no more often.
const TOLD_IN_VAIN: Duration = Duration::from_secs(1);

/// Keeps the letter box.
pub struct Keeper {
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    clerk: Clerk,
    /// Mails whose time has not come, by number, and when they are looked at again.
    deferred: HashMap<u32, Instant>,
    /// Mails that are dealt with and cannot be moved away, and why.
    stuck: HashMap<u32, String>,
    /// The mail that is being fetched: the mailbox's validity, its number.
    fetching: Option<(u32, u32)>,
    /// Mails at whose fetching sessions have ended: how many, and when they are looked at again.
    stumbles: HashMap<(u32, u32), (u32, Instant)>,
    lease: Option<Lease>,
    /// Whether this session has moved a mail: then it was of some use.
    useful: bool,
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum End {
    Fault(#[from] Fault),
    Store(#[from] StoreError),
}

impl Keeper {
    /// Of this desk's letter box.
    pub fn new(desk: Arc<Desk>, clock: Arc<dyn Clock>) -> Self {
        Self {
            clerk: Clerk { desk: Arc::clone(&desk), clock: Arc::clone(&clock) },
            desk,
            clock,
            deferred: HashMap::new(),
            stuck: HashMap::new(),
            fetching: None,
            stumbles: HashMap::new(),
            lease: None,
            useful: false,
        }
    }

    /// Watches until the stop signal comes.
    pub fn run(mut self, stop: &Stop) {
        let mut news = loop {
            match self.desk.premises().pulse().listen_beside_a_socket(stop, &[Topic::Settings]) {
                Ok(news) => break news,
                Err(error) => self.raise(&error.to_string()),
            }
            if stop.wait(FIRST_PAUSE) {
                return;
            }
        };
        let mut pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        while !stop.is_given() {
            let settings = self.desk.premises().settings.load_full();
            let Some(imap) = settings.imap.clone() else {
                self.desk.premises().alarms.clear(Trouble::LetterBox);
                news.wait(Next::never());
                continue;
            };
            let began = self.clock.monotonic();
            self.deferred.clear();
            self.stuck.clear();
            self.useful = false;
            let end = catch_unwind(AssertUnwindSafe(|| self.session(&imap, &settings, &mut news, stop)));
            self.desk.premises().letter_box_is_open.store(Arc::new(false));
            if stop.is_given() {
                return;
            }
            if !self.is_current(&settings) {
                pauses.reset();
                continue;
            }
            if let (Some(mail), Err(_) | Ok(Err(End::Fault(_)))) = (self.fetching.take(), &end) {
                self.stumbled(mail);
            }
            if self.useful || self.clock.monotonic().saturating_duration_since(began) >= GOOD_SESSION {
                pauses.reset();
            }
            let pause = pauses.next_pause();
            let (words, rest) = match end {
                Ok(Ok(())) => continue,
                Ok(Err(End::Store(error))) => {
                    self.desk.premises().alarms.raise(Trouble::Store, error.to_string());
                    (None, pause)
                }
                Ok(Err(End::Fault(fault))) => {
                    let rest = match fault.kind {
                        Kind::Login => LOGIN_PAUSE,
                        Kind::Occupied => lease::LOOK_AGAIN,
                        Kind::Stuck | Kind::Other => pause,
                    };
                    (Some(fault.to_string()), rest)
                }
                Err(_) => (Some("the mail server's answer cannot be understood".to_owned()), pause),
            };
            if let Some(words) = words {
                self.raise(&words);
            }
            let (mut next, until) = (Next::never(), self.clock.monotonic() + rest);
            while next.waits(Some(until), self.clock.monotonic())
                && self.is_current(&settings)
                && news.wait(next)
            {}
        }
    }

    fn raise(&self, words: &str) {
        self.desk.premises().alarms.raise(Trouble::LetterBox, format!("the letter box: {words}"));
    }

    fn is_current(&self, settings: &Arc<Settings>) -> bool {
        Arc::ptr_eq(settings, &self.desk.premises().settings.load())
    }

    /// From the connection to its end. Ok: the settings have changed, or the desk stops.
    fn session(
        &mut self,
        imap: &Imap,
        settings: &Arc<Settings>,
        news: &mut Listener,
        stop: &Stop,
    ) -> Result<(), End> {
        let named = || Lease::new(self.desk.premises().identity.clone());
        let mut lease = self.lease.take().unwrap_or_else(named);
        lease.begin();
        let held = self.session_with(&mut lease, imap, settings, news, stop);
        self.lease = Some(lease);
        held
    }

    fn session_with(
        &mut self,
        lease: &mut Lease,
        imap: &Imap,
        settings: &Arc<Settings>,
        news: &mut Listener,
        stop: &Stop,
    ) -> Result<(), End> {
        // What has rung so far led here.
        news.bell().hear();
        let mut session = Session::open(imap, Patience::default(), Some(Arc::clone(news.bell())))?;
        let (mut connected, mut told_in_vain) = (false, false);
        loop {
            news.bell().hear();
            if stop.is_given() || !self.is_current(settings) {
                break;
            }
            lease.hold(&mut session, imap, self.clock.monotonic())?;
            let did_something = self.scan(&mut session, lease, imap, settings, stop)?;
            self.tell_of_those_that_stay();
            if !connected {
                tracing::info!("the letter box is open: {}", imap.address.to_ascii());
                connected = true;
                self.desk.premises().letter_box_is_open.store(Arc::new(true));
            }
            // Some answers are not looked through for what they tell beside: what came meanwhile has to be listed.
            let told = session.has_told_of_more();
            if did_something || (told && !told_in_vain) {
                told_in_vain = !did_something;
                continue;
            }
            told_in_vain &= told;
            let now = self.clock.monotonic();
            let next = self.deferred.values().min().map(|at| at.saturating_duration_since(now));
            let longest = if told { TOLD_IN_VAIN } else { IDLE };
            let next = next.unwrap_or(IDLE).min(lease.left(now)).min(longest);
            if !session.wait(next.clamp(Duration::from_millis(100), IDLE))? {
                news.wait(Next::after(next.min(POLL)));
            }
        }
        if stop.is_given() || !self.reads_still(imap) {
            lease.release(&mut session, self.clock.monotonic())?;
        }
        session.close();
        Ok(())
    }

    /// Whether the settings in force are of the same mailbox.
    fn reads_still(&self, mailbox: &Imap) -> bool {
        let place = |imap: &Imap| (imap.host.clone(), imap.port, imap.username.clone(), imap.mailbox.clone());
        self.desk.premises().settings.load().imap.as_ref().map(place) == Some(place(mailbox))
    }
}
