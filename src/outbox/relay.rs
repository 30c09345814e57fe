//! Letters to the mail server (RFC 5321). lettre speaks SMTP; the steps are taken one by one, so that each error is
//! known to be the letter's or the mail server's, and whether the letter may have got through in spite of it.

use std::cell::Cell;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;

use crate::config::{Smtp, TlsMode};

use super::compose::Composed;
use super::outcome::{FaultKind, Outcome, RelayFault, cleaned};
use super::smtp_fault::{Answer, broken, broken_at_first, login_refused, refused};

/// How long to wait for the mail server. Each is for one silence: a connection, an answer.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the connection (each address of the host) and the greeting.
    pub connect: Duration,
    /// For the answer to a command.
    pub command: Duration,
    /// For the answer to the whole letter: the mail server may scan it meanwhile (RFC 5321, section 4.5.3.2.6).
    ///
    /// A desk that stops does not have to wait it out: the letter is marked as being sent, so its fate counts as
    /// unknown, and the thread can be left behind.
    pub letter: Duration,
}

impl Default for Timeouts {
    /// 30 s, 60 s, 10 minutes.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_secs(60),
            letter: Duration::from_secs(10 * 60),
        }
    }
}

/// So many letters go over one connection: mail servers have limits, and rotate their names.
const LETTERS_PER_CONNECTION: u32 = 50;

/// How long to wait for the answer to QUIT, which nobody needs.
const GOODBYE: Duration = Duration::from_secs(2);

/// The mail server, with a connection that stays open from letter to letter.
pub struct Relay {
    smtp: Smtp,
    timeouts: Timeouts,
    session: Option<Session>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("smtp", &self.smtp)
            .field("timeouts", &self.timeouts)
            .field("session", &self.session.as_ref().map(|session| session.letters))
            .finish()
    }
}

struct Session {
    connection: SmtpConnection,
    letters: u32,
}

impl Relay {
    /// Not connected yet.
    pub fn new(smtp: Smtp, timeouts: Timeouts) -> Self {
        Self { smtp, timeouts, session: None }
    }

    /// Connects and logs in, unless that was done already and still holds. [`Relay::deliver`] does it by itself.
    pub fn connect(&mut self) -> Result<(), RelayFault> {
        let session = self.session()?;
        self.session = Some(session);
        Ok(())
    }

    /// Hands over one letter, over the open connection where there is one.
    pub fn deliver(&mut self, letter: &Composed) -> Outcome {
        let mut session = match self.session() {
            Ok(session) => session,
            Err(fault) => return Outcome::Fault(fault),
        };
        session.letters += 1;
        match self.hand_over(&mut session.connection, letter) {
            Ok(outcome) => {
                self.session = Some(session);
                outcome
            }
            // The connection is of no use any more.
            Err(outcome) => outcome,
        }
    }

    /// Says goodbye, and does not wait long for the answer.
    pub fn rest(&mut self) {
        if let Some(session) = self.session.take() {
            session.quit();
        }
    }

    /// The open connection, if it is still there and has not carried too many letters; else a new one.
    fn session(&mut self) -> Result<Session, RelayFault> {
        match self.session.take() {
            // RSET also tells whether the mail server has hung up meanwhile.
            Some(mut session) if session.letters < LETTERS_PER_CONNECTION => {
                if session.connection.command(Rset).is_ok() { Ok(session) } else { self.open() }
            }
            Some(session) => {
                session.quit();
                self.open()
            }
            None => self.open(),
        }
    }

    fn open(&self) -> Result<Session, RelayFault> {
        let smtp = &self.smtp;
        let hello = ClientId::default();
        let tls = match smtp.tls {
            TlsMode::None => None,
            TlsMode::StartTls | TlsMode::Implicit => Some(
                TlsParameters::new_rustls(bare(&smtp.host).to_owned())
                    .map_err(|error| RelayFault::new(FaultKind::Tls, cleaned(&error.to_string())))?,
            ),
        };
        let from_the_start = tls.as_ref().filter(|_| smtp.tls == TlsMode::Implicit);
        let fault = |error: &Error| broken_at_first(error, smtp);
        let mut connection = SmtpConnection::connect(
            addresses(smtp)?.as_slice(),
            Some(self.timeouts.connect),
            &hello,
            from_the_start,
            None,
        )
        .map_err(|error| fault(&error))?;
        connection.set_timeout(Some(self.timeouts.command)).map_err(|error| unusable(&error, smtp))?;
        if let (TlsMode::StartTls, Some(tls)) = (smtp.tls, &tls) {
            if !connection.can_starttls() {
                return Err(RelayFault::new(
                    FaultKind::NoStartTls,
                    format!(
                        "{}:{} does not offer STARTTLS, and nothing is sent without: set smtp.tls: implicit with \
                         port 465; only for a mail server on this machine or in a network of your own \
                         smtp.tls: none",
                        smtp.host, smtp.port
                    ),
                ));
            }
            connection.starttls(tls, &hello).map_err(|error| fault(&error))?;
        }
        if let Some((name, password)) = &smtp.login {
            let login = Credentials::new(name.clone(), password.reveal().to_owned());
            log_in(&mut connection, smtp, &login)?;
        }
        Ok(Session { connection, letters: 0 })
    }

