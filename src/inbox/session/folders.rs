//! The folders beside the mailbox.

use imap::types::Flag;

use crate::inbox::fault::Fault;

use super::{Session, broken};

/// A mail that was looked for.
#[derive(Debug)]
pub(in crate::inbox) struct Found {
    /// Beside the mailbox; None: in the mailbox itself.
    pub folder: Option<String>,
    pub uid: u32,
    /// Its beginning.
    pub bytes: Vec<u8>,
}

impl Session {
    /// What a folder beside the mailbox may be called: some servers have all folders below INBOX, and refuse others.
    pub(super) fn beside(&self, name: &str) -> Vec<String> {
        let guessed = ['.', '/'];
        let separators = self.separator.as_ref().map_or(&guessed[..], std::slice::from_ref);
        let above = self.mailbox.rfind(separators).map_or("", |at| {
            let separator = self.mailbox[at..].chars().next().map_or(0, char::len_utf8);
            &self.mailbox[..at + separator]
        });
        let beside = format!("{above}{name}");
        let below = separators.iter().map(|separator| format!("INBOX{separator}{beside}"));
        std::iter::once(beside.clone()).chain(below).collect()
    }

    fn existing(&mut self, name: &str) -> Result<Option<String>, Fault> {
        for folder in self.beside(name) {
            match self.connection.status(&folder, "(MESSAGES)") {
                Ok(_) => return Ok(Some(folder)),
                Err(imap::Error::No(_) | imap::Error::Bad(_)) => {}
                Err(error) => return Err(broken("STATUS")(error)),
            }
        }
        Ok(None)
    }

    pub(super) fn existing_or_new(&mut self, name: &str) -> Result<Option<String>, Fault> {
        if let Some(folder) = self.existing(name)? {
            return Ok(Some(folder));
        }
        for folder in self.beside(name) {
            match self.connection.create(&folder) {
                Ok(()) => {
                    let _ = self.connection.subscribe(&folder);
                    return Ok(Some(folder));
                }
                Err(imap::Error::No(_)) => {}
                Err(error) => return Err(broken("CREATE")(error)),
            }
        }
        Ok(None)
    }

    /// What lies in a folder beside the mailbox: number and subject of each mail. The mailbox is open again afterwards.
    pub(in crate::inbox) fn subjects(&mut self, name: &str) -> Result<Vec<(u32, String)>, Fault> {
        let Some(folder) = self.existing(name)? else { return Ok(Vec::new()) };
        let read = self.subjects_of(&folder);
        self.select_mailbox()?;
        read
    }

    fn subjects_of(&mut self, folder: &str) -> Result<Vec<(u32, String)>, Fault> {
        self.connection.select(folder).map_err(broken("SELECT"))?;
        if self.uids()?.is_empty() {
            return Ok(Vec::new());
        }
        let fetched = self
            .connection
            .uid_fetch("1:*", "(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            .map_err(broken("UID FETCH"))?;
        let subject = |head: &[u8]| {
            let head = String::from_utf8_lossy(head).into_owned();
            head.split_once(':').map(|(_, subject)| subject.trim().to_owned()).unwrap_or_default()
        };
        Ok(fetched.iter().filter_map(|mail| Some((mail.uid?, mail.header().map(subject)?))).collect())
    }

    /// Puts a mail into a folder beside the mailbox, which is made where it is missing. False: the server does not let it.
    pub(in crate::inbox) fn put(&mut self, name: &str, mail: &[u8]) -> Result<bool, Fault> {
        let Some(folder) = self.existing_or_new(name)? else { return Ok(false) };
        match self.connection.append(&folder, mail).flag(Flag::Seen).finish() {
            Ok(_) => Ok(true),
            Err(imap::Error::No(_) | imap::Error::Bad(_)) => Ok(false),
            Err(error) => Err(broken("APPEND")(error)),
        }
    }

    /// Deletes mails from a folder beside the mailbox, as far as the server lets it. The mailbox is open again afterwards.
    pub(in crate::inbox) fn delete(&mut self, name: &str, uids: &[u32]) -> Result<(), Fault> {
        let Some(folder) = self.existing(name)?.filter(|_| !uids.is_empty()) else { return Ok(()) };
        self.connection.select(&folder).map_err(broken("SELECT"))?;
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let deleted = self
            .connection
            .uid_store(&set, format!("+FLAGS.SILENT ({})", Flag::Deleted))
            .and_then(|_| self.connection.expunge());
        self.select_mailbox()?;
        match deleted {
            // What stays is only untidy.
            Ok(_) | Err(imap::Error::No(_)) => Ok(()),
            Err(error) => Err(broken("EXPUNGE")(error)),
        }
    }

    /// A mail by its Message-ID, in the mailbox or a folder beside it: the folder's name, the number, its beginning. The
    /// mailbox is open again afterwards. Only for IDs of the desk's own making, which need no quoting.
    pub(in crate::inbox) fn find(
        &mut self,
        message_id: &str,
        folders: &[&str],
    ) -> Result<Option<Found>, Fault> {
        let mut found = None;
        let mut places = vec![(None, self.mailbox.clone())];
        for name in folders {
            if let Some(folder) = self.existing(name)? {
                places.push((Some((*name).to_owned()), folder));
            }
        }
        for (name, folder) in places {
            self.connection.select(&folder).map_err(broken("SELECT"))?;
            let query = format!("HEADER Message-ID \"{message_id}\"");
            let uid = self.connection.uid_search(query).map_err(broken("UID SEARCH"))?.into_iter().max();
            if let Some(uid) = uid
                && let Some(mail) = self.fetch(uid)?
            {
                found = Some(Found { folder: name, uid, bytes: mail.bytes });
                break;
            }
        }
        self.select_mailbox()?;
        Ok(found)
    }

    /// The beginnings of the newest mails in a folder beside the mailbox. The mailbox is open again afterwards.
    pub(in crate::inbox) fn newest(&mut self, name: &str, count: usize) -> Result<Vec<Vec<u8>>, Fault> {
        let Some(folder) = self.existing(name)? else { return Ok(Vec::new()) };
        self.connection.select(&folder).map_err(broken("SELECT"))?;
        let mut mails = Vec::new();
        for uid in self.uids()?.into_iter().rev().take(count) {
            mails.extend(self.fetch(uid)?.map(|mail| mail.bytes));
        }
        self.select_mailbox()?;
        Ok(mails)
    }
}
