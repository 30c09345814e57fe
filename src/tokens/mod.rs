//! Where tokens come from. One backend a file, behind the same few functions: what is current, rotate, settle with what
//! others did, one for this letter alone. The store remembers; the file, and where there is an API the homeserver, have what
//! it remembers.

mod admin_room;
mod adoption;
mod api;
mod file;
mod guard;
mod making;
mod mas;
mod personal;
mod synapse;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use rustix::fs::{FlockOperation, flock};

use crate::clock::{Clock, SystemClock};
use crate::config::{self, Backend, Folder, Settings};
use crate::domain::{RegistrationToken, Schedule};
use crate::homeserver::Homeserver;
use crate::store::{LeftBehind, Origin, Store, StoreError, TokenRecord};

pub use adoption::Noticed;
pub use api::{ApiFault, Found, Known, Made, Order, TokenApi};
pub use file::{Content, TokenFile};

/// Why there is no token to go on with.
#[derive(Debug)]
pub enum TokensError {
    /// The file cannot be read or written.
    File(PathBuf, std::io::Error),
    /// The store does not answer.
    Store(StoreError),
    /// The homeserver does not make one.
    Api(ApiFault),
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
            Self::Api(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for TokensError {}

impl From<StoreError> for TokensError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ApiFault> for TokensError {
    fn from(fault: ApiFault) -> Self {
        Self::Api(fault)
    }
}

/// The desk's tokens.
pub struct Tokens {
    folder: Folder,
    file: TokenFile,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    /// As the config says, until it says otherwise.
    ways: ArcSwap<Ways>,
    /// What another hand wrote, and since when it has been seen so.
    candidate: std::sync::Mutex<Option<(Content, Instant)>>,
}

/// How the homeserver comes by its tokens.
#[derive(Debug)]
struct Ways {
    settings: config::Tokens,
    /// A second file that is to hold the token.
    toml: Option<TokenFile>,
    api: Option<Arc<dyn TokenApi>>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Ways {
    fn new(settings: &config::Tokens, homeserver: Option<Arc<Homeserver>>, clock: &Arc<dyn Clock>) -> Self {
        let toml = match &settings.backend {
            Backend::Toml { path } => Some(TokenFile::toml(path.clone())),
            _ => None,
        };
        let api: Option<Arc<dyn TokenApi>> = homeserver.and_then(|homeserver| match &settings.backend {
            Backend::File | Backend::Toml { .. } => None,
            Backend::Synapse { access_token } => {
                Some(Arc::new(synapse::SynapseApi::new(homeserver, access_token.clone())) as _)
            }
            Backend::Mas(_) => Some(Arc::new(mas::MasApi::new(homeserver)) as _),
            Backend::AdminRoom { access_token } => {
                let clock = Arc::clone(clock);
                Some(Arc::new(admin_room::AdminRoom::new(homeserver, access_token.clone(), clock)) as _)
            }
        });
        Self { settings: settings.clone(), toml, api }
    }
}

/// Who is asked for tokens with these settings. None: nobody, the homeserver reads a file.
pub fn api_of(settings: &config::Tokens, homeserver: Arc<Homeserver>) -> Option<Arc<dyn TokenApi>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ways::new(settings, Some(homeserver), &clock).api
}

/// Until when a shared token is to work that is made now: over the next reset, so that the next one can take its place.
fn ends_at(schedule: &Schedule, grace: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    schedule.next_reset(now) + grace
}

impl Tokens {
    /// The tokens of this folder, as these settings and this homeserver have them. None: there is no homeserver.
    pub fn new(
        folder: Folder,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
        homeserver: Option<Arc<Homeserver>>,
    ) -> Self {
        let file = TokenFile::new(folder.registration_token());
        let ways = ArcSwap::from_pointee(Ways::new(&settings.tokens, homeserver, &clock));
        Self { folder, file, store, clock, ways, candidate: std::sync::Mutex::default() }
    }

    /// From now on they come as these settings say. [`Tokens::settle`] is to follow.
    pub fn refurbish(&self, settings: &Settings, homeserver: Option<Arc<Homeserver>>) {
        self.ways.store(Arc::new(Ways::new(&settings.tokens, homeserver, &self.clock)));
    }

    /// Who is asked for tokens. None: nobody, the homeserver reads a file.
    pub fn api(&self) -> Option<Arc<dyn TokenApi>> {
        self.ways.load().api.clone()
    }

    /// Whether each letter has a token of its own.
    pub fn are_personal(&self) -> bool {
        let ways = self.ways.load();
        ways.settings.per_applicant && ways.api.is_some()
    }

    /// Whether it can be guessed, and a better one be had.
    fn is_weak(&self, token: &RegistrationToken) -> bool {
        token.is_weak() && self.api().is_none_or(|api| api.takes_any_token())
    }

    fn grace(&self) -> Duration {
        let ways = self.ways.load();
        if ways.api.is_some() { ways.settings.grace } else { Duration::ZERO }
    }

    /// Who is asked for tokens, by a backend's word, and after which grace takes back those that are replaced.
    fn asked(&self) -> Option<(&'static str, Duration)> {
        self.api().map(|api| (api.word(), self.grace()))
    }

    /// Tokens that the homeserver was asked for otherwise than it is now, and that still work.
    pub fn left_behind(&self) -> Result<Vec<LeftBehind>, StoreError> {
        let (api, now) = (self.api(), self.clock.now());
        self.store.read(|store| store.tokens_left_behind(api.as_ref().map(|api| api.word()), now))
    }

    /// Before the desk opens: what a crash left half done is finished as far as that needs no homeserver, a token that
    /// stands in the file is taken over, and where there is none the first one is made. Returns the current one; none where
    /// the homeserver has to be asked for it first, or makes one for each letter.
    pub fn settle(&self, schedule: &Schedule) -> Result<Option<TokenRecord>, TokensError> {
        let _lock = self.lock()?;
        self.finish_pending(false, schedule)?;
        if self.are_personal() {
            self.share_none()?;
            return Ok(None);
        }
        let has_api = self.api().is_some();
        self.store.write(|store| store.note_personal_tokens(None))?;
        let current = self.store.read(|store| store.current_token())?;
        match (self.read()?, current) {
            (Content::Token(found), Some(current)) if found == current.token => {
                if current.dead_at.is_some() && !has_api {
                    self.store.write(move |store| store.note_unasked(current.id))?;
                }
            }
            (Content::Token(found), known) => {
                if self.is_weak(&found) {
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
                // That the homeserver does not answer is no reason not to start.
                if !has_api {
                    let satisfies = Some(schedule.last_reset(self.clock.now()));
                    self.make(Origin::First, satisfies, schedule)?;
                }
            }
        }
        self.note_stamp()?;
        let current = self.store.read(|store| store.current_token())?;
        if let (Some(current), Some(toml)) = (&current, &self.ways.load().toml)
            && !holds(toml, &current.token)
        {
            // The homeserver has read something else there, or nothing, and is to be told.
            self.store.write(|store| store.forget_told_of_token())?;
            put(toml, &current.token)?;
        }
        if current.is_none() && !has_api {
            return Err(StoreError::Other("the token was not kept".into()).into());
        }
        Ok(current)
    }

    /// There is no token for everybody any more: the last one ends.
    fn share_none(&self) -> Result<(), TokensError> {
        let (now, asked) = (self.clock.now(), self.asked());
        self.store.write(move |store| {
            store.retire_current(now, asked)?;
            for begun in store.pending_tokens()? {
                store.void_token(begun.id)?;
            }
            store.note_personal_tokens(Some(false))
        })?;
        Ok(())
    }

    /// No file holds a token for everybody any more. Not before the homeserver makes those of letters: tuwunel takes a lost
    /// file for open registration, if it knows no other token.
    pub fn take_away_file(&self) -> Result<(), TokensError> {
        let _lock = self.lock()?;
        if let Content::Token(_) = self.read()? {
            std::fs::remove_file(self.file.path())
                .map_err(|error| TokensError::File(self.file.path().to_owned(), error))?;
            tracing::warn!(
                "{}: the token that was there for everybody is taken away; take registration_token_file out of the \
                 homeserver's configuration, if it names this file: it would not start again without it (tuwunel wants a \
                 long secret registration_token in its place)",
                self.file.path().display()
            );
        }
        Ok(())
    }

    /// What the homeserver's API says of the current token. None: there is no API to ask, or no token.
    pub fn look_up(&self, current: &TokenRecord) -> Option<Result<Option<Found>, ApiFault>> {
        self.api().map(|api| api.look(&Known::from(current), self.clock.now()))
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

    fn read(&self) -> Result<Content, TokensError> {
        self.file.read().map_err(|error| TokensError::File(self.file.path().to_owned(), error))
    }

    fn write(&self, token: &RegistrationToken) -> Result<(), TokensError> {
        let lost = self.store.read(|store| store.token_file_stamp())?;
        self.file
            .write(token, lost)
            .map_err(|error| TokensError::File(self.file.path().to_owned(), error))?;
        self.note_stamp()?;
        match &self.ways.load().toml {
            Some(toml) => put(toml, token),
            None => Ok(()),
        }
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

/// Into the homeserver's configuration file, which has an owner and a mode of its own.
fn put(toml: &TokenFile, token: &RegistrationToken) -> Result<(), TokensError> {
    if holds(toml, token) {
        return Ok(());
    }
    toml.write(token, None).map_err(|error| TokensError::File(toml.path().to_owned(), error))
}

fn holds(toml: &TokenFile, token: &RegistrationToken) -> bool {
    toml.read().is_ok_and(|content| content == Content::Token(token.clone()))
}

fn in_words(content: &Content) -> String {
    match content {
        Content::Missing => "the file is gone".into(),
        Content::Unfit(problem) => format!("what stands there is no token: {problem}"),
        Content::Token(_) => "another token stands there".into(),
    }
}

/// What the operator is told of tokens that nobody takes back.
impl std::fmt::Display for LeftBehind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { backend, count, until } = self;
        let (tokens, work) =
            if *count == 1 { ("registration token", "works") } else { ("registration tokens", "work") };
        write!(
            f,
            "{count} {tokens} made with tokens.backend {backend} still {work} at the homeserver, until {} UTC at the latest: \
             no ban takes back what another backend made, so delete there what must not work until then, or set the \
             backend to {backend} again",
            until.format("%Y-%m-%d %H:%M")
        )
    }
}

#[cfg(test)]
mod tests;
