//! `doctor --mail`: sends the letter box a plain mail and a forged one, and looks at what the mail server made of them.

use std::time::{Duration, Instant};

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::clock::Clock;
use crate::config::{Imap, Settings};
use crate::domain::MessageId;
use crate::inbox::{Arrived, Proof, Visit};
use crate::outbox::{Composed, Letter, LetterFacts, Outcome, Relay, compose};
use crate::stop::Stop;

use super::super::{Done, Failure};
use super::{Findings, PATIENCE};

/// A test mail may take so long.
const WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(500);

const WHAT: &str = "test mails";

/// Says what belongs into `trusted_authserv_ids`.
pub(super) fn run(mut visit: Visit, settings: &Settings, clock: &dyn Clock, findings: &mut Findings) -> Done {
    let (Some(imap), Some(smtp)) = (&settings.imap, &settings.smtp) else {
        findings.wrong(WHAT, "they need a mail server to be sent by: see smtp in config.yaml");
        return Ok(());
    };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    let domain = settings.from.address.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned();
    let mut send = |forged: Option<&str>| -> Result<MessageId, String> {
        let id = MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver);
        let mail = test_mail(settings, imap, &id, forged.map(|server| (server, domain.as_str())), clock)?;
        match relay.deliver(&mail) {
            Ok(Outcome::Sent { .. }) => Ok(id),
            Ok(
                Outcome::Permanent { answer } | Outcome::Temporary { answer } | Outcome::Unknown { answer },
            ) => Err(format!("{} is not taken: {answer}", imap.address.to_ascii())),
            Err(fault) => Err(fault.to_string()),
        }
    };
    let mut come_back = |id: &MessageId| -> Result<Arrived, String> {
        let deadline = Instant::now() + WAIT;
        loop {
            if let Some(arrived) = visit.find(id)? {
                visit.put_away(&arrived)?;
                return Ok(arrived);
            }
            if Instant::now() >= deadline {
                return Err(format!(
                    "a mail to {} was taken by the mail server and is not in the mailbox after {} s: is imap.address an \
                     address of the account imap.username?",
                    imap.address.to_ascii(),
                    WAIT.as_secs()
                ));
            }
            Stop::new().wait(LOOK_EVERY);
        }
    };
    let plain = match send(None).and_then(|id| come_back(&id)) {
        Ok(plain) => plain,
        Err(why) => {
            findings.wrong(WHAT, &why);
            return Ok(());
        }
    };
    findings.fine(WHAT, "a mail that the desk sends itself arrives in its mailbox");
    let forged_by = plain.authserv_ids.first().cloned();
    let forged = match &forged_by {
        None => None,
        Some(server) => match send(Some(server)).and_then(|id| come_back(&id)) {
            Ok(arrived) => Some((server.as_str(), arrived)),
            Err(why) => {
                findings.wrong(WHAT, &why);
                return Ok(());
            }
        },
    };
    match forged {
        Some((server, arrived)) => judge(server, &plain, &arrived, &domain, imap, findings),
        None => from_others(&mut visit, imap, findings)?,
    }
    Ok(())
}

fn test_mail(
    settings: &Settings,
    imap: &Imap,
    id: &MessageId,
    forged: Option<(&str, &str)>,
    clock: &dyn Clock,
) -> Result<Composed, String> {
    let now = clock.now();
    let facts = LetterFacts {
        letter: Letter::Words {
            subject: format!("A test of the letter box of {}", settings.homeserver),
            text: "doorman doctor --mail has sent this. It can be deleted.\n".into(),
        },
        to: imap.address.clone(),
        message_id: id.clone(),
        date: now,
        now,
        answers: None,
    };
    let mail = compose(&facts, settings).map_err(|problem| problem.to_string())?;
    Ok(match forged {
        // Both come from a mail, or the config: only what is fit for a header goes into one.
        Some((server, domain)) if fit(server) && fit(domain) => mail.forged(server, domain),
        _ => mail,
    })
}

fn fit(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 250
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte))
}

/// The mail server adds its results also to what the desk sends itself: it was tried what it does with a forgery.
fn judge(
    server: &str,
    plain: &Arrived,
    forged: &Arrived,
    domain: &str,
    imap: &Imap,
    findings: &mut Findings,
) {
    let passes = |mail: &Arrived| mail.passes.get(server).copied().unwrap_or_default();
    let left_in = passes(forged) > passes(plain);
    if !left_in {
        return advise(server, "it takes out what a forger has written in its name", imap, findings);
    }
    let verified = forged.proof(server, domain) == Proof::Verified;
    if verified && plain.proof(server, domain) != Proof::Verified {
        let told = format!(
            "{server} lets Authentication-Results through that were forged in its name: leave it out of \
             imap.trusted_authserv_ids, or have your mail server remove them (RFC 8601, section 5)"
        );
        if trusts(imap, server) {
            findings.wrong("senders", &told);
        } else {
            findings.note("senders", &told);
        }
        return;
    }
    advise(
        server,
        "it leaves forged ones where they are, and its own stand above them, which doorman tells apart as long as it adds \
         them to every mail; better have it remove them (RFC 8601, section 5)",
        imap,
        findings,
    );
}

fn trusts(imap: &Imap, server: &str) -> bool {
    imap.trusted_authserv_ids.iter().any(|id| id == server)
}

fn advise(server: &str, why: &str, imap: &Imap, findings: &mut Findings) {
    if trusts(imap, server) {
        findings.fine("senders", &format!("{server} is trusted: {why}"));
    } else {
        findings.note("senders", &format!("put trusted_authserv_ids: [{server}] into imap: {why}"));
    }
}

/// Many mail servers do not check what their own users send: then mails of others tell.
fn from_others(visit: &mut Visit, imap: &Imap, findings: &mut Findings) -> Done {
    let (seen, looked_at) = visit.seen_lately().map_err(Failure::new)?;
    match seen.first() {
        Some((server, count)) => findings.note(
            "senders",
            &format!(
                "your mail server does not check what the desk sends itself, so no forgery could be tried. {count} of the \
                 last {looked_at} mails of others carry Authentication-Results of {server}: {}",
                if trusts(imap, server) {
                    "it is trusted already".to_owned()
                } else {
                    format!("if that is your own mail server, put trusted_authserv_ids: [{server}] into imap")
                }
            ),
        ),
        None => findings.note(
            "senders",
            "your mail server adds no Authentication-Results, neither to what the desk sends itself nor to the mails of \
             others that came so far: no sender can be verified, and imap.unverified_senders decides. Send a mail from \
             another provider and run this again",
        ),
    }
    Ok(())
}
