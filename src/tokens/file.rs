//! The file that the homeserver reads: `.registration_token`, or a second configuration file of its own.
//!
//! tuwunel takes an empty or unreadable file for open registration, and homeservers in containers have this one file
//! bind-mounted. So it is rewritten in place (same inode, owner and mode), by one write and never emptied, and a new one
//! appears whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::{RegistrationToken, TokenProblem};
use crate::files;
use crate::store::FileStamp;

/// More than any token: what is longer is none.
const READ_AT_MOST: u64 = 4096;

/// What stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// There is no file.
    Missing,
    /// A token.
    Token(RegistrationToken),
    /// Something that is no token.
    Unfit(TokenProblem),
}

/// A file that holds a token.
#[derive(Debug, Clone)]
pub struct TokenFile {
    path: PathBuf,
    form: Form,
}

/// How the token stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The token and nothing else, not even a line end.
    Bare,
    /// As one setting of the conduwuit family's configuration.
    Toml,
}

impl Form {
    fn text(self, token: &RegistrationToken) -> String {
        match self {
            Self::Bare => token.reveal().to_owned(),
            // A token's alphabet needs no escaping.
            Self::Toml => format!("[global]\nregistration_token = \"{}\"\n", token.reveal()),
        }
    }

    fn token(self, text: &str) -> Result<RegistrationToken, TokenProblem> {
        match self {
            Self::Bare => RegistrationToken::parse(text),
            Self::Toml => text
                .strip_prefix("[global]\nregistration_token = \"")
                .and_then(|rest| rest.strip_suffix("\"\n"))
                .map_or(Err(TokenProblem::Alphabet), RegistrationToken::parse),
        }
    }
}

impl TokenFile {
    /// One that holds the token and nothing else. It need not be there yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, form: Form::Bare }
    }

    /// One that is a configuration file in TOML, with the token as its only setting. It need not be there yet.
    pub fn toml(path: PathBuf) -> Self {
        Self { path, form: Form::Toml }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    pub fn read(&self) -> io::Result<Content> {
        let mut text = Vec::new();
        match files::open(&self.path, &mut OpenOptions::new()) {
            Ok(file) => file.take(READ_AT_MOST).read_to_end(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Missing),
            Err(error) => return Err(error),
        };
        let Ok(text) = String::from_utf8(text) else { return Ok(Content::Unfit(TokenProblem::Alphabet)) };
        Ok(match self.form.token(&text) {
            Ok(token) => Content::Token(token),
            Err(problem) => Content::Unfit(problem),
        })
    }

    /// Owner and mode, for the time when the file is lost. None: there is no file.
    pub fn stamp(&self) -> Option<FileStamp> {
        let metadata = std::fs::metadata(&self.path).ok()?;
        Some(FileStamp { uid: metadata.uid(), gid: metadata.gid(), mode: metadata.mode() & 0o7777 })
    }

    /// Puts `token` into the file: in place, or whole where there is none. `lost` is the owner and mode that a lost file
    /// had.
    pub fn write(&self, token: &RegistrationToken, lost: Option<FileStamp>) -> io::Result<()> {
        match files::open(&self.path, OpenOptions::new().write(true)) {
            Ok(file) => overwrite(&file, &self.form.text(token))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.create(token, lost)?,
            Err(error) => return Err(error),
        }
        match self.read()? {
            Content::Token(read) if read == *token => Ok(()),
            _ => Err(io::Error::other("something else stands there after writing")),
        }
    }

    fn create(&self, token: &RegistrationToken, lost: Option<FileStamp>) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = self.path.with_file_name(format!(".{}.new", name.trim_start_matches('.')));
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let stamp = match lost {
            Some(stamp) => stamp,
            None => {
                FileStamp { uid: file.metadata()?.uid(), gid: std::fs::metadata(folder)?.gid(), mode: 0o640 }
            }
        };
        // Only root may give a file away; a group that is ours may be set by anybody.
        if let Err(error) = std::os::unix::fs::fchown(&file, Some(stamp.uid), Some(stamp.gid))
            && let Err(error) = std::os::unix::fs::fchown(&file, None, Some(stamp.gid)).map_err(|_| error)
        {
            tracing::warn!(
                "{}: owner {}:{} cannot be given: {error}; a homeserver of another user may not be able to read it",
                self.path.display(),
                stamp.uid,
                stamp.gid
            );
        }
        file.set_permissions(std::fs::Permissions::from_mode(stamp.mode))?;
        file.write_all(self.form.text(token).as_bytes())?;
        file.sync_all()?;
        match std::fs::hard_link(&beside, &self.path) {
            // Some file systems have no links.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                std::fs::rename(&beside, &self.path)?;
            }
            linked => {
                std::fs::remove_file(&beside)?;
                linked?;
            }
        }
        File::open(folder)?.sync_all()
    }
}

