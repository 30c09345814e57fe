//! What stands above all panels: is the desk well?

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::Opened;
use crate::alarms::Trouble;
use crate::cli::when::span;
use crate::config::Settings;
use crate::desk::Door;
use crate::domain::Closed;
use crate::lock::desk_is_running;
use crate::policy::most_owed;
use crate::store::{DeskCondition, LetterState, Live, OutboxCounts, OutboxRow, StoreError};

/// The desk as it is now.
#[derive(Debug, Default)]
pub(super) struct Status {
    pub is_running: bool,
    pub is_paused: bool,
    door: Option<Door>,
    token: Option<(DateTime<Utc>, Live)>,
    /// Each letter has a token of its own: whether the homeserver makes them.
    pub personal: Option<Live>,
    outbox: OutboxCounts,
    /// So many letters wait that everybody is asked to come again later.
    is_full: bool,
    /// Letters that went out in the last hour.
    sent: u64,
    pub condition: DeskCondition,
    next_reset: Option<DateTime<Utc>>,
    closed: Option<Closed>,
    /// Accepted, held, refused, by hour, the oldest first.
    pub hours: [[u64; 24]; 3],
}

/// One field of the line, in full and short.
pub(super) struct Field {
    pub long: String,
    pub short: String,
    pub is_bad: bool,
}

fn field(long: impl Into<String>, short: impl Into<String>, is_bad: bool) -> Field {
    Field { long: long.into(), short: short.into(), is_bad }
}

impl Status {
    pub(super) fn read(&mut self, opened: &Opened, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (door, state, token, personal, outbox, sent, condition) = opened.store.read(|store| {
            Ok((
                Door::read(store, now)?,
                store.desk_state()?,
                store.current_token()?,
                store.personal_tokens()?,
                store.outbox_counts()?,
                store.sent_in_the_hour(now)?,
                store.condition()?,
            ))
        })?;
        self.is_paused = state.paused_since.is_some();
        self.token = token.map(|token| (token.made_at, token.live));
        self.personal = personal;
        self.outbox = outbox;
        self.sent = sent;
        self.condition = condition;
        for (_, what) in &mut self.condition.alarms {
            *what = what.lines().collect::<Vec<_>>().join(" ");
        }
        self.door = Some(door);
        self.tick(opened, now);
        Ok(())
    }

    /// Counts the last day's requests.
    pub(super) fn count_hours(&mut self, opened: &Opened, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.hours = [[0; 24]; 3];
        for hour in opened.store.read(|store| store.hour_counts(now))? {
            let row = ["accepted", "held"].iter().position(|word| *word == hour.verdict).unwrap_or(2);
            self.hours[row][23 - hour.hours_ago.min(23)] += hour.count;
        }
        Ok(())
    }

    /// The refusals of the last hour, where they are a wave: many, and many more than in the hours before.
    pub(super) fn wave(&self) -> Option<u64> {
        let refused = &self.hours[2];
        let before: u64 = refused[..23].iter().sum();
        (refused[23] >= 20 && refused[23] * 23 >= before * 4).then_some(refused[23])
    }

    fn clock_is_doubted(&self) -> bool {
        self.condition.alarms.iter().any(|(word, _)| word == Trouble::Clock.word())
    }

    /// What changes by itself as time passes.
    pub(super) fn tick(&mut self, opened: &Opened, now: DateTime<Utc>) {
        let schedule = &opened.settings.schedule;
        self.next_reset = Some(schedule.next_reset(now));
        self.closed = self.door.as_ref().and_then(|door| door.closed(schedule, now, self.clock_is_doubted()));
        let most_owed = most_owed(opened.settings.letters_per_hour);
        self.is_full = most_owed > 0 && self.outbox.owed >= most_owed;
        self.is_running = desk_is_running(opened.folder.path());
    }

