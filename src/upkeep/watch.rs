//! What other processes do: files, commits.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::{Backend, ListPlace};
use crate::domain::BanKind;
use crate::premises::Premises;
use crate::pulse::{Topic, Watcher};
use crate::stop::{Stop, Stuck, gets_on};
use crate::store::{StoreError, Watch};

/// While a thread has not got on for so long, the service manager hears nothing any more, and starts the desk again.
const STUCK: Duration = Duration::from_secs(120);

/// How often it is written down what the clock showed.
const REMEMBER_EVERY: Duration = Duration::from_secs(600);

/// Tells of it until the stop signal comes, and the service manager that the desk is alive. `follow` is called after each
/// commit, whoever made it.
pub fn watch(
    premises: &Premises,
    clock: &dyn Clock,
    stop: &Stop,
    follow: &dyn Fn() -> Result<(), StoreError>,
) {
    let mut watcher = Watcher::new(premises.folder.path(), premises.pulse(), stop);
    // Twice as often as it wants to hear it.
    let sign_every = sd_notify::watchdog_enabled().map(|every| every / 2);
    let (mut commits, mut signed_at, mut remembered_at) = (None, Instant::now(), None);
    while !stop.is_given() {
        let is_stuck = look_at_threads(premises, clock);
        watcher.look(&files(premises), clock.now(), clock.monotonic());
        let looked = look_for_commits(premises, &mut commits, follow)
            .and_then(|has_changed| look_at_clock(premises, clock, has_changed, &mut remembered_at));
        if let Err(error) = looked {
            premises.alarms.raise(Trouble::Store, error.to_string());
            commits = None;
        }
        if sign_every.is_some_and(|every| signed_at.elapsed() >= every) {
            signed_at = Instant::now();
            if !is_stuck {
                let _ = sd_notify::notify(&[NotifyState::Watchdog]);
            }
        }
        watcher.wait(sign_every.map_or(Duration::MAX, |every| every.saturating_sub(signed_at.elapsed())));
    }
    let _ = look_at_clock(premises, clock, false, &mut None);
}

/// A thread that does not get on is an alarm. Returns whether one has not for so long that only a new start helps.
pub fn look_at_threads(premises: &Premises, clock: &dyn Clock) -> bool {
    gets_on();
    let stuck = premises.life.look(clock.monotonic(), clock.now());
    if stuck.is_empty() {
        premises.alarms.clear(Trouble::Stuck);
        return false;
    }
    let words = |one: &Stuck| format!("{} (since {} UTC)", one.name, one.since.format("%Y-%m-%d %H:%M:%S"));
    let threads: Vec<String> = stuck.iter().map(words).collect();
    premises.alarms.raise(
        Trouble::Stuck,
        format!(
            "a thread of the desk makes no progress: {}. Restart the desk (`systemctl restart doorman`); systemd does so by \
             itself two minutes after it began. Please report it with the log",
            threads.join(", ")
        ),
    );
    stuck.iter().any(|one| one.silent_for >= STUCK)
}

/// Whether the clock is believed, whoever wants to know, and whether the operator has vouched for it. What the next start is
/// to know of it is written down now and then.
fn look_at_clock(
    premises: &Premises,
    clock: &dyn Clock,
    has_changed: bool,
    remembered_at: &mut Option<(Instant, bool)>,
) -> Result<(), StoreError> {
    let vouched = has_changed && premises.store.read(|store| store.clock_is_vouched_for())?;
    if vouched {
        premises.trust.excuse(clock.reading());
    }
    let (believes, now) = (premises.believes(clock.reading()), clock.monotonic());
    let is_due =
        remembered_at.is_none_or(|(at, as_before)| now >= at + REMEMBER_EVERY || believes != as_before);
    if let Some(remembered) = premises.trust.remembered()
        && (vouched || is_due)
    {
        premises.store.write(move |store| {
            if vouched {
                store.vouch_for_clock(false)?;
            }
            store.note_clock(&remembered)
        })?;
        *remembered_at = Some((now, believes));
    }
    Ok(())
}

fn files(premises: &Premises) -> Vec<(Topic, PathBuf)> {
    let folder = &premises.folder;
    let mut files: Vec<_> =
        BanKind::ALL.map(|kind| (Topic::BanFiles, folder.path().join(kind.file_name()))).into();
    for source in &premises.settings.load().lists {
        if let ListPlace::File(path) = &source.place {
            files.push((Topic::BanFiles, path.clone()));
        }
    }
    files.push((Topic::TokenFiles, folder.registration_token()));
    files.push((Topic::Mirror, folder.registrations_json()));
    if let Backend::Toml { path } = &premises.settings.load().tokens.backend {
        files.push((Topic::TokenFiles, path.clone()));
    }
    files
}

fn look_for_commits(
    premises: &Premises,
    commits: &mut Option<Watch>,
    follow: &dyn Fn() -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    let is_first = commits.is_none();
    let watch = match commits.take() {
        Some(watch) => commits.insert(watch),
        None => commits.insert(premises.store.watch()?),
    };
    let has_changed = watch.changed()? || is_first;
    if has_changed {
        premises.pulse().ring(Topic::Store);
        follow()?;
        premises.store.read(|store| store.check_version())?;
    }
    Ok(has_changed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use crate::clock::ManualClock;
    use crate::config::Settings;

    use super::*;

    #[test]
    fn a_thread_that_hangs_is_an_alarm_and_after_two_minutes_the_service_manager_hears_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let premises = Premises::for_tests(dir.path(), Settings::trial());
        let clock = ManualClock::at("2026-01-01T12:00:00Z");
        let (begun, begins) = channel();
        let (go, goes) = channel::<()>();
        std::thread::scope(|scope| {
            let life = Arc::clone(&premises.life);
            scope.spawn(move || {
                let _place = life.enter("outbox");
                begun.send(()).unwrap();
                let _ = goes.recv();
            });
            begins.recv().unwrap();
            let look_after = |seconds| {
                let is_stuck = (0..seconds).fold(false, |_, _| {
                    clock.advance(Duration::from_secs(1));
                    look_at_threads(&premises, &clock)
                });
                (premises.alarms.all(), is_stuck)
            };
            assert_eq!(look_after(90), (vec![], false));
            let (alarms, is_stuck) = look_after(1);
            let [(Trouble::Stuck, words)] = &alarms[..] else { panic!("{alarms:?}") };
            assert!(
                words.contains("outbox (since 2026-01-01 12:00:01 UTC)") && words.contains("Restart"),
                "{words}"
            );
            assert!(!is_stuck);
            assert_eq!(look_after(29), (alarms.clone(), false));
            assert_eq!(look_after(1), (alarms, true));
            go.send(()).unwrap();
        });
        assert!(!look_at_threads(&premises, &clock));
        assert_eq!(premises.alarms.all(), []);
    }
}
