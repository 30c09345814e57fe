//! `why`, `judge`

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::acts::lists_in_force;
use crate::cli::{Failure, JudgeArgs};
use crate::desk::{Knock, availability, facts_of, judge_supposed, repeated_of, rules};
use crate::domain::{Channel, EmailAddress, Field, Language, Localpart, Reason, TokenRequest};
use crate::homeserver::Homeserver;
use crate::policy::{Availability, Decided, Facts, Judgement, Moment, Said, explain};
use crate::store::{Act, RequestFilter, RequestRow};

use super::table::{Style, cell, styled, table};
use super::{Done, look, print, print_json};

/// The homeserver is given so long to say whether a name is free.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many names it is asked for at most.
const NAMES: usize = 12;

/// What is said at the end.
struct Verdict {
    word: String,
    reason: Option<String>,
    /// What came after the rules.
    then: Option<String>,
}

/// `why`
pub fn why(config: Option<&Path>, id: i64, as_json: bool) -> Done {
    let opened = look(config)?;
    let filter = RequestFilter { id: Some(id), ..RequestFilter::default() };
    let (row, decision) =
        opened.store.read(|store| Ok((store.requests(&filter)?.pop(), store.decision_on(id)?)))?;
    let row = row.ok_or_else(|| Failure::new(format!("there is no request {id}")))?;
    let lists = lists_in_force(&opened.folder, Some(&opened.store), &opened.settings.lists);
    let (name, email) = (
        Localpart::parse(&row.username, &opened.settings.homeserver).ok(),
        EmailAddress::parse(&row.email).ok(),
    );
    let ip = row.ip.as_deref().and_then(|ip| ip.parse().ok());
    let hits = lists.hits(ip, email.as_ref(), name.as_ref(), row.received_at);
    let facts = Facts { name, email, ip, hits, ..Facts::default() };
    let decided = decided(&row, decision.as_ref());
    let then = decision.map(|act| {
        let what = if act.what == "approve" { "approved" } else { "refused" };
        format!("{what} by {}, {}", act.who, act.at.format("%Y-%m-%d %H:%M:%S UTC"))
    });
    let is_invitation = row.channel == Channel::Invitation.word();
    let then = then
        .or(is_invitation.then(|| "invited: it passes a closed desk, approval, surge and quota".into()))
        .or((row.reason.as_deref() == Some(Reason::Lapsed.word()))
            .then(|| "nobody decided it in time".into()));
    let verdict = Verdict { word: row.verdict.clone(), reason: row.reason.clone(), then };
    tell(&decided, &facts, &rules(&opened.settings), row.received_at, &verdict, as_json)
}

/// What the rules came to, before anybody decided.
fn decided(row: &RequestRow, decision: Option<&Act>) -> Decided {
    let reason: Option<Reason> = row.reason.as_deref().and_then(|reason| reason.parse().ok());
    if let Some(act) = decision {
        let before = act.before.as_deref().and_then(|before| before.trim_matches('"').parse().ok());
        return Decided::Held(before.unwrap_or(Reason::Approval), None);
    }
    if let Some(of) = row.detail.as_deref().and_then(repeated_of) {
        return Decided::Repeated(of, reason);
    }
    match (row.verdict.as_str(), reason) {
        ("held", reason) => Decided::Held(reason.unwrap_or(Reason::Approval), row.detail.clone()),
        ("refused", Some(reason)) if !matches!(reason, Reason::RefusedByOperator | Reason::Lapsed) => {
            Decided::Refused(reason, row.detail.clone())
        }
        _ => Decided::Accepted,
    }
}

/// `judge`
pub fn judge(config: Option<&Path>, args: &JudgeArgs, now: DateTime<Utc>) -> Done {
    let opened = look(config)?;
    let settings = &opened.settings;
    let (name, email) =
        (Localpart::parse(&args.name, &settings.homeserver), EmailAddress::parse(&args.email));
    let rules = rules(settings);
    let mut facts = match (&name, &email) {
        (Ok(username), Ok(email)) => {
            let asked = TokenRequest {
                username: Some(username.clone()),
                email: email.clone(),
                channel: if args.ip.is_some() { Channel::Web } else { Channel::Email },
                ip: args.ip,
                received_at: now,
                answer: args.answer.clone(),
                terms: None,
                mail: None,
                receipt: None,
                language: Language::default(),
            };
            facts_of(&asked, &Knock::default(), settings)
        }
        _ => Facts { name: name.clone().ok(), email: email.clone().ok(), ip: args.ip, ..Facts::default() },
    };
    let wrong: Vec<String> = [
        name.err().map(|why| format!("{}: {why}", Field::Username.name())),
        email.err().map(|why| format!("{}: {why}", Field::Email.name())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let decided = if wrong.is_empty() {
        let lists = lists_in_force(&opened.folder, Some(&opened.store), &opened.settings.lists);
        let homeserver = Homeserver::of(settings);
        let mut judged = Judgement::Look;
        for _ in 0..NAMES {
            judged = opened
                .store
                .read(|store| judge_supposed(store, &mut facts, (settings, &lists), Moment::Asked, now))?;
            let Judgement::Ask(name) = &judged else { break };
            let answer = homeserver.as_ref().map_or(Availability::CannotBeAsked, |homeserver| {
                availability(homeserver.name(name, PATIENCE), PATIENCE)
            });
            facts.answers.insert(name.clone(), answer);
        }
        let decided = Decided::of(&judged, |judged| match judged {
            Judgement::Refuse(refusal) => Some(refusal.operator_text()),
            Judgement::Accept(terms) => terms.hold.as_ref().and_then(|hold| hold.operator_text()),
            Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => None,
        });
        decided.ok_or_else(|| Failure::new("the homeserver would have to be asked for too many names"))?
    } else {
        Decided::Refused(Reason::Malformed, Some(wrong.join(" ")))
    };
    let (word, reason) = decided.verdict();
    let verdict =
        Verdict { word: word.to_owned(), reason: reason.map(|reason| reason.word().to_owned()), then: None };
    tell(&decided, &facts, &rules, now, &verdict, args.json)
}

/// The rules in their order, and at the end the verdict.
fn tell(
    decided: &Decided,
    facts: &Facts,
    rules: &crate::policy::Rules,
    now: DateTime<Utc>,
    verdict: &Verdict,
    as_json: bool,
) -> Done {
    let steps = explain(decided, facts, rules, now);
    if as_json {
        let rules: Vec<Value> = steps
            .iter()
            .map(|step| json!({ "rule": step.rule.word(), "said": step.said.word(), "saw": step.saw }))
            .collect();
        let Verdict { word, reason, then } = verdict;
        return print_json(&json!({ "rules": rules, "then": then, "verdict": word, "reason": reason }));
    }
    let rows: Vec<_> = steps
        .iter()
        .map(|step| {
            let (said, style) = match step.said {
                Said::Passed => ("passed", Style::Granted),
                Said::Refused => ("refused", Style::Refused),
                Said::Held => ("held", Style::Waiting),
                Said::NotReached => ("not reached", Style::Plain),
            };
            vec![cell(step.rule.word()), styled(said, style), cell(&step.saw)]
        })
        .collect();
    let then = verdict.then.as_ref().map_or_else(String::new, |then| format!("then: {then}\n"));
    let reason = verdict.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    print(&format!("{}{then}verdict: {}{reason}\n", table(&["rule", "said", "saw"], &rows), verdict.word))
}
