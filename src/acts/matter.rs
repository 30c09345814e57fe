//! A request as it is told to an operator who is not at the desk: what is known of it, and what became of it.

use crate::cli::when::short;
use crate::domain::{Reason, printable};
use crate::store::{Act, Before, Common, Reading, RequestRow, StoreError};

/// Of what was asked before, so much is told.
const SEEN_BEFORE: usize = 5;

/// A request, with what bears on it.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The request.
    pub row: RequestRow,
    before: Vec<Before>,
    decision: Option<Act>,
}

impl Matter {
    /// That of this number. None: it was erased.
    pub fn read(store: &Reading<'_>, id: i64) -> Result<Option<Self>, StoreError> {
        let Some(row) = store.requests_by_id(&[id])?.pop() else { return Ok(None) };
        let (before, decision) = (store.seen_before(id, SEEN_BEFORE)?, store.decision_on(id)?);
        Ok(Some(Self { row, before, decision }))
    }

    /// What it is called.
    pub fn name(&self) -> String {
        if self.row.username.is_empty() { "(no name)".into() } else { printable(&self.row.username, 255) }
    }

    /// What is known of it, each with what it is. All of it is fit to be shown, as text.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let row = &self.row;
        let mut facts = vec![("name", self.name()), ("address", printable(&row.email, 320))];
        facts.extend(row.answer.as_ref().map(|answer| ("answer", printable(answer, 1000))));
        if let Some(reason) = row.reason.as_deref().filter(|_| row.verdict == "held") {
            let detail = row
                .detail
                .as_ref()
                .map_or_else(String::new, |detail| format!(": {}", printable(detail, 300)));
            facts.push(("held for", format!("{}{detail}", reason.replace('_', " "))));
        }
        facts.push(("asked", format!("{} UTC, by {}", short(row.received_at), row.channel)));
        facts.extend(self.before.iter().map(|one| {
            let shared = match one.common {
                Common::Mailbox => "same mailbox",
                Common::Name => "name looks alike",
                Common::Network => "same network",
                Common::Domain => "same domain",
            };
            let what = one.reason.as_deref().unwrap_or(&one.verdict).replace('_', " ");
            let (at, name, email) =
                (short(one.received_at), printable(&one.username, 255), printable(&one.email, 320));
            ("before", format!("{at} UTC, {shared}: {name} ({email}) {what}"))
        }));
        facts
    }

    /// What became of it. None: it waits for a decision.
    pub fn outcome(&self) -> Option<String> {
        let (row, decision) = (&self.row, self.decision.as_ref());
        let by = decision.map(|act| format!(" by {}, {} UTC", printable(&act.author(), 300), short(act.at)));
        let by = by.unwrap_or_default();
        let detail =
            row.detail.as_ref().map_or_else(String::new, |detail| format!(": {}", printable(detail, 1000)));
        match (row.verdict.as_str(), row.reason.as_deref()) {
            ("held", _) => None,
            ("accepted", _) => Some(format!("Approved{by}.")),
            (_, Some(reason)) if reason == Reason::RefusedByOperator.word() => {
                Some(format!("Refused{by}{}", if detail.is_empty() { "." } else { &detail }))
            }
            (_, Some(reason)) => Some(format!("Ended: {}{detail}", reason.replace('_', " "))),
            (_, None) => Some("Ended.".into()),
        }
    }
}
