//! Points in time as people type them, and spans as people read them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// Understands `30m`, `12h`, `7d`, `2w` (before `now`), a day, and an instant; without a zone it is UTC.
pub fn parse_since(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let unit = text.chars().last().filter(char::is_ascii_alphabetic);
    if let Some(unit) = unit
        && let Ok(number) = text[..text.len() - 1].trim().parse::<i64>()
    {
        let seconds = match unit.to_ascii_lowercase() {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3600),
            'd' => Some(86_400),
            'w' => Some(7 * 86_400),
            _ => None,
        };
        let span = seconds.and_then(|seconds| number.checked_mul(seconds)).and_then(TimeDelta::try_seconds);
        if let Some(at) = span.and_then(|span| now.checked_sub_signed(span)) {
            return Ok(at);
        }
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(at.and_utc());
        }
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map(|at| at.and_utc())
        .ok_or_else(|| format!("{text:?} is not a time: 30m, 12h, 7d, 2026-05-01 or 2026-05-01T12:00:00Z"))
}

/// `3 d 4 h`, `5 h 12 min`, `7 min`, `20 s`.
pub fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// An instant in a table.
pub fn short(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// An instant for scripts: RFC 3339 with milliseconds.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_are_understood() {
        let now = DateTime::parse_from_rfc3339("2026-06-15T12:00:00Z").unwrap().to_utc();
        for (text, expected) in [
            ("30m", "2026-06-15T11:30:00.000Z"),
            ("12h", "2026-06-15T00:00:00.000Z"),
            ("7d", "2026-06-08T12:00:00.000Z"),
            ("2026-05-01", "2026-05-01T00:00:00.000Z"),
            ("2026-05-01 10:30", "2026-05-01T10:30:00.000Z"),
            ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(parse_since(text, now).unwrap()), expected);
        }
        for text in
            ["", "d", "99999999999999999999d", "9223372036854775807w", "yesterday", "2026-13-01", "1ä"]
        {
            assert!(parse_since(text, now).is_err(), "{text}");
        }
    }
}
