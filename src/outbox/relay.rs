//! Letters to the mail server (RFC 5321). The steps are taken one by one, so that each error is known to be the letter's or
//! the mail server's, and whether the letter may have got through in spite of it.

use std::sync::Arc;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};

use crate::config::Smtp;
use crate::net::{Fault, FaultKind};

use super::compose::Composed;
use super::dialogue::Dialogue;
use super::outcome::Outcome;
use super::smtp_fault::{Answer, Snag, is_about_recipient, refused};

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
#[derive(Debug)]
pub struct Relay {
    smtp: Arc<Smtp>,
    timeouts: Timeouts,
    open: Option<Dialogue>,
}

impl Relay {
    /// Not connected yet.
    pub fn new(smtp: Smtp, timeouts: Timeouts) -> Self {
        Self { smtp: Arc::new(smtp), timeouts, open: None }
    }

    /// Connects and logs in, unless that was done already and still holds. [`Relay::deliver`] does it by itself.
    pub fn connect(&mut self) -> Result<(), Fault> {
        self.open = Some(self.dialogue()?);
        Ok(())
    }

    /// Hands over one letter, over the open connection where there is one.
    pub fn deliver(&mut self, letter: &Composed) -> Result<Outcome, Fault> {
        let mut dialogue = self.dialogue()?;
        dialogue.letters += 1;
        let outcome = self.hand_over(&mut dialogue, letter)?;
        self.open = Some(dialogue).filter(|dialogue| !dialogue.is_broken);
        Ok(outcome)
    }

    /// Says goodbye, and does not wait long for the answer.
    pub fn rest(&mut self) {
        if let Some(mut dialogue) = self.open.take() {
            dialogue.wait_at_most(GOODBYE);
            // Whether it says goodbye too is all the same.
            let _ = dialogue.ask(Quit);
        }
    }

    /// The open connection, if it is still there and has not carried too many letters; else a new one.
    fn dialogue(&mut self) -> Result<Dialogue, Fault> {
        if self.open.as_ref().is_some_and(|dialogue| dialogue.letters >= LETTERS_PER_CONNECTION) {
            self.rest();
        }
        if let Some(mut dialogue) = self.open.take()
            // Tells also whether the mail server has hung up meanwhile.
            && dialogue.ask(Rset).is_ok()
        {
            return Ok(dialogue);
        }
        Dialogue::open(&self.smtp, self.timeouts)
    }

    /// By the sender that its bounces are to come to. A mail server may let nobody send by an address with `+detail`, and say so
    /// with any of the steps: then by the plain one.
    fn hand_over(&self, dialogue: &mut Dialogue, letter: &Composed) -> Result<Outcome, Fault> {
        let outcome = self.try_by(&letter.envelope, dialogue, letter);
        let another_may_fare_better = match &outcome {
            Ok(Outcome::Permanent { answer }) => !is_about_recipient(answer),
            Ok(Outcome::Sent { .. } | Outcome::Temporary { .. } | Outcome::Unknown { .. }) => false,
            Err(fault) => fault.kind == FaultKind::Sender,
        };
        if letter.envelope == letter.from || !another_may_fare_better || dialogue.ask(Rset).is_err() {
            return outcome;
        }
        self.try_by(&letter.from, dialogue, letter)
    }

    /// The letter, step by step. Err: the connection is at its end too.
    fn try_by(&self, sender: &Address, dialogue: &mut Dialogue, letter: &Composed) -> Result<Outcome, Fault> {
        if let Err(snag) = dialogue.ask(Mail::new(Some(sender.clone()), Vec::new())) {
            // No word about the recipient so far: whatever it is, every letter would meet it.
            return Err(match snag {
                Snag::No(answer) => answer.is_about_us(&self.smtp).unwrap_or_else(|| {
                    let kind = if answer.is_temporary() { FaultKind::Unavailable } else { FaultKind::Sender };
                    refused(kind, &answer, &self.smtp)
                }),
                Snag::Broken(fault) => fault,
            });
        }
        if let Err(snag) = dialogue.ask(Rcpt::new(letter.to.clone(), Vec::new())) {
            return self.about_letter(snag);
        }
        match dialogue.ask(Data) {
            Ok(answer) if answer.has_code(354) => {}
            Ok(answer) => {
                let words = format!("{} answers DATA with {} instead of 354", self.smtp.host, answer.code());
                return Err(Fault::new(FaultKind::Foreign, words));
            }
            Err(snag) => return self.about_letter(snag),
        }
        dialogue.wait_at_most(self.timeouts.letter);
        dialogue.write_letter(letter.bytes())?;
        let answer = dialogue.answer();
        dialogue.wait_at_most(self.timeouts.command);
        match answer {
            Ok(answer) => Ok(Outcome::Sent { answer: Answer::of(&answer).line() }),
            Err(Snag::Broken(fault)) => {
                Ok(Outcome::Unknown { answer: format!("it may have arrived: {fault}") })
            }
            Err(no) => self.about_letter(no),
        }
    }

    /// An error after the recipient was named: the letter's, or after all the mail server's.
    fn about_letter(&self, snag: Snag) -> Result<Outcome, Fault> {
        let answer = match snag {
            Snag::No(answer) => answer,
            // An answer that cannot be read was still one to this letter: it must not hold up all the others.
            Snag::Broken(fault) if fault.kind == FaultKind::Foreign => {
                return Ok(Outcome::Temporary { answer: fault.words });
            }
            Snag::Broken(fault) => return Err(fault),
        };
        match answer.is_about_us(&self.smtp) {
            Some(fault) => Err(fault),
            None if answer.is_temporary() => Ok(Outcome::Temporary { answer: answer.line() }),
            None => Ok(Outcome::Permanent { answer: answer.line() }),
        }
    }
}

#[cfg(test)]
#[path = "relay_tests.rs"]
pub(super) mod tests;
