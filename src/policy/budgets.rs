//! How many emails may go to whom, and when the next one can go at all. The operator's own stand outside.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Rules, is_within};

/// Hours' worth of emails that may be owed before requests are turned away.
const OWED_HOURS: u64 = 24;

/// A mailbox that never made an account gets in so many days no more than twice what it gets in one.
const MONTH: TimeDelta = TimeDelta::days(30);

const HOUR: TimeDelta = TimeDelta::hours(1);

/// How many emails may wait before everybody is asked to come again later; 0: any number.
pub fn most_owed(letters_per_hour: u32) -> u64 {
    OWED_HOURS * u64::from(letters_per_hour)
}

/// Emails that went to a mailbox and to its domain, whatever made them, and whatever became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailed {
    /// To the mailbox, in the last 30 days, oldest first.
    pub to_mailbox: Vec<DateTime<Utc>>,
    /// An account of it is known to the homeserver.
    pub has_account: bool,
    /// The registrable domain, and how many it was sent in the last day; None: a provider's, for everybody.
    pub to_domain: Option<(String, u64)>,
}

impl Mailed {
    /// Where the mailbox gets no more: for how long, and by which limit.
    pub fn mailbox_rests(&self, rules: &Rules, now: DateTime<Utc>) -> Option<(Duration, String)> {
        let per_day = rules.letters_per_address_per_day as usize;
        let month = (!self.has_account).then_some((MONTH, 2 * per_day, "30 days"));
        let limits = [Some((TimeDelta::hours(24), per_day, "24 hours")), month];
        limits.into_iter().flatten().filter(|_| per_day > 0).find_map(|(span, most, in_words)| {
            let lately: Vec<_> = self.to_mailbox.iter().filter(|at| is_within(span, **at, now)).collect();
            let first = lately.len().checked_sub(most)?;
            let wait = (*lately[first] + span - now).to_std().unwrap_or_default();
            Some((wait, format!("letters_per_address_per_day: {} emails in {in_words}", lately.len())))
        })
    }

    /// The domain, where it gets no more today.
    pub fn spent_domain(&self, rules: &Rules) -> Option<&str> {
        let most = u64::from(rules.letters_per_domain_per_day);
        let (domain, count) = self.to_domain.as_ref()?;
        (most > 0 && *count >= most).then_some(domain)
    }
}

/// How a place that all need is shared out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// How much of it is taken.
    pub all: u64,
    /// How much of that one source has taken: that of the request, or of its address.
    pub of_source: u64,
    /// Which.
    pub source: String,
}

impl Share {
    /// Whether there is none left for this source: it may have as much as it leaves free to others. So one alone fills no more
    /// than half, and where many have filled much, who comes new still finds a place.
    pub fn is_used_up(&self, most: u64) -> bool {
        self.of_source >= most.saturating_sub(self.all)
    }

    /// Who has taken it, in words.
    pub fn taken_by(&self, most: u64) -> String {
        let Self { all, of_source, source } = self;
        if *all >= most { "all are taken".into() } else { format!("{of_source} of them by {source}") }
    }
}

/// How fast emails go out, by `letters_per_hour`: what an hour has is given out evenly, a quarter of it at once at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// So many can go now.
    pub at_once: u64,
    /// When the next one can.
    pub next_at: DateTime<Utc>,
}

impl Pace {
    /// As it is after these were sent in the last hour, oldest first. None: there is no limit.
    pub fn after(sent: &[DateTime<Utc>], letters_per_hour: u32, now: DateTime<Utc>) -> Option<Self> {
        let one = HOUR.num_milliseconds().checked_div(letters_per_hour.into())?.max(1);
        let most = one * i64::from((letters_per_hour / 4).max(1));
        // What was left an hour ago is not known: nothing. That is at most too little.
        let (mut left, mut at) = (0, now - HOUR);
        let mut refill = |until: DateTime<Utc>, cost: i64| {
            let passed = (until - at).num_milliseconds().max(0);
            (left, at) = (((left + passed).min(most) - cost).max(0), at.max(until));
        };
        for sent in sent {
            refill(*sent, one);
        }
        refill(now, 0);
        let at_once = u64::try_from(left / one).unwrap_or_default();
        Some(Self { at_once, next_at: now + TimeDelta::milliseconds((one - left).max(0)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// How many go out in so many minutes while more wait than can go, second by second.
    fn sent(per_hour: u32, minutes: i64, sent: &mut Vec<DateTime<Utc>>) -> usize {
        let (start, before) = (sent.last().map_or(now(), |last| *last), sent.len());
        for second in 0..minutes * 60 {
            let now = start + TimeDelta::seconds(second);
            let hour: Vec<_> = sent.iter().copied().filter(|at| *at > now - HOUR).collect();
            let at_once = Pace::after(&hour, per_hour, now).unwrap().at_once;
            sent.extend((0..at_once).map(|_| now));
        }
        sent.len() - before
    }

    #[test]
    fn a_quarter_of_the_hour_goes_at_once_and_the_rest_evenly() {
        for (per_hour, at_once, in_the_next_hour) in
            [(100, 25, 99), (8, 2, 7), (4, 1, 3), (1, 1, 0), (3, 1, 2)]
        {
            let mut all = Vec::new();
            assert_eq!(sent(per_hour, 1, &mut all), at_once + 60 / (3600 / per_hour as usize), "{per_hour}");
            let next = sent(per_hour, 60, &mut all);
            assert!(next.abs_diff(in_the_next_hour) <= 1, "{per_hour}: {next}");
            let apart: Vec<_> =
                all[at_once..].windows(2).map(|two| (two[1] - two[0]).num_seconds()).collect();
            let one = 3600 / i64::from(per_hour);
            assert!(apart.iter().all(|apart| (one..=one + 1).contains(apart)), "{per_hour}: {apart:?}");
        }
        assert_eq!(Pace::after(&[], 0, now()), None, "no limit");
    }

    #[test]
    fn one_source_fills_half_and_who_comes_new_finds_a_place() {
        let most = 2400;
        let mut taken = vec![0; 1000];
        let mut add = |source: usize| {
            let share = Share { all: taken.iter().sum(), of_source: taken[source], source: String::new() };
            let fits = !share.is_used_up(most);
            taken[source] += u64::from(fits);
            fits
        };
        assert_eq!((0..5000).filter(|_| add(0)).count(), 1200);
        assert_eq!((0..5000).filter(|_| add(1)).count(), 600);
        (0..5000).for_each(|number| _ = add(2 + number % 500));
        assert!(add(999), "500 sources have sent all they could");
    }
}
