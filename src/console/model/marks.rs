//! What is marked, so that it is decided at once.

use std::collections::BTreeMap;

use crate::console::keys::Panel;
use crate::domain::EmailAddress;
use crate::store::{RequestRow, StoreError};

use super::Console;

/// More than a person can mean.
const MOST: usize = 10_000;

/// So many are named, the rest is counted.
const NAMED: usize = 3;

impl Console {
    /// The number of the selected request or email.
    pub(super) fn selected_number(&self) -> Option<i64> {
        match self.panel {
            Panel::Requests => self.index.id_at(self.cursor().at),
            Panel::Outbox => self.shown_letters().nth(self.cursor().at).map(|one| one.id),
            Panel::Cooldowns | Panel::Token | Panel::Bans | Panel::Journal => None,
        }
    }

    /// Whether this one of the active panel is marked.
    pub(in crate::console) fn is_marked(&self, id: i64) -> bool {
        self.marked[self.panel.index()].contains(&id)
    }

    /// How many of the active panel are marked.
    pub(in crate::console) fn marks(&self) -> usize {
        self.marked[self.panel.index()].len()
    }

    pub(super) fn mark(&mut self) -> Result<(), StoreError> {
        if let Some(id) = self.selected_number() {
            let marked = &mut self.marked[self.panel.index()];
            if !marked.remove(&id) {
                marked.insert(id);
            }
        }
        self.step(1)
    }

    /// All that is shown, or none where all are marked already.
    pub(super) fn mark_all(&mut self) {
        let all: Vec<i64> = match self.panel {
            Panel::Outbox => self.shown_letters().map(|one| one.id).collect(),
            _ => (0..self.rows().0.min(MOST + 1)).filter_map(|row| self.index.id_at(row)).collect(),
        };
        if all.len() > MOST {
            self.say("these are more than 10,000: filter them first");
            return;
        }
        let marked = &mut self.marked[self.panel.index()];
        let is_done = all.iter().all(|id| marked.contains(id));
        marked.clear();
        if !is_done {
            marked.extend(all);
        }
    }

    /// What an act is about: the marked ones, else the selected one.
    pub(super) fn chosen(&self) -> Vec<i64> {
        match self.marks() {
            0 => self.selected_number().into_iter().collect(),
            _ => self.marked[self.panel.index()].iter().copied().collect(),
        }
    }

    /// They are decided: nothing is marked any more.
    pub(super) fn unmark(&mut self) {
        self.marked[self.panel.index()].clear();
    }
}

/// `3 marked: 2 of example.net, 1 of mail.example`
pub(super) fn told(rows: &[&RequestRow]) -> String {
    let mut domains: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let domain = EmailAddress::parse(&row.email)
            .map_or_else(|_| "no address".into(), |one| one.domain().to_owned());
        *domains.entry(domain).or_default() += 1;
    }
    let mut domains: Vec<(String, usize)> = domains.into_iter().collect();
    domains.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest: usize = domains.iter().skip(NAMED).map(|(_, count)| count).sum();
    let mut named: Vec<String> =
        domains.iter().take(NAMED).map(|(domain, count)| format!("{count} of {domain}")).collect();
    named.extend((rest > 0).then(|| format!("{rest} of others")));
    format!("{} marked: {}", rows.len(), named.join(", "))
}

/// The odd ones by name: `alice and bob are left out: they do not wait.`
pub(super) fn left_out(rows: &[&RequestRow], why: [&str; 2]) -> String {
    let mut named: Vec<&str> = rows.iter().take(NAMED).map(|row| row.username.as_str()).collect();
    let rest = format!("{} more", rows.len().saturating_sub(NAMED));
    if rows.len() > NAMED {
        named.push(&rest);
    }
    match rows.len() {
        0 => String::new(),
        1 => format!(" {} is left out: {}.", named.join(""), why[0]),
        _ => format!(" {} are left out: {}.", named.join(", "), why[1]),
    }
}
