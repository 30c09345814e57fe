//! The desk that something is done at, and who does it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::cli::Failure;
use crate::config::{self, Folder, Located, Settings};
use crate::domain::{MessageId, printable};
use crate::premises::Premises;
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
    /// A link in the operator's digest.
    Link,
    /// The Matrix room.
    Room,
}

impl Door {
    /// As it stands in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Console => "console",
            Self::Link => "link in the digest",
            Self::Room => "Matrix room",
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
        let who = before_sudo.unwrap_or_else(|| {
            user(CAME_AS.get().copied().unwrap_or_else(|| rustix::process::getuid().as_raw()))
        });
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
    /// The desk that runs here, for somebody who is not on this machine.
    pub fn running(premises: &Premises, who: &str, door: Door) -> Self {
        Self {
            settings: Settings::clone(&premises.settings.load()),
            folder: premises.folder.clone(),
            store: Arc::clone(&premises.store),
            by: Author { who: printable(who, 300), door },
        }
    }

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
        None => Ok((Settings::trial(), trial().unwrap_or_else(|| Folder::new(TRIAL)))),
    }
}

/// The folder of the trial desk: the one that lies here, or this one itself.
pub fn trial() -> Option<Folder> {
    let is_here = || {
        let here = std::env::current_dir().ok()?;
        (here.file_name()? == TRIAL && here.join("doorman.db").is_file()).then(|| Folder::new("."))
    };
    Path::new(TRIAL).is_dir().then(|| Folder::new(TRIAL)).or_else(is_here)
}

/// The config.yaml that is meant, as its folder's owner. None: the trial desk.
pub fn locate(config: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    match config::locate(config, &environment, Path::new("")) {
        Located::Config(path) => become_owner(&Folder::of_config(&path)).map(|()| Some(path)),
        Located::Missing { named_by, path } => {
            Err(Failure::new(format!("{}: there is no such file ({named_by} names it)", path.display())))
        }
        Located::None => match (trial(), config::of_package()) {
            (Some(folder), _) => become_owner(&folder).map(|()| None),
            // What cannot be looked at is there, perhaps: opening it tells.
            (None, Some(path)) if path.try_exists().unwrap_or(true) => {
                become_owner(&Folder::of_config(&path)).map(|()| Some(path))
            }
            (None, Some(path)) => Err(Failure::new(format!(
                "there is no config.yaml in this folder, nor the package's, {}: `doorman init` makes it",
                path.display()
            ))),
            (None, None) => Err(Failure::new(
                "there is no config.yaml in this folder: go to the desk's folder, or name it with --config PATH \
                 or $DOORMAN_CONFIG",
            )),
        },
    }
}

/// Finds the desk and opens its store.
pub fn open(config: Option<&Path>, intent: Intent, door: Door) -> Result<Opened, Failure> {
    let (settings, folder) = settings(config)?;
    let by = Author::of_process(door);
    if !folder.database().exists() && !folder.path().is_dir() {
        return Err(Failure::new(format!("{}: there is no such folder", folder.path().display())));
    }
    let store = match intent {
        // Whoever only looks makes nothing.
        Intent::Read if !folder.database().exists() => Store::of_nothing()?,
        Intent::Read | Intent::Write => Store::open(&folder)?,
    };
    Ok(Opened { settings, folder, store: Arc::new(store), by })
}

/// A variable of the environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Who root was before they became somebody else.
static CAME_AS: OnceLock<u32> = OnceLock::new();

/// What root writes, the desk's own user could not write any more, and what that user has put there root must not follow. To
/// be called before anything there is opened, and before any thread is started.
pub fn become_owner(folder: &Folder) -> Result<(), Failure> {
    use rustix::process::{Gid, Uid, geteuid};
    if !geteuid().is_root() {
        return Ok(());
    }
    // Without following a link: its target may be anybody's.
    let there = |path: &Path| std::fs::symlink_metadata(path).ok().map(|found| (path.to_owned(), found));
    let Some((at, owner)) = there(folder.path()) else { return Ok(()) };
    let found = [there(folder.config()), there(&folder.database())];
    for (path, metadata) in
        std::iter::once((&at, &owner)).chain(found.iter().flatten().map(|(path, found)| (path, found)))
    {
        if metadata.is_symlink() {
            return Err(Failure::new(format!(
                "{} is a link, which root does not follow: use the path that it points to, or run this as the desk's own user",
                shown(path)
            )));
        }
        if metadata.uid() != owner.uid() {
            return Err(Failure::new(format!(
                "{} belongs to {}, and its folder to {}: root does not choose between them; chown both to the desk's user",
                shown(path),
                user(metadata.uid()),
                user(owner.uid())
            )));
        }
    }
    if owner.uid() == 0 && owner.mode() & 0o002 != 0 {
        let path = shown(&at);
        return Err(Failure::new(format!(
            "everybody can write to {path}, so root does nothing there: chmod o-w {path}"
        )));
    }
    if owner.uid() == 0 {
        return Ok(());
    }
    let _ = CAME_AS.set(rustix::process::getuid().as_raw());
    let group = found[1].as_ref().map_or(owner.gid(), |(_, database)| database.gid());
    let (uid, group) = (Uid::from_raw(owner.uid()), Gid::from_raw(group));
    rustix::thread::set_thread_groups(&[group])
        .and_then(|()| rustix::thread::set_thread_res_gid(group, group, group))
        .and_then(|()| rustix::thread::set_thread_res_uid(uid, uid, uid))
        .map_err(|error| Failure::new(format!("cannot become the owner of {}: {error}", shown(&at))))
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string(), 300)
}
