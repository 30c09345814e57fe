//! The wiring of a running desk: config → store → named threads → wait for a signal → join.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::TimeDelta;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::alarms::{Alarms, Trouble};
use crate::bans::{Bans, shown};
use crate::clock::{Clock, SystemClock};
use crate::commands::cli::{LogFormat, ServeArgs};
use crate::commands::folder::{TRIAL, become_owner, environment};
use crate::commands::{Failure, complain};
use crate::config::{self, Folder, Located, Settings};
use crate::desk::Desk;
use crate::digest;
use crate::domain::BanKind;
use crate::homeserver::Homeserver;
use crate::import::import_at_first_start;
use crate::inbox::Keeper;
use crate::logging;
use crate::mirror;
use crate::outbox::Delivery;
use crate::premises::Premises;
use crate::rotation::{Rotation, Withdrawal, watch_homeserver};
use crate::service_manager;
use crate::stop::Stop;
use crate::store::{DeskCondition, DeskLock, Store, StoreError};
use crate::supervisor::Supervisor;
use crate::tokens::Tokens;
use crate::web::{FrontDoor, Limits, Server};

/// How often other processes' changes are looked for.
const WATCH_EVERY: Duration = Duration::from_millis(100);

/// How often the ban lists are looked at.
const BANS_EVERY: Duration = Duration::from_millis(250);

/// How often it is looked whether the console has something new to show of the desk.
const CONDITION_EVERY: Duration = Duration::from_millis(500);

/// How often held requests that nobody decides are let go, and what is older than `retention_days` is deleted.
const RETIRE_EVERY: Duration = Duration::from_secs(24 * 3600);

/// After a failure of the machine's it is tried again after so long.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The threads have so long to end after a signal.
const PARTING: Duration = Duration::from_secs(8);

/// The mirror, which shows what they did to the last, has at least so long after them.
const MIRRORS_PARTING: Duration = Duration::from_secs(1);

/// What the desk is run from.
struct Place {
    settings: Settings,
    folder: Folder,
    /// None: a trial.
    config: Option<PathBuf>,
}

