//! From a sign-up link to an account at the homeserver, exactly once.
//!
//! It is noted before the homeserver is asked, and what came of it afterwards. Between the two everything can end: then the
//! note says that it is not known what became of it, and the next to come by the same link asks once more, by a call that
//! fails where the name exists. If it does, whose it is is proved by the password alone. So there is never a second account,
//! and none that exists is called failed.

mod making;
mod tries;
mod turns;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::clock::Clock;
use crate::domain::{LinkSecret, Localpart, LocalpartProblem, Mxid, Password, Refusal};
use crate::homeserver::{Policy, SignUpWay};
use crate::premises::Premises;
use crate::store::{Guest, StoreError};
use crate::tokens::Tokens;

use tries::Tries;
use turns::Turns;

/// So long the homeserver may take to say what signing up takes.
const WAY: Duration = Duration::from_secs(3);

/// Where accounts are made.
pub struct SignUps {
    premises: Arc<Premises>,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
    turns: Turns,
    tries: Mutex<Tries>,
}

impl std::fmt::Debug for SignUps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignUps").finish_non_exhaustive()
    }
}

/// What a link leads to.
#[derive(Debug, Clone)]
pub enum Led {
    /// To the page where the account is made.
    Open(Box<Opened>),
    /// Nowhere any more: it has ended, or was replaced.
    Expired,
    /// The account is made.
    Used(Mxid),
    /// Nowhere: nobody was given such a link.
    Unknown,
}

/// An open link.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whose it is.
    pub guest: Guest,
    /// What is to be agreed to.
    pub terms: Vec<Policy>,
}

impl Opened {
    /// Whether the name is chosen on the page.
    pub fn chooses(&self) -> bool {
        !self.guest.is_reserved || self.guest.is_taken
    }
}

/// What somebody sends by a link.
#[derive(Debug)]
pub struct Asked {
    /// As typed, where it is.
    pub username: Option<String>,
    /// What they have chosen.
    pub password: Option<Password>,
    /// Whether they have agreed to the terms.
    pub agreed: bool,
    /// Whence they come.
    pub ip: IpAddr,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The account is there, and it is theirs.
    Created(Mxid),
    /// No; each has its place on the page.
    Not(Box<Opened>, WhyNot),
    /// The link leads elsewhere by now.
    Led(Led),
}

/// Why there is no account.
#[derive(Debug, Clone)]
pub enum WhyNot {
    /// No name was typed, or none that can be one.
    Name(LocalpartProblem),
    /// Somebody has the name: another has to be chosen.
    NameTaken,
    /// An earlier try may have made it, and the password is another one than then.
    PerhapsYours,
    /// No password was typed.
    NoPassword,
    /// In the homeserver's words.
    WeakPassword(String),
    /// The terms have to be agreed to.
    TermsMissing,
    /// A ban, or the operator's word.
    Refused(Refusal),
    /// Too many tries.
    TooMany(Duration),
    /// The homeserver makes only so many accounts at a time.
    Waits(Duration),
    /// No answer, or none that leads on.
    Unreachable,
}

/// Judges whether they get the account of this name, which they may have chosen just now.
pub type Judge<'a> = dyn Fn(&Guest, &Localpart, bool) -> Result<Option<Refusal>, StoreError> + 'a;

impl SignUps {
    /// None was made yet.
    pub fn new(premises: Arc<Premises>, tokens: Arc<Tokens>, clock: Arc<dyn Clock>) -> Self {
        Self { premises, tokens, clock, turns: Turns::default(), tries: Mutex::default() }
    }

    /// What a link leads to. It changes nothing but that it is noted when it was opened first.
    pub fn open(&self, secret: &LinkSecret, is_seen: bool) -> Result<Led, StoreError> {
        let now = self.clock.now();
        let led = self.led(secret)?;
        if let Led::Open(_) = &led
            && is_seen
        {
            let hash = secret.hash();
            self.premises.store.write_later(move |store| store.link_opened(&hash, now).map(drop));
        }
        Ok(led)
    }

    fn led(&self, secret: &LinkSecret) -> Result<Led, StoreError> {
        let found = self.premises.store.read(|store| store.guest(secret))?;
        let Some((link, guest)) = found else { return Ok(Led::Unknown) };
        let Some(guest) = guest else { return Ok(Led::Expired) };
        let now = self.clock.now();
        if guest.made_at.is_some() && link.expires_at.is_none_or(|at| now < at) {
            return Ok(Led::Used(self.mxid(Localpart::from_stored(guest.name))));
        }
        if !link.is_open(now) || guest.is_refused {
            return Ok(Led::Expired);
        }
        let way = self.way();
        Ok(Led::Open(Box::new(Opened { guest, terms: way.terms })))
    }

    fn way(&self) -> SignUpWay {
        let homeserver = self.premises.homeserver.load_full();
        homeserver.and_then(|homeserver| homeserver.sign_up_way(WAY)).unwrap_or_default()
    }

    fn mxid(&self, localpart: Localpart) -> Mxid {
        Mxid { localpart, server: self.premises.settings.load().homeserver.clone() }
    }
}
