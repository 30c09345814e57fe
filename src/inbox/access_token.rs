//! `imap.token_command`: what the operator's command prints is an OAuth access token.

use std::path::Path;

use crate::shell;
use crate::stop::Stop;

/// Runs the command. What it prints stands in no log, nor in an error; what it complains of does.
pub(super) fn access_token(command: &str) -> Result<String, String> {
    let ended = shell::run(command, Path::new("."), shell::TIME_OUT, &Stop::new())
        .map_err(|why| format!("imap.token_command {why}"))?;
    let (token, complaint) = (ended.printed.trim(), ended.complained.trim());
    if token.is_empty() || token.contains(char::is_whitespace) || !ended.status.success() {
        return Err(format!("imap.token_command prints no access token ({}): {complaint}", ended.status));
    }
    Ok(token.to_owned())
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
}
