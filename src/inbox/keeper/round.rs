//! A round through everything that lies in the mailbox.

use std::sync::Arc;
use std::time::Duration;

use crate::alarms::Trouble;
use crate::config::{Imap, Settings};
use crate::inbox::fault::Kind;
use crate::inbox::lease::Lease;
use crate::inbox::session::{Mark, Session};
use crate::stop::Stop;
use crate::store::{MailKey, MailOutcome};

use super::{End, Keeper};

/// A mail whose time has not come is looked at again after this; where only the desk is closed, it is looked so often
/// whether it is open, without fetching any.
const DEFER: Duration = Duration::from_secs(20);
const DEFER_CLOSED: Duration = Duration::from_secs(2);

/// A mail that could not be moved away is tried again after this.
const STUCK: Duration = Duration::from_secs(60);

/// One that this server cannot let go of is not fetched again for so long.
const LEFT: Duration = Duration::from_secs(24 * 3600);

/// A mail at whose fetching so many sessions have ended is left alone for so long: the others are not to wait for it.
const STUMBLES: u32 = 3;
const UNREADABLE: Duration = Duration::from_secs(5 * 60);

impl Keeper {
    /// Goes through everything that lies in the mailbox. False: there was nothing to do. True: there may be more.
    pub(super) fn scan(
        &mut self,
        session: &mut Session,
        lease: &Lease,
        imap: &Imap,
        settings: &Arc<Settings>,
        stop: &Stop,
    ) -> Result<bool, End> {
        let mut did_something = false;
        let mut uids = session.uids()?;
        let validity = session.uid_validity;
        self.stumbles.retain(|(of, uid), _| *of == validity && uids.binary_search(uid).is_ok());
        self.deferred.retain(|uid, _| uids.binary_search(uid).is_ok());
        self.stuck.retain(|uid, _| uids.binary_search(uid).is_ok());
        uids.sort_by_key(|uid| self.stumbles.get(&(validity, *uid)).map_or(0, |(count, _)| *count));
        for uid in uids {
            let now = self.clock.monotonic();
            // However many mails lie there, no other desk is to think that this one is gone.
            if stop.is_given() || lease.left(now).is_zero() || !self.is_current(settings) {
                return Ok(true);
            }
            if let Some((_, again)) = self.stumbles.get(&(validity, uid))
                && now < *again
            {
                self.deferred.insert(uid, *again);
                continue;
            }
            let closed = self.desk.closed(self.clock.now()).is_some();
            if let Some(at) = self.deferred.get_mut(&uid)
                && (now < *at || (closed && !self.stuck.contains_key(&uid)))
            {
                *at = (*at).max(now + if closed { DEFER_CLOSED } else { Duration::ZERO });
                continue;
            }
            self.fetching = Some((validity, uid));
            let fetched = session.fetch(uid)?;
            self.fetching = None;
            self.stumbles.remove(&(validity, uid));
            let Some(mail) = fetched else { continue };
            did_something = true;
            let key = MailKey { mailbox: imap.mailbox.clone(), uid_validity: validity, uid };
            if let Some(decided) = self.clerk.decide(&mail.bytes, &key, imap, settings)? {
                let mark = match (mail.deleted, decided.before) {
                    (false, _) => Mark::Plain,
                    (true, false) => Mark::Deleted,
                    (true, true) => Mark::Copied,
                };
                match session.move_to(uid, folder(decided.outcome), mark) {
                    Ok(gone) => {
                        self.stuck.remove(&uid);
                        self.useful = true;
                        // One that is said to be gone, and is listed again, is no reason to hurry either.
                        let again = if gone { STUCK } else { LEFT };
                        self.deferred.insert(uid, self.clock.monotonic() + again);
                    }
                    Err(fault) if fault.kind == Kind::Stuck => {
                        self.stuck.insert(uid, fault.to_string());
                        self.deferred.insert(uid, self.clock.monotonic() + STUCK);
                    }
                    Err(fault) => return Err(fault.into()),
                }
            } else {
                let pause = if closed { DEFER_CLOSED } else { DEFER };
                self.deferred.insert(uid, self.clock.monotonic() + pause);
            }
        }
        Ok(did_something)
    }

    /// The session has ended at this mail: once may be chance.
    pub(super) fn stumbled(&mut self, mail: (u32, u32)) {
        let now = self.clock.monotonic();
        let (count, again) = self.stumbles.entry(mail).or_insert((0, now));
        *count += 1;
        if *count >= STUMBLES {
            *again = now + UNREADABLE;
        }
    }

    pub(super) fn tell_of_those_that_stay(&self) {
        let alarms = &self.desk.premises().alarms;
        if let Some(why) = self.stuck.values().next() {
            let count = self.stuck.len();
            alarms.raise(
                Trouble::LetterBox,
                format!("the letter box: {count} mails have been handled and stay where they are: {why}"),
            );
        } else if let Some(((_, uid), _)) = self.stumbles.iter().find(|(_, (count, _))| *count >= STUMBLES) {
            alarms.raise(
                Trouble::LetterBox,
                format!(
                    "the letter box: the mail server does not return the mail with the UID {uid}: see its log, and move \
                     that mail away"
                ),
            );
        } else {
            alarms.clear(Trouble::LetterBox);
        }
    }
}

fn folder(outcome: MailOutcome) -> &'static str {
    match outcome {
        MailOutcome::Done => "Done",
        MailOutcome::Ignored => "Ignored",
        MailOutcome::Held => "Held",
        MailOutcome::Failed => "Failed",
    }
}
