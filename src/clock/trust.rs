//! Whether the wall clock can be believed: it is held against the time since boot, which nobody sets, and against what the
//! homeserver takes for the time.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Clocks that are further apart than this do not agree.
const APART: TimeDelta = TimeDelta::minutes(5);

/// After a start the homeserver has so long to tell its time before the time since boot alone decides.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// A clock that was set is believed in the end, where the homeserver's has shown the same for so long: a machine that was put
/// to sleep does not count that time, and one without a battery is set right when it has found the net. Not at once, since
/// most homeservers go by the clock of the same machine.
const STEADY: TimeDelta = TimeDelta::hours(1);

/// What is remembered from one start to the next.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remembered {
    /// Which boot of the machine it was (`/proc/sys/kernel/random/boot_id`); empty where that is not known.
    pub boot: String,
    /// When that was, by the wall clock.
    pub booted_at: DateTime<Utc>,
    /// The latest time that was believed.
    pub seen_at: DateTime<Utc>,
    /// By how many seconds the clock was ahead of the homeserver's when the operator said that it is right.
    pub excused: Option<i64>,
    /// It was not believed when that was noted. One that is set while no desk runs is held against the homeserver's alone.
    pub is_doubted: bool,
}

/// Why the clock is not believed; for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The time since boot says something else.
    #[error("the clock was set {}: by the time since boot it should be {} UTC", span(*by), should.format("%Y-%m-%d %H:%M"))]
    Jumped {
        /// Forth, or back.
        by: TimeDelta,
        /// What it should be.
        should: DateTime<Utc>,
    },
    /// It is earlier than what was seen before the machine was started.
    #[error("the clock stands {} behind what it was when the desk ran last", span(*by))]
    Behind {
        /// By so much.
        by: TimeDelta,
    },
    /// The homeserver's clock shows another time.
    #[error("the clock is {} the homeserver's, which says {} UTC", ahead(*by), theirs.format("%Y-%m-%d %H:%M"))]
    Homeserver {
        /// By so much it is ahead of the homeserver's.
        by: TimeDelta,
        /// What the homeserver's says.
        theirs: DateTime<Utc>,
    },
    /// It was not compared yet; no alarm, only a reason to wait.
    #[error("the homeserver has not told its time yet")]
    NotCompared,
}

fn span(by: TimeDelta) -> String {
    let minutes = (by.num_seconds().abs() + 30) / 60;
    let words = match minutes {
        ..=180 => format!("{minutes} minutes"),
        181..=4319 => format!("{} hours", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    };
    if by < TimeDelta::zero() { format!("{words} back") } else { words }
}

fn ahead(by: TimeDelta) -> String {
    let words = span(by.abs());
    if by < TimeDelta::zero() { format!("{words} behind") } else { format!("{words} ahead of") }
}

/// The wall clock beside the others, as they stand at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The wall clock.
    pub wall: DateTime<Utc>,
    /// Time since boot, sleep included.
    pub since_boot: TimeDelta,
}

impl Reading {
    fn booted_at(&self) -> DateTime<Utc> {
        self.wall - self.since_boot
    }
}

/// What the homeserver takes for the time (`Date`, RFC 9110, 6.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theirs {
    /// There is none, or it answers without a date.
    Untold,
    /// It has not answered yet.
    Silent,
    /// It said this when the machine had run for so long.
    Said(DateTime<Utc>, TimeDelta),
}

#[derive(Debug)]
struct State {
    boot: String,
    /// When the machine was started, by the wall clock when it was believed last. None: the first reading decides.
    booted_at: Option<DateTime<Utc>>,
    /// The latest time that was believed.
    seen_at: Option<DateTime<Utc>>,
    /// The latest of the machine's last run: it cannot be earlier now.
    before_boot: Option<DateTime<Utc>>,
    is_doubted: bool,
    /// When the machine was started by the homeserver's clock, and since when (by the time since boot) that has shown so.
    theirs: Option<(DateTime<Utc>, TimeDelta)>,
    /// By how many seconds the clock was ahead of that when the operator said that it is right.
    excused: Option<i64>,
    /// The operator has said so, and the homeserver has not told its time since.
    excuses_next: bool,
    /// By the time since boot: since when an answer of the homeserver's is waited for.
    waits_since: Option<TimeDelta>,
}

/// Decides whether the wall clock is believed.
#[derive(Debug)]
pub struct Trust(Mutex<State>);

