//! The page, made once a second at most, however many ask for it.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::domain::{Closed, Language};

use super::pages::{self, Look};

/// The page as it was made last: in each language, for whoever has chosen it here and for whoever's browser asks for it.
#[derive(Debug)]
pub(super) struct FrontPage(HashMap<(Language, bool), ArcSwap<Made>>);

/// The page of one second.
#[derive(Debug)]
pub(super) struct Made {
    second: i64,
    closed: Option<Closed>,
    /// As it is.
    pub plain: Arc<[u8]>,
    /// Compressed, where that helps.
    pub gzip: Option<Arc<[u8]>>,
}

impl FrontPage {
    /// None was made yet.
    pub(super) fn new() -> Self {
        let kinds = Language::all().flat_map(|language| [(language, true), (language, false)]);
        Self(kinds.map(|kind| (kind, ArcSwap::from_pointee(Made::never()))).collect())
    }

    /// It looks different now, also within this second.
    pub(super) fn forget(&self) {
        for made in self.0.values() {
            made.store(Arc::new(Made::never()));
        }
    }

    /// The page of this second, of a desk that is `closed` or not.
    pub(super) fn at(&self, look: &Look, closed: Option<Closed>, now: DateTime<Utc>) -> Arc<Made> {
        let kept = self.0.get(&(look.language, look.is_chosen));
        if let Some(made) = kept.map(ArcSwap::load_full)
            && made.second == now.timestamp()
            && made.closed == closed
        {
            return made;
        }
        let page = pages::front_page(look, closed, now).into_bytes();
        let made =
            Arc::new(Made { second: now.timestamp(), closed, gzip: pages::gzip(&page), plain: page.into() });
        if let Some(kept) = kept {
            kept.store(Arc::clone(&made));
        }
        made
    }
}

impl Made {
    fn never() -> Self {
        Self { second: i64::MIN, closed: None, plain: Arc::new([]), gzip: None }
    }
}
