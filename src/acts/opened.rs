//! The desk that something is done at, and who does it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::cli::Failure;
use crate::config::{self, Folder, Located, Settings};
use crate::domain::{MessageId, printable};
use crate::store::Store;

use super::users::user;

/// The folder that a trial desk lives in.
pub const TRIAL: &str = "trial";

/// By what an operator does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The command line.
    Command,
    /// The console.
    Console,
}

impl Door {
    /// As it stands in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Console => "console",
        }
    }
}

/// Who does something, and whence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The operator's name on the machine.
    pub who: String,
    /// By what.
    pub door: Door,
}

impl Author {
    /// Whoever has started this process: before sudo, where that was in between.
    fn of_process(door: Door) -> Self {
        let before_sudo = environment("SUDO_USER").filter(|name| !name.is_empty());
        let who = before_sudo.unwrap_or_else(|| user(rustix::process::getuid().as_raw()));
        Self { who: printable(&who, 100), door }
    }
}

/// The desk that something is done at.
#[derive(Debug)]
pub struct Opened {
    /// Its settings.
    pub settings: Settings,
    /// Its folder.
    pub folder: Folder,
    /// Its store.
    pub store: Arc<Store>,
    /// Who sits at it.
    pub by: Author,
}

impl Opened {
    pub(super) fn message_id(&self) -> MessageId {
        let settings = &self.settings;
        MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver)
    }
}

/// What is going to be done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Only look.
    Read,
    /// Change something.
    Write,
}

/// Finds the desk and its settings, without its store.
pub fn settings(config: Option<&Path>) -> Result<(Settings, Folder), Failure> {
    match locate(config)? {
        Some(path) => {
            let loaded = config::load_without_mail(&path, &environment)?;
            Ok((loaded.settings, loaded.folder))
        }
        None => Ok((Settings::trial(), Folder::new(TRIAL))),
    }
}

/// The config.yaml that is meant. None: the trial desk.
pub fn locate(config: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    match config::locate(config, &environment, Path::new("")) {
        Located::Config(path) => Ok(Some(path)),
        Located::Missing { named_by, path } => {
            Err(Failure::new(format!("{}: there is no such file ({named_by} names it)", path.display())))
        }
        Located::None if Path::new(TRIAL).is_dir() => Ok(None),
        Located::None => Err(Failure::new(
            "there is no config.yaml in this folder: go to the desk's folder, or name it with --config PATH \
             or $DOORMAN_CONFIG",
        )),
    }
}

/// Finds the desk and opens its store.
pub fn open(config: Option<&Path>, intent: Intent, door: Door) -> Result<Opened, Failure> {
    let (settings, folder) = settings(config)?;
    let by = Author::of_process(door);
    if intent == Intent::Write {
        become_owner(&folder)?;
    }
    if !folder.database().exists() && !folder.path().is_dir() {
        return Err(Failure::new(format!("{}: there is no such folder", folder.path().display())));
    }
    let store = Store::open(&folder)?;
    Ok(Opened { settings, folder, store: Arc::new(store), by })
}

/// A variable of the environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What root writes, the desk's own user could not write any more. To be called before any thread is started.
pub fn become_owner(folder: &Folder) -> Result<(), Failure> {
    use rustix::process::{Gid, Uid, geteuid};
    let Ok(database) = std::fs::metadata(folder.database()) else { return Ok(()) };
    if !geteuid().is_root() || database.uid() == 0 {
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(database.uid()), Gid::from_raw(database.gid()));
    rustix::thread::set_thread_groups(&[group])
        .and_then(|()| rustix::thread::set_thread_res_gid(group, group, group))
        .and_then(|()| rustix::thread::set_thread_res_uid(user, user, user))
        .map_err(|error| {
            Failure::new(format!("cannot become the owner of {}: {error}", folder.database().display()))
        })
}
