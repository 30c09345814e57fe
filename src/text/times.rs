//! Spans and instants.

use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, Utc};

use crate::text::{Language, messages};

messages! { "times":
    span_hours(; hours);
    span_minutes(; minutes);
    span_of_both(hours, minutes);
    wait_seconds(; seconds);
    wait_minutes(; minutes);
    wait_hours(; hours);
    wait_days(; days);
    month(; number);
    time_of_day(time);
    time_on_date(time, month; day);
    time_on_day(time, month; day, year);
}

impl Language {
    /// A span as the original put it into its emails: `3 hours and 41 minutes`, `1 hour`, `0 minutes`.
    pub fn span(self, span: TimeDelta) -> String {
        let minutes = span.num_minutes().max(0);
        match (minutes / 60, minutes % 60) {
            (0, minutes) => self.span_minutes(minutes),
            (hours, 0) => self.span_hours(hours),
            (hours, minutes) => self.span_of_both(&self.span_hours(hours), &self.span_minutes(minutes)),
        }
    }

    /// A waiting time, rounded up so that whoever keeps it does not come too early.
    pub fn wait(self, span: Duration) -> String {
        match (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1) {
            seconds @ ..=90 => self.wait_seconds(seconds),
            seconds @ 91..=5400 => self.wait_minutes(seconds.div_ceil(60)),
            seconds @ 5401..=172_800 => self.wait_hours(seconds.div_ceil(3600)),
            seconds => self.wait_days(seconds.div_ceil(86_400)),
        }
    }

    /// A time of the day.
    pub fn time(self, time: NaiveTime) -> String {
        self.time_of_day(&*time.format("%H:%M").to_string())
    }

    /// A time of another day.
    pub fn time_and_date(self, at: DateTime<Utc>) -> String {
        self.time_on_date(&*at.format("%H:%M").to_string(), &*self.month(at.month()), at.day())
    }

    /// A time with all of its day.
    pub fn time_and_day(self, at: DateTime<Utc>) -> String {
        self.time_on_day(&*at.format("%H:%M").to_string(), &*self.month(at.month()), at.day(), at.year())
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

    #[test]
    fn an_instant_is_told_with_its_day() {
        let at = DateTime::parse_from_rfc3339("2026-11-03T09:05:00Z").unwrap().to_utc();
        let t = Language::English;
        assert_eq!(t.time(at.time()), "09:05 UTC");
        assert_eq!(t.time_and_date(at), "09:05 UTC on 3 November");
        assert_eq!(t.time_and_day(at), "09:05 UTC on 3 November 2026");
    }

    #[test]
    fn a_wait_in_words_is_never_shorter_than_the_wait() {
        for (millis, words) in [
            (0, "1 second"),
            (1_000, "1 second"),
            (59_001, "60 seconds"),
            (90_000, "90 seconds"),
            (90_001, "2 minutes"),
            (5_400_000, "90 minutes"),
            (5_400_001, "2 hours"),
            (172_800_001, "3 days"),
        ] {
            assert_eq!(Language::English.wait(Duration::from_millis(millis)), words, "{millis} ms");
        }
    }
}
