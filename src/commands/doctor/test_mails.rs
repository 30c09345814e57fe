//! `doctor --mail`: sends the letter box a plain mail and a forged one, and looks at what the mail server made of them.

use std::time::{Duration, Instant};

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::clock::Clock;
use crate::config::{Imap, Settings};
use crate::domain::{BounceKey, EmailAddress};
use crate::inbox::{Arrived, Proof, Visit};
use crate::outbox::{Outcome, Relay, compose};
use crate::stop::Stop;

use super::mail::test_letter;
use super::{Finding, Findings, PATIENCE, Patient, fine, note, wrong};

/// A test mail may take so long.
const WAIT: Duration = Duration::from_secs(60);
/// One that may not arrive, when others do.
const WAIT_FOR_DETAIL: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(500);

const WHAT: &str = "test mails";

/// Says what belongs into `trusted_authserv_ids`.
pub(super) fn run(visit: Option<Visit>, patient: &Patient, clock: &dyn Clock, findings: &mut Findings) {
    let (Some(imap), Some(mut visit)) = (&patient.settings.imap, visit) else {
        return findings.tell(WHAT, wrong("they need a letter box: see imap in config.yaml"));
    };
    if let Err(why) = try_out(&mut visit, imap, patient, clock, findings) {
        findings.tell(WHAT, wrong(why));
    }
}

fn try_out(
    visit: &mut Visit,
    imap: &Imap,
    patient: &Patient,
    clock: &dyn Clock,
    findings: &mut Findings,
) -> Result<(), String> {
    let settings = &patient.settings;
    let smtp =
        settings.smtp.as_ref().ok_or("they need a mail server to be sent by: see smtp in config.yaml")?;
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    let domain = settings.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let plain = there_and_back(&mut relay, Kind::Plain, visit, imap, settings, clock)?;
    findings.tell(WHAT, fine("a mail that the desk sends itself arrives in its mailbox"));
    let found = match plain.authserv_ids.first() {
        None => from_others(visit, imap)?,
        Some(server) => {
            let forged =
                there_and_back(&mut relay, Kind::Forged(server, domain), visit, imap, settings, clock)?;
            judge(server, &plain, &forged, domain, imap)
        }
    };
    findings.tell("senders", found);
    let Some(store) = &patient.store else {
        findings.tell("bounces", note("not tried, as nothing can be noted before the desk has started once"));
        return Ok(());
    };
    let key = store
        .write(|store| store.keep_bounce_key(BounceKey::generate(&mut UnwrapErr(SysRng))))
        .map_err(|error| error.to_string())?;
    let address = imap.address.with_detail(&key.tag(0).to_string());
    let found = address.ok_or("its address is too long for a detail".to_owned()).and_then(|address| {
        let arrived = there_and_back(&mut relay, Kind::Bounce(&address), visit, imap, settings, clock)?;
        match arrived.return_path {
            Some(path) if path != address.folded() => Err(format!("mails from {path} instead")),
            _ => Ok(()),
        }
    });
    let (letter_box, is_taken) = (imap.address.clone(), found.is_ok());
    store
        .write(move |store| store.note_detail_taken(&letter_box, is_taken))
        .map_err(|error| error.to_string())?;
    findings.tell("bounces", bounces(imap, found));
    Ok(())
}

fn bounces(imap: &Imap, found: Result<(), String>) -> Finding {
    let (local, domain) = (imap.address.to_ascii(), imap.address.domain());
    let local = local.trim_end_matches(domain).trim_end_matches('@');
    match found {
        Ok(()) => fine(format!(
            "mail to {local}+anything@{domain} arrives: from now on each email has such an address of its own to come back to"
        )),
        Err(why) => note(format!(
            "mail to and from {local}+anything@{domain} does not get through ({why}), so emails that come back are known by \
             their Message-ID only, which some mail servers leave out: with Postfix set recipient_delimiter = +"
        )),
    }
}

/// What is tried out.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Plain,
    /// It says that this server has verified that it comes from this domain.
    Forged(&'a str, &'a str),
    /// To and from an address as bounces come to.
    Bounce(&'a EmailAddress),
}

/// Sends the letter box a mail, and waits for it.
fn there_and_back(
    relay: &mut Relay,
    kind: Kind<'_>,
    visit: &mut Visit,
    imap: &Imap,
    settings: &Settings,
    clock: &dyn Clock,
) -> Result<Arrived, String> {
    let subject = format!("A test of the letter box of {}", settings.homeserver);
    let text = "doorman doctor --mail has sent this. It can be deleted.\n".to_owned();
    let to = if let Kind::Bounce(address) = kind { address } else { &imap.address };
    let (id, facts) = test_letter(to, subject, text, settings, clock);
    let mail = compose(&facts, settings).map_err(|problem| problem.to_string())?;
    let mail = match kind {
        // Both come from a mail, or the config: only what is fit for a header goes into one.
        Kind::Forged(server, domain) if fit(server) && fit(domain) => mail.forged(server, domain),
        Kind::Bounce(address) => mail.returning_to(address),
        Kind::Plain | Kind::Forged(..) => mail,
    };
    let address = to.to_ascii();
    match relay.deliver(&mail) {
        Ok(Outcome::Sent { .. }) => {}
        Ok(Outcome::Permanent { answer } | Outcome::Temporary { answer } | Outcome::Unknown { answer }) => {
            return Err(format!("{address} is not taken: {answer}"));
        }
        Err(fault) => return Err(fault.to_string()),
    }
    let wait = if matches!(kind, Kind::Bounce(_)) { WAIT_FOR_DETAIL } else { WAIT };
    let deadline = Instant::now() + wait;
    loop {
        if let Some(arrived) = visit.find(&id)? {
            // A running desk may be just as fast, and moves it if this did not.
            let _ = visit.put_away(&arrived);
            return Ok(arrived);
        }
        if Instant::now() >= deadline {
            return Err(format!(
                "a mail to {address} was taken by the mail server and is not in the mailbox after {} s: is imap.address \
                 an address of the account imap.username?",
                wait.as_secs()
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
        "it leaves forged ones where they are, below its own Received line, where doorman does not look; better have it \
         remove them (RFC 8601, section 5)"
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
