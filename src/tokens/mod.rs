//! Where tokens come from. One backend a file, behind the same few functions: what is current, rotate, settle with what
//! others did. The store remembers, the backend is what the homeserver looks at.

mod file;

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{FlockOperation, flock};

use crate::clock::Clock;
use crate::config::Folder;
use crate::domain::{RegistrationToken, Schedule};
use crate::store::{Origin, Store, StoreError, TokenRecord};

pub use file::{Content, TokenFile};

/// A token of another hand is adopted once two reads this far apart agree.
const AGREE_AFTER: Duration = Duration::from_millis(500);

/// A change seen this close to the reset time counts as that day's rotation.
const NEAR_RESET: TimeDelta = TimeDelta::minutes(10);

/// Why there is no token to go on with.
#[derive(Debug)]
pub enum TokensError {
    /// The file cannot be read or written.
    File(std::path::PathBuf, std::io::Error),
    /// The store does not answer.
    Store(StoreError),
}

impl std::fmt::Display for TokensError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, error) => write!(
                f,
                "{}: {error}: the desk must be able to read and write it (the homeserver only to read it)",
                path.display()
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TokensError {}

impl From<StoreError> for TokensError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What came to light when the file was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noticed {
    /// All is as it was.
    Nothing,
    /// Somebody else wrote a token, and it is ours now.
    Adopted {
        /// It is so short that it can be guessed.
        weak: bool,
    },
    /// The file was lost, or held no token, and holds the current one again.
    Restored,
}

/// The desk's tokens.
pub struct Tokens {
    folder: Folder,
    file: TokenFile,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    /// What another hand wrote, and since when it has been seen so.
    candidate: std::sync::Mutex<Option<(Content, Instant)>>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Tokens {
    /// The tokens of this folder.
    pub fn new(folder: Folder, store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        let file = TokenFile::new(folder.registration_token());
        Self { folder, file, store, clock, candidate: std::sync::Mutex::default() }
    }

    /// Before the desk opens: what a crash left half done is finished, a token that stands in the file is taken over, and
    /// where there is none the first one is made. Returns the current one.
    pub fn settle(&self, schedule: &Schedule) -> Result<TokenRecord, TokensError> {
        let _lock = self.lock()?;
        self.finish_pending()?;
        let current = self.store.read(|store| store.current_token())?;
        match (self.read()?, current) {
            (Content::Token(found), Some(current)) if found == current.token => {}
            (Content::Token(found), known) => {
                if found.is_weak() {
                    tracing::warn!(
                        "{}: the token found there has fewer than 20 characters and can be guessed; \
                         `doorman rotate` makes a better one",
                        self.file.path().display()
                    );
                }
                // Resets before the desk's first day are nobody's debt; later ones a token found at start does not pay.
                let satisfies = known.is_none().then(|| schedule.last_reset(self.clock.now()));
                self.note(&found, Origin::Found, satisfies)?;
            }
            (content, Some(current)) => {
                tracing::warn!(
                    "{}: {}; the current token is put there again",
                    self.file.path().display(),
                    in_words(&content)
                );
                self.write(&current.token)?;
            }
            (content, None) => {
                if let Content::Unfit(_) = &content {
                    tracing::warn!(
                        "{}: {}; a new token takes its place",
                        self.file.path().display(),
                        in_words(&content)
                    );
                }
                let satisfies = Some(schedule.last_reset(self.clock.now()));
                self.make(Origin::First, satisfies)?;
            }
        }
        self.note_stamp()?;
        let current = self.store.read(|store| store.current_token())?;
        current.ok_or_else(|| StoreError::Other("the token was not kept".into()).into())
    }

    /// Replaces the current token by a new one: for the reset `satisfies`, or by the operator's hand.
    pub fn rotate(
        &self,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
    ) -> Result<TokenRecord, TokensError> {
        let _lock = self.lock()?;
        self.finish_pending()?;
        self.make(origin, satisfies)
    }

    /// Looks at the file: to be called several times a second while the desk runs.
    pub fn look(&self, schedule: &Schedule) -> Result<Noticed, TokensError> {
        let content = self.read()?;
        let current = self.store.read(|store| store.current_token())?;
        let mut candidate = self.candidate.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let (Content::Token(found), Some(current)) = (&content, &current)
            && *found == current.token
        {
            *candidate = None;
            drop(candidate);
            self.note_stamp()?;
            return Ok(Noticed::Nothing);
        }
        let now = self.clock.monotonic();
        let agreed = match &*candidate {
            Some((seen, since)) if *seen == content => now.duration_since(*since) >= AGREE_AFTER,
            _ => {
                *candidate = Some((content.clone(), now));
                false
            }
        };
        if !agreed {
            return Ok(Noticed::Nothing);
        }
        *candidate = None;
        drop(candidate);
        // A rotation of another process may be under way.
        let Some(_lock) = self.try_lock()? else { return Ok(Noticed::Nothing) };
        self.finish_pending()?;
        let current = self.store.read(|store| store.current_token())?;
        if self.read()? != content {
            return Ok(Noticed::Nothing);
        }
        match (content, current) {
            (Content::Token(found), Some(current)) if found == current.token => Ok(Noticed::Nothing),
            (Content::Token(found), _) => {
                let now = self.clock.now();
                let (last, next) = (schedule.last_reset(now), schedule.next_reset(now));
                let satisfies = if next - now <= NEAR_RESET {
                    Some(next)
                } else {
                    (now - last <= NEAR_RESET).then_some(last)
                };
                self.note(&found, Origin::Adopted, satisfies)?;
                Ok(Noticed::Adopted { weak: found.is_weak() })
            }
            (_, Some(current)) => {
                self.write(&current.token)?;
                Ok(Noticed::Restored)
            }
            (_, None) => Ok(Noticed::Nothing),
        }
    }

    /// The current token, if just that stands in the file at this moment: what a letter may quote.
    pub fn quotable(&self) -> Result<Option<TokenRecord>, TokensError> {
        let current = self.store.read(|store| store.current_token())?;
        let content = self.read()?;
        Ok(current.filter(|current| content == Content::Token(current.token.clone())))
    }

    /// Puts the current token into the file once more: the homeserver seems not to have read it.
    pub fn write_again(&self) -> Result<(), TokensError> {
        let _lock = self.lock()?;
        match self.store.read(|store| store.current_token())? {
            Some(current) => self.write(&current.token),
            None => Ok(()),
        }
    }

    fn make(&self, origin: Origin, satisfies: Option<DateTime<Utc>>) -> Result<TokenRecord, TokensError> {
        let token = RegistrationToken::generate(&mut rand::rand_core::UnwrapErr(rand::rngs::SysRng));
        let now = self.clock.now();
        let noted = token.clone();
        let id = self.store.write(move |store| store.add_pending_token(&noted, origin, now, satisfies))?;
        if let Err(error) = self.write(&token) {
            self.store.write(move |store| store.void_token(id))?;
            return Err(error);
        }
        self.promote(id)
    }

    fn note(
        &self,
        token: &RegistrationToken,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
    ) -> Result<TokenRecord, TokensError> {
        let (token, now) = (token.clone(), self.clock.now());
        let id = self.store.write(move |store| store.add_pending_token(&token, origin, now, satisfies))?;
        self.promote(id)
    }

    fn promote(&self, id: i64) -> Result<TokenRecord, TokensError> {
        let now = self.clock.now();
        let current = self.store.write(move |store| {
            store.promote_token(id, now)?;
            store.current_token()
        })?;
        current.ok_or_else(|| StoreError::Other("the token was not kept".into()).into())
    }

    /// Whoever made these was killed before or after writing the file; the file tells.
    fn finish_pending(&self) -> Result<(), TokensError> {
        for pending in self.store.read(|store| store.pending_tokens())? {
            if self.read()? == Content::Token(pending.token.clone()) {
                self.promote(pending.id)?;
            } else {
                self.store.write(move |store| store.void_token(pending.id))?;
            }
        }
        Ok(())
    }

    fn read(&self) -> Result<Content, TokensError> {
        self.file.read().map_err(|error| TokensError::File(self.file.path().to_owned(), error))
    }

    fn write(&self, token: &RegistrationToken) -> Result<(), TokensError> {
        let lost = self.store.read(|store| store.token_file_stamp())?;
        self.file
            .write(token, lost)
            .map_err(|error| TokensError::File(self.file.path().to_owned(), error))?;
        self.note_stamp()
    }

    fn note_stamp(&self) -> Result<(), TokensError> {
        if let Some(stamp) = self.file.stamp()
            && self.store.read(|store| store.token_file_stamp())? != Some(stamp)
        {
            self.store.write(move |store| store.note_token_file_stamp(stamp))?;
        }
        Ok(())
    }

    /// One rotation at a time, whichever process does it.
    fn lock(&self) -> Result<File, TokensError> {
        let folder = self.open_folder()?;
        flock(&folder, FlockOperation::LockExclusive)
            .map_err(|error| TokensError::File(self.folder.path().to_owned(), error.into()))?;
        Ok(folder)
    }

    fn try_lock(&self) -> Result<Option<File>, TokensError> {
        let folder = self.open_folder()?;
        Ok(flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok().then_some(folder))
    }

    fn open_folder(&self) -> Result<File, TokensError> {
        File::open(self.folder.path())
            .map_err(|error| TokensError::File(self.folder.path().to_owned(), error))
    }
}

fn in_words(content: &Content) -> String {
    match content {
        Content::Missing => "the file is gone".into(),
        Content::Unfit(problem) => format!("what stands there is no token: {problem}"),
        Content::Token(_) => "another token stands there".into(),
    }
}

#[cfg(test)]
mod tests;