/// One write over the old token, and only afterwards, where that one was longer, the cut: at no instant is it empty.
fn overwrite(file: &File, text: &str) -> io::Result<()> {
    let bytes = text.as_bytes();
    let old_length = file.metadata()?.len();
    if file.write_at(bytes, 0)? != bytes.len() {
        return Err(io::Error::new(io::ErrorKind::WriteZero, "the token was written in part only"));
    }
    if old_length > bytes.len() as u64 {
        file.set_len(bytes.len() as u64)?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn token(text: &str) -> RegistrationToken {
        RegistrationToken::parse(text).unwrap()
    }

    fn file() -> (tempfile::TempDir, TokenFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::new(folder.path().join(".registration_token"));
        (folder, file)
    }

    #[test]
    fn a_new_file_appears_whole_with_mode_0640_and_no_newline() {
        let (folder, file) = file();
        file.write(&token("abcdef"), None).unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"abcdef");
        assert_eq!(file.stamp().unwrap().mode, 0o640);
        assert_eq!(file.stamp().unwrap().gid, std::fs::metadata(folder.path()).unwrap().gid());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn it_is_rewritten_in_place_with_owner_and_mode() {
        let (_folder, file) = file();
        std::fs::write(file.path(), "a-much-longer-token-of-another-hand-0123456789\n").unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o604)).unwrap();
        let before = std::fs::metadata(file.path()).unwrap();
        file.write(&token("short"), None).unwrap();
        let after = std::fs::metadata(file.path()).unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"short");
        assert_eq!((before.ino(), before.mode()), (after.ino(), after.mode()));
    }

    #[test]
    fn a_lost_file_comes_back_with_the_mode_that_it_had() {
        let (_folder, file) = file();
        let metadata = std::fs::metadata(file.path().parent().unwrap()).unwrap();
        let lost = FileStamp { uid: metadata.uid(), gid: metadata.gid(), mode: 0o604 };
        file.write(&token("abcdef"), Some(lost)).unwrap();
        assert_eq!(file.stamp(), Some(lost));
    }

    #[test]
    fn as_toml_it_is_one_setting_and_rewritten_in_place_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::toml(folder.path().join("token.toml"));
        file.write(&token("abcdef"), None).unwrap();
        let before = std::fs::metadata(file.path()).unwrap();
        file.write(&token("ghi.-~"), None).unwrap();
        let after = std::fs::metadata(file.path()).unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"[global]\nregistration_token = \"ghi.-~\"\n");
        assert_eq!((before.ino(), before.mode() & 0o777), (after.ino(), 0o640));
        assert_eq!(file.read().unwrap(), Content::Token(token("ghi.-~")));
        std::fs::write(file.path(), "[global]\nregistration_token = ghi\n").unwrap();
        assert_eq!(file.read().unwrap(), Content::Unfit(TokenProblem::Alphabet));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        let (_folder, file) = file();
        assert_eq!(file.read().unwrap(), Content::Missing);
        for (written, content) in [
            (&b""[..], Content::Unfit(TokenProblem::Empty)),
            (b"\n", Content::Unfit(TokenProblem::Empty)),
            (b"a b", Content::Unfit(TokenProblem::Alphabet)),
            (b"\xff", Content::Unfit(TokenProblem::Alphabet)),
            (b"good\n", Content::Token(token("good"))),
        ] {
            std::fs::write(file.path(), written).unwrap();
            assert_eq!(file.read().unwrap(), content);
        }
    }

    #[test]
    fn a_reader_that_spins_through_ten_thousand_rotations_never_sees_it_empty_or_cut() {
        let (_folder, file) = file();
        let tokens = [token(&"a".repeat(32)), token(&"b".repeat(32))];
        file.write(&tokens[0], None).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut reads = 0u64;
                while !done.load(Ordering::Relaxed) {
                    let text = std::fs::read_to_string(file.path()).unwrap();
                    // Whether a read between two writes is the one or the other to the last byte is the kernel's affair.
                    assert!(text.len() == 32 && text.bytes().all(|b| matches!(b, b'a' | b'b')), "{text:?}");
                    reads += 1;
                }
                reads
            });
            for n in 1..=10_000 {
                file.write(&tokens[n % 2], None).unwrap();
            }
            done.store(true, Ordering::Relaxed);
            assert!(reader.join().unwrap() > 0);
        });
    }
}