/// Runs the desk until SIGTERM or SIGINT.
pub fn serve(config: Option<&Path>, args: &ServeArgs) -> ExitCode {
    logging::start(match args.log_format {
        LogFormat::Text => logging::Look::Text,
        LogFormat::Json => logging::Look::Json,
    });
    match place(config).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn place(config: Option<&Path>) -> Result<Place, Failure> {
    match config::locate(config, &environment, Path::new("")) {
        Located::Config(path) => {
            let loaded =
                config::load(&path, &environment).map_err(|errors| Failure::new(errors.to_string()))?;
            for warning in &loaded.warnings {
                tracing::warn!("{warning}");
            }
            Ok(Place { settings: loaded.settings, folder: loaded.folder, config: Some(path) })
        }
        Located::Missing { path, named_by } => Err(Failure::new(format!(
            "{}: there is no such file ({named_by} names it); config.yaml.example shows what belongs there",
            path.display()
        ))),
        Located::None => {
            refuse_a_trial_by_accident()?;
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(TRIAL)
                .map_err(|error| Failure::new(format!("{TRIAL}/ cannot be made: {error}")))?;
            Ok(Place { settings: Settings::trial(), folder: Folder::new(TRIAL), config: None })
        }
    }
}

/// Where somebody meant a real desk, a trial that answers applicants is worse than none.
fn refuse_a_trial_by_accident() -> Result<(), Failure> {
    let why = if environment("NOTIFY_SOCKET").is_some() {
        Some("it is started as a systemd service")
    } else if std::process::id() == 1 {
        Some("it is the first process of a container")
    } else if Path::new("doorman.db").exists() {
        Some("a doorman.db lies in this folder")
    } else if Path::new(".registration_token").exists() {
        Some("a .registration_token lies in this folder")
    } else {
        None
    };
    match why {
        None => Ok(()),
        Some(why) => Err(Failure::new(format!(
            "there is no config.yaml here, and this does not look like a trial: {why}. Name the desk's config.yaml with \
             --config PATH or $DOORMAN_CONFIG, or start in its folder"
        ))),
    }
}

fn run(place: Place) -> Result<(), Failure> {
    let Place { settings, folder, config } = place;
    let failed = |error: &dyn std::fmt::Display| Failure::new(error.to_string());
    become_owner(&folder)?;
    let _lock = DeskLock::take(&folder).map_err(|error| failed(&error))?.ok_or_else(|| {
        Failure::new(format!("a desk runs on this folder already: {}", folder.path().display()))
    })?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(Store::open(&folder).map_err(|error| failed(&error))?);
    let server = Server::bind(SocketAddr::new(settings.bind, settings.port), Limits::default()).map_err(|error| {
        Failure::new(format!(
            "cannot listen on {}: {error}: another program may use that port; see bind and port in config.yaml",
            SocketAddr::new(settings.bind, settings.port)
        ))
    })?;
    take_in_the_originals(&folder, &store, &settings, &*clock)?;
    let premises = Arc::new(premises(settings, folder, store));
    let tokens = Arc::new(Tokens::new(
        premises.folder.clone(),
        Arc::clone(&premises.store),
        Arc::clone(&clock),
        &premises.settings.load(),
        premises.homeserver.load_full(),
    ));
    let rotation =
        Rotation { premises: Arc::clone(&premises), tokens: Arc::clone(&tokens), clock: Arc::clone(&clock) };
    rotation.settle().map_err(|error| failed(&error))?;
    let desk =
        Arc::new(Desk::new(Arc::clone(&premises), Arc::clone(&clock)).map_err(|error| failed(&error))?);
    let door =
        Arc::new(FrontDoor::new(Arc::clone(&desk), Arc::clone(&clock)).map_err(|error| failed(&error))?);
    let address = server.local_addr();

    let stop = Stop::new();
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(|error| failed(&error))?;
    let mut threads = Supervisor::new(stop.clone());
    // The mirror ends after all who accept requests, so that it shows every one of them.
    let all_ended = Stop::new();
    let mut mirroring = Supervisor::new(all_ended.clone());
    let (shared, time) = (Arc::clone(&premises), Arc::clone(&clock));
    mirroring
        .start("mirror", move |stop| mirror::keep(&shared, &*time, stop))
        .map_err(|error| failed(&error))?;
    start_threads(&mut threads, &premises, &desk, rotation, tokens, &clock)
        .map_err(|error| failed(&error))?;
    let service = Arc::clone(&door);
    threads.start("web", move |stop| serve_web(&server, &service, stop)).map_err(|error| failed(&error))?;

    tracing::info!("listening on http://{address}");
    if premises.settings.load().trial {
        announce_trial(address, &premises.folder);
    }
    service_manager::ready();
    for signal in &mut signals {
        if signal == SIGHUP {
            service_manager::reloading();
            read_config_again(config.as_deref(), &premises, &door);
            service_manager::ready();
        } else {
            break;
        }
    }
    tracing::info!("stopping");
    service_manager::stopping();
    let deadline = Instant::now() + PARTING;
    stop.give();
    let mut late = threads.wait(deadline);
    all_ended.give();
    // Whoever was late has not used up the mirror's time.
    late.extend(mirroring.wait(deadline.max(Instant::now() + MIRRORS_PARTING)));
    for name in late {
        // What it was doing is in the store, and is taken up at the next start.
        tracing::warn!("the thread {name} did not end in time; the desk ends without it");
    }
    tracing::info!("stopped");
    Ok(())
}

fn take_in_the_originals(
    folder: &Folder,
    store: &Store,
    settings: &Settings,
    clock: &dyn Clock,
) -> Result<(), Failure> {
    let report = import_at_first_start(folder, store, &settings.homeserver, &settings.schedule, clock.now())
        .map_err(|error| Failure::new(error.to_string()))?;
    if let Some(report) = report {
        for problem in &report.told {
            tracing::warn!("registrations.json: {problem}");
        }
        tracing::info!(
            "registrations.json: {report}; the old file is kept as registrations.json.before-doorman"
        );
    }
    Ok(())
}

fn premises(settings: Settings, folder: Folder, store: Arc<Store>) -> Premises {
    let remembered = Arc::clone(&store);
    let bans =
        Bans::open(&folder, |kind| remembered.read(|store| store.last_good(kind.file_name())).ok().flatten());
    Premises {
        homeserver: ArcSwapOption::new(Homeserver::of(&settings).map(Arc::new)),
        settings: ArcSwap::from_pointee(settings),
        alarms: Alarms::new(),
        letter_box_is_open: AtomicBool::new(false),
        bans,
        folder,
        store,
    }
}

fn start_threads(
    threads: &mut Supervisor,
    premises: &Arc<Premises>,
    desk: &Arc<Desk>,
    rotation: Rotation,
    tokens: Arc<Tokens>,
    clock: &Arc<dyn Clock>,
) -> std::io::Result<()> {
    threads.start("rotation", move |stop| rotation.run(stop))?;
    let withdrawal =
        Withdrawal { premises: Arc::clone(premises), tokens: Arc::clone(&tokens), clock: Arc::clone(clock) };
    threads.start("withdrawal", move |stop| withdrawal.run(stop))?;
    let (shared, time) = (Arc::clone(premises), Arc::clone(clock));
    threads.start("outbox", move |stop| {
        Delivery::new(Arc::clone(&shared), Arc::clone(&tokens), Arc::clone(&time)).run(stop);
    })?;
    let (kept, time) = (Arc::clone(desk), Arc::clone(clock));
    threads.start("inbox", move |stop| Keeper::new(Arc::clone(&kept), Arc::clone(&time)).run(stop))?;
    let (shared, time) = (Arc::clone(premises), Arc::clone(clock));
    threads.start("digest", move |stop| digest::keep(&shared, &*time, stop))?;
    let shared = Arc::clone(premises);
    threads.start("bans", move |stop| watch_bans(&shared, stop))?;
    let shared = Arc::clone(premises);
    threads.start("condition", move |stop| note_condition(&shared, stop))?;
    let watched = Arc::clone(desk);
    threads.start("store-watch", move |stop| watch_store(&watched, stop))?;
    let (shared, time) = (Arc::clone(premises), Arc::clone(clock));
    threads.start("retention", move |stop| retire(&shared, &*time, stop))?;
    let (shared, time) = (Arc::clone(premises), Arc::clone(clock));
    // A homeserver that hangs must not hold up the end of the desk.
    threads.start_unawaited("homeserver", move |stop| watch_homeserver(&shared, &*time, stop))?;
    threads.start("watchdog", service_manager::keep_watchdog_quiet)
}

fn serve_web(server: &Server, service: &Arc<FrontDoor>, stop: &Stop) {
    // Out of memory or threads: a little later there may be some.
    while let Err(error) = server.run(service, stop) {
        tracing::error!("the web server cannot work: {error}");
        if stop.wait(AFTER_FAILURE) {
            return;
        }
    }
}

/// Opens and closes the door as the store says, whichever process has written it.
fn watch_store(desk: &Desk, stop: &Stop) {
    let alarms = &desk.premises().alarms;
    let mut watch = None;
    while !stop.wait(WATCH_EVERY) {
        let looked = match &mut watch {
            None => desk.premises().store.watch().map(|new| {
                watch = Some(new);
                true
            }),
            Some(watch) => watch.changed(),
        };
        let refreshed = looked.and_then(|changed| if changed { desk.refresh() } else { Ok(()) });
        if let Err(error) = refreshed {
            alarms.raise(Trouble::Store, error.to_string());
            watch = None;
        }
    }
}

/// Writes down what the console shows of the running desk, whenever it changes.
fn note_condition(premises: &Premises, stop: &Stop) {
    let mut noted = None;
    loop {
        let condition = DeskCondition {
            alarms: premises
                .alarms
                .all()
                .into_iter()
                .map(|(trouble, what)| (trouble.word().to_owned(), what))
                .collect(),
            letter_box_is_open: premises
                .settings
                .load()
                .imap
                .is_some()
                .then(|| premises.letter_box_is_open.load(Ordering::Relaxed)),
            homeserver: premises
                .homeserver
                .load()
                .as_ref()
                .and_then(|homeserver| homeserver.name_of_family()),
        };
        if noted.as_ref() != Some(&condition) {
            let writing = condition.clone();
            // Where the store cannot take it, that is an alarm already, and it is tried again.
            if premises.store.write(move |store| store.note_condition(&writing)).is_ok() {
                noted = Some(condition);
            }
        }
        if stop.wait(CONDITION_EVERY) {
            return;
        }
    }
}

fn watch_bans(premises: &Premises, stop: &Stop) {
    loop {
        let refreshed = premises.bans.refresh();
        for (kind, content) in refreshed.last_good {
            let kept = tell_lost_bans(premises, kind).and_then(|()| {
                premises.store.write(move |store| store.note_last_good(kind.file_name(), &content))
            });
            if let Err(error) = kept {
                premises.alarms.raise(Trouble::Store, error.to_string());
            }
        }
        if refreshed.troubles.is_empty() {
            premises.alarms.clear(Trouble::Bans);
        } else {
            premises.alarms.raise(Trouble::Bans, refreshed.troubles.join("; "));
        }
        if stop.wait(BANS_EVERY) {
            return;
        }
    }
}

/// An entry that a command added and that is gone without a command having removed it: most likely an editor has written
/// its older copy of the file over it.
fn tell_lost_bans(premises: &Premises, kind: BanKind) -> Result<(), StoreError> {
    let lists = premises.bans.current();
    let own = premises.store.read(|store| store.own_bans())?;
    for lost in own.into_iter().filter(|own| own.file == kind.file_name()) {
        if lists.entries(kind).iter().any(|(_, entry)| **entry == *lost.entry) {
            continue;
        }
        let (file, entry) = (lost.file.clone(), lost.entry.clone());
        // A command may have removed it in this instant; then it is no longer one of ours.
        if premises.store.write(move |store| store.forget_own_ban(&file, &entry))? {
            tracing::warn!(
                "{}: the entry {} that was added here is gone: an editor may have written its older copy of the file over \
                 it. To ban it still: doorman ban add {kind} '{}'",
                lost.file,
                shown(&lost.entry),
                shown(&lost.entry)
            );
        }
    }
    Ok(())
}

fn retire(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    loop {
        let now = clock.now();
        match premises.store.write(move |store| store.lapse_held(now)) {
            Ok(0) => {}
            Ok(count) => tracing::info!("{count} held requests waited for 14 days and were let go"),
            Err(error) => premises.alarms.raise(Trouble::Store, error.to_string()),
        }
        let days = premises.settings.load().retention_days;
        if days > 0 {
            let before = clock.now() - TimeDelta::days(i64::from(days));
            match premises.store.write(move |store| store.retire_before(before)) {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!("retention_days: {count} records older than {days} days were thinned out");
                }
                Err(error) => premises.alarms.raise(Trouble::Store, error.to_string()),
            }
        }
        if stop.wait(RETIRE_EVERY) {
            return;
        }
    }
}

