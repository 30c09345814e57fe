//! Spans and instants.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::text::Language;

impl Language {
    /// A span as the original put it into its emails: `3 hours and 41 minutes`, `1 hour`, `0 minutes`.
    pub fn span(self, span: TimeDelta) -> String {
        let minutes = span.num_minutes().max(0);
        let part = |n: i64, unit: &str| match n {
            0 => None,
            1 => Some(format!("1 {unit}")),
            n => Some(format!("{n} {unit}s")),
        };
        match (part(minutes / 60, "hour"), part(minutes % 60, "minute")) {
            (Some(hours), Some(minutes)) => format!("{hours} and {minutes}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "0 minutes".into(),
        }
    }

    /// A time of the day.
    pub fn time(self, time: NaiveTime) -> String {
        time.format("%H:%M UTC").to_string()
    }

    /// A time of another day.
    pub fn time_and_date(self, at: DateTime<Utc>) -> String {
        at.format("%H:%M UTC on %-d %B").to_string()
    }

    /// A time with all of its day.
    pub fn time_and_day(self, at: DateTime<Utc>) -> String {
        at.format("%H:%M UTC on %-d %B %Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_as_the_original_told_them() {
        for (minutes, words) in [
            (0, "0 minutes"),
            (1, "1 minute"),
            (59, "59 minutes"),
            (60, "1 hour"),
            (61, "1 hour and 1 minute"),
            (221, "3 hours and 41 minutes"),
        ] {
            assert_eq!(Language::English.span(TimeDelta::minutes(minutes)), words);
        }
    }
}
