use chrono::{DateTime, Utc};

use crate::bans::{Edit, EditError};
use crate::domain::{BanKind, EmailAddress, LinkSecret, Localpart, Refusal, SurgeMode};
use crate::import::Report;
use crate::store::{Forgotten, Live, NotSentAgain, RequestRow, StoreError};

use super::deed::Deed;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A ban list was changed.
    Banned {
        /// Which list.
        kind: BanKind,
        /// The line that it is about.
        line: usize,
        /// How.
        edit: Edit,
        /// The requests that wait and are hit by the new line.
        held: Vec<RequestRow>,
    },
    /// A request was accepted.
    Approved {
        /// The name; None: it is chosen by the link that is mailed.
        username: Option<Localpart>,
        /// Where the letter goes.
        to: EmailAddress,
    },
    /// A request was refused.
    Refused {
        /// The name that is free now; None: there was none.
        username: Option<Localpart>,
        /// Who asked.
        to: EmailAddress,
        /// Whether they are told why.
        is_told: bool,
    },
    /// This request waits again.
    WaitsAgain(i64),
    /// Somebody is invited.
    Invited(Invited),
    /// This invitation is taken back.
    Uninvited(i64),
    /// There is a new token.
    Rotated {
        /// Whether the homeserver takes it; None: the running desk sees to that.
        live: Option<Live>,
        /// What went wrong beside.
        alarms: Vec<String>,
    },
    /// The desk is paused, or not.
    Paused {
        /// Which of the two.
        is_paused: bool,
        /// Whether it was otherwise before.
        is_new: bool,
        /// Whether a desk runs here.
        is_running: bool,
    },
    /// This holds of surges.
    Surge(SurgeMode),
    /// A cooldown is over.
    Lifted(String),
    /// A cooldown holds again.
    CoolsDown(String),
    /// A mailbox gets no email any more, or gets some again.
    Suppressed {
        /// One of its addresses.
        address: String,
        /// Which of the two.
        is_suppressed: bool,
    },
    /// Letters are due now.
    Retried {
        /// How many.
        letters: usize,
        /// `letters_per_hour` is used up.
        is_full: bool,
    },
    /// This letter was taken out.
    Dropped(i64),
    /// Another letter is owed.
    Resent {
        /// Of this request.
        request: i64,
        /// The new letter.
        letter: i64,
    },
    /// The original's requests were taken in.
    Imported(Report),
    /// The clock is believed.
    ClockTrusted {
        /// What it shows.
        now: DateTime<Utc>,
        /// Whether a desk runs here.
        is_running: bool,
    },
    /// What was known of an address is erased.
    Forgotten(Forgotten),
}

/// Who was invited, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The request that the invitation is.
    pub request: i64,
    /// The name; None: it is chosen where the link leads.
    pub name: Option<Localpart>,
    /// Whose it is.
    pub to: Option<EmailAddress>,
    /// What makes the link, where it is handed over; else it is mailed.
    pub link: Option<LinkSecret>,
    /// Until when that works; one that is mailed works from then on.
    pub until: Option<DateTime<Utc>>,
    /// Whether a desk runs here.
    pub is_running: bool,
}

/// What was done, and the line of the journal that tells it; none where nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was done.
    pub done: Done,
    /// The line's number.
    pub act: Option<i64>,
}

/// Why nobody is invited.
#[derive(Debug)]
pub enum NotInvited {
    /// No sign-up link leads to an account here, for this reason.
    NoSignUp(String),
    /// The link is neither mailed nor handed over.
    Nowhere,
    /// Who is meant is banned, or cannot have the name, or has an account.
    Judged(Refusal),
    /// What is asked for was taken or freed meanwhile.
    Changed,
}

/// Why something was not done.
#[derive(Debug)]
pub enum NotDone {
    /// A ban list is gone, and what stood in it last is in force.
    ListLost(BanKind),
    /// The line alone would hit nearly everybody; in words.
    TooWide(String),
    /// A ban list was not changed.
    Edit(BanKind, String, EditError),
    /// A ban list has changed so that an earlier change of it cannot be undone.
    ChangedSince(BanKind, EditError),
    /// This request does not wait.
    NotHeld(i64),
    /// It names nobody whose account it could be.
    NoName(i64, EmailAddress),
    /// It is judged again and not accepted.
    Judged(i64, Refusal),
    /// Somebody else has just decided it.
    DecidedMeanwhile(i64),
    /// Nobody is invited.
    NotInvited(NotInvited),
    /// An account was made from this invitation.
    AccountMade(i64),
    /// A letter of the decision was mailed, or may have arrived.
    Mailed(i64),
    /// It is in the mail server's hands: what comes of that is not known yet, and until then nothing is taken back.
    InHands(i64),
    /// The name or the address of the request is somebody else's by now.
    Gone(i64),
    /// The request was erased.
    Erased(i64),
    /// This cannot be undone.
    Final(Box<Deed>),
    /// There is nothing to take back, or nothing more.
    NothingToTakeBack,
    /// There is nothing to do again.
    NothingToDoAgain,
    /// The mailbox was suppressed already, or was not.
    SuppressedAlready {
        /// One of its addresses.
        email: EmailAddress,
        /// Which of the two.
        is_suppressed: bool,
    },
    /// The address is not in a cooldown.
    NoCooldown(EmailAddress),
    /// Of so many letters so few could be retried.
    NotOwed {
        /// Of these.
        asked: usize,
        /// So many.
        retried: usize,
    },
    /// This letter cannot be dropped.
    NotDropped(i64),
    /// A letter of this request cannot be sent again.
    NotResent(i64, NotSentAgain),
    /// Nobody shares a token that could be replaced.
    NoSharedToken,
    /// There is no new token, in these words.
    NotRotated(String),
    /// The file was not taken in, in these words.
    NotImported(String),
    /// The store does not take it.
    Store(StoreError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
