//! `after_rotation`: the operator's command that tells the homeserver of a new token.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::config::Folder;
use crate::domain::{RegistrationToken, printable};
use crate::shell;
use crate::stop::Stop;

/// Runs it in the desk's folder and waits for its end. The token is neither in its arguments nor in its environment: it
/// stands in `.registration_token`. The error says what to do, without the token.
pub(super) fn run(
    command: &str,
    folder: &Folder,
    token: &RegistrationToken,
    stop: &Stop,
) -> Result<(), String> {
    refuse_if_others_can_write(folder)?;
    let ended = shell::run(command, folder.path(), shell::TIME_OUT, stop)
        .map_err(|why| format!("after_rotation {why}"))?;
    let printed = [ended.printed.trim(), ended.complained.trim()].join(" ");
    let printed = printable(printed.trim().replace(token.reveal(), "[token]").as_str(), 1000);
    if ended.status.success() {
        tracing::info!("after_rotation succeeded{}{printed}", if printed.is_empty() { "" } else { ": " });
        Ok(())
    } else {
        Err(format!("after_rotation failed ({}): {printed}", ended.status))
    }
}

/// Whoever can write there could have a command of theirs run, as root where that is who runs it.
fn refuse_if_others_can_write(folder: &Folder) -> Result<(), String> {
    for path in [folder.path(), folder.config()] {
        let Ok(metadata) = std::fs::metadata(path) else { continue };
        if rustix::process::geteuid().is_root() && metadata.uid() != 0 {
            return Err(format!("after_rotation is not run by root, because {} is not root's", shown(path)));
        }
        if metadata.mode() & 0o002 != 0 {
            return Err(format!(
                "after_rotation is not run, because everybody can write to {}: chmod o-w {}",
                shown(path),
                shown(path)
            ));
        }
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string(), 300)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        std::fs::write(folder.registration_token(), "secret-token").unwrap();
        (dir, folder)
    }

    fn token() -> RegistrationToken {
        RegistrationToken::parse("secret-token").unwrap()
    }

    #[test]
    fn it_runs_in_the_folder_and_finds_the_token_there() {
        let (dir, folder) = folder();
        run("cat .registration_token > told; env > environment", &folder, &token(), &Stop::new()).unwrap();
        assert_eq!(std::fs::read_to_string(dir.path().join("told")).unwrap(), "secret-token");
        let environment = std::fs::read_to_string(dir.path().join("environment")).unwrap();
        assert!(!environment.contains("secret-token"), "{environment}");
    }

    #[test]
    fn a_failure_is_told_without_the_token() {
        let (_dir, folder) = folder();
        let error = run("cat .registration_token; exit 3", &folder, &token(), &Stop::new()).unwrap_err();
        assert!(error.contains("exit status: 3") && error.contains("[token]"), "{error}");
        assert!(!error.contains("secret-token"), "{error}");
    }

    #[test]
    fn what_it_prints_last_is_told_even_if_it_is_read_only_after_its_end() {
        let (_dir, folder) = folder();
        let error = run("(sleep 0.1; echo late) & exit 3", &folder, &token(), &Stop::new()).unwrap_err();
        assert!(error.ends_with("late"), "{error}");
    }

    #[test]
    fn it_is_not_run_from_a_folder_that_everybody_can_write_to() {
        let (dir, folder) = folder();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let error = run("touch ran", &folder, &token(), &Stop::new()).unwrap_err();
        assert!(error.contains("chmod o-w"), "{error}");
        assert!(!dir.path().join("ran").exists());
    }

    #[test]
    fn it_is_not_run_by_a_config_that_everybody_can_write_to_whatever_its_name() {
        let (dir, _) = folder();
        let config = dir.path().join("desk.yaml");
        std::fs::write(&config, "").unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o666)).unwrap();
        let error = run("touch ran", &Folder::of_config(&config), &token(), &Stop::new()).unwrap_err();
        assert!(error.contains("chmod o-w") && error.contains("desk.yaml"), "{error}");
        assert!(!dir.path().join("ran").exists());
    }

    #[test]
    fn a_stopping_desk_ends_it() {
        let (_dir, folder) = folder();
        let stop = Stop::new();
        stop.give();
        let error = run("sleep 1000", &folder, &token(), &stop).unwrap_err();
        assert!(error.contains("the desk stops"), "{error}");
    }
}
