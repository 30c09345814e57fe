//! The connection to the mailbox: the one file that knows the `imap` crate. Each wait ends by a time-out; a mail is fetched in
//! one bounded piece.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use imap::extensions::idle::SetReadTimeout;
use imap::types::{Flag, UnsolicitedResponse};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::config::{Imap, ImapLogin, TlsMode};
use crate::domain::printable;

use super::message::LARGEST;

/// For a connection to each address of the host.
const CONNECT: Duration = Duration::from_secs(20);

/// For the answer to a command.
const COMMAND: Duration = Duration::from_secs(30);

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The account is not let in: trying often would only lock it.
    Login,
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

fn fault(words: impl Into<String>) -> Fault {
    Fault { kind: Kind::Other, words: printable(&words.into(), 400) }
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

/// The wire, with or without TLS.
enum Net {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Net {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => &tls.sock,
        }
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tcp().fmt(f)
    }
}

impl Read for Net {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Net {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

impl SetReadTimeout for Net {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> imap::error::Result<()> {
        // IDLE would set none at its end, and the next command could hang for ever.
        self.tcp().set_read_timeout(Some(timeout.unwrap_or(COMMAND))).map_err(imap::Error::Io)
    }
}

/// An open mailbox.
pub(super) struct Session {
    connection: imap::Session<Net>,
    mailbox: String,
    /// Changes when the server gives new numbers.
    pub uid_validity: u32,
    can_idle: bool,
    can_move: bool,
    can_expunge: bool,
}

/// Ends a session from another thread, at once.
#[derive(Debug)]
pub(super) struct Plug(TcpStream);

impl Plug {
    pub(super) fn pull(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Session {
    /// Connects, logs in, opens the mailbox.
    ///
    /// `plug` gets what ends all waiting from another thread.
    pub(super) fn open(imap: &Imap, plug: impl FnOnce(Plug)) -> Result<Self, Fault> {
        let tcp = connect(imap)?;
        if let Ok(wire) = tcp.try_clone() {
            plug(Plug(wire));
        }
        let (net, greeted) = match imap.tls {
            TlsMode::None => (Net::Plain(tcp), false),
            TlsMode::Implicit => (secure(tcp, imap)?, false),
            TlsMode::StartTls => (start_tls(tcp, imap)?, true),
        };
        let mut client = imap::Client::new(net);
        if !greeted {
            let greeting = client.read_greeting().map_err(broken("the mail server's greeting"))?;
            check_greeting(&greeting)?;
        }
        let mut session = log_in(client, imap)?;
        let capabilities = session.capabilities().map_err(broken("CAPABILITY"))?;
        let (can_idle, can_move, can_expunge) =
            (capabilities.has_str("IDLE"), capabilities.has_str("MOVE"), capabilities.has_str("UIDPLUS"));
        drop(capabilities);
        let opened = session.select(&imap.mailbox).map_err(|error| {
            fault(format!("the mailbox {} cannot be opened: {error}: see imap.mailbox", imap.mailbox))
        })?;
        if opened.is_read_only {
            return Err(fault(format!(
                "the mailbox {} can only be read: mails in it could not be moved away",
                imap.mailbox
            )));
        }
        let uid_validity = opened.uid_validity.unwrap_or(0);
        Ok(Self {
            connection: session,
            mailbox: imap.mailbox.clone(),
            uid_validity,
            can_idle,
            can_move,
            can_expunge,
        })
    }

    /// The numbers of all mails, whatever their flags.
    pub(super) fn uids(&mut self) -> Result<Vec<u32>, Fault> {
        let mut uids: Vec<u32> =
            self.connection.uid_search("UNDELETED").map_err(broken("UID SEARCH"))?.into_iter().collect();
        uids.sort_unstable();
        Ok(uids)
    }

    /// A mail, or its beginning. None: it is gone.
    pub(super) fn fetch(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Fault> {
        let fetched = self
            .connection
            .uid_fetch(uid.to_string(), format!("(UID BODY.PEEK[]<0.{LARGEST}>)"))
            .map_err(broken("UID FETCH"))?;
        // Others may be among them that the server tells of by itself.
        let found = fetched.iter().find(|fetch| fetch.uid == Some(uid));
        Ok(found.and_then(|fetch| fetch.body()).map(<[u8]>::to_vec))
    }

    /// Moves a mail into a folder beside the mailbox, which is made where it is missing. That it is gone already is fine.
    pub(super) fn move_to(&mut self, uid: u32, name: &str) -> Result<(), Fault> {
        let uid = uid.to_string();
        // For people who look into the mailbox; it plays no part here.
        let _ = self.connection.uid_store(&uid, "+FLAGS.SILENT (\\Seen)");
        let beside = match self.mailbox.rfind(['/', '.']) {
            Some(at) => format!("{}{name}", &self.mailbox[..=at]),
            None => name.to_owned(),
        };
        // Some servers have all folders below INBOX.
        let mut last = None;
        for folder in [beside.clone(), format!("INBOX.{beside}"), format!("INBOX/{beside}")] {
            match self.hand_over(&uid, &folder) {
                Ok(()) => return Ok(()),
                Err(imap::Error::No(_)) => {}
                Err(error) => return Err(broken("UID MOVE")(error)),
            }
            if self.connection.create(&folder).is_ok() {
                let _ = self.connection.subscribe(&folder);
                match self.hand_over(&uid, &folder) {
                    Ok(()) => return Ok(()),
                    Err(error @ imap::Error::No(_)) => last = Some(error),
                    Err(error) => return Err(broken("UID MOVE")(error)),
                }
            }
        }
        let why = last.map_or_else(|| "it cannot be made".to_owned(), |error| error.to_string());
        Err(fault(format!(
            "mails cannot be moved to {beside}: {why}: make that folder by hand, or make room"
        )))
    }

    fn hand_over(&mut self, uid: &str, folder: &str) -> imap::error::Result<()> {
        if self.can_move {
            return self.connection.uid_mv(uid, folder);
        }
        self.connection.uid_copy(uid, folder)?;
        self.connection.uid_store(uid, format!("+FLAGS.SILENT ({})", Flag::Deleted))?;
        if self.can_expunge {
            self.connection.uid_expunge(uid)?;
        }
        Ok(())
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

fn connect(imap: &Imap) -> Result<TcpStream, Fault> {
    let host = imap.host.as_str();
    let addresses = (host, imap.port)
        .to_socket_addrs()
        .map_err(|error| fault(format!("the name {host} is not known ({error}): see imap.host")))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(tcp) => {
                let set = tcp
                    .set_read_timeout(Some(COMMAND))
                    .and_then(|()| tcp.set_write_timeout(Some(COMMAND)))
                    .and_then(|()| tcp.set_nodelay(true));
                set.map_err(|error| fault(error.to_string()))?;
                return Ok(tcp);
            }
            Err(error) => last = Some(error),
        }
    }
    let why = last.map_or_else(|| "it has no address".to_owned(), |error| error.to_string());
    Err(fault(format!("nobody answers at {host}:{}: {why}", imap.port)))
}

fn secure(mut tcp: TcpStream, imap: &Imap) -> Result<Net, Fault> {
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
        connection.complete_io(&mut tcp).map_err(|error| wrong(&error))?;
    }
    Ok(Net::Tls(Box::new(StreamOwned::new(connection, tcp))))
}

/// By hand, before the crate sees the wire: nothing that came in the clear is taken for an answer under TLS.
fn start_tls(mut tcp: TcpStream, imap: &Imap) -> Result<Net, Fault> {
    check_greeting(&line(&mut tcp)?)?;
    tcp.write_all(b"x1 STARTTLS\r\n").map_err(|error| fault(error.to_string()))?;
    loop {
        let answer = String::from_utf8_lossy(&line(&mut tcp)?).into_owned();
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
    secure(tcp, imap)
}

/// A line, byte by byte, so that none of what follows is taken.
fn line(tcp: &mut TcpStream) -> Result<Vec<u8>, Fault> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        let count = tcp.read(&mut byte).map_err(|_| fault("the mail server does not answer"))?;
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

fn log_in(mut client: imap::Client<Net>, imap: &Imap) -> Result<imap::Session<Net>, Fault> {
    let offers = |client: &mut imap::Client<Net>, mechanism: &str| {
        client.capabilities().map(|all| all.has_str(mechanism)).map_err(broken("CAPABILITY"))
    };
    let (mechanism, first, on_error) = match &imap.login {
        ImapLogin::Password(password) => {
            ("PLAIN", format!("\0{}\0{}", imap.username, password.reveal()).into_bytes(), &b""[..])
        }
        ImapLogin::TokenCommand(command) => {
            let token = access_token(command)?;
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

/// What the operator's command prints. Its output stands in no log.
fn access_token(command: &str) -> Result<String, Fault> {
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| fault(format!("imap.token_command: {error}")))?;
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || token.is_empty() || token.contains(char::is_whitespace) {
        return Err(fault(format!(
            "imap.token_command prints no access token ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    Ok(token)
}
