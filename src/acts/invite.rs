//! A sign-up link that the operator gives away.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::bans::{Lists, Who};
use crate::config::{Settings, SignUp};
use crate::desk::{availability, judge_supposed};
use crate::domain::{Action, EmailAddress, LinkSecret, Localpart, printable};
use crate::homeserver::Homeserver;
use crate::lock::desk_is_running;
use crate::policy::{Availability, Facts, Judgement, Moment};
use crate::store::{LinkKind, NewInvitation};

use super::ban::lists_in_force;
use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, Invited, NotDone, NotInvited, Outcome};

/// The homeserver is given so long for each answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// It is asked for so many names at most.
const NAMES: usize = 12;

/// Of a note, so much is mailed.
const NOTE: usize = 2000;

/// In a link's secret.
const LINK_BITS: usize = 160;

/// Whom the operator invites, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The name; None: it is chosen where the link leads.
    pub name: Option<Localpart>,
    /// Whose it is.
    pub email: Option<EmailAddress>,
    /// How long the link works; None: `sign_up_hours`.
    pub hours: Option<u32>,
    /// For the email.
    pub note: Option<String>,
    /// The operator hands it over; no email goes out.
    pub is_handed_over: bool,
    /// Also where a line of a ban list hits the name or the address.
    pub despite_bans: bool,
}

/// Invites somebody: past a closed desk, approval, surge and quota.
pub fn invite(opened: &Opened, asked: &Invitation, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let settings = &opened.settings;
    let homeserver = Homeserver::of(settings);
    let not = |why| Err(NotDone::NotInvited(why));
    if let Some(why) = no_way(settings, homeserver.as_ref()) {
        return not(NotInvited::NoSignUp(why));
    }
    if asked.email.is_none() && !asked.is_handed_over {
        return not(NotInvited::Nowhere);
    }
    let lists = lists_in_force(&opened.folder, Some(&opened.store), &settings.lists);
    let mut facts = Facts {
        name: asked.name.clone(),
        email: asked.email.clone(),
        despite: if asked.despite_bans { bans(asked, &lists, now) } else { String::new() },
        ..Facts::default()
    };
    let mut written = None;
    for _ in 0..NAMES {
        let judged = opened
            .store
            .read(|store| judge_supposed(store, &mut facts, (settings, &lists), Moment::Invited, now))?;
        match judged {
            Judgement::Ask(name) => {
                let answer = ask(homeserver.as_ref(), &name);
                facts.answers.insert(name, answer);
            }
            Judgement::Refuse(refusal) => return not(NotInvited::Judged(refusal)),
            Judgement::Accept(_) | Judgement::Look | Judgement::Repeat { .. } => {
                written = write_down(opened, asked, &facts, &lists, now)?;
                if written.is_some() {
                    break;
                }
            }
        }
    }
    let (request, link, act) = written.ok_or(NotDone::NotInvited(NotInvited::Changed))?;
    let works_for =
        works_for(asked).unwrap_or_else(|| TimeDelta::from_std(settings.sign_up_for).unwrap_or_default());
    let done = Done::Invited(Invited {
        request,
        name: asked.name.clone(),
        to: asked.email.clone(),
        until: link.is_some().then(|| now + works_for),
        link,
        is_running: desk_is_running(opened.folder.path()),
    });
    Ok(Outcome { done, act })
}

fn works_for(asked: &Invitation) -> Option<TimeDelta> {
    asked.hours.map(|hours| TimeDelta::hours(hours.into()))
}

/// Why no sign-up link leads to an account here, and what to do.
fn no_way(settings: &Settings, homeserver: Option<&Homeserver>) -> Option<String> {
    if settings.trial {
        return Some("a trial desk makes no accounts: its own page shows the way".into());
    }
    let why = match (settings.sign_up, &settings.public_url) {
        (SignUp::Token, None) => {
            "public_url is not set, and the link has to lead to this desk: set it, with https"
        }
        (SignUp::Token, Some(_)) => {
            "sign_up is token, or public_url not https: set `sign_up: link` or `both`, and a public_url with https"
        }
        (SignUp::Both | SignUp::Link, None) => "public_url is not set, and the link has to lead to this desk",
        (SignUp::Both | SignUp::Link, Some(_)) => {
            let way = homeserver.and_then(|homeserver| homeserver.sign_up_way(PATIENCE));
            return way.and_then(|way| way.bar).map(|bar| {
                format!("the desk can make no accounts at this homeserver: {bar}; `doorman doctor` says more")
            });
        }
    };
    Some(why.into())
}

/// The lines that refuse the name or the address, one a line.
fn bans(asked: &Invitation, lists: &Lists, now: DateTime<Utc>) -> String {
    let who = asked.name.as_ref().map(Who::Username).into_iter().chain(asked.email.as_ref().map(Who::Email));
    let hits = who.flat_map(|who| lists.all(who, now)).filter(|hit| hit.action == Action::Refuse);
    hits.map(|hit| hit.known_as()).collect::<Vec<_>>().join("\n")
}

fn ask(homeserver: Option<&Homeserver>, name: &Localpart) -> Availability {
    homeserver.map_or(Availability::CannotBeAsked, |homeserver| {
        availability(homeserver.name(name, PATIENCE), PATIENCE)
    })
}

type Written = (i64, Option<LinkSecret>, Option<i64>);

/// One transaction: judged again, and written down. None: something has changed meanwhile.
fn write_down(
    opened: &Opened,
    asked: &Invitation,
    facts: &Facts,
    lists: &Lists,
    now: DateTime<Utc>,
) -> Result<Option<Written>, NotDone> {
    let secret = asked.is_handed_over.then(|| LinkSecret::generate(&mut UnwrapErr(SysRng), LINK_BITS));
    let hash = secret.as_ref().map(LinkSecret::hash);
    let message_id = (!asked.is_handed_over).then(|| opened.message_id());
    let note = asked.note.as_deref().map(|note| printable(note, NOTE)).filter(|note| !note.is_empty());
    let new = NewInvitation {
        at: now,
        name: asked.name.clone(),
        email: asked.email.clone(),
        works_for: works_for(asked),
        note,
        despite: facts.despite.clone(),
    };
    let (mut facts, lists, settings) = (facts.clone(), lists.clone(), opened.settings.clone());
    let (request, act) = opened.journaled(now, move |store| {
        let judged = judge_supposed(store, &mut facts, (&settings, &lists), Moment::Invited, now)?;
        let Judgement::Accept(terms) = judged else { return Ok((None, None)) };
        for id in &terms.lapse_names {
            store.lapse_name(*id, now)?;
        }
        for id in &terms.lapse_addresses {
            store.lapse_address(*id, now)?;
        }
        let message_id = message_id.as_ref().map(|id| id.as_str());
        let request = store.record_invitation(&new, terms.again, message_id)?;
        if let Some(hash) = hash {
            let works_for = new
                .works_for
                .unwrap_or_else(|| TimeDelta::from_std(settings.sign_up_for).unwrap_or_default());
            store.add_link(&hash, LinkKind::SignUp, (Some(request), None), (now, Some(now + works_for)))?;
        }
        Ok((Some(request), Some(Deed::Invite { subject: request })))
    })?;
    Ok(request.map(|request| (request, secret, act)))
}
