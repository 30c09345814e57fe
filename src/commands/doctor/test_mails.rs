//! `doctor --mail`: sends the letter box a plain mail and a forged one, and looks at what the mail server made of them.

use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::config::{Imap, Settings};
use crate::inbox::{Arrived, Proof, Visit};
use crate::outbox::{Outcome, Relay, compose};
use crate::stop::Stop;

use super::mail::test_letter;
use super::{Finding, Findings, PATIENCE, fine, note, wrong};

/// A test mail may take so long.
const WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(500);

const WHAT: &str = "test mails";

/// Says what belongs into `trusted_authserv_ids`.
pub(super) fn run(visit: Option<Visit>, settings: &Settings, clock: &dyn Clock, findings: &mut Findings) {
    let (Some(imap), Some(mut visit)) = (&settings.imap, visit) else {
        return findings.tell(WHAT, wrong("they need a letter box: see imap in config.yaml"));
    };
    if let Err(why) = try_out(&mut visit, imap, settings, clock, findings) {
        findings.tell(WHAT, wrong(why));
    }
}

fn try_out(
    visit: &mut Visit,
    imap: &Imap,
    settings: &Settings,
    clock: &dyn Clock,
    findings: &mut Findings,
) -> Result<(), String> {
    let smtp =
        settings.smtp.as_ref().ok_or("they need a mail server to be sent by: see smtp in config.yaml")?;
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    let domain = settings.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let plain = there_and_back(&mut relay, None, visit, imap, settings, clock)?;
    findings.tell(WHAT, fine("a mail that the desk sends itself arrives in its mailbox"));
    let found = match plain.authserv_ids.first() {
        None => from_others(visit, imap)?,
        Some(server) => {
            let forged = there_and_back(&mut relay, Some((server, domain)), visit, imap, settings, clock)?;
            judge(server, &plain, &forged, domain, imap)
        }
    };
    findings.tell("senders", found);
    Ok(())
}

/// Sends the letter box a mail, which says that this server has verified that it comes from this domain, and waits for it.
fn there_and_back(
    relay: &mut Relay,
    forged: Option<(&str, &str)>,
    visit: &mut Visit,
    imap: &Imap,
    settings: &Settings,
    clock: &dyn Clock,
) -> Result<Arrived, String> {
    let subject = format!("A test of the letter box of {}", settings.homeserver);
    let text = "doorman doctor --mail has sent this. It can be deleted.\n".to_owned();
    let (id, facts) = test_letter(&imap.address, subject, text, settings, clock);
    let mail = compose(&facts, settings).map_err(|problem| problem.to_string())?;
    let mail = match forged {
        // Both come from a mail, or the config: only what is fit for a header goes into one.
        Some((server, domain)) if fit(server) && fit(domain) => mail.forged(server, domain),
        _ => mail,
    };
    let address = imap.address.to_ascii();
    match relay.deliver(&mail) {
        Ok(Outcome::Sent { .. }) => {}
        Ok(Outcome::Permanent { answer } | Outcome::Temporary { answer } | Outcome::Unknown { answer }) => {
            return Err(format!("{address} is not taken: {answer}"));
        }
        Err(fault) => return Err(fault.to_string()),
    }
    let deadline = Instant::now() + WAIT;
    loop {
        if let Some(arrived) = visit.find(&id)? {
            visit.put_away(&arrived)?;
            return Ok(arrived);
        }
        if Instant::now() >= deadline {
            return Err(format!(
                "a mail to {address} was taken by the mail server and is not in the mailbox after {} s: is imap.address \
                 an address of the account imap.username?",
                WAIT.as_secs()
            ));
        }
        Stop::new().wait(LOOK_EVERY);
    }
}

fn fit(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 250
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte))
}

/// The mail server adds its results also to what the desk sends itself: it was tried what it does with a forgery.
fn judge(server: &str, plain: &Arrived, forged: &Arrived, domain: &str, imap: &Imap) -> Finding {
    let passes = |mail: &Arrived| mail.passes.get(server).copied().unwrap_or_default();
    let is_verified = |mail: &Arrived| mail.proof(server, domain) == Proof::Verified;
    let why = if passes(forged) <= passes(plain) {
        "it takes out what a forger has written in its name"
    } else if is_verified(forged) && !is_verified(plain) {
        let told = format!(
            "{server} lets Authentication-Results through that were forged in its name: leave it out of \
             imap.trusted_authserv_ids, or have your mail server remove them (RFC 8601, section 5)"
        );
        return if trusts(imap, server) { wrong(told) } else { note(told) };
    } else {
        "it leaves forged ones where they are, and its own stand above them, which doorman tells apart as long as it adds \
         them to every mail; better have it remove them (RFC 8601, section 5)"
    };
    if trusts(imap, server) {
        fine(format!("{server} is trusted: {why}"))
    } else {
        note(format!("put trusted_authserv_ids: [{server}] into imap: {why}"))
    }
}

fn trusts(imap: &Imap, server: &str) -> bool {
    imap.trusted_authserv_ids.iter().any(|id| id == server)
}

/// Many mail servers do not check what their own users send: then mails of others tell.
fn from_others(visit: &mut Visit, imap: &Imap) -> Result<Finding, String> {
    let (seen, looked_at) = visit.seen_lately()?;
    let Some((server, count)) = seen.first() else {
        return Ok(note(
            "your mail server adds no Authentication-Results, neither to what the desk sends itself nor to the mails of \
             others that came so far: no sender can be verified, and imap.unverified_senders decides. Send a mail from \
             another provider and run this again",
        ));
    };
    let then = if trusts(imap, server) {
        "it is trusted already".to_owned()
    } else {
        format!("if that is your own mail server, put trusted_authserv_ids: [{server}] into imap")
    };
    Ok(note(format!(
        "your mail server does not check what the desk sends itself, so no forgery could be tried. {count} of the last \
         {looked_at} mails of others carry Authentication-Results of {server}: {then}"
    )))
}
