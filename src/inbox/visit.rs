//! A look into the mailbox, beside a running desk or without one: what `doctor --mail` needs.

use std::collections::BTreeMap;

use crate::config::Imap;
use crate::domain::MessageId;

use super::authentication::{Proof, claims, proof};
use super::headers::Headers;
use super::session::{Mark, Patience, Session};

/// Where a running desk moves mails.
const FOLDERS: [&str; 3] = ["Ignored", "Done", "Held"];

/// So many of the newest mails of each folder are looked at.
const NEWEST: usize = 10;

/// An open mailbox.
pub struct Visit(Session);

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").finish_non_exhaustive()
    }
}

/// A mail that has arrived.
#[derive(Debug)]
pub struct Arrived {
    /// Who claims to have written its `Authentication-Results`, from the top, in lower case.
    pub authserv_ids: Vec<String>,
    /// How many of them say that DMARC has passed, by server.
    pub passes: BTreeMap<String, usize>,
    /// Where its bounces would go to, as far as it says.
    pub return_path: Option<String>,
    headers: Headers,
    /// None: a running desk has moved it already.
    in_mailbox: Option<u32>,
}

impl Arrived {
    /// What the desk would make of its sender if it believed this server.
    pub fn proof(&self, authserv_id: &str, domain: &str) -> Proof {
        proof(&self.headers, &[authserv_id.to_owned()], domain)
    }
}

impl Visit {
    /// Connects, logs in, opens the mailbox. The error says what to do.
    pub fn open(imap: &Imap) -> Result<Self, String> {
        Session::open(imap, Patience::default(), None).map(Self).map_err(|fault| fault.to_string())
    }

    /// One of the desk's own mails, where it has arrived.
    pub fn find(&mut self, message_id: &MessageId) -> Result<Option<Arrived>, String> {
        let found = self.0.find(message_id.as_str(), &FOLDERS).map_err(|fault| fault.to_string())?;
        Ok(found.map(|found| {
            let headers = Headers::read(&found.bytes);
            let claims = claims(&headers);
            let mut passes = BTreeMap::new();
            for (id, _) in claims.iter().filter(|(_, passed)| *passed) {
                *passes.entry(id.clone()).or_default() += 1;
            }
            Arrived {
                authserv_ids: claims.into_iter().map(|(id, _)| id).collect(),
                passes,
                return_path: headers
                    .first("return-path")
                    .map(|path| path.trim_matches(['<', '>', ' ']).to_lowercase()),
                headers,
                in_mailbox: found.folder.is_none().then_some(found.uid),
            }
        }))
    }

    /// Moves it away as the desk would have.
    pub fn put_away(&mut self, mail: &Arrived) -> Result<(), String> {
        match mail.in_mailbox {
            Some(uid) => {
                self.0.move_to(uid, "Ignored", Mark::Plain).map(drop).map_err(|fault| fault.to_string())
            }
            None => Ok(()),
        }
    }

    /// Whose `Authentication-Results` stand topmost in mails of the last time, and in how many; the most frequent first. Also how
    /// many mails were looked at.
    pub fn seen_lately(&mut self) -> Result<(Vec<(String, usize)>, usize), String> {
        let (mut counts, mut looked_at) = (BTreeMap::<String, usize>::new(), 0);
        for folder in FOLDERS {
            for bytes in self.0.newest(folder, NEWEST).map_err(|fault| fault.to_string())? {
                let headers = Headers::read(&bytes);
                if headers.has("x-doorman") {
                    continue;
                }
                looked_at += 1;
                if let Some((id, _)) = claims(&headers).into_iter().next() {
                    *counts.entry(id).or_default() += 1;
                }
            }
        }
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok((counts, looked_at))
    }
}
