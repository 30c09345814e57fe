//! The operator's `static/`: which of its files may be seen from outside, and their bytes.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, openat};

/// Longest file that is served, in bytes.
const FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Longest path within the folder, in bytes.
const PATH_BYTES: usize = 500;

/// How deep folders are looked into for a static site, and how many files are taken.
const LISTED: (usize, usize) = (8, 1000);

/// What changes when a file changes: device, inode, size, time of the last change of content and of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64, u64, (i64, i64), (i64, i64));

impl Identity {
    fn of(metadata: &fs::Metadata) -> Self {
        Self(
            metadata.dev(),
            metadata.ino(),
            metadata.size(),
            (metadata.mtime(), metadata.mtime_nsec()),
            (metadata.ctime(), metadata.ctime_nsec()),
        )
    }
}

/// Why there are no bytes.
#[derive(Debug)]
pub(super) enum Fault {
    /// No such file any more.
    Gone,
    /// There is one, and this is wrong with it, for the operator.
    Unusable(String),
    /// It could not be read at this moment; the next one may be better (no descriptor left, for one).
    Momentary,
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Gone,
            ErrorKind::PermissionDenied => Self::Unusable("it may not be read by the desk".into()),
            _ => Self::Momentary,
        }
    }
}

impl From<rustix::io::Errno> for Fault {
    fn from(error: rustix::io::Errno) -> Self {
        std::io::Error::from(error).into()
    }
}

/// The folder, which need not be there.
#[derive(Debug)]
pub(super) struct StaticFolder {
    path: PathBuf,
}

impl StaticFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The state of a file that may be asked for; None: not there, not a file, or of a name that is nobody's business.
    pub(super) fn identity(&self, name: &str) -> Option<Identity> {
        if !is_servable(name) {
            return None;
        }
        let metadata = fs::metadata(self.path.join(name)).ok()?;
        metadata.is_file().then(|| Identity::of(&metadata))
    }

    /// The bytes of a file, and the state it was in when they were read. Symbolic links are followed as long as they stay
    /// inside the folder.
    pub(super) fn read(&self, name: &str) -> Result<(Identity, Vec<u8>), Fault> {
        if !is_servable(name) {
            return Err(Fault::Gone);
        }
        let root = self.path.canonicalize()?;
        let real = root.join(name).canonicalize()?;
        let Ok(inside) = real.strip_prefix(&root) else {
            return Err(Fault::Unusable("it is a link to a file outside this folder".into()));
        };
        let file = open_beneath(&root, inside)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Fault::Unusable("it is not a regular file".into()));
        }
        let mut bytes = Vec::new();
        file.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_BYTES {
            return Err(Fault::Unusable(format!("it has more than {} MiB", FILE_BYTES / 1024 / 1024)));
        }
        Ok((Identity::of(&metadata), bytes))
    }

    /// The names of all files, as far as they may be asked for.
    pub(super) fn names(&self) -> Vec<String> {
        let (depth, most) = LISTED;
        let mut names = Vec::new();
        let mut folders = vec![(String::new(), 0)];
        while let Some((folder, level)) = folders.pop() {
            let Ok(entries) = fs::read_dir(self.path.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let Ok(name) = entry.file_name().into_string() else { continue };
                let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if self.identity(&name).is_some() && names.len() < most {
                    names.push(name);
                } else if is_servable(&name)
                    && level < depth
                    && entry.file_type().is_ok_and(|kind| kind.is_dir())
                {
                    folders.push((name, level + 1));
                }
            }
        }
        names
    }
}

/// Opens step by step without following a link at any: the path was resolved before, and a link that appeared since
/// leads nowhere. `NONBLOCK`, so that nobody waits for the other end of a pipe.
fn open_beneath(root: &Path, inside: &Path) -> Result<File, Fault> {
    let step = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mut at = openat(rustix::fs::CWD, root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    for component in inside.components() {
        let Component::Normal(name) = component else { return Err(Fault::Gone) };
        at = openat(&at, name, step, Mode::empty())?;
    }
    Ok(at.into())
}

/// Whether a name, as it stands behind `/static/` in a URL, can mean a file of the folder: plain names between single
/// slashes; no dotfile, so neither `..`; nothing that another layer may read as something else (`\`, `%`, controls).
fn is_servable(name: &str) -> bool {
    name.len() <= PATH_BYTES
        && !name.chars().any(|c| c.is_control() || c == '\\' || c == '%')
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}
