//! A connection to the mail server: a command, an answer. The words are lettre's; the bytes go over the desk's own connection,
//! since lettre's sets no `TCP_NODELAY`, which costs 40 ms at the end of each letter, and takes no TLS configuration.

use std::fmt::Display;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, ServerInfo};
use lettre::transport::smtp::response::Response;

use crate::config::{Smtp, TlsMode};
use crate::net::stream::{Stream, connect};
use crate::net::{Fault, FaultKind};

use super::Timeouts;
use super::smtp_fault::{Answer, Snag, broken_at_first, peer};

/// The longest answer, and the longest line of one, in bytes; as Postfix has them.
const ANSWER_BYTES: usize = 100_000;
const LINE_BYTES: u64 = 1000;

/// A connection that letters can be handed over by.
#[derive(Debug)]
pub(super) struct Dialogue {
    smtp: Arc<Smtp>,
    stream: BufReader<Stream<TcpStream>>,
    offers: ServerInfo,
    /// Letters that went over it.
    pub letters: u32,
    /// It is of no use any more.
    pub is_broken: bool,
}

impl Dialogue {
    /// Connects, with TLS as the settings say, and logs in.
    pub(super) fn open(smtp: &Arc<Smtp>, timeouts: Timeouts) -> Result<Self, Fault> {
        let at_first = |error: io::Error| broken_at_first(peer(smtp).fault(&error), smtp);
        let tcp = connect(&smtp.host, smtp.port, timeouts.connect, &peer(smtp));
        let mut stream = Stream::Plain(tcp.map_err(|fault| broken_at_first(fault, smtp))?);
        wait_at_most(&mut stream, timeouts.connect);
        if smtp.tls == TlsMode::Implicit {
            stream = stream.secure(&smtp.host).map_err(at_first)?;
        }
        let mut dialogue = Self::over(stream, smtp);
        dialogue.answer().map_err(|snag| snag.at_first(smtp))?;
        dialogue.wait_at_most(timeouts.command);
        dialogue.greet()?;
        if smtp.tls == TlsMode::StartTls {
            if !dialogue.offers.supports_feature(Extension::StartTls) {
                return Err(Fault::new(
                    FaultKind::NoStartTls,
                    format!(
                        "{}:{} does not offer STARTTLS, and nothing is sent without: set smtp.tls: implicit with \
                         port 465; only for a mail server on this machine or in a network of your own \
                         smtp.tls: none",
                        smtp.host, smtp.port
                    ),
                ));
            }
            dialogue.ask(Starttls).map_err(|snag| snag.at_first(smtp))?;
            // What came behind the answer, in the clear, is dropped: nobody is to take it for an answer under TLS.
            let secured = dialogue.stream.into_inner().secure(&smtp.host).map_err(at_first)?;
            dialogue = Self::over(secured, smtp);
            dialogue.greet()?;
        }
        if let Some((name, password)) = &smtp.login {
            dialogue.log_in(smtp, &Credentials::new(name.clone(), password.reveal().to_owned()))?;
        }
        Ok(dialogue)
    }

    fn over(stream: Stream<TcpStream>, smtp: &Arc<Smtp>) -> Self {
        let (smtp, stream) = (Arc::clone(smtp), BufReader::new(stream));
        Self { smtp, stream, offers: ServerInfo::default(), letters: 0, is_broken: false }
    }

    fn greet(&mut self) -> Result<(), Fault> {
        let answer = self.ask(Ehlo::new(ClientId::default())).map_err(|snag| snag.at_first(&self.smtp))?;
        self.offers = ServerInfo::from_response(&answer).map_err(|_| peer(&self.smtp).foreign())?;
        Ok(())
    }

    fn log_in(&mut self, smtp: &Smtp, login: &Credentials) -> Result<(), Fault> {
        let Some(mechanism) = self.offers.get_auth_mechanism(&[Mechanism::Plain, Mechanism::Login]) else {
            let remedy = match smtp.tls {
                TlsMode::None => "many offer it only over TLS: set smtp.tls: starttls; ",
                TlsMode::StartTls | TlsMode::Implicit => "",
            };
            return Err(Fault::new(
                FaultKind::Login,
                format!(
                    "{}:{} offers no login with a password (PLAIN or LOGIN): {remedy}if it needs none, leave out \
                     smtp.username",
                    smtp.host, smtp.port
                ),
            ));
        };
        let foreign = || peer(smtp).foreign();
        let refused = |snag| match snag {
            Snag::No(answer) => answer.login_refused(smtp),
            Snag::Broken(fault) => fault,
        };
        let first = Auth::new(mechanism, login.clone(), None).map_err(|_| foreign())?;
        let mut answer = self.ask(first).map_err(refused)?;
        // LOGIN asks twice.
        for _ in 0..2 {
            if !answer.has_code(334) {
                break;
            }
            let next = Auth::new_from_response(mechanism, login.clone(), &answer).map_err(|_| foreign())?;
            answer = self.ask(next).map_err(refused)?;
        }
        if answer.has_code(334) { Err(foreign()) } else { Ok(()) }
    }

    /// How long each silence may last from now on.
    pub(super) fn wait_at_most(&mut self, silence: Duration) {
        wait_at_most(self.stream.get_mut(), silence);
    }

    /// A command and its answer.
    pub(super) fn ask(&mut self, command: impl Display) -> Result<Response, Snag> {
        self.write(command.to_string().as_bytes()).map_err(Snag::Broken)?;
        self.answer()
    }

    /// The whole letter and the final dot, all at once. What comes is read by [`Dialogue::answer`].
    pub(super) fn write_letter(&mut self, letter: &[u8]) -> Result<(), Fault> {
        let mut stuffed = Vec::with_capacity(letter.len() + 64);
        for line in letter.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b".") {
                stuffed.push(b'.');
            }
            stuffed.extend_from_slice(line);
        }
        if !stuffed.ends_with(b"\r\n") {
            stuffed.extend_from_slice(b"\r\n");
        }
        stuffed.extend_from_slice(b".\r\n");
        self.write(&stuffed)
    }

    fn broken(&mut self, error: &io::Error) -> Fault {
        self.is_broken = true;
        peer(&self.smtp).fault(error)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let stream = self.stream.get_mut();
        let written = stream.write_all(bytes).and_then(|()| stream.flush());
        written.map_err(|error| self.broken(&error))
    }

    /// The next answer. Err also where it is a negative one.
    pub(super) fn answer(&mut self) -> Result<Response, Snag> {
        let answer = self.read_answer().map_err(|error| Snag::Broken(self.broken(&error)))?;
        if answer.is_positive() { Ok(answer) } else { Err(Snag::No(Answer::of(&answer))) }
    }

    fn read_answer(&mut self) -> io::Result<Response> {
        let mut text = String::new();
        loop {
            let start = text.len();
            if self.stream.by_ref().take(LINE_BYTES).read_line(&mut text)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if !text.ends_with('\n') || text.len() > ANSWER_BYTES {
                return Err(ErrorKind::InvalidData.into());
            }
            if text.as_bytes().get(start + 3) != Some(&b'-') {
                return text.parse().map_err(|_| ErrorKind::InvalidData.into());
            }
        }
    }
}

/// That of an open socket can always be set.
fn wait_at_most(stream: &mut Stream<TcpStream>, silence: Duration) {
    let tcp = stream.socket();
    let _ = (tcp.set_read_timeout(Some(silence)), tcp.set_write_timeout(Some(silence)));
}
