//! The connection to the mailbox: the one file that knows the `imap` crate. Each wait ends by a time-out; a mail is fetched in
//! one bounded piece.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use imap::extensions::idle::SetReadTimeout;
use imap::types::{Flag, UnsolicitedResponse};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::config::{Imap, ImapLogin, TlsMode};
use crate::domain::printable;

use super::access_token::access_token;
use super::message::LARGEST;

/// For a connection to each address of the host.
const CONNECT: Duration = Duration::from_secs(20);

/// How much a mail server may ask of the desk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// A silence.
    pub silence: Duration,
    /// From one thing that it is told to the next, however much it says meanwhile. Longer than any IDLE.
    pub answer: Duration,
    /// What it may say between the two: a mail's beginning, or the numbers of half a million mails.
    pub bytes: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silence: Duration::from_secs(30), answer: Duration::from_secs(180), bytes: 4 << 20 }
    }
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The account is not let in: trying often would only lock it.
    Login,
    /// This mail cannot be moved, others perhaps can.
    Stuck,
    /// Another desk reads the mailbox.
    Occupied,
    /// Everything else, which may pass by itself.
    Other,
}

/// Why the mailbox cannot be read; says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub kind: Kind,
    words: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Fault {
    pub(super) fn new(kind: Kind, words: &str) -> Self {
        Self { kind, words: printable(words, 400) }
    }
}

fn fault(words: impl Into<String>) -> Fault {
    Fault::new(Kind::Other, &words.into())
}

fn broken(doing: &str) -> impl Fn(imap::Error) -> Fault + '_ {
    move |error| {
        let words = match &error {
            imap::Error::Io(error)
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                "the mail server does not answer".into()
            }
            imap::Error::ConnectionLost => "the connection was lost".into(),
            error => error.to_string(),
        };
        fault(format!("{doing}: {words}"))
    }
}

/// While it waits for mails, it looks so often whether somebody calls it away.
const LOOK_UP_EVERY: Duration = Duration::from_millis(250);

/// The socket. Its time-outs end a silence; a server that drips, or never ends, is ended here.
#[derive(Debug)]
struct Wire {
    tcp: TcpStream,
    patience: Patience,
    told_at: Instant,
    heard: usize,
    /// In IDLE: until when. A silence is no fault then.
    idle_until: Option<Instant>,
    /// Somebody calls it away from IDLE.
    called: Arc<AtomicBool>,
}

