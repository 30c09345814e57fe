//! A config.yaml: settings, or errors that each fit on a line of a terminal.
#![no_main]

use std::sync::LazyLock;

use doorman::config::load;
use libfuzzer_sys::fuzz_target;

static DIR: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir_in("/dev/shm").unwrap());

fuzz_target!(|text: &[u8]| {
    let path = DIR.path().join("config.yaml");
    std::fs::write(&path, text).unwrap();
    match load(&path, &|_| None) {
        Ok(loaded) => drop(format!("{:?}", loaded.settings)),
        Err(errors) => {
            assert!(!errors.0.is_empty());
            for problem in errors.0 {
                let shown = problem.to_string();
                assert!(!shown.chars().any(char::is_control), "{shown:?}");
            }
        }
    }
});
