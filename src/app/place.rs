//! Which desk `serve` runs: a real one, by its config.yaml, or a trial.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::acts::{TRIAL, become_owner, environment};
use crate::cli::Failure;
use crate::config::{self, Folder, Located, Settings, SignUp};

/// What the desk is run from.
pub(super) struct Place {
    pub settings: Settings,
    pub folder: Folder,
    /// None: a trial.
    pub config: Option<PathBuf>,
}

/// Finds it, and makes the folder of a trial.
pub(super) fn place(config: Option<&Path>) -> Result<Place, Failure> {
    match config::locate(config, &environment, Path::new("")) {
        Located::Config(path) => {
            become_owner(&Folder::of_config(&path))?;
            let loaded = config::load(&path, &environment)?;
            for warning in &loaded.warnings {
                tracing::warn!("{warning}");
            }
            Ok(Place { settings: loaded.settings, folder: loaded.folder, config: Some(path) })
        }
        Located::Missing { path, named_by } => Err(Failure::new(format!(
            "{}: there is no such file ({named_by} names it); `doorman example-config` prints one",
            path.display()
        ))),
        Located::None => {
            refuse_a_trial_by_accident()?;
            become_owner(&Folder::new(if Path::new(TRIAL).exists() { TRIAL } else { "." }))?;
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(TRIAL)
                .map_err(|error| Failure::new(format!("{TRIAL}/ cannot be made: {error}")))?;
            let settings = Settings::trial();
            // It shows the whole way, to whoever sits before this machine.
            let desk = format!("http://{}", SocketAddr::new(settings.bind, settings.port));
            let settings = Settings { public_url: Some(desk), sign_up: SignUp::Both, ..settings };
            Ok(Place { settings, folder: Folder::new(TRIAL), config: None })
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

/// Tells on standard output where page and emails of a trial are, and how to go on to a real desk.
pub(super) fn announce_trial(address: SocketAddr, folder: &Folder) {
    let text = format!(
        "\nThis is a trial desk: it asks no homeserver and sends nothing.\n\n  \
         the page      http://{address}\n  \
         the emails    {outbox}/\n\n\
         To go on to a real desk: in a folder of its own, run `doorman init`, then `doorman serve`.\n\n",
        outbox = folder.outbox().display()
    );
    // The log has the address too, so nothing is lost where standard output is closed.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
}