impl Wire {
    /// From the socket; in IDLE it looks up between.
    fn wait(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(until) = self.idle_until else { return self.tcp.read(buffer) };
        loop {
            if self.called.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.tcp.read(buffer) {
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
                        && Instant::now() < until => {}
                read => return read,
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.told_at.elapsed() > self.patience.answer {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long over one answer"));
        }
        let count = self.wait(buffer)?;
        self.heard = self.heard.saturating_add(count);
        if self.heard > self.patience.bytes {
            return Err(io::Error::other("it says more than it was asked for"));
        }
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.told_at, self.heard) = (Instant::now(), 0);
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// The wire, with or without TLS.
#[derive(Debug)]
enum Net {
    Plain(Wire),
    Tls(Box<StreamOwned<ClientConnection, Wire>>),
}

impl Net {
    fn wire(&mut self) -> &mut Wire {
        match self {
            Self::Plain(wire) => wire,
            Self::Tls(tls) => &mut tls.sock,
        }
    }
}

impl Read for Net {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(wire) => wire.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Net {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(wire) => wire.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(wire) => wire.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

impl SetReadTimeout for Net {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> imap::error::Result<()> {
        // IDLE would set none at its end, and the next command could hang for ever.
        let wire = self.wire();
        wire.idle_until = timeout.map(|timeout| Instant::now() + timeout);
        let silence = timeout.map_or(wire.patience.silence, |timeout| timeout.min(LOOK_UP_EVERY));
        wire.tcp.set_read_timeout(Some(silence)).map_err(imap::Error::Io)
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

/// How a mail leaves the mailbox, by what the server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WayOut {
    /// MOVE (RFC 6851).
    Moved,
    /// Copied and taken out: UIDPLUS (RFC 4315) takes out that one alone.
    Copied,
    /// Copied and marked as deleted: a plain EXPUNGE would take out every mail that a person has marked, too.
    Marked,
}

/// A mail, or its beginning.
#[derive(Debug)]
pub(super) struct Fetched {
    pub bytes: Vec<u8>,
    /// It is marked as deleted: by a person, or by the desk, which could not take it out.
    pub deleted: bool,
}

/// What has to be known of a mail to move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Plain,
    /// Marked as deleted by somebody, and not dealt with yet.
    Deleted,
    /// Dealt with, and marked as deleted: where mails are moved by copying them, the copy lies there already.
    Copied,
}

/// A mail that was looked for.
#[derive(Debug)]
pub(super) struct Found {
    /// Beside the mailbox; None: in the mailbox itself.
    pub folder: Option<String>,
    pub uid: u32,
    /// Its beginning.
    pub bytes: Vec<u8>,
}

/// Ends a session from another thread.
#[derive(Debug)]
pub(super) struct Plug {
    tcp: TcpStream,
    called: Arc<AtomicBool>,
}

impl Plug {
    /// The session waits for mails no longer, from now on; it can still be spoken.
    pub(super) fn call_away(&self) {
        self.called.store(true, Ordering::Relaxed);
    }

    /// Whatever it is doing: at once.
    pub(super) fn pull(&self) {
        let _ = self.tcp.shutdown(Shutdown::Both);
    }
}

impl Session {
    /// Connects, logs in, opens the mailbox.
    ///
    /// `plug` gets what ends all waiting from another thread.
    pub(super) fn open(imap: &Imap, patience: Patience, plug: impl FnOnce(Plug)) -> Result<Self, Fault> {
        let wire = connect(imap, patience)?;
        if let Ok(tcp) = wire.tcp.try_clone() {
            plug(Plug { tcp, called: Arc::clone(&wire.called) });
        }
        let (net, greeted) = match imap.tls {
            TlsMode::None => (Net::Plain(wire), false),
            TlsMode::Implicit => (secure(wire, imap)?, false),
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
                return Err(fault(format!(
                    "the mailbox {} cannot be opened: {error}: see imap.mailbox",
                    self.mailbox
                )));
            }
            Err(error) => return Err(broken("SELECT")(error)),
        };
        if opened.is_read_only {
            return Err(fault(format!(
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

    /// Moves a mail into a folder beside the mailbox, which is made where it is missing. That it is gone already is fine.
    /// False: it stays, marked as deleted, since this server offers no way to take out that one alone.
    pub(super) fn move_to(&mut self, uid: u32, name: &'static str, mark: Mark) -> Result<bool, Fault> {
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

    fn existing_or_new(&mut self, name: &str) -> Result<Option<String>, Fault> {
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

    /// What a folder beside the mailbox may be called: some servers have all folders below INBOX, and refuse others.
    fn beside(&self, name: &str) -> Vec<String> {
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

    /// What lies in a folder beside the mailbox: number and subject of each mail. The mailbox is open again afterwards.
    pub(super) fn subjects(&mut self, name: &str) -> Result<Vec<(u32, String)>, Fault> {
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

    /// Puts a mail into a folder beside the mailbox, which is made where it is missing. False: the server does not let it.
    pub(super) fn put(&mut self, name: &str, mail: &[u8]) -> Result<bool, Fault> {
        let Some(folder) = self.existing_or_new(name)? else { return Ok(false) };
        match self.connection.append(&folder, mail).flag(Flag::Seen).finish() {
            Ok(_) => Ok(true),
            Err(imap::Error::No(_) | imap::Error::Bad(_)) => Ok(false),
            Err(error) => Err(broken("APPEND")(error)),
        }
    }

    /// Deletes mails from a folder beside the mailbox, as far as the server lets it. The mailbox is open again afterwards.
    pub(super) fn delete(&mut self, name: &str, uids: &[u32]) -> Result<(), Fault> {
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
    pub(super) fn find(&mut self, message_id: &str, folders: &[&str]) -> Result<Option<Found>, Fault> {
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
    pub(super) fn newest(&mut self, name: &str, count: usize) -> Result<Vec<Vec<u8>>, Fault> {
        let Some(folder) = self.existing(name)? else { return Ok(Vec::new()) };
        self.connection.select(&folder).map_err(broken("SELECT"))?;
        let mut mails = Vec::new();
        for uid in self.uids()?.into_iter().rev().take(count) {
            mails.extend(self.fetch(uid)?.map(|mail| mail.bytes));
        }
        self.select_mailbox()?;
        Ok(mails)
    }

    fn hand_over(&mut self, uid: &str, folder: &str) -> imap::error::Result<()> {
        match self.way_out {
            WayOut::Moved => self.connection.uid_mv(uid, folder),
            WayOut::Copied | WayOut::Marked => self.connection.uid_copy(uid, folder),
        }
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

fn connect(imap: &Imap, patience: Patience) -> Result<Wire, Fault> {
    let host = imap.host.as_str();
    let addresses = (host, imap.port)
        .to_socket_addrs()
        .map_err(|error| fault(format!("the name {host} is not known ({error}): see imap.host")))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(tcp) => {
                let set = tcp
                    .set_read_timeout(Some(patience.silence))
                    .and_then(|()| tcp.set_write_timeout(Some(patience.silence)))
                    .and_then(|()| tcp.set_nodelay(true));
                set.map_err(|error| fault(error.to_string()))?;
                return Ok(Wire {
                    tcp,
                    patience,
                    told_at: Instant::now(),
                    heard: 0,
                    idle_until: None,
                    called: Arc::default(),
                });
            }
            Err(error) => last = Some(error),
        }
    }
    let why = last.map_or_else(|| "it has no address".to_owned(), |error| error.to_string());
    Err(fault(format!("nobody answers at {host}:{}: {why}", imap.port)))
}

fn secure(mut wire: Wire, imap: &Imap) -> Result<Net, Fault> {
    let host = imap.host.clone();
    let wrong = |error: &dyn fmt::Display| {
        fault(format!("no TLS with {host}:{}: {error}: see imap.tls and imap.port", imap.port))
    };
    let mut roots = RootCertStore::empty();
    let (_, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.clone()).map_err(|error| wrong(&error))?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| wrong(&error))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut wire).map_err(|error| wrong(&error))?;
    }
    Ok(Net::Tls(Box::new(StreamOwned::new(connection, wire))))
}

/// By hand, before the crate sees the wire: nothing that came in the clear is taken for an answer under TLS.
fn start_tls(mut wire: Wire, imap: &Imap) -> Result<Net, Fault> {
    check_greeting(&line(&mut wire)?)?;
    wire.write_all(b"x1 STARTTLS\r\n").map_err(|error| fault(error.to_string()))?;
    loop {
        let answer = String::from_utf8_lossy(&line(&mut wire)?).into_owned();
        if let Some(answer) = answer.strip_prefix("x1 ") {
            if answer.to_ascii_uppercase().starts_with("OK") {
                break;
            }
            return Err(fault(format!(
                "{} does not offer STARTTLS ({}), and nothing is sent without: set imap.tls: implicit with port 993",
                imap.host,
                answer.trim()
            )));
        }
        if !answer.starts_with('*') {
            return Err(fault(format!("{} answers STARTTLS with something else", imap.host)));
        }
    }
    secure(wire, imap)
}

/// A line, byte by byte, so that none of what follows is taken.
fn line(wire: &mut Wire) -> Result<Vec<u8>, Fault> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        let count = wire.read(&mut byte).map_err(|_| fault("the mail server does not answer"))?;
        if count == 0 || line.len() > 8192 {
            return Err(fault("the connection was lost"));
        }
        line.push(byte[0]);
    }
    Ok(line)
}

fn check_greeting(greeting: &[u8]) -> Result<(), Fault> {
    let greeting = String::from_utf8_lossy(greeting);
    if greeting.to_ascii_uppercase().starts_with("* OK") {
        return Ok(());
    }
    Err(fault(format!("this is no IMAP server that can be logged in to: it greets with {}", greeting.trim())))
}

/// One kind of SASL.
struct Sasl {
    first: Vec<u8>,
    /// What an OAuth server says before it refuses.
    said: RefCell<String>,
    on_error: &'static [u8],
}

impl imap::Authenticator for &Sasl {
    type Response = Vec<u8>;

    fn process(&self, challenge: &[u8]) -> Vec<u8> {
        if challenge.is_empty() {
            return self.first.clone();
        }
        *self.said.borrow_mut() = printable(&String::from_utf8_lossy(challenge), 200);
        self.on_error.to_vec()
    }
}

/// Refusals that have nothing to do with the account (RFC 5530): a server that is just starting says so.
fn passes_by_itself(refusal: &str) -> bool {
    let refusal = refusal.trim_start().to_ascii_uppercase();
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"].iter().any(|code| refusal.starts_with(code))
}

fn log_in(mut client: imap::Client<Net>, imap: &Imap) -> Result<imap::Session<Net>, Fault> {
    let offers = |client: &mut imap::Client<Net>, mechanism: &str| {
        client.capabilities().map(|all| all.has_str(mechanism)).map_err(broken("CAPABILITY"))
    };
    let (mechanism, first, on_error) = match &imap.login {
        ImapLogin::Password(password) => {
            ("PLAIN", format!("\0{}\0{}", imap.username, password.reveal()).into_bytes(), &b""[..])
        }
        ImapLogin::TokenCommand(command) => {
            let token = access_token(command).map_err(fault)?;
            if offers(&mut client, "AUTH=OAUTHBEARER")? {
                let first = format!(
                    "n,a={},\x01host={}\x01port={}\x01auth=Bearer {token}\x01\x01",
                    imap.username, imap.host, imap.port
                );
                ("OAUTHBEARER", first.into_bytes(), &b"\x01"[..])
            } else {
                let first = format!("user={}\x01auth=Bearer {token}\x01\x01", imap.username);
                ("XOAUTH2", first.into_bytes(), &b""[..])
            }
        }
    };
    let sasl = Sasl { first, said: RefCell::default(), on_error };
    let result = match &imap.login {
        ImapLogin::Password(password) if !offers(&mut client, "AUTH=PLAIN")? => {
            client.login(&imap.username, password.reveal())
        }
        _ => client.authenticate(mechanism, &&sasl),
    };
    result.map_err(|(error, _)| match error {
        imap::Error::No(no) if passes_by_itself(&no.information) => {
            fault(format!("{} lets nobody in for now: {no}", imap.host))
        }
        imap::Error::No(_) | imap::Error::Bad(_) => {
            let said = sasl.said.borrow();
            let why = if said.is_empty() { error.to_string() } else { said.clone() };
            Fault {
                kind: Kind::Login,
                words: printable(
                    &format!(
                        "{} does not let {} in ({why}): see imap.username and imap.password (or token_command)",
                        imap.host, imap.username
                    ),
                    400,
                ),
            }
        }
        error => broken("the login")(error),
    })
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
