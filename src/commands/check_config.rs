//! `check-config`: every error in the files, at once.

use std::path::Path;
use std::process::ExitCode;

use crate::acts::words::counted;
use crate::acts::{environment, locate};
use crate::bans::Bans;
use crate::cli::complain;
use crate::config;

use super::print;

/// `check-config`
pub fn run(path: Option<&Path>) -> ExitCode {
    let path = match locate(path) {
        Ok(Some(path)) => path,
        Ok(None) => {
            complain("a trial desk has no config.yaml to check");
            return ExitCode::FAILURE;
        }
        Err(failure) => {
            complain(&failure.to_string());
            return ExitCode::FAILURE;
        }
    };
    let loaded = config::load(&path, &environment);
    let mut wrong = match &loaded {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                complain(&format!("warning: {warning}"));
            }
            0
        }
        Err(errors) => {
            for problem in &errors.0 {
                complain(&problem.to_string());
            }
            errors.0.len()
        }
    };
    let bans = Bans::open(&config::Folder::of_config(&path), |_| None);
    for problem in bans.current().problems() {
        complain(&problem.to_string());
        wrong += 1;
    }
    if wrong > 0 {
        complain(&counted(wrong, "error"));
        return ExitCode::FAILURE;
    }
    match print(&format!("{} and the ban lists are valid.\n", path.display())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
