//! What was done, and why it was not, in the operator's words: the same on the command line and in the console, but for how
//! what comes next is asked for there.

use crate::bans::{Edit, EditError, Written, shown};
use crate::domain::{Refusal, SurgeMode, Unavailable};
use crate::store::{Act, Live, NotSentAgain, RequestRow};

use super::deed::Deed;
use super::opened::Door;
use super::outcome::{Done, Invited, NotDone, NotInvited};

/// `1 letter`, `2 letters`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// `17 (carol, carol@example.net), 18 (…)`
pub fn requests(rows: &[RequestRow]) -> String {
    let named = rows.iter().map(|row| {
        let name = if row.username.is_empty() { "no name" } else { &row.username };
        format!("{} ({}, {})", row.id, shown(name), shown(&row.email))
    });
    named.collect::<Vec<_>>().join(", ")
}

impl Door {
    /// What is asked for by a command here and by a key there.
    fn says(self, command: impl Into<String>, key: &str) -> String {
        match self {
            Self::Command | Self::Link | Self::Room => command.into(),
            Self::Console => key.to_owned(),
        }
    }
}

impl Done {
    /// What was done.
    pub fn words(&self, door: Door) -> String {
        match self {
            Self::Banned { kind, line, edit, held } => {
                format!("{}:{line}: {}", kind.file_name(), banned(edit, held))
            }
            Self::Approved { username, to } => {
                // Each takes back what is their own, and is known by their name on the machine.
                let back = match door {
                    Door::Command => " `doorman undo` takes it back until it is sent.",
                    Door::Console => " u takes it back until it is sent.",
                    Door::Link | Door::Room => "",
                };
                let what = username.as_ref().map_or_else(
                    || "a link on which the name is chosen".to_owned(),
                    |username| format!("the email for {username}"),
                );
                format!("Approved: {what} goes to {}.{back}", to.to_ascii())
            }
            Self::Refused { username, to, is_told } => {
                let telling = if *is_told { "is told why" } else { "is not told" };
                let free =
                    username.as_ref().map_or_else(String::new, |name| format!(" The name {name} is free."));
                format!("Refused: {} {telling}.{free}", to.to_ascii())
            }
            Self::Invited(invited) => invited.words(door),
            Self::Uninvited(id) => format!("Invitation {id} is taken back: its link is dead, and its name is free."),
            Self::WaitsAgain(id) => format!("Request {id} waits for your decision again."),
            Self::Rotated { live, .. } => {
                let live = match live {
                    None => format!(
                        ". The running desk makes sure that the homeserver accepts it; {} when it has.",
                        door.says("`doorman token` says", "the lines at the top say")
                    ),
                    Some(Live::Yes) => ", and the homeserver accepts it.".into(),
                    Some(Live::No) => ". The homeserver does not accept it yet.".into(),
                    Some(Live::CannotBeChecked) => {
                        ". Whether the homeserver accepts it cannot be checked.".into()
                    }
                };
                format!("The new token is in .registration_token{live}")
            }
            Self::Paused { is_paused, is_new, is_running } => match (is_paused, is_new, is_running) {
                (true, true, true) => {
                    "The desk is paused: it takes no requests. Emails in the outbox are still sent."
                }
                (true, true, false) => {
                    "The desk is paused: when it runs, it will take no requests. No desk is running in this folder now."
                }
                (true, false, _) => "The desk was already paused.",
                (false, true, true) => "The desk is open again, outside its downtime.",
                (false, true, false) => "The desk is no longer paused, but none is running in this folder.",
                (false, false, _) => "The desk was not paused.",
            }
            .into(),
            Self::Surge(SurgeMode::On) => {
                "Surge mode is on: requests that pass all rules wait for you, or find the desk closed (`on_surge`), until you change it."
                    .into()
            }
            Self::Surge(SurgeMode::Off) => "Surge mode is off, however many requests come, until you change it.".into(),
            Self::Surge(SurgeMode::Auto) => "The desk detects surges by itself.".into(),
            Self::Lifted(address) => format!("The cooldown of {address} is over."),
            Self::Suppressed { address, is_suppressed: true } => {
                format!("{} gets no more email from this desk.", shown(address))
            }
            Self::Suppressed { address, is_suppressed: false } => {
                format!("{} can get email from this desk again.", shown(address))
            }
            Self::CoolsDown(address) => format!("The cooldown of {} is in force again.", shown(address)),
            Self::Retried { letters, is_full } => {
                let verb = if *letters == 1 { "is" } else { "are" };
                let waits = if *is_full {
                    "; letters_per_hour is used up, so emails wait for their turn"
                } else {
                    ""
                };
                format!("{} {verb} due now{waits}.", counted(*letters, "letter"))
            }
            Self::Dropped(id) => format!(
                "Email {id} is dropped. If it was for a new account, its name and address are free again."
            ),
            Self::Resent { request, letter } => {
                format!("Email {letter} to the address of request {request} is in the outbox.")
            }
            Self::Imported(report) => format!("{report}."),
            Self::ClockTrusted { now, is_running } => format!(
                "The clock is right: it is {} UTC. {} it until it is set again.",
                now.format("%Y-%m-%d %H:%M"),
                if *is_running { "The desk trusts" } else { "No desk is running in this folder now; the next start will trust" }
            ),
            Self::Forgotten(forgotten) => format!(
                "Erased: {}, {}, {}.",
                counted(forgotten.requests, "request"),
                counted(forgotten.letters, "letter"),
                counted(forgotten.reservations, "reservation"),
            ),
        }
    }
}

