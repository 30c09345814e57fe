//! Whether the wall clock can be believed: it is held against the time since boot, which nobody sets, and against what the
//! homeserver takes for the time.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Clocks that are further apart than this do not agree.
const APART: TimeDelta = TimeDelta::minutes(5);

/// After a start, and after a jump, the homeserver has so long to tell its time before the time since boot alone decides.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// What is remembered from one start to the next.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remembered {
    /// Which boot of the machine it was (`/proc/sys/kernel/random/boot_id`).
    pub boot: String,
    /// When that was, by the wall clock.
    pub booted_at: DateTime<Utc>,
    /// The latest time that was believed.
    pub seen_at: DateTime<Utc>,
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
    #[error("the clock is {} of the homeserver's, which says {} UTC", ahead(*by), theirs.format("%Y-%m-%d %H:%M"))]
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
    let minutes = by.num_minutes().abs();
    let words = match minutes {
        ..=180 => format!("{minutes} minutes"),
        181..=4320 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    };
    if by < TimeDelta::zero() { format!("{words} back") } else { words }
}

fn ahead(by: TimeDelta) -> String {
    let words = span(by.abs());
    if by < TimeDelta::zero() { format!("{words} behind that") } else { format!("{words} ahead") }
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

#[derive(Debug)]
struct State {
    boot: String,
    /// When the machine was started, by the wall clock when it was believed last. None: the first reading decides.
    booted_at: Option<DateTime<Utc>>,
    /// The clock is behind what was seen before the machine was started.
    last_seen: Option<DateTime<Utc>>,
    /// How far the homeserver is ahead of the time since boot, from its last answer.
    theirs: Option<TimeDelta>,
    /// By how much the clock was ahead of that when the operator said that it is right.
    excused: Option<TimeDelta>,
    /// By the time since boot: since when an answer of the homeserver's is waited for.
    waits_since: Option<TimeDelta>,
    has_homeserver: bool,
}

/// Decides whether the wall clock is believed.
#[derive(Debug)]
pub struct Trust(Mutex<State>);

impl Trust {
    /// With what the last start remembered. `has_homeserver`: somebody is there to compare with.
    pub fn new(boot: &str, remembered: Option<Remembered>, has_homeserver: bool) -> Self {
        let same_boot = remembered.as_ref().is_some_and(|remembered| remembered.boot == boot);
        Self(Mutex::new(State {
            boot: boot.to_owned(),
            booted_at: remembered.as_ref().filter(|_| same_boot).map(|remembered| remembered.booted_at),
            last_seen: remembered.map(|remembered| remembered.seen_at),
            theirs: None,
            excused: None,
            waits_since: None,
            has_homeserver,
        }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The homeserver said what time it is (`Date`, RFC 9110, 6.6.1).
    pub fn heard(&self, date: DateTime<Utc>, at: Reading) {
        self.state().theirs = Some(date - DateTime::UNIX_EPOCH - at.since_boot);
    }

    /// The operator says that the clock is right.
    pub fn excuse(&self, at: Reading) {
        let mut state = self.state();
        state.booted_at = Some(at.booted_at());
        state.last_seen = None;
        state.excused = state.theirs.map(|ahead| at.booted_at() - (DateTime::UNIX_EPOCH + ahead));
        state.waits_since = Some(at.since_boot - PATIENCE);
    }

    /// Whether the wall clock may be believed for what cannot be taken back.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, at: Reading) -> Result<(), Doubt> {
        let mut state = self.state();
        let state = &mut *state;
        let waits_since = *state.waits_since.get_or_insert(at.since_boot);
        let theirs = state.theirs.map(|ahead| DateTime::UNIX_EPOCH + ahead + at.since_boot);
        let apart = theirs.map(|theirs| at.wall - theirs);
        let is_excused = state.excused.zip(apart).is_some_and(|(then, now)| (then - now).abs() <= APART);
        if let (Some(by), Some(theirs)) = (apart, theirs)
            && by.abs() > APART
            && !is_excused
        {
            return Err(Doubt::Homeserver { by, theirs });
        }
        // The homeserver's word for the wall clock of now outweighs what was before.
        if apart.is_none() || is_excused {
            if let Some(booted_at) = state.booted_at {
                let by = at.booted_at() - booted_at;
                if by.abs() > APART {
                    return Err(Doubt::Jumped { by, should: booted_at + at.since_boot });
                }
            }
            if let Some(by) = state.last_seen.map(|seen| seen - at.wall).filter(|by| *by > APART) {
                return Err(Doubt::Behind { by });
            }
            if state.has_homeserver && apart.is_none() && at.since_boot - waits_since < PATIENCE {
                return Err(Doubt::NotCompared);
            }
        }
        // A clock that is slowly set right is followed.
        state.booted_at = Some(at.booted_at());
        state.last_seen = Some(at.wall);
        Ok(())
    }

    /// What the next start is to know; None: nothing was believed yet.
    pub fn remembered(&self) -> Option<Remembered> {
        let state = self.state();
        Some(Remembered { boot: state.boot.clone(), booted_at: state.booted_at?, seen_at: state.last_seen? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that was started at noon, by a clock that was right.
    struct Machine {
        now: TimeDelta,
        wrong_by: TimeDelta,
        trust: Trust,
    }

    const NOON: DateTime<Utc> = DateTime::from_timestamp(1_764_331_200, 0).unwrap();

    impl Machine {
        fn new(remembered: Option<Remembered>, has_homeserver: bool) -> Self {
            let trust = Trust::new("this boot", remembered, has_homeserver);
            Self { now: TimeDelta::hours(1), wrong_by: TimeDelta::zero(), trust }
        }

        fn reading(&self) -> Reading {
            Reading { wall: NOON + self.now + self.wrong_by, since_boot: self.now }
        }

        fn hears(&self) {
            self.trust.heard(NOON + self.now, self.reading());
        }

        fn after(&mut self, seconds: i64) -> Result<(), Doubt> {
            self.now += TimeDelta::seconds(seconds);
            self.trust.check(self.reading())
        }

        fn wrong(&mut self, by: TimeDelta) -> Result<(), Doubt> {
            self.wrong_by = by;
            self.after(1)
        }
    }

    #[test]
    fn small_jumps_are_believed_and_great_ones_are_not_until_they_are_over() {
        for heard in [false, true] {
            for (minutes, believed) in
                [(4, true), (-4, true), (3 * 1440, false), (-3 * 1440, false), (40 * 1440, false)]
            {
                let mut machine = Machine::new(None, heard);
                if heard {
                    machine.hears();
                }
                assert_eq!(machine.after(0), Ok(()));
                assert_eq!(machine.wrong(TimeDelta::minutes(minutes)).is_ok(), believed, "{minutes} {heard}");
                assert_eq!(machine.after(3600).is_ok(), believed, "{minutes} {heard}");
                assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()), "{minutes} {heard}");
            }
        }
    }

    #[test]
    fn a_clock_that_is_wrong_from_the_start_is_found_by_the_homeservers() {
        let mut machine = Machine::new(None, true);
        machine.wrong_by = TimeDelta::days(40);
        assert_eq!(machine.after(1), Err(Doubt::NotCompared));
        machine.hears();
        let doubt = machine.after(1).unwrap_err();
        assert!(doubt.to_string().starts_with("the clock is 40 days ahead of the homeserver's"), "{doubt}");
        // Somebody sets it right.
        assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()));
    }

    #[test]
    fn a_homeserver_that_is_silent_is_waited_for_a_minute() {
        let mut machine = Machine::new(None, true);
        assert_eq!(machine.after(0), Err(Doubt::NotCompared));
        assert_eq!(machine.after(59), Err(Doubt::NotCompared));
        assert_eq!(machine.after(1), Ok(()));
    }

    #[test]
    fn what_the_last_start_saw_counts() {
        let mut before = Machine::new(None, false);
        before.after(0).unwrap();
        let remembered = before.trust.remembered();
        // The same boot, and the clock was set while no desk ran.
        let mut machine = Machine::new(remembered.clone(), false);
        assert!(matches!(machine.wrong(TimeDelta::days(3)), Err(Doubt::Jumped { .. })));
        // Another boot, without a clock that goes on meanwhile.
        let another = Remembered { boot: "another boot".into(), ..remembered.unwrap() };
        let mut machine = Machine::new(Some(another), false);
        assert!(matches!(machine.wrong(TimeDelta::days(-3)), Err(Doubt::Behind { .. })));
        assert_eq!(machine.wrong(TimeDelta::zero()), Ok(()));
    }

    #[test]
    fn the_operators_word_ends_it_until_the_next_jump() {
        for heard in [false, true] {
            let mut machine = Machine::new(None, heard);
            if heard {
                machine.hears();
            }
            machine.after(0).unwrap();
            machine.wrong(TimeDelta::days(3)).unwrap_err();
            machine.trust.excuse(machine.reading());
            assert_eq!(machine.after(1), Ok(()));
            assert_eq!(machine.after(86_400), Ok(()));
            if heard {
                machine.hears();
            }
            assert_eq!(machine.after(1), Ok(()));
            machine.wrong(TimeDelta::days(6)).unwrap_err();
        }
    }

    #[test]
    fn a_clock_that_is_slowly_set_right_is_followed() {
        let mut machine = Machine::new(None, false);
        for minute in 0..60 {
            assert_eq!(machine.wrong(TimeDelta::minutes(minute)), Ok(()));
        }
    }
}