    /// The fields of the line, in their order.
    pub(super) fn fields(&self, now: DateTime<Utc>) -> Vec<Field> {
        let mut fields = Vec::new();
        fields.push(if self.is_running {
            field("desk running", "desk", false)
        } else {
            field("no desk runs here", "no desk", true)
        });
        fields.push(match self.closed {
            // A pause outlasts the desk. What else there is to say nobody meets.
            Some(Closed::Outdated) => {
                field("closed: the desk is older than its database", "closed: outdated", true)
            }
            Some(Closed::Paused) => field("closed: paused by hand", "closed: paused", true),
            _ if !self.is_running => field("closed: nobody can ask", "closed", true),
            None => field("open", "open", false),
            Some(Closed::Downtime { until }) => {
                let until = until.format("%H:%M");
                field(
                    format!("closed: downtime until {until} UTC"),
                    format!("closed: downtime till {until}"),
                    false,
                )
            }
            Some(Closed::NotLive) if self.token.is_some_and(|(_, live)| live != Live::No) => {
                field("closed: a new token is due", "closed: new token due", true)
            }
            Some(Closed::NotLive) => field("closed: the token is not live", "closed: not live", true),
        });
        if self.personal.is_some() {
            fields.push(field("no reset", "no reset", false));
        } else if let Some(reset) = self.next_reset {
            let left = span(reset - now);
            fields.push(field(
                format!("reset {} UTC in {left}", reset.format("%H:%M")),
                format!("reset {}", left.replace(' ', "")),
                false,
            ));
        }
        fields.push(match self.token {
            // Nobody shares one, and none is replaced.
            _ if self.personal == Some(Live::Yes) => field("a token each, live", "token each, live", false),
            _ if self.personal.is_some() => field("a token each, not live", "token each, not live", true),
            None => field("no token yet", "no token", true),
            Some((made_at, live)) => {
                let age = age(now - made_at);
                let (long, short, is_bad) = match live {
                    Live::Yes => ("live", "live", false),
                    Live::No => ("not live", "not live", true),
                    Live::CannotBeChecked => ("cannot be checked", "no check", false),
                };
                field(
                    format!("token {age} old, {long}"),
                    format!("token {} {short}", age.replace(' ', "")),
                    is_bad,
                )
            }
        });
        let owed = self.outbox.owed;
        fields.push(match self.outbox.oldest {
            Some(oldest) if owed > 0 => {
                let oldest = age(now - oldest);
                let full = if self.is_full { " FULL" } else { "" };
                field(
                    format!("outbox {owed}{full}, oldest {oldest}"),
                    format!("outbox {owed}{full} {}", oldest.replace(' ', "")),
                    self.is_full,
                )
            }
            _ => field("outbox 0", "outbox 0", false),
        });
        fields.push(match (self.is_running, self.condition.letter_box_is_open) {
            (_, None) => field("no letter box", "no box", false),
            (false, Some(_)) => field("letter box not connected", "box off", false),
            (true, Some(true)) => field("letter box connected", "box on", false),
            (true, Some(false)) => field("letter box NOT connected", "box OFF", true),
        });
        fields
    }

    /// Why a letter that is owed has not gone out yet, where no mail server has said it.
    pub(super) fn why_it_waits(
        &self,
        letter: &OutboxRow,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Option<String> {
        if letter.state != LetterState::Owed {
            return None;
        }
        if !self.is_running {
            return Some("it waits for a desk: none runs on this folder".into());
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
            Some(_) => return Some("it waits until the homeserver takes the token that it quotes".into()),
            None => {}
        }
        let most = u64::from(settings.letters_per_hour);
        (most > 0 && self.sent >= most).then(|| {
            format!(
                "it waits for its turn: {} went out in the last hour, as many as letters_per_hour allows",
                self.sent
            )
        })
    }

    /// What is wrong, as the running desk says.
    pub(super) fn alarms(&self) -> &[(String, String)] {
        if self.is_running { &self.condition.alarms } else { &[] }
    }
}

/// By the minute.
pub(super) fn age(age: TimeDelta) -> String {
    let minutes = age.num_minutes().max(0);
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}
