//! What stands above all panels: is the desk well?

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::{Glance, Opened};
use crate::cli::when::span;
use crate::domain::Closed;
use crate::store::{Live, StoreError};

use super::look::Tone;

/// The desk as it is now.
#[derive(Debug, Default)]
pub(super) struct Status {
    glance: Glance,
    /// Accepted, held, refused, by hour, the oldest first.
    pub hours: [[u64; 24]; 3],
}

impl Deref for Status {
    type Target = Glance;

    fn deref(&self) -> &Glance {
        &self.glance
    }
}

impl DerefMut for Status {
    fn deref_mut(&mut self) -> &mut Glance {
        &mut self.glance
    }
}

/// One field of the line, in full and short.
pub(super) struct Field {
    pub long: String,
    pub short: String,
    pub tone: Option<Tone>,
    /// The lower, the sooner it is shortened.
    pub rank: usize,
}

fn field(long: impl Into<String>, short: impl Into<String>, is_bad: bool) -> Field {
    Field { long: long.into(), short: short.into(), tone: is_bad.then_some(Tone::Bad), rank: 0 }
}

impl Status {
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

    /// The fields of the line, in their order.
    pub(super) fn fields(&self, now: DateTime<Utc>) -> Vec<Field> {
        let mut fields = Vec::new();
        fields.push(if self.is_running {
            field("desk running", "desk", false)
        } else {
            field("no desk is running", "no desk", true)
        });
        fields.push(match self.closed {
            // A pause outlasts the desk. What else there is to say nobody meets.
            Some(Closed::Outdated) => {
                field("closed: the desk is older than its database", "closed: outdated", true)
            }
            Some(Closed::Paused) => field("closed: paused by hand", "closed: paused", true),
            _ if !self.is_running => field("closed: nobody can ask", "closed", true),
            None => Field { tone: Some(Tone::Good), ..field("open", "open", false) },
            Some(Closed::Downtime { until }) => {
                let until = until.format("%H:%M");
                field(
                    format!("closed: downtime until {until} UTC"),
                    format!("closed: downtime till {until}"),
                    false,
                )
            }
            Some(Closed::Surge) => field("closed: a surge", "closed: surge", true),
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
        let (waiting, failed) = (self.waiting, self.failed[0]);
        if waiting > 0 {
            let told = format!("{waiting} waiting");
            fields.push(Field { tone: Some(Tone::Waiting), ..field(told, format!("{waiting} wait"), false) });
        }
        if failed > 0 {
            fields.push(field(format!("{failed} failed"), format!("{failed} failed"), true));
        }
        let owed = self.outbox.owed;
        fields.push(match self.outbox.oldest {
            Some(oldest) if owed > 0 => {
                let oldest = age(now - oldest);
                let full = if self.is_full { " FULL" } else { "" };
                field(
                    format!("outbox {owed}{full}, oldest {oldest}"),
                    format!("outbox {owed}{full}"),
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
        // What is shortened first: the letter box, whether a desk runs, the outbox, the reset, the token, why it is closed.
        let last = fields.len() - 1;
        for (at, field) in fields.iter_mut().enumerate() {
            field.rank = match at {
                0 => 1,
                1 => 6,
                2 => 3,
                3 => 4,
                at if at == last => 0,
                _ => 2,
            };
        }
        fields
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