/// What was done to a ban list, and whom of those that wait it hits.
fn banned(edit: &Edit, held: &[RequestRow]) -> String {
    let marked = |new: &Written| match new.mark.as_deref() {
        None | Some("") => shown(&new.entry),
        Some(mark) => format!("{} ({})", shown(&new.entry), shown(mark.trim_start_matches("#: "))),
    };
    let what = match edit {
        Edit::Add(new) | Edit::Insert(_, new) => format!("added {}", marked(new)),
        Edit::Remove(entry) => format!("removed {}", shown(entry)),
        Edit::Replace(old, new) => format!("{} is now {}", shown(old), marked(new)),
    };
    match held.len() {
        0 => what,
        count => format!(
            "{what}; it hits {} that wait for your decision: {}",
            counted(count, "request"),
            requests(held)
        ),
    }
}

impl NotDone {
    /// Why not, and what can be done instead.
    pub fn words(&self, door: Door) -> String {
        match self {
            Self::ListLost(kind) => format!(
                "{}: the file is gone, and its last content is still in force: put it back first (an empty file ends all its bans)",
                kind.file_name()
            ),
            Self::TooWide(what) => {
                format!("{what}; nothing was changed. `doorman ban add --force` adds it anyway")
            }
            Self::Edit(kind, entry, error) => {
                let shows = match error {
                    EditError::Absent => {
                        format!("; {} them", door.says("`doorman ban list` shows", "panel 4 shows"))
                    }
                    _ => String::new(),
                };
                format!("{}: {}: {error}{shows}", kind.file_name(), shown(entry))
            }
            Self::ChangedSince(kind, error) => format!("{} was changed since: {error}", kind.file_name()),
            Self::NotHeld(id) => format!(
                "request {id} is not waiting for a decision: see {}; somebody else may have decided it",
                door.says("`doorman requests --held`", "panel 1")
            ),
            Self::NoName(id, email) => format!(
                "request {id}: its mail, which is in Held, names no clear username, so there is nothing to approve. \
                 Write to {}, who can ask again with the line `Username: the-name`; {} ends this one",
                email.to_ascii(),
                door.says(format!("`doorman refuse {id}`"), "x"),
            ),
            Self::Judged(id, refusal) => {
                let next = if refusal.passes_by_itself() {
                    ": try again later".to_owned()
                } else {
                    format!(". {} refuses it", door.says(format!("`doorman refuse {id}`"), "x"))
                };
                format!("request {id}: {}{next}", refusal.operator_text())
            }
            Self::DecidedMeanwhile(id) => format!("request {id}: somebody else has just decided it"),
            Self::NotInvited(why) => format!("nobody is invited: {}", why.words(door)),
            Self::AccountMade(id) => {
                format!(
                    "request {id}: there is an account by now, or one is being made: only the homeserver can end it"
                )
            }
            Self::Mailed(id) => format!(
                "request {id}: its email was sent, or may have arrived, so the decision cannot be undone: see {}",
                door.says("`doorman outbox`", "panel 5")
            ),
            Self::InHands(id) => format!(
                "request {id}: its email is being handed to the mail server just now, so nothing is undone: try again in a \
                 moment"
            ),
            Self::Gone(id) => format!("request {id}: somebody else has its name or address by now"),
            Self::Erased(id) => format!("request {id} has been erased since it was decided"),
            Self::Final(deed) => format!("{} cannot be undone", deed.words()),
            Self::NothingToTakeBack => "there is nothing to undo".into(),
            Self::NothingToDoAgain => "there is nothing to redo".into(),
            Self::SuppressedAlready { email, is_suppressed: true } => {
                format!("{email} is already suppressed")
            }
            Self::SuppressedAlready { email, is_suppressed: false } => format!("{email} is not suppressed"),
            Self::NoCooldown(email) => format!("{email} is not in a cooldown"),
            Self::NotOwed { asked, retried } => format!(
                "{retried} of {asked} emails are due now; the others are not in the outbox{}",
                door.says(" (a failed one: `doorman requests resend ID` with the request's number)", "")
            ),
            Self::NotDropped(id) => format!("email {id} is not in the outbox, or is just being sent"),
            Self::NotResent(id, why) => {
                let why = match why {
                    NotSentAgain::NoSuchRequest => "there is no accepted request with this number",
                    NotSentAgain::NoAddress => "its address cannot be mailed to",
                    NotSentAgain::NotAccepted => "this request was not accepted",
                    NotSentAgain::StillOwed => match door {
                        Door::Command | Door::Link | Door::Room => {
                            "its email is still in the outbox: see `doorman outbox`, `doorman outbox retry`"
                        }
                        Door::Console => "its email is still in the outbox: see panel 5",
                    },
                    NotSentAgain::NameTaken => "another request has its name by now",
                };
                format!("request {id}: {why}")
            }
            Self::NoSharedToken => {
                "each applicant has a token of their own (tokens.per_applicant): there is none to replace"
                    .into()
            }
            Self::NotRotated(why) | Self::NotImported(why) => why.clone(),
            Self::Store(error) => error.to_string(),
        }
    }
}

