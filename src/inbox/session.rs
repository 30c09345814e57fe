//! The connection to the mailbox: this file and those below it alone know the `imap` crate. Each wait ends by a time-out; a
//! mail is fetched in one bounded piece.

mod folders;
mod login;
mod moving;
mod tls;
mod wire;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use imap::extensions::idle::SetReadTimeout;
use imap::types::{Flag, UnsolicitedResponse};

use crate::config::{Imap, TlsMode};
use crate::net::stream::Stream;
use crate::net::{Peer, Protocol};
use crate::stop::Bell;

use super::fault::Fault;
use super::message::LARGEST;
use login::log_in;
pub(super) use moving::Mark;
use moving::WayOut;
use tls::{check_greeting, start_tls};
pub(super) use wire::Patience;
use wire::Wire;

/// The wire, with or without TLS.
type Net = Stream<Wire>;

/// The server, as faults name it.
fn peer(imap: &Imap) -> Peer {
    Peer::new(Protocol::Imap, &imap.host, imap.port)
}

fn broken(doing: &str) -> impl Fn(imap::Error) -> Fault + '_ {
    move |error| {
        let peer = Peer { at: "the mail server".into(), protocol: Protocol::Imap };
        let words = match &error {
            imap::Error::Io(error) => peer.fault(error).words,
            imap::Error::ConnectionLost => peer.fault(&io::ErrorKind::UnexpectedEof.into()).words,
            error => error.to_string(),
        };
        Fault::other(format!("{doing}: {words}"))
    }
}

impl SetReadTimeout for Net {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> imap::error::Result<()> {
        // IDLE would set none at its end, and the next command could hang for ever.
        self.socket().set_idle(timeout);
        Ok(())
    }
}

/// An open mailbox.
pub(super) struct Session {
    connection: imap::Session<Net>,
    mailbox: String,
    /// Changes when the server gives new numbers.
    pub uid_validity: u32,
    /// Between the parts of a folder's name; None: the server does not say.
    separator: Option<char>,
    /// The whole names of folders beside the mailbox that were found there.
    folders: HashMap<&'static str, String>,
    can_idle: bool,
    way_out: WayOut,
    /// Whether mails may be marked as deleted, as far as the server says.
    can_delete: bool,
}

/// A mail, or its beginning.
#[derive(Debug)]
pub(super) struct Fetched {
    pub bytes: Vec<u8>,
    /// It is marked as deleted: by a person, or by the desk, which could not take it out.
    pub deleted: bool,
}

impl Session {
    /// Connects, logs in, opens the mailbox.
    ///
    /// Once the bell has rung, it waits for mails no longer; it can still be spoken for a short while.
    pub(super) fn open(imap: &Imap, patience: Patience, bell: Option<Arc<Bell>>) -> Result<Self, Fault> {
        let wire = Wire::connect(imap, patience, bell)?;
        let (net, greeted) = match imap.tls {
            TlsMode::None => (Net::Plain(wire), false),
            TlsMode::Implicit => {
                let secured = Net::Plain(wire).secure(&imap.host);
                (secured.map_err(|error| peer(imap).fault(&error))?, false)
            }
            TlsMode::StartTls => (start_tls(wire, imap)?, true),
        };
        let mut client = imap::Client::new(net);
        if !greeted {
            let greeting = client.read_greeting().map_err(broken("the mail server's greeting"))?;
            check_greeting(&greeting)?;
        }
        let mut session = log_in(client, imap)?;
        let capabilities = session.capabilities().map_err(broken("CAPABILITY"))?;
        let can_idle = capabilities.has_str("IDLE");
        let way_out = match (capabilities.has_str("MOVE"), capabilities.has_str("UIDPLUS")) {
            (true, _) => WayOut::Moved,
            (false, true) => WayOut::Copied,
            (false, false) => WayOut::Marked,
        };
        drop(capabilities);
        let separator = match session.list(None, None) {
            // One character; the crate leaves a backslash before it that only quotes.
            Ok(listed) => listed.iter().find_map(|root| root.delimiter()?.chars().next_back()),
            Err(imap::Error::No(_) | imap::Error::Bad(_)) => None,
            Err(error) => return Err(broken("LIST")(error)),
        };
        let mut opened = Self {
            connection: session,
            mailbox: imap.mailbox.clone(),
            uid_validity: 0,
            can_idle,
            separator,
            folders: HashMap::new(),
            way_out,
            can_delete: true,
        };
        opened.select_mailbox()?;
        Ok(opened)
    }

    fn select_mailbox(&mut self) -> Result<(), Fault> {
        let opened = match self.connection.select(&self.mailbox) {
            Ok(opened) => opened,
            Err(error @ imap::Error::No(_)) => {
                return Err(Fault::other(format!(
                    "the mailbox {} cannot be opened: {error}: see imap.mailbox",
                    self.mailbox
                )));
            }
            Err(error) => return Err(broken("SELECT")(error)),
        };
        if opened.is_read_only {
            return Err(Fault::other(format!(
                "the mailbox {} can only be read: mails in it could not be moved away",
                self.mailbox
            )));
        }
        self.uid_validity = opened.uid_validity.unwrap_or(0);
        // A server that says nothing of it lets every flag be set (RFC 3501, section 7.1).
        self.can_delete =
            opened.permanent_flags.is_empty() || opened.permanent_flags.contains(&Flag::Deleted);
        Ok(())
    }

    /// The numbers of all mails, whatever their flags.
    pub(super) fn uids(&mut self) -> Result<Vec<u32>, Fault> {
        // What it told before, the answer covers.
        drop(self.connection.take_all_unsolicited());
        let mut uids: Vec<u32> =
            self.connection.uid_search("ALL").map_err(broken("UID SEARCH"))?.into_iter().collect();
        uids.sort_unstable();
        Ok(uids)
    }

    /// Whether it told of new mails since they were listed, the end of that answer included. In IDLE it does not say so
    /// again.
    pub(super) fn has_told_of_more(&mut self) -> bool {
        self.connection.take_all_unsolicited().any(|told| matches!(told, UnsolicitedResponse::Exists(_)))
    }

    /// A mail, or its beginning. None: it is gone.
    pub(super) fn fetch(&mut self, uid: u32) -> Result<Option<Fetched>, Fault> {
        let fetched = self
            .connection
            .uid_fetch(uid.to_string(), format!("(UID FLAGS BODY.PEEK[]<0.{LARGEST}>)"))
            .map_err(broken("UID FETCH"))?;
        // Others may be among them that the server tells of by itself; and of this one it may tell in two answers.
        let of_this = || fetched.iter().filter(|fetch| fetch.uid == Some(uid));
        let deleted = of_this().any(|fetch| fetch.flags().contains(&Flag::Deleted));
        Ok(of_this().find_map(|fetch| Some(Fetched { bytes: fetch.body()?.to_vec(), deleted })))
    }

    /// Waits for a change, as long as this. Without IDLE it returns false at once: the caller waits by itself.
    pub(super) fn wait(&mut self, span: Duration) -> Result<bool, Fault> {
        if !self.can_idle {
            self.connection.noop().map_err(broken("NOOP"))?;
            return Ok(false);
        }
        let mut idle = self.connection.idle();
        idle.timeout(span).keepalive(false);
        let waited = idle.wait_while(|response| {
            !matches!(response, UnsolicitedResponse::Exists(_) | UnsolicitedResponse::Bye { .. })
        });
        waited.map_err(broken("IDLE"))?;
        Ok(true)
    }

    /// Says goodbye.
    pub(super) fn close(mut self) {
        let _ = self.connection.logout();
    }
}

#[cfg(test)]
mod tests;
