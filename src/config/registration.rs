//! The keys that the original has at the top, and its successor in a section `registration`.

use std::time::Duration;

use crate::domain::Schedule;

use super::entry::Entry;
use super::problems::Problems;
use super::section::{Section, either};
use super::settings::Settings;

/// Ten years, in seconds: more is a slip of the keyboard.
const TEN_YEARS: u64 = 315_360_000;

/// Minutes of downtime with a backend whose old token dies at the reset.
const DOWNTIME: u32 = 30;

/// When the token changes, and how often an address may ask. After `tokens` is read, which decides on the downtime.
pub(super) fn read(top: &mut Section<'_>, settings: &mut Settings, problems: &mut Problems) {
    let mut nested = top.section("registration", problems);
    let mut take = |name, problems: &mut Problems| {
        let nested = nested.as_mut().and_then(|section| section.take(name));
        either(top.take(name), nested, problems)
    };
    let reset = take("token_reset_time_utc", problems).and_then(|entry| time_of_day(&entry, problems));
    let downtime = take("downtime_before_token_reset", problems).and_then(|entry| {
        entry.number(problems, 0, 1439, " minutes; a day or more would never open the desk")
    });
    // Where the old token lives on beside the new one there is no need to close; where there is no shared one, no point.
    let downtime = match downtime {
        _ if settings.tokens.per_applicant => 0,
        Some(asked) => asked,
        None if settings.tokens.backend.asks_homeserver() => 0,
        None => DOWNTIME,
    };
    if let Some(schedule) = Schedule::new(reset.unwrap_or(0), downtime) {
        settings.schedule = schedule;
    }
    if let Some(entry) = take("email_cooldown", problems)
        && let Some(seconds) = entry.number(problems, 0, TEN_YEARS, " seconds")
    {
        settings.email_cooldown = Duration::from_secs(seconds);
    }
    if let Some(entry) = take("multiple_users_per_email", problems)
        && let Some(several) = entry.boolean(problems)
    {
        settings.multiple_users_per_email = several;
    }
    if let Some(nested) = nested {
        nested.finish(problems);
    }
}

/// HHMM or "HH:MM", as minutes since midnight. `0030` is half past midnight, whatever YAML 1.1 took it for.
fn time_of_day(entry: &Entry<'_>, problems: &mut Problems) -> Option<u32> {
    let wanted = "a time of day in UTC: 0 (00:00), 30 or 0030 (00:30), 2330 or \"23:30\"";
    let text = entry.text(problems, wanted)?.trim();
    let (hours, minutes) = match text.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => ("", ""),
        None if text.len() > 2 => text.split_at_checked(text.len() - 2).unwrap_or_default(),
        None => ("0", text),
    };
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    match (number(hours), number(minutes)) {
        (Some(hours), Some(minutes)) if hours < 24 && minutes < 60 => Some(hours * 60 + minutes),
        _ => {
            entry.error(problems, format!("it should be {wanted}"));
            None
        }
    }
}
