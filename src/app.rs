//! The wiring of a running desk: config → store → named threads → wait for a signal → join.

mod place;
mod reload;
mod threads;

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::bans::Bans;
use crate::cli::{Failure, LogFormat, ServeArgs, complain};
use crate::clock::{Clock, SystemClock};
use crate::config::{Folder, Settings};
use crate::desk::Desk;
use crate::import::import_at_first_start;
use crate::lock::{Lock, Purpose};
use crate::logging;
use crate::premises::Premises;
use crate::rotation::Rotation;
use crate::signup::SignUps;
use crate::store::Store;
use crate::tokens::Tokens;
use crate::upkeep;
use crate::web::{FrontDoor, Limits, Server};

use place::{Place, announce_trial, place};
use reload::read_config_again;
use threads::{Parts, Threads};

/// So many connections of those who measure are enough.
const FEW: Limits = Limits { connections: 8, ..Limits::DEFAULT };

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

fn run(place: Place) -> Result<(), Failure> {
    let Place { settings, folder, config } = place;
    keep_out_of_dumps();
    let _lock = Lock::take(folder.path(), Purpose::Desk).map_err(|error| Failure::new(error.to_string()))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(Store::open_for_desk(&folder)?);
    let server = listen(SocketAddr::new(settings.bind, settings.port), Limits::default(), "bind and port")?;
    let measured = settings.metrics.map(|at| listen(at, FEW, "metrics")).transpose()?;
    take_in_the_originals(&folder, &store, &settings, &*clock)?;
    let premises = Arc::new(open_premises(settings, folder, store));
    if let Some(words) = upkeep::another_desk(&premises) {
        return Err(Failure::new(words));
    }
    let tokens = Arc::new(Tokens::new(
        premises.folder.clone(),
        Arc::clone(&premises.store),
        Arc::clone(&clock),
        &premises.settings.load(),
        premises.homeserver.load_full(),
    ));
    let rotation =
        Rotation { premises: Arc::clone(&premises), tokens: Arc::clone(&tokens), clock: Arc::clone(&clock) };
    rotation.settle().map_err(|error| Failure::new(error.to_string()))?;
    let desk = Arc::new(Desk::new(Arc::clone(&premises), Arc::clone(&clock))?);
    let sign_ups = Arc::new(SignUps::new(Arc::clone(&premises), Arc::clone(&tokens), Arc::clone(&clock)));
    let door = Arc::new(FrontDoor::new(Arc::clone(&desk), sign_ups, Arc::clone(&clock)));
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])
        .map_err(|error| Failure::new(format!("signals cannot be caught: {error}")))?;
    let (address, measured_at) = (server.local_addr(), measured.as_ref().map(Server::local_addr));
    let parts = Parts {
        premises: Arc::clone(&premises),
        clock: Arc::clone(&clock),
        tokens,
        rotation,
        desk,
        door: Arc::clone(&door),
        server,
        measured,
    };
    let threads = Threads::start(parts).map_err(no_thread)?;

    tracing::info!("listening on http://{address}");
    if let Some(measured) = measured_at {
        tracing::info!("metrics at http://{measured}/metrics");
    }
    if premises.settings.load().trial {
        announce_trial(address, &premises.folder);
    }
    tell_service_manager(&[NotifyState::Ready]);
    for signal in &mut signals {
        if signal != SIGHUP {
            break;
        }
        if let Ok(since) = NotifyState::monotonic_usec_now() {
            tell_service_manager(&[NotifyState::Reloading, since]);
        }
        read_config_again(config.as_deref(), &premises, &door, clock.now());
        tell_service_manager(&[NotifyState::Ready]);
    }
    tracing::info!("stopping");
    tell_service_manager(&[NotifyState::Stopping]);
    threads.end();
    tracing::info!("stopped");
    Ok(())
}

/// Passwords and tokens pass through this process: a crash leaves no image of it on a disk, and nobody else of this user reads
/// in it.
fn keep_out_of_dumps() {
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!("the system does not keep this process out of core dumps: {error}");
    }
}

/// `sd_notify(3)`. Without systemd, nothing happens.
fn tell_service_manager(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("the service manager cannot be told {state:?}: {error}");
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_thread(error: std::io::Error) -> Failure {
    Failure::new(format!("a thread cannot be started: {error}"))
}

fn listen(address: SocketAddr, limits: Limits, keys: &str) -> Result<Server, Failure> {
    Server::bind(address, limits).map_err(|error| {
        Failure::new(format!(
            "cannot listen on {address}: {error}: another program may use that port; see {keys} in config.yaml"
        ))
    })
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

/// With the ban lists that held last in force, where their files are gone.
fn open_premises(settings: Settings, folder: Folder, store: Arc<Store>) -> Premises {
    let bans =
        Bans::open(&folder, |kind| store.read(|store| store.last_good(kind.file_name())).ok().flatten());
    bans.subscribe(&folder, &settings.lists);
    Premises::new(settings, folder, store, bans)
}
