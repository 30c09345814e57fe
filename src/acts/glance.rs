//! The desk as an operator sees it at a glance: is it well, and what waits for them?

use chrono::{DateTime, TimeDelta, Utc};
use strum::VariantArray as _;

use crate::alarms::Trouble;
use crate::config::Settings;
use crate::desk;
use crate::domain::Closed;
use crate::lock::desk_is_running;
use crate::policy::{Pace, most_owed};
use crate::store::{DeskCondition, LetterState, Live, NoticeChannel, OutboxCounts, OutboxRow, StoreError};

use super::opened::Opened;

/// The desk as it is now.
#[derive(Debug, Default)]
pub struct Glance {
    /// A desk runs on this folder.
    pub is_running: bool,
    /// It was closed by hand.
    pub is_paused: bool,
    door: Option<desk::Door>,
    /// Since when there is the token, and whether the homeserver takes it.
    pub token: Option<(DateTime<Utc>, Live)>,
    /// Each letter has a token of its own: whether the homeserver makes them.
    pub personal: Option<Live>,
    /// How full the outbox is.
    pub outbox: OutboxCounts,
    /// So many letters wait that everybody is asked to come again later.
    pub is_full: bool,
    /// Emails that went out in the last hour, as far as `letters_per_hour` counts them.
    pub sent: u64,
    pace: Option<Pace>,
    /// Requests that wait for the operator.
    pub waiting: u64,
    /// Letters that failed in the last 30 days, and in the last one.
    pub failed: [u64; 2],
    /// What is owed to each channel beside the digest, and what of it was given up in the last 30 days.
    pub notices: Vec<(NoticeChannel, [u64; 2])>,
    /// What the running desk says of itself.
    pub condition: DeskCondition,
    /// When there is a new token.
    pub next_reset: Option<DateTime<Utc>>,
    /// Why a running desk would take no requests.
    pub closed: Option<Closed>,
}

impl Glance {
    /// Looks at the store.
    pub fn read(&mut self, opened: &Opened, now: DateTime<Utc>) -> Result<(), StoreError> {
        opened.store.read(|store| {
            self.door = Some(desk::Door::read(store, now)?);
            self.is_paused = store.desk_state()?.paused_since.is_some();
            self.token = store.current_token()?.map(|token| (token.made_at, token.live));
            self.personal = store.personal_tokens()?;
            self.outbox = store.outbox_counts()?;
            let sent = store.paced_by(now)?;
            self.sent = sent.len() as u64;
            self.pace = Pace::after(&sent, opened.settings.letters_per_hour, now);
            let month = store.pending(now - TimeDelta::days(30), 0)?;
            let day = store.pending(now - TimeDelta::days(1), 0)?;
            (self.waiting, self.failed) = (month.held_count, [month.failed_count, day.failed_count]);
            let counts = |channel: &NoticeChannel| Ok((*channel, store.notice_counts(*channel)?));
            self.notices = NoticeChannel::VARIANTS.iter().map(counts).collect::<Result<_, StoreError>>()?;
            self.condition = store.condition()?;
            Ok(())
        })?;
        for (_, what) in &mut self.condition.alarms {
            *what = what.lines().collect::<Vec<_>>().join(" ");
        }
        self.tick(opened, now);
        Ok(())
    }

    fn clock_is_doubted(&self) -> bool {
        self.condition.alarms.iter().any(|(word, _)| word == Trouble::Clock.word())
    }

    /// What changes by itself as time passes.
    pub fn tick(&mut self, opened: &Opened, now: DateTime<Utc>) {
        let schedule = &opened.settings.schedule;
        self.next_reset = Some(schedule.next_reset(now)).filter(|_| self.personal.is_none());
        self.closed =
            self.door.as_ref().and_then(|door| door.closed(&opened.settings, now, self.clock_is_doubted()));
        let most_owed = most_owed(opened.settings.letters_per_hour);
        self.is_full = most_owed > 0 && self.outbox.owed >= most_owed;
        self.is_running = desk_is_running(opened.folder.path());
    }

    /// What is wrong, as the running desk says.
    pub fn alarms(&self) -> &[(String, String)] {
        if self.is_running { &self.condition.alarms } else { &[] }
    }

    /// Whether the desk runs, and has no alarm of this word.
    pub fn is_well(&self, word: &str) -> bool {
        self.is_running && self.alarms().iter().all(|(alarm, _)| alarm != word)
    }

    /// Whether there is something that the operator has to see to.
    pub fn needs_operator(&self) -> bool {
        !self.is_running
            || !self.alarms().is_empty()
            || self.waiting > 0
            || self.failed[1] > 0
            || self.condition.letter_box_is_open == Some(false)
            || matches!(self.closed, Some(Closed::Paused | Closed::NotLive))
    }

    /// Why a letter that is owed has not gone out yet, where no mail server has said it.
    pub fn why_it_waits(
        &self,
        letter: &OutboxRow,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Option<String> {
        if letter.state != LetterState::Owed {
            return None;
        }
        if !self.is_running {
            return Some("it waits because no desk is running in this folder".into());
        }
        if let Some(at) = letter.next_try.filter(|at| *at > now) {
            return (letter.attempts == 0 && letter.last_answer.is_none())
                .then(|| format!("it goes out at {} UTC", at.format("%H:%M:%S")));
        }
        match self
            .door
            .as_ref()
            .and_then(|door| door.token_rests(&settings.schedule, now, self.clock_is_doubted()))
        {
            Some(Closed::Downtime { until }) => {
                return Some(format!("it waits for the new token, at {} UTC", until.format("%H:%M")));
            }
            Some(_) => return Some("it waits until the homeserver accepts the token in it".into()),
            None => {}
        }
        self.pace.filter(|pace| pace.at_once == 0).map(|pace| {
            format!(
                "it waits for its turn, at {} UTC: {} were sent in the last hour, and letters_per_hour is {}",
                pace.next_at.format("%H:%M:%S"),
                self.sent,
                settings.letters_per_hour
            )
        })
    }
}
