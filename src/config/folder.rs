//! The files of a desk, by the names that the operator's scripts know.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The files of a desk: what lies in the folder of its `config.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
    config: PathBuf,
}

impl Folder {
    /// The folder at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { config: path.join("config.yaml"), path }
    }

    /// The folder of this config, whatever that is called.
    pub fn of_config(config: &Path) -> Self {
        let path = match config.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Self { path: path.to_owned(), config: config.to_owned() }
    }

    /// The config that the desk runs by.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells this desk from others, also from a copy of its folder: from its own ID, the machine, and the file that its
    /// database is.
    pub fn identity(&self, desk_id: &str) -> String {
        let inode = std::fs::metadata(self.database()).map(|file| file.ino()).unwrap_or_default();
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        let path = std::path::absolute(&self.path).unwrap_or_default();
        let told = format!("{desk_id} {inode} {} {}", machine.trim(), path.display());
        let digest = Sha256::digest(told.as_bytes());
        format!("{:032x}", digest.iter().take(16).fold(0u128, |number, byte| number << 8 | u128::from(*byte)))
    }

    /// `doorman.db`
    pub fn database(&self) -> PathBuf {
        self.path.join("doorman.db")
    }

    /// `.registration_token`
    pub fn registration_token(&self) -> PathBuf {
        self.path.join(".registration_token")
    }

    /// `registrations.json`
    pub fn registrations_json(&self) -> PathBuf {
        self.path.join("registrations.json")
    }

    /// `outbox/`
    pub fn outbox(&self) -> PathBuf {
        self.path.join("outbox")
    }

    /// `lang/`
    pub fn languages(&self) -> PathBuf {
        self.path.join("lang")
    }

    /// `static/`
    pub fn static_files(&self) -> PathBuf {
        self.path.join("static")
    }
}