impl Invited {
    fn words(&self, door: Door) -> String {
        let way = match (self.until, &self.to) {
            (Some(until), _) => {
                format!("the link works once, until {} UTC", until.format("%Y-%m-%d %H:%M"))
            }
            (None, Some(to)) => format!("the link goes to {}", to.to_ascii()),
            (None, None) => "the link is yours to hand over".to_owned(),
        };
        let name = self.name.as_ref().map(|name| format!("the name is {name}"));
        format!(
            "Invited, request {}: {way}; {}.{} {} takes it back as long as there is no account.",
            self.request,
            name.as_deref().unwrap_or("the name is chosen on the page"),
            if self.is_running { "" } else { " No desk is running in this folder now." },
            door.says("`doorman undo`", "u"),
        )
    }
}

impl NotInvited {
    /// Why, and what can be done.
    pub fn words(&self, door: Door) -> String {
        match self {
            Self::NoSignUp(why) => why.clone(),
            Self::Nowhere => door.says(
                "write `--email ADDRESS` to have the link mailed, or `--print` to have it printed, for you to hand over",
                "type an address to mail the link to, or choose to hand it over",
            ),
            Self::Judged(
                refusal @ (Refusal::EmailBanned(_) | Refusal::UsernameUnavailable(Unavailable::Banned(_))),
            ) => {
                let way = door.says("`--despite-bans`", "Ctrl-B");
                format!("{}; {way} invites all the same", refusal.operator_text())
            }
            Self::Judged(refusal) => refusal.operator_text(),
            Self::Changed => "what is asked for was taken or freed meanwhile; try again".into(),
        }
    }
}

/// What a line of the journal tells.
pub fn words_of(act: &Act) -> String {
    match (Deed::of(act), act.undoes) {
        (Some(Deed::Undo), Some(undone)) => format!("act {undone} is undone"),
        (Some(deed), Some(_)) => format!("{}, again", deed.words()),
        (Some(deed), None) => deed.words(),
        (None, _) => format!("{} of somebody who is forgotten", act.what),
    }
}

impl Deed {
    /// What was done, as a noun.
    pub fn words(&self) -> String {
        match self {
            Self::Ban { before: None, after: Some(new), .. } => {
                format!("the ban of {} in {}", shown(&new.entry), new.kind.file_name())
            }
            Self::Ban { before: Some(old), after: None, .. } => {
                format!("the deletion of {} from {}", shown(&old.entry), old.kind.file_name())
            }
            Self::Ban { before: Some(old), after: Some(new), .. } if old.entry == new.entry => {
                format!("the change of the action of {} in {}", shown(&new.entry), new.kind.file_name())
            }
            Self::Ban { before: Some(old), after: Some(new), .. } => format!(
                "the change of {} to {} in {}",
                shown(&old.entry),
                shown(&new.entry),
                old.kind.file_name()
            ),
            Self::Ban { subject, .. } => format!("the ban of {}", shown(subject)),
            Self::Approve { subject, .. } => format!("the approval of request {subject}"),
            Self::Refuse { subject, .. } => format!("the refusal of request {subject}"),
            Self::Invite { subject } => format!("invitation {subject}"),
            Self::Pause => "the pause of the desk".into(),
            Self::Resume { .. } => "the end of the pause".into(),
            Self::Lift { subject, .. } => format!("the end of the cooldown of {}", shown(subject)),
            Self::Suppress { subject } => format!("the suppression of {}", shown(subject)),
            Self::LiftSuppression { subject, .. } => {
                format!("the end of the suppression of {}", shown(subject))
            }
            Self::NotMe { subject } => {
                format!("“not me” of {}", shown(subject.as_deref().unwrap_or("an address")))
            }
            Self::Surge { after, .. } => format!("surge {}", <&str>::from(*after)),
            Self::Release { subject } => format!("one of the day's accounts for request {subject}"),
            Self::Rotate => "a new token".into(),
            Self::Retry { subject: None } => "the retry of all emails".into(),
            Self::Retry { subject: Some(letters) } => format!("the retry of emails {letters}"),
            Self::Drop { subject } => format!("the drop of email {subject}"),
            Self::Resend { subject } => format!("another email for request {subject}"),
            Self::TrustClock => "the word that the clock is right".into(),
            Self::Forget => "the erasure of an address".into(),
            Self::Import { subject } => format!("the import of {}", shown(subject)),
            Self::Undo => "undoing an act".into(),
            Self::Alarm { subject, after } => {
                format!("alarm {subject}: {}", shown(after.as_deref().unwrap_or_default()))
            }
            Self::AlarmOver { subject } => format!("end of alarm {subject}"),
            Self::Reload => "config.yaml read again".into(),
        }
    }
}
