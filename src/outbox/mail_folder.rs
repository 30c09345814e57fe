//! Without a mail server: letters as files, which any mail program opens.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::domain::EmailAddress;
use crate::net::{Fault, FaultKind};

use super::compose::Composed;
use super::outcome::Outcome;

/// A folder that letters are written into, one file each.
#[derive(Debug, Clone)]
pub struct MailFolder {
    path: PathBuf,
}

impl MailFolder {
    /// The folder at this path; made when the first letter comes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Writes the letter. The same letter again takes the place of its file.
    pub fn deliver(&self, letter: &Composed) -> Result<Outcome, Fault> {
        let name = file_name(letter);
        self.write(&name, letter.bytes()).map_err(|error| {
            let words = format!("cannot write the email to {}: {error}", self.path.display());
            Fault::new(FaultKind::Ours, words)
        })?;
        Ok(Outcome::Sent { answer: format!("written to outbox/{name}") })
    }

    /// Deletes the letters to this mailbox, whatever tag they were addressed with. Returns how many.
    pub fn forget(&self, email: &EmailAddress) -> io::Result<usize> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut deleted = 0;
        for entry in entries {
            let path = entry?.path();
            let is_letter = path.extension().is_some_and(|end| end == "eml" || end == "part");
            if is_letter && recipient(&path)?.is_some_and(|to| to.mailbox() == email.mailbox()) {
                fs::remove_file(&path)?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Whole or not at all: written beside, on disk, then renamed. Letters have tokens in them, so only the desk's own
    /// user may read them.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        let beside = self.path.join(format!(".{name}.part"));
        // What a crash left there may have another mode.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, self.path.join(name))
        })();
        if written.is_err() {
            // Half a letter helps nobody; the error that matters is the first.
            let _ = fs::remove_file(&beside);
        }
        written?;
        File::open(&self.path)?.sync_all()
    }
}

/// To whom the letter in this file is.
fn recipient(path: &Path) -> io::Result<Option<EmailAddress>> {
    let text = String::from_utf8_lossy(&fs::read(path)?).replace("\r\n", "\n");
    let head = text.split("\n\n").next().unwrap_or_default().replace("\n ", " ");
    let to = head.lines().find_map(|line| line.strip_prefix("To:"));
    Ok(to.and_then(|to| EmailAddress::parse(to).ok()))
}

/// `<time>-<id>.eml`, the id being the left half of the Message-ID, which is the desk's own.
fn file_name(letter: &Composed) -> String {
    let id = letter.message_id.as_str().trim_start_matches('<').split('@').next().unwrap_or_default();
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    format!("{}-{id}.eml", letter.date.format("%Y%m%dT%H%M%SZ"))
}

#[cfg(test)]
#[path = "mail_folder_tests.rs"]
mod tests;