fn read_config_again(config: Option<&Path>, premises: &Premises, door: &FrontDoor) {
    let Some(path) = config else {
        return tracing::info!("SIGHUP: a trial desk has no config.yaml to read again");
    };
    let loaded = match config::load(path, &environment) {
        Ok(loaded) => loaded,
        Err(errors) => {
            return premises.alarms.raise(
                Trouble::Config,
                format!("config.yaml is broken, the settings stay as they were:\n{errors}"),
            );
        }
    };
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let old = premises.settings.load_full();
    let new = loaded.settings;
    if (old.bind, old.port) != (new.bind, new.port) {
        tracing::warn!("bind and port cannot change while the desk runs: restart it for that");
    }
    if (&old.homeserver, &old.base_url, &old.tokens) != (&new.homeserver, &new.base_url, &new.tokens) {
        premises.homeserver.store(Homeserver::of(&new).map(Arc::new));
    }
    door.refurbish(&new);
    premises.settings.store(Arc::new(new));
    premises.alarms.clear(Trouble::Config);
    // Whom to trust may have changed; who still is not trusted raises it again.
    premises.alarms.clear(Trouble::Proxy);
    tracing::info!("config.yaml is read again");
}

fn announce_trial(address: SocketAddr, folder: &Folder) {
    let text = format!(
        "\nThis is a trial desk: it asks no homeserver and sends nothing.\n\n  \
         the page      http://{address}\n  \
         the letters   {outbox}/\n\n\
         To go on to a real desk: copy config.yaml.example to config.yaml in a folder of its own, fill in homeserver and\n\
         smtp, look it over with `doorman check-config`, and start `doorman serve` there.\n\n",
        outbox = folder.outbox().display()
    );
    // The log has the address too, so nothing is lost where standard output is closed.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
}