    /// The letter, step by step. Err: with this outcome the connection is at its end too.
    fn hand_over(&self, connection: &mut SmtpConnection, letter: &Composed) -> Result<Outcome, Outcome> {
        let smtp = &self.smtp;
        let fault = |fault: RelayFault| Err(Outcome::Fault(fault));

        if let Err(error) = connection.command(Mail::new(Some(letter.from.clone()), Vec::new())) {
            // No word about the recipient so far: whatever it is, every letter would meet it.
            return fault(match Answer::of(&error) {
                Some(answer) => answer.is_about_us(smtp).unwrap_or_else(|| {
                    let kind = if answer.is_temporary() { FaultKind::Unavailable } else { FaultKind::Sender };
                    refused(kind, &answer, smtp)
                }),
                None => broken(&error, smtp),
            });
        }
        if let Err(error) = connection.command(Rcpt::new(letter.to.clone(), Vec::new())) {
            return self.about_letter(&error);
        }
        match connection.command(Data) {
            Ok(answer) if answer.has_code(354) => {}
            Ok(answer) => {
                return fault(RelayFault::new(
                    FaultKind::Protocol,
                    format!("{} answers DATA with {} instead of 354", smtp.host, answer.code()),
                ));
            }
            Err(error) => return self.about_letter(&error),
        }

        if let Err(error) = connection.set_timeout(Some(self.timeouts.letter)) {
            return fault(unusable(&error, smtp));
        }
        // The second, empty part is asked for when the first is written: what comes after it is the final dot.
        let all_written = Cell::new(false);
        let parts = [letter.bytes(), &[]].into_iter().enumerate().map(|(n, part)| {
            all_written.set(n > 0);
            part
        });
        match connection.message_iter(parts) {
            Ok(answer) => {
                let line = format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "));
                // The letter is sent, whatever becomes of the connection.
                let _ = connection.set_timeout(Some(self.timeouts.command));
                Ok(Outcome::Sent { answer: cleaned(&line) })
            }
            Err(error) if error.status().is_some() => {
                let outcome = self.about_letter(&error)?;
                connection
                    .set_timeout(Some(self.timeouts.command))
                    .map_or_else(|_| Err(outcome.clone()), |()| Ok(outcome.clone()))
            }
            Err(error) if all_written.get() => {
                let happened = broken(&error, smtp);
                Err(Outcome::Unknown { answer: format!("it may have arrived: {happened}") })
            }
            Err(error) => fault(broken(&error, smtp)),
        }
    }

    /// An error after the recipient was named: the letter's, or after all the mail server's.
    fn about_letter(&self, error: &Error) -> Result<Outcome, Outcome> {
        let Some(answer) = Answer::of(error) else {
            let fault = broken(error, &self.smtp);
            // An answer that cannot be read was still one to this letter: it must not hold up all the others.
            return Err(match fault.kind {
                FaultKind::Protocol => Outcome::Temporary { answer: fault.words },
                _ => Outcome::Fault(fault),
            });
        };
        match answer.is_about_us(&self.smtp) {
            Some(fault) => Err(Outcome::Fault(fault)),
            None if answer.is_temporary() => Ok(Outcome::Temporary { answer: answer.line }),
            None => Ok(Outcome::Permanent { answer: answer.line }),
        }
    }
}

impl Session {
    fn quit(mut self) {
        if self.connection.set_timeout(Some(GOODBYE)).is_ok() {
            // Whether it says goodbye too is all the same.
            let _ = self.connection.command(Quit);
        }
    }
}

fn log_in(connection: &mut SmtpConnection, smtp: &Smtp, login: &Credentials) -> Result<(), RelayFault> {
    let known = [Mechanism::Plain, Mechanism::Login];
    if !known.iter().any(|mechanism| connection.server_info().supports_auth_mechanism(*mechanism)) {
        let remedy = match smtp.tls {
            TlsMode::None => "many offer it only over TLS: set smtp.tls: starttls; ",
            TlsMode::StartTls | TlsMode::Implicit => "",
        };
        return Err(RelayFault::new(
            FaultKind::Login,
            format!(
                "{}:{} offers no login with a password (PLAIN or LOGIN): {remedy}if it needs none, leave out \
                 smtp.username",
                smtp.host, smtp.port
            ),
        ));
    }
    match connection.auth(&known, login) {
        Ok(_) => Ok(()),
        Err(error) => Err(login_refused(&error, smtp)),
    }
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn addresses(smtp: &Smtp) -> Result<Vec<SocketAddr>, RelayFault> {
    let unknown = |why: String| {
        RelayFault::new(
            FaultKind::Resolve,
            format!("smtp.host {} has no address{why}: check the name, and this machine's DNS", smtp.host),
        )
    };
    let found: Vec<_> = (bare(&smtp.host), smtp.port)
        .to_socket_addrs()
        .map_err(|error| unknown(format!(" ({})", cleaned(&error.to_string()))))?
        .collect();
    if found.is_empty() { Err(unknown(String::new())) } else { Ok(found) }
}

/// The socket itself does not do what it is told.
fn unusable(error: &std::io::Error, smtp: &Smtp) -> RelayFault {
    RelayFault::new(FaultKind::Lost, format!("the connection to {}:{} broke: {error}", smtp.host, smtp.port))
}

#[cfg(test)]
#[path = "relay_tests.rs"]
mod tests;
