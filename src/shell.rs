//! Runs the operator's commands: bounded in time and in what they say, and ended with all that they started.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::stop::Stop;

/// One may take so long.
pub const TIME_OUT: Duration = Duration::from_secs(60);

/// How often it is looked whether one has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// After its end, so long is waited for what it printed.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Of what it prints, so much is kept.
const OUTPUT_BYTES: u64 = 64 * 1024;

/// What a command did.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub printed: String,
    /// What it complained of.
    pub complained: String,
}

/// Has `sh` run a command and waits for its end. No secret may stand in it: everybody sees a process's arguments.
pub fn run(command: &str, folder: &Path, time_out: Duration, stop: &Stop) -> Result<Ended, String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_remove("NOTIFY_SOCKET")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let readers = [child.stdout.take().map(collect), child.stderr.take().map(collect)];
    let deadline = Instant::now() + time_out;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if stop.is_given() => {
                end(&mut child);
                return Err("was ended because the desk stops".into());
            }
            Ok(None) if Instant::now() < deadline => stop.wait(LOOK_EVERY),
            Ok(None) => {
                end(&mut child);
                return Err(format!("took longer than {} s and was ended", time_out.as_secs()));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        };
    };
    // What it printed last may not be read yet. What it left running in the background may hold the pipes open: nobody
    // waits long for that.
    let patience = Instant::now() + LAST_WORDS;
    let is_read = |reader: &Option<JoinHandle<_>>| reader.as_ref().is_none_or(JoinHandle::is_finished);
    while !readers.iter().all(is_read) && Instant::now() < patience && !stop.wait(LOOK_EVERY) {}
    let [printed, complained] = readers.map(|reader| {
        reader.filter(JoinHandle::is_finished).and_then(|reader| reader.join().ok()).unwrap_or_default()
    });
    Ok(Ended { status, printed, complained })
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
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
    use super::*;

    #[test]
    fn what_it_says_on_both_pipes_is_told_with_how_it_ended() {
        let ended = run("echo yes; echo no >&2; exit 3", Path::new("/"), TIME_OUT, &Stop::new()).unwrap();
        assert_eq!((ended.printed.trim(), ended.complained.trim()), ("yes", "no"));
        assert_eq!(ended.status.code(), Some(3));
    }

    #[test]
    fn what_it_prints_last_is_told_even_if_it_is_read_only_after_its_end() {
        let ended = run("(sleep 0.1; echo late) &", Path::new("/"), TIME_OUT, &Stop::new()).unwrap();
        assert_eq!(ended.printed, "late\n");
    }

    #[test]
    fn one_that_prints_without_end_is_cut_and_does_not_hang() {
        let ended = run("yes | head -c 10000000", Path::new("/"), TIME_OUT, &Stop::new()).unwrap();
        assert_eq!(ended.printed.len() as u64, OUTPUT_BYTES);
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let command = "sh -c 'echo $$ > pid; exec sleep 1000'; true";
        let told = run(command, dir.path(), Duration::from_millis(500), &Stop::new()).unwrap_err();
        assert!(told.contains("was ended"), "{told}");
        let pid = std::fs::read_to_string(dir.path().join("pid")).unwrap();
        let status = || std::fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
        // Whose parent is gone may be left as a zombie.
        let until = Instant::now() + Duration::from_secs(10);
        while status().contains("State:") && !status().contains("State:\tZ") {
            assert!(Instant::now() < until, "{}", status());
        }
    }

    #[test]
    fn a_stopping_desk_ends_it() {
        let stop = Stop::new();
        stop.give();
        let told = run("sleep 1000", Path::new("/"), TIME_OUT, &stop).unwrap_err();
        assert!(told.contains("the desk stops"), "{told}");
    }
}