impl Trust {
    /// With what the last start remembered.
    pub fn new(boot: &str, remembered: Option<Remembered>) -> Self {
        let is_of_this = |remembered: &&Remembered| remembered.boot == boot && !boot.is_empty();
        let doubted =
            remembered.as_ref().filter(|remembered| is_of_this(remembered) && remembered.is_doubted);
        let before = remembered.as_ref().filter(|remembered| !is_of_this(remembered));
        Self(Mutex::new(State {
            boot: boot.to_owned(),
            booted_at: doubted.map(|remembered| remembered.booted_at),
            before_boot: before.map(|remembered| remembered.seen_at),
            is_doubted: doubted.is_some(),
            seen_at: remembered.as_ref().map(|remembered| remembered.seen_at),
            theirs: None,
            excused: remembered.and_then(|remembered| remembered.excused),
            excuses_next: false,
            waits_since: None,
        }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operator says that the clock is right.
    pub fn excuse(&self, at: Reading) {
        let mut state = self.state();
        state.booted_at = Some(at.booted_at());
        state.seen_at = Some(at.wall);
        state.before_boot = None;
        state.excused = None;
        state.excuses_next = true;
    }

    /// Whether the wall clock may be believed for what cannot be undone.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, at: Reading, theirs: Theirs) -> Result<(), Doubt> {
        let mut state = self.state();
        let checked = state.check(at, theirs);
        match checked {
            Ok(()) => state.is_doubted = false,
            Err(Doubt::NotCompared) => {}
            Err(_) => state.is_doubted = true,
        }
        checked
    }

    /// The latest time that was believed.
    pub fn seen_at(&self) -> Option<DateTime<Utc>> {
        self.state().seen_at
    }

    /// What the next start is to know; None: nothing was believed yet.
    pub fn remembered(&self) -> Option<Remembered> {
        let state = self.state();
        Some(Remembered {
            boot: state.boot.clone(),
            booted_at: state.booted_at?,
            seen_at: state.seen_at?,
            excused: state.excused,
            is_doubted: state.is_doubted,
        })
    }
}

impl State {
    fn check(&mut self, at: Reading, theirs: Theirs) -> Result<(), Doubt> {
        let state = self;
        let waits_since = *state.waits_since.get_or_insert(at.since_boot);
        state.theirs = match theirs {
            Theirs::Untold | Theirs::Silent => None,
            Theirs::Said(date, then) => {
                let booted_at = date - then;
                let since = state.theirs.filter(|(before, _)| (*before - booted_at).abs() <= APART);
                Some((booted_at, since.map_or(at.since_boot, |(_, since)| since)))
            }
        };
        let apart = state.theirs.map(|(booted_at, _)| at.booted_at() - booted_at);
        if let (true, Some(apart)) = (state.excuses_next, apart) {
            state.excused = Some(apart.num_seconds());
            state.excuses_next = false;
        }
        let is_excused = state
            .excused
            .zip(apart)
            .is_some_and(|(then, now)| (TimeDelta::seconds(then) - now).abs() <= APART);
        if let (Some((booted_at, _)), Some(by)) = (state.theirs, apart)
            && by.abs() > APART
            && !is_excused
        {
            return Err(Doubt::Homeserver { by, theirs: booted_at + at.since_boot });
        }
        let is_steady = state.theirs.is_some_and(|(_, since)| at.since_boot - since >= STEADY);
        if let Some(booted_at) = state.booted_at.filter(|_| !is_steady) {
            let by = at.booted_at() - booted_at;
            if by.abs() > APART {
                return Err(Doubt::Jumped { by, should: booted_at + at.since_boot });
            }
        }
        let behind = state.before_boot.map(|seen| seen - at.wall).filter(|by| *by > APART);
        if let (Some(by), None) = (behind, apart) {
            return Err(Doubt::Behind { by });
        }
        if theirs == Theirs::Silent && at.since_boot - waits_since < PATIENCE {
            return Err(Doubt::NotCompared);
        }
        // A clock that is slowly set right is followed.
        state.booted_at = Some(at.booted_at());
        state.seen_at = Some(at.wall);
        state.before_boot = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that was started at noon, by a clock that was right.
    struct Machine {
        now: TimeDelta,
        wrong_by: TimeDelta,
        theirs: Theirs,
        trust: Trust,
    }

    const NOON: DateTime<Utc> = DateTime::from_timestamp(1_764_331_200, 0).unwrap();
    const DAY: i64 = 1440;

    impl Machine {
        fn new(remembered: Option<Remembered>, theirs: Theirs) -> Self {
            let trust = Trust::new("this boot", remembered);
            Self { now: TimeDelta::hours(1), wrong_by: TimeDelta::zero(), theirs, trust }
        }

        fn reading(&self) -> Reading {
            Reading { wall: NOON + self.now + self.wrong_by, since_boot: self.now }
        }

        /// The homeserver answers by a clock that is off by so much.
        fn hears(&mut self, off: TimeDelta) {
            self.theirs = Theirs::Said(NOON + self.now + off, self.now);
        }

        fn after(&mut self, seconds: i64) -> Result<(), Doubt> {
            self.now += TimeDelta::seconds(seconds);
            self.trust.check(self.reading(), self.theirs)
        }

        fn wrong(&mut self, by: TimeDelta) -> Result<(), Doubt> {
            self.wrong_by = by;
            self.after(1)
        }
    }

    #[test]
    fn small_jumps_are_believed_and_great_ones_are_not_until_they_are_over() {
        for has_homeserver in [false, true] {
            for (minutes, believed) in [
                (4, true),
                (-4, true),
                (3 * DAY, false),
                (-3 * DAY, false),
                (40 * DAY, false),
                (-40 * DAY, false),
            ] {
                let mut machine = Machine::new(None, Theirs::Untold);
                if has_homeserver {
                    machine.hears(TimeDelta::zero());
                }
                let told = format!("{minutes} {has_homeserver}");
                assert_eq!(machine.after(0), Ok(()));
                assert_eq!(machine.wrong(TimeDelta::minutes(minutes)).is_ok(), believed, "{told}");
                assert_eq!(machine.after(3600).is_ok(), believed, "{told}");
                assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()), "{told}");
            }
        }
    }

    #[test]
    fn a_homeserver_whose_clock_jumps_too_is_not_believed_at_once() {
        let mut machine = Machine::new(None, Theirs::Silent);
        machine.hears(TimeDelta::zero());
        assert_eq!(machine.after(0), Ok(()));
        let off = TimeDelta::days(3);
        machine.hears(off);
        assert!(matches!(machine.wrong(off), Err(Doubt::Jumped { .. })));
        assert!(machine.after(3500).is_err());
        // Over, or for good.
        machine.hears(TimeDelta::zero());
        assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()));
        machine.hears(off);
        machine.wrong(off).unwrap_err();
        assert_eq!(machine.after(3600), Ok(()));
    }

    #[test]
    fn a_homeserver_that_is_wrong_alone_is_told_of() {
        let mut machine = Machine::new(None, Theirs::Silent);
        machine.hears(TimeDelta::days(-3));
        let doubt = machine.after(7200).unwrap_err();
        assert!(doubt.to_string().starts_with("the clock is 3 days ahead of the homeserver's"), "{doubt}");
    }

    #[test]
    fn a_clock_that_is_wrong_from_the_start_is_found_by_the_homeservers() {
        let mut machine = Machine::new(None, Theirs::Silent);
        machine.wrong_by = TimeDelta::days(40);
        assert_eq!(machine.after(1), Err(Doubt::NotCompared));
        machine.hears(TimeDelta::zero());
        let doubt = machine.after(1).unwrap_err();
        assert!(doubt.to_string().starts_with("the clock is 40 days ahead of the homeserver's"), "{doubt}");
        // Somebody sets it right.
        assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()));
    }

    #[test]
    fn one_that_was_believed_wrongly_and_is_set_right_is_believed_by_a_steady_homeservers_word() {
        let mut machine = Machine::new(None, Theirs::Untold);
        machine.wrong_by = TimeDelta::days(-40);
        assert_eq!(machine.after(1), Ok(()));
        machine.hears(TimeDelta::zero());
        machine.after(1).unwrap_err();
        machine.after(3600).unwrap_err();
        assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()));
    }

    #[test]
    fn a_homeserver_that_is_silent_is_waited_for_a_minute() {
        let mut machine = Machine::new(None, Theirs::Silent);
        assert_eq!(machine.after(0), Err(Doubt::NotCompared));
        assert_eq!(machine.after(59), Err(Doubt::NotCompared));
        assert_eq!(machine.after(1), Ok(()));
    }

    #[test]
    fn what_the_last_start_saw_counts() {
        let mut before = Machine::new(None, Theirs::Untold);
        before.after(0).unwrap();
        let remembered = before.trust.remembered();
        // The same boot, and the clock was set while no desk ran.
        let mut machine = Machine::new(remembered.clone(), Theirs::Untold);
        assert_eq!(machine.wrong(TimeDelta::days(3)), Ok(()));
        // While one ran, which did not believe it.
        before.wrong(TimeDelta::days(3)).unwrap_err();
        let mut machine = Machine::new(before.trust.remembered(), Theirs::Untold);
        assert!(matches!(machine.wrong(TimeDelta::days(3)), Err(Doubt::Jumped { .. })));
        // Another boot, without a clock that goes on meanwhile.
        let another = Remembered { boot: "another boot".into(), ..remembered.unwrap() };
        let mut machine = Machine::new(Some(another), Theirs::Untold);
        assert!(matches!(machine.wrong(TimeDelta::days(-3)), Err(Doubt::Behind { .. })));
        assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()));
    }

    #[test]
    fn the_operators_word_ends_it_until_the_next_jump_also_over_a_restart() {
        for has_homeserver in [false, true] {
            let mut machine = Machine::new(None, Theirs::Untold);
            if has_homeserver {
                machine.hears(TimeDelta::zero());
            }
            machine.after(0).unwrap();
            machine.wrong(TimeDelta::days(3)).unwrap_err();
            machine.trust.excuse(machine.reading());
            assert_eq!(machine.after(1), Ok(()));
            assert_eq!(machine.after(86_400), Ok(()));
            machine.trust = Trust::new("this boot", machine.trust.remembered());
            if has_homeserver {
                machine.hears(TimeDelta::zero());
            }
            assert_eq!(machine.after(1), Ok(()));
            machine.wrong(TimeDelta::days(6)).unwrap_err();
        }
    }

    #[test]
    fn a_clock_that_is_slowly_set_right_is_followed() {
        let mut machine = Machine::new(None, Theirs::Untold);
        for minute in 0..60 {
            assert_eq!(machine.wrong(TimeDelta::minutes(minute)), Ok(()));
        }
    }
}
