//! Which config.yaml is meant.

use std::path::{Path, PathBuf};

/// The program of a package, and where its desk lives.
const PACKAGED: (&str, &str) = ("/usr/bin/doorman", "/var/lib/doorman");

/// The config.yaml of the package's desk, which need not be there yet. None: this program is of no package.
pub fn of_package() -> Option<PathBuf> {
    let (program, folder) = (Path::new(PACKAGED.0), Path::new(PACKAGED.1));
    let packaged = std::env::current_exe().is_ok_and(|here| here == program) && folder.is_dir();
    packaged.then(|| folder.join("config.yaml"))
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// This one.
    Config(PathBuf),
    /// Somebody names one that is not there.
    Missing {
        /// The file.
        path: PathBuf,
        /// `--config` or `$DOORMAN_CONFIG`.
        named_by: &'static str,
    },
    /// Nobody names one, and there is none in the current folder.
    None,
}

/// `--config`, else `$DOORMAN_CONFIG`, else `config.yaml` in `here`.
pub fn locate(named: Option<&Path>, env: &dyn Fn(&str) -> Option<String>, here: &Path) -> Located {
    let from_env = env("DOORMAN_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let (path, named_by) = match (named, from_env) {
        (Some(path), _) => (path.to_owned(), "--config"),
        (None, Some(path)) => (path, "$DOORMAN_CONFIG"),
        (None, None) => {
            let path = here.join("config.yaml");
            // A dangling link is one that somebody meant.
            return if path.symlink_metadata().is_ok() { Located::Config(path) } else { Located::None };
        }
    };
    if path.exists() { Located::Config(path) } else { Located::Missing { path, named_by } }
}
