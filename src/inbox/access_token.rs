//! `imap.token_command`: what the operator's command prints is an OAuth access token.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// It may take so long; then it is ended, with all that it started.
const TIME_OUT: Duration = Duration::from_secs(60);

/// A token is a few kilobytes at most.
const LONGEST: u64 = 64 * 1024;

/// Runs the command. What it prints stands in no log, nor in an error; what it complains of does.
pub(super) fn access_token(command: &str) -> Result<String, String> {
    within(command, TIME_OUT)
}

fn within(command: &str, time_out: Duration) -> Result<String, String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("imap.token_command: sh cannot be started: {error}"))?;
    let printed = collect(child.stdout.take());
    let complained = collect(child.stderr.take());
    let Ok(printed) = printed.recv_timeout(time_out) else {
        end(&mut child);
        return Err(format!("imap.token_command took longer than {} s and was ended", time_out.as_secs()));
    };
    // It has closed its output; what it does now is over at once, or was never meant to end.
    let complained = match complained.recv_timeout(Duration::from_secs(1)) {
        Ok(text) => text,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            end(&mut child);
            String::new()
        }
    };
    let status = child.wait().map_err(|error| format!("imap.token_command: {error}"))?;
    let token = printed.trim().to_owned();
    if token.is_empty() || token.contains(char::is_whitespace) || !status.success() {
        return Err(format!("imap.token_command prints no access token ({status}): {}", complained.trim()));
    }
    Ok(token)
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(LONGEST).read_to_end(&mut bytes);
        }
        // Nobody may be waiting any more.
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
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
    fn it_is_what_the_command_prints() {
        assert_eq!(access_token("echo abc.def"), Ok("abc.def".into()));
    }

    #[test]
    fn a_failure_is_told_by_what_the_command_complains_of() {
        let told = access_token("echo secret; echo 'the grant has expired' >&2; exit 3").unwrap_err();
        assert!(told.contains("the grant has expired") && !told.contains("secret"), "{told}");
        assert!(access_token("echo two words").unwrap_err().contains("no access token"));
        assert!(access_token("true").unwrap_err().contains("no access token"));
    }

    #[test]
    fn one_that_hangs_is_ended() {
        let told = within("sleep 1000", Duration::from_millis(50)).unwrap_err();
        assert!(told.contains("was ended"), "{told}");
    }
}
