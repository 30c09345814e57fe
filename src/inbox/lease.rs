//! One desk a mailbox: each would answer what the other has not moved away yet.
//!
//! The desk that reads a mailbox keeps a note in the folder `Lease` beside it, and writes it anew every few minutes. The
//! numbers that the mail server gives say who was first. Whether another desk's note is fresh is seen by its being
//! replaced, not by any clock but one's own.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::config::Imap;

use super::fault::{Fault, Kind};
use super::session::Session;

/// Beside the mailbox.
const FOLDER: &str = "Lease";

/// The note is written anew so often.
const RENEW: Duration = Duration::from_secs(4 * 60);

/// Another desk's note that stayed the same for so long is of a desk that is gone.
const LAPSE: Duration = Duration::from_secs(10 * 60);

/// How often it is looked whether the other desk is gone.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(60);

const SUBJECT: &str = "doorman desk ";

/// What this desk knows of who reads the mailbox.
#[derive(Debug)]
pub(super) struct Lease {
    /// Tells desks apart, also copies of one folder.
    desk: String,
    /// Notes of other desks, and since when they are there.
    others: HashMap<u32, Instant>,
    renewed_at: Option<Instant>,
}

impl Lease {
    pub(super) fn new(desk: String) -> Self {
        Self { desk, others: HashMap::new(), renewed_at: None }
    }

    /// A new session begins: the note is looked at again.
    pub(super) fn begin(&mut self) {
        self.renewed_at = None;
    }

    /// How long until the note has to be written anew.
    pub(super) fn left(&self, now: Instant) -> Duration {
        self.renewed_at.map_or(Duration::ZERO, |at| (at + RENEW).saturating_duration_since(now))
    }

    /// Sees to it that this desk may read the mailbox. The error says that another one does.
    pub(super) fn hold(&mut self, session: &mut Session, imap: &Imap, now: Instant) -> Result<(), Fault> {
        if self.renewed_at.is_some() && !self.left(now).is_zero() {
            return Ok(());
        }
        let notes = self.notes(session, now)?;
        self.check(&notes, imap, now)?;
        if !session.put(FOLDER, self.note(imap).as_bytes())? {
            // A full mailbox is no reason to leave applicants without an answer.
            tracing::warn!(
                "no note can be left in {FOLDER}: that no other desk reads this mailbox is not sure"
            );
            self.renewed_at = Some(now);
            return Ok(());
        }
        // Another desk may have written its own in this instant: the lower number was first.
        let after = self.notes(session, now)?;
        let newest = after.iter().filter(|(_, own)| *own).map(|(uid, _)| *uid).max();
        if let Err(occupied) = self.check(&after, imap, now) {
            let own: Vec<u32> = after.iter().filter(|(_, own)| *own).map(|(uid, _)| *uid).collect();
            session.delete(FOLDER, &own)?;
            return Err(occupied);
        }
        let over: Vec<u32> = after
            .iter()
            .filter(|(uid, own)| Some(*uid) != newest && (*own || self.is_stale(*uid, now)))
            .map(|(uid, _)| *uid)
            .collect();
        session.delete(FOLDER, &over)?;
        self.renewed_at = Some(now);
        Ok(())
    }

    /// This desk leaves the mailbox: another one need not wait.
    pub(super) fn release(&mut self, session: &mut Session, now: Instant) -> Result<(), Fault> {
        let own: Vec<u32> =
            self.notes(session, now)?.into_iter().filter(|(_, own)| *own).map(|(uid, _)| uid).collect();
        session.delete(FOLDER, &own)?;
        (self.renewed_at, self.others) = (None, HashMap::new());
        Ok(())
    }

    /// The notes that lie there: number, and whether it is this desk's own.
    fn notes(&mut self, session: &mut Session, now: Instant) -> Result<Vec<(u32, bool)>, Fault> {
        let own = format!("{SUBJECT}{}", self.desk);
        let mut notes: Vec<(u32, bool)> = session
            .subjects(FOLDER)?
            .into_iter()
            .filter(|(_, subject)| subject.starts_with(SUBJECT))
            .map(|(uid, subject)| (uid, subject == own))
            .collect();
        notes.sort_unstable();
        self.others.retain(|uid, _| notes.contains(&(*uid, false)));
        for (uid, _) in notes.iter().filter(|(_, own)| !own) {
            self.others.entry(*uid).or_insert(now);
        }
        Ok(notes)
    }

    fn is_stale(&self, uid: u32, now: Instant) -> bool {
        self.others.get(&uid).is_some_and(|since| now.saturating_duration_since(*since) >= LAPSE)
    }

    fn check(&self, notes: &[(u32, bool)], imap: &Imap, now: Instant) -> Result<(), Fault> {
        match notes.iter().find(|(uid, own)| *own || !self.is_stale(*uid, now)) {
            None | Some((_, true)) => Ok(()),
            Some((_, false)) => Err(Fault::new(
                Kind::Occupied,
                &format!(
                    "another desk reads the mailbox {} of {}: give each desk a mail account of its own. If that desk is \
                     gone, this one takes over {} minutes after its last sign, or a minute after you delete the folder \
                     {FOLDER}",
                    imap.mailbox,
                    imap.username,
                    LAPSE.as_secs() / 60
                ),
            )),
        }
    }

    fn note(&self, imap: &Imap) -> String {
        let address = imap.address.to_ascii();
        format!(
            "From: <{address}>\r\nTo: <{address}>\r\nSubject: {SUBJECT}{}\r\nAuto-Submitted: auto-generated\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n\
             A registration desk reads this mailbox. It keeps this note so that no second one does.\r\n",
            self.desk
        )
    }
}
