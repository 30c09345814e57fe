//! Lists that others keep on a web server are fetched once a day.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::bans::{MOST_BYTES, check_size, etag_of, fetched_copy, keep_copy};
use crate::clock::Clock;
use crate::config::{ListPlace, ListSource};
use crate::net::http::{Fetched, HttpClient};
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;

/// From one time to the next.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// After a time that failed.
const AGAIN: Duration = Duration::from_secs(3600);

/// So long it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fetches them when it is time, until the stop signal comes.
pub fn fetch_lists(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut listener = premises.pulse().listen(stop, &[Topic::Settings], Duration::from_secs(1));
    let (client, mut failed): (_, Vec<(ListSource, std::time::Instant)>) =
        (HttpClient::default(), Vec::new());
    loop {
        let (now, mut next) = (clock.monotonic(), Next::never());
        failed.retain(|(_, at)| *at + AGAIN > now);
        for source in &premises.settings.load().lists {
            let ListPlace::Url(url) = &source.place else { continue };
            let copy = premises.folder.path().join(source.copy());
            let last_failed = failed.iter().find(|(one, _)| one == source).map(|(_, at)| *at + AGAIN);
            if next.waits(
                last_failed.max(age(&copy, clock.now()).map(|age| now + EVERY.saturating_sub(age))),
                now,
            ) {
                continue;
            }
            match fetch(&client, url, &copy, clock.now()) {
                Ok(()) => {
                    premises.pulse().ring(Topic::BanFiles);
                    next.waits(Some(now + EVERY), now);
                }
                Err(why) => {
                    // What was fetched before stays in force: a note, and no trouble.
                    tracing::warn!("the list {} cannot be fetched: {why}", source.copy());
                    failed.push((source.clone(), now));
                    next.waits(Some(now + AGAIN), now);
                }
            }
        }
        if !listener.wait(next) {
            return;
        }
    }
}

/// How old the copy is; None: there is none, or it is from the future.
fn age(copy: &Path, now: DateTime<Utc>) -> Option<Duration> {
    (now - DateTime::<Utc>::from(copy.metadata().ok()?.modified().ok()?)).to_std().ok()
}

fn fetch(client: &HttpClient, url: &str, copy: &Path, now: DateTime<Utc>) -> Result<(), String> {
    let kept = std::fs::read_to_string(copy).unwrap_or_default();
    let etag = etag_of(&kept, url);
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX) + 1;
    let fetched = client.fetch(url, etag.as_deref(), most, PATIENCE).map_err(|fault| fault.to_string())?;
    let Some(Fetched { text, etag }) = fetched else {
        let file = std::fs::File::options().append(true).open(copy);
        return file.and_then(|file| file.set_modified(now.into())).map_err(|error| error.to_string());
    };
    let text = String::from_utf8_lossy(&text);
    check_size(&text)?;
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    keep_copy(copy, &fetched_copy(url, etag.as_deref(), &text))
        .map_err(|error| format!("{}: {error}", copy.display()))
}
