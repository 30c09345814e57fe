//! What a mail means for the desk.

use crate::domain::{EmailAddress, Flaw, Language, Localpart, ServerName};

use super::authentication::{Proof, proof};
use super::bounce::Failure;
use super::language::language_of;
use super::machines::{Known, is_automatic, never_answered};
use super::message::{LARGEST, Mail};
use super::wanted_name::{Wanted, wanted_name};

/// What the letter box has to know to read its mail.
#[derive(Debug, Clone)]
pub struct LetterBox {
    /// Its address.
    pub address: EmailAddress,
    /// Other addresses that the desk writes from.
    pub own: Vec<EmailAddress>,
    /// Whose names are given out.
    pub server: ServerName,
    /// Whose `Authentication-Results` are believed.
    pub trusted_authserv_ids: Vec<String>,
}

/// What a mail asks of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Letters of ours have failed for good.
    Failed(Failure),
    /// Nothing: by this rule, or for this reason, nobody answers.
    Ignored(&'static str),
    /// A person has to look at it; with the name that is asked for, where it is clear.
    Held(&'static str, Option<Localpart>),
    /// This name for this sender.
    Request(Localpart),
    /// An account, and it is not clear which: what was named, if anything, and what is wrong with it.
    Unclear(Vec<String>, Flaw),
}

/// A mail that was read.
#[derive(Debug, Clone)]
pub struct Understood {
    /// What it says.
    pub mail: Mail,
    /// Whether the sender is known to be who it says.
    pub proof: Proof,
    /// What it means.
    pub meaning: Meaning,
    /// What it is written in, where that is clear.
    pub language: Option<Language>,
}

/// Reads a mail, or as much of it as was fetched.
pub fn understand(bytes: &[u8], letter_box: &LetterBox) -> Understood {
    let mail = Mail::read(bytes);
    let proof = match &mail.from {
        Ok(from) => proof(&mail.headers, &letter_box.trusted_authserv_ids, from.domain()),
        Err(_) => Proof::Unverified,
    };
    let meaning = meaning(&mail, proof, letter_box, bytes.len() >= LARGEST);
    let language = language_of(&mail);
    Understood { mail, proof, meaning, language }
}

fn meaning(mail: &Mail, proof: Proof, letter_box: &LetterBox, cut: bool) -> Meaning {
    if let Some(failure) = &mail.failure {
        return Meaning::Failed(failure.clone());
    }
    let asked = asked_for(mail, letter_box);
    let known = Known {
        own: letter_box.own.iter().chain([&letter_box.address]).map(EmailAddress::folded).collect(),
        is_verified: proof == Proof::Verified,
        names_one: matches!(asked, Meaning::Request(_)),
    };
    if let Some(rule) = never_answered(mail, &known) {
        return Meaning::Ignored(rule.name);
    }
    let from = match &mail.from {
        Ok(from) => from,
        Err(why) => return Meaning::Ignored(why),
    };
    if proof == Proof::Forged {
        return Meaning::Ignored("forged");
    }
    let doubt = doubtful(mail, from, proof, letter_box).or(cut.then_some("too large"));
    match (doubt, asked) {
        (Some(why), Meaning::Request(name)) => Meaning::Held(why, Some(name)),
        (Some(why), _) => Meaning::Held(why, None),
        (None, asked) => asked,
    }
}

fn asked_for(mail: &Mail, letter_box: &LetterBox) -> Meaning {
    let desk = letter_box.address.folded();
    match wanted_name(&mail.recipients, &mail.subject, &mail.text, &desk, letter_box.server.as_str()) {
        Wanted::One(written) => match Localpart::parse(&written, &letter_box.server) {
            Ok(name) => Meaning::Request(name),
            Err(problem) => Meaning::Unclear(vec![written], Flaw::Username(problem)),
        },
        Wanted::Several(names) => Meaning::Unclear(names, Flaw::SeveralNames),
        Wanted::Nothing => Meaning::Unclear(Vec::new(), Flaw::NoName),
    }
}

/// Why a person has to look at it, though no rule forbids an answer.
fn doubtful(mail: &Mail, from: &EmailAddress, proof: Proof, letter_box: &LetterBox) -> Option<&'static str> {
    let desk = letter_box.address.folded();
    let (local, domain) = desk.rsplit_once('@')?;
    // RFC 5230, section 4.5: what was sent in blind copy, or to a list, was not sent to the desk.
    let is_ours = |address: &String| {
        address.rsplit_once('@').is_some_and(|(found, at)| {
            at == domain
                && (found == local || found.strip_prefix(local).is_some_and(|rest| rest.starts_with('+')))
        })
    };
    if !mail.recipients.iter().any(is_ours) {
        return Some("not sent to the desk");
    }
    // A forwarder or a mail service writes its own there; whose the mail is, is known by something better then.
    let bounces_elsewhere = proof != Proof::Verified
        && mail.headers.first("return-path").is_some_and(|path| {
            let path = path.trim_matches(['<', '>', ' ']);
            path.rsplit_once('@').is_some_and(|(_, at)| !related(&at.to_lowercase(), from.domain()))
        });
    if bounces_elsewhere {
        return Some("its bounces go to another domain");
    }
    is_automatic(&mail.subject).then_some("the subject of an automatic answer")
}

/// The same domain, or one below the other.
fn related(one: &str, other: &str) -> bool {
    one == other || one.ends_with(&format!(".{other}")) || other.ends_with(&format!(".{one}"))
}
