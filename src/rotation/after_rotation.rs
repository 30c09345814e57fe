//! `after_rotation`: the operator's command that tells the homeserver of a new token.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::config::Folder;
use crate::domain::{RegistrationToken, printable};
use crate::stop::Stop;

/// It may take so long; then it is ended, with all that it started.
const TIME_OUT: Duration = Duration::from_secs(60);

/// How often it is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// After its end, so long is waited for what it printed.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Of what it prints, so much is kept for the log.
const OUTPUT_BYTES: u64 = 4096;

/// Runs it in the desk's folder and waits for its end. The token is neither in its arguments nor in its environment: it
/// stands in `.registration_token`. The error says what to do, without the token.
pub(super) fn run(
    command: &str,
    folder: &Folder,
    token: &RegistrationToken,
    stop: &Stop,
) -> Result<(), String> {
    refuse_if_others_can_write(folder)?;
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder.path())
        .env_remove("NOTIFY_SOCKET")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("after_rotation: sh cannot be started: {error}"))?;
    let printed = [child.stdout.take().map(collect), child.stderr.take().map(collect)];
    let deadline = Instant::now() + TIME_OUT;
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Ok(None) => {}
            Err(error) => break Err(format!("after_rotation cannot be waited for: {error}")),
        }
        if Instant::now() >= deadline || stop.is_given() {
            end(&mut child);
            break Err(if stop.is_given() {
                "after_rotation was ended because the desk stops; it runs again at the next start".into()
            } else {
                format!("after_rotation took longer than {} s and was ended", TIME_OUT.as_secs())
            });
        }
        stop.wait(LOOK_EVERY);
    };
    // What it printed last may not be read yet. What it left running in the background may hold the pipes open: nobody
    // waits long for that.
    let readers: Vec<_> = printed.into_iter().flatten().collect();
    let patience = Instant::now() + LAST_WORDS;
    while !readers.iter().all(JoinHandle::is_finished) && Instant::now() < patience && !stop.is_given() {
        stop.wait(LOOK_EVERY);
    }
    let printed: Vec<String> = readers
        .into_iter()
        .filter(JoinHandle::is_finished)
        .filter_map(|reader| reader.join().ok())
        .filter(|text| !text.is_empty())
        .collect();
    let printed = printable(&printed.join(" ").replace(token.reveal(), "[token]"), 1000);
    let status = ended?;
    if status.success() {
        tracing::info!("after_rotation is done{}{printed}", if printed.is_empty() { "" } else { ": " });
        Ok(())
    } else {
        Err(format!("after_rotation failed ({status}): {printed}"))
    }
}

/// Whoever can write there could have a command of theirs run.
fn refuse_if_others_can_write(folder: &Folder) -> Result<(), String> {
    for path in [folder.path(), folder.config()] {
        let writable = std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o002 != 0);
        if writable {
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

fn collect(pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut pipe = pipe;
        let _ = pipe.by_ref().take(OUTPUT_BYTES).read_to_end(&mut bytes);
        // The rest is read and forgotten, so that the command does not block on a full pipe.
        let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
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
