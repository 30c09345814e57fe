//! Who did what, and what has come since whoever sits here left last.

use crate::acts::words::words_of;
use crate::acts::{Deed, Door, NotDone};
use crate::console::counting::Count;
use crate::console::effects::Effect;
use crate::console::keys::Panel;
use crate::filter::Row;
use crate::store::Act;

use super::Console;

/// What has come since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::console) struct Visit {
    /// Requests by verdict: accepted, held, refused.
    pub requests: [u64; 3],
    /// Emails that failed.
    pub failed: u64,
    /// What others did, and what the desk did by itself.
    pub acts: u64,
}

impl Console {
    pub(in crate::console) fn shown_acts(&self) -> impl Iterator<Item = &Act> {
        let meant = &self.meant[Panel::Journal.index()];
        self.journal.iter().filter(|act| {
            let told = words_of(act);
            let texts = [act.who.as_str(), &told, act.subject.as_deref().unwrap_or_default()];
            meant.takes(&Row {
                texts: &texts,
                at: Some(act.at),
                by: act.whence.as_deref().unwrap_or_default(),
                ..Row::default()
            })
        })
    }

    pub(super) fn count_visit(&mut self) {
        if let Some(at) = self.visited_at.filter(|_| self.panel == Panel::Journal) {
            self.wanted.push(Count::Since(at));
        }
    }

    /// Takes the selected line back.
    pub(super) fn take_back_line(&mut self) -> Option<Effect> {
        let act = self.shown_acts().nth(self.cursor().at)?.clone();
        match Deed::of(&act) {
            _ if act.undone_at.is_some() => self.say("it is already undone"),
            Some(deed) if deed.can_be_taken_back() => {
                let question = format!("Undo {}?", self.look.visible(&deed.words()));
                return self.unless_own(act.id, question, Effect::Undo(act.id, deed));
            }
            Some(deed) => self.say(NotDone::Final(Box::new(deed)).words(Door::Console)),
            None => self.say("the person it was about has been erased"),
        }
        None
    }
}
