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
use crate::stop::Stop;
use crate::store::{StoreError, Watch};

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
    let (mut commits, mut signed_at) = (None, Instant::now());
    while !stop.is_given() {
        watcher.look(&files(premises), clock.now(), clock.monotonic());
        if let Err(error) = look_for_commits(premises, &mut commits, follow) {
            premises.alarms.raise(Trouble::Store, error.to_string());
            commits = None;
        }
        if sign_every.is_some_and(|every| signed_at.elapsed() >= every) {
            signed_at = Instant::now();
            let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        }
        watcher.wait(sign_every.map_or(Duration::MAX, |every| every.saturating_sub(signed_at.elapsed())));
    }
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
) -> Result<(), StoreError> {
    let is_first = commits.is_none();
    let watch = match commits.take() {
        Some(watch) => commits.insert(watch),
        None => commits.insert(premises.store.watch()?),
    };
    if watch.changed()? || is_first {
        premises.pulse().ring(Topic::Store);
        follow()?;
    }
    Ok(())
}
