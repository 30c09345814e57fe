//! The dates that the original wrote, and what hands and scripts made of them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Understands ISO 8601 with and without fraction, zone and time of day, and seconds or milliseconds since 1970. Without
/// a zone it is UTC, as the original meant it.
pub fn date(value: &serde_json::Value) -> Option<DateTime<Utc>> {
    match value {
        serde_json::Value::Number(number) => since_1970(number.as_f64()?),
        serde_json::Value::String(text) => written(text.trim()),
        _ => None,
    }
    .filter(|at| at.timestamp() > 0)
}

fn since_1970(number: f64) -> Option<DateTime<Utc>> {
    // Seconds until the year 5138; beyond, they can only be milliseconds.
    let millis = if number < 1e11 { number * 1000.0 } else { number };
    if !millis.is_finite() || millis.abs() > 1e15 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded above; fractions of a millisecond do not matter"
    )]
    DateTime::from_timestamp_millis(millis as i64)
}

fn written(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(number) = text.parse::<f64>() {
        return since_1970(number);
    }
    let text = text.replacen(' ', "T", 1);
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        return Some(at.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(at) = DateTime::parse_from_str(&text, format) {
            return Some(at.to_utc());
        }
    }
    let text = text.strip_suffix("TUTC").or(text.strip_suffix("UTC")).unwrap_or(&text).trim_end();
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(text, format) {
            return Some(at.and_utc());
        }
    }
    for format in ["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d"] {
        if let Ok(day) = NaiveDate::parse_from_str(text, format) {
            return Some(day.and_hms_opt(0, 0, 0)?.and_utc());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_of_many_hands_are_understood() {
        for (value, expected) in [
            (json!("2024-05-01T12:34:56.123456"), "2024-05-01T12:34:56.123456Z"),
            (json!("2024-05-01T12:34:56"), "2024-05-01T12:34:56Z"),
            (json!("2024-05-01 12:34:56"), "2024-05-01T12:34:56Z"),
            (json!("2024-05-01T12:34:56Z"), "2024-05-01T12:34:56Z"),
            (json!("2024-05-01T12:34:56+02:00"), "2024-05-01T10:34:56Z"),
            (json!("2024-05-01T12:34:56+0200"), "2024-05-01T10:34:56Z"),
            (json!("2024-05-01T12:34"), "2024-05-01T12:34:00Z"),
            (json!("2024-05-01 12:34:56 UTC"), "2024-05-01T12:34:56Z"),
            (json!(" 2024-05-01 "), "2024-05-01T00:00:00Z"),
            (json!("1.5.2024"), "2024-05-01T00:00:00Z"),
            (json!(1_714_566_896), "2024-05-01T12:34:56Z"),
            (json!("1714566896.5"), "2024-05-01T12:34:56.500Z"),
            (json!(1_714_566_896_000_i64), "2024-05-01T12:34:56Z"),
        ] {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap().to_utc();
            assert_eq!(date(&value), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            json!(null),
            json!(""),
            json!("yesterday"),
            json!("2024-13-45"),
            json!(-5),
            json!(1e300),
            json!([]),
        ] {
            assert_eq!(date(&value), None, "{value}");
        }
    }
}
