//! How a mail leaves the mailbox.

use imap::types::Flag;

use crate::inbox::fault::{Fault, Kind};

use super::{Session, broken};

/// How a mail leaves the mailbox, by what the server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayOut {
    /// MOVE (RFC 6851).
    Moved,
    /// Copied and taken out: UIDPLUS (RFC 4315) takes out that one alone.
    Copied,
    /// Copied and marked as deleted: a plain EXPUNGE would take out every mail that a person has marked, too.
    Marked,
}

/// What has to be known of a mail to move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inbox) enum Mark {
    Plain,
    /// Marked as deleted by somebody, and not dealt with yet.
    Deleted,
    /// Dealt with, and marked as deleted: where mails are moved by copying them, the copy lies there already.
    Copied,
}

impl Session {
    /// Moves a mail into a folder beside the mailbox, which is made where it is missing. That it is gone already is fine.
    /// False: it stays, marked as deleted, since this server offers no way to take out that one alone.
    pub(in crate::inbox) fn move_to(
        &mut self,
        uid: u32,
        name: &'static str,
        mark: Mark,
    ) -> Result<bool, Fault> {
        let uid = uid.to_string();
        // For people who look into the mailbox; it plays no part here.
        let _ = self.connection.uid_store(&uid, "+FLAGS.SILENT (\\Seen)");
        let moved = self.way_out == WayOut::Moved;
        if !moved && mark == Mark::Copied {
            return self.take_out(&uid);
        }
        if !moved && !self.can_delete {
            return Err(self.stays("the mail server does not let mails be marked as deleted"));
        }
        if !moved || mark != Mark::Plain {
            // So that no mail program hides it in the other folder. Where it is refused, no copy could be marked later.
            match self.connection.uid_store(&uid, "-FLAGS.SILENT (\\Deleted)") {
                Ok(_) => {}
                Err(imap::Error::No(_)) if moved => {}
                Err(error @ imap::Error::No(_)) => return Err(self.stays(&error.to_string())),
                Err(error) => return Err(broken("UID STORE")(error)),
            }
        }
        let first = self.folders.get(name).cloned().unwrap_or_else(|| self.beside(name).swap_remove(0));
        let why = match self.hand_over(&uid, &first) {
            Ok(()) => None,
            Err(imap::Error::No(_)) => match self.existing_or_new(name)? {
                None => Some("that folder cannot be made".to_owned()),
                Some(folder) => match self.hand_over(&uid, &folder) {
                    Ok(()) => {
                        self.folders.insert(name, folder);
                        None
                    }
                    Err(error @ imap::Error::No(_)) => Some(error.to_string()),
                    Err(error) => return Err(broken("UID MOVE")(error)),
                },
            },
            Err(error) => return Err(broken("UID MOVE")(error)),
        };
        match why {
            None if moved => Ok(true),
            None => self.take_out(&uid),
            Some(why) => Err(Fault::new(
                Kind::Stuck,
                &format!(
                    "mails cannot be moved to {name}: {why}: make room, or make that folder beside {} by hand",
                    self.mailbox
                ),
            )),
        }
    }

    fn hand_over(&mut self, uid: &str, folder: &str) -> imap::error::Result<()> {
        match self.way_out {
            WayOut::Moved => self.connection.uid_mv(uid, folder),
            WayOut::Copied | WayOut::Marked => self.connection.uid_copy(uid, folder),
        }
    }

    /// Takes out a mail that was copied. False: it can only be marked.
    fn take_out(&mut self, uid: &str) -> Result<bool, Fault> {
        let only_marked = self.way_out == WayOut::Marked;
        let deleted = self
            .connection
            .uid_store(uid, format!("+FLAGS.SILENT ({})", Flag::Deleted))
            .and_then(|_| if only_marked { Ok(()) } else { self.connection.uid_expunge(uid).map(drop) });
        match deleted {
            Ok(()) if only_marked => Ok(false),
            // A server on which this right is missing may say yes and do nothing.
            Ok(()) => match self.connection.uid_search(format!("UID {uid}")) {
                Ok(left) if left.is_empty() => Ok(true),
                Ok(_) => Err(self.stays("the mail server says that it is, and there it lies")),
                Err(error) => Err(broken("UID SEARCH")(error)),
            },
            Err(error @ imap::Error::No(_)) => Err(self.stays(&error.to_string())),
            Err(error) => Err(broken("UID EXPUNGE")(error)),
        }
    }

    fn stays(&self, why: &str) -> Fault {
        Fault::new(
            Kind::Stuck,
            &format!(
                "mails cannot be taken out of {}: {why}: give the desk's account the right to delete there",
                self.mailbox
            ),
        )
    }
}
