//! The page, made once a second at most, however many ask for it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::domain::Closed;

use super::pages::{self, Look};

/// The page as it was made last.
#[derive(Debug)]
pub(super) struct FrontPage(ArcSwap<Made>);

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
        Self(ArcSwap::from_pointee(Made::never()))
    }

    /// It looks different now, also within this second.
    pub(super) fn forget(&self) {
        self.0.store(Arc::new(Made::never()));
    }

    /// The page of this second, of a desk that is `closed` or not.
    pub(super) fn at(&self, look: &Look, closed: Option<Closed>, now: DateTime<Utc>) -> Arc<Made> {
        let made = self.0.load();
        if made.second == now.timestamp() && made.closed == closed {
            return Arc::clone(&made);
        }
        let page = pages::front_page(look, closed, now).into_bytes();
        let made =
            Arc::new(Made { second: now.timestamp(), closed, gzip: pages::gzip(&page), plain: page.into() });
        self.0.store(Arc::clone(&made));
        made
    }
}

impl Made {
    fn never() -> Self {
        Self { second: i64::MIN, closed: None, plain: Arc::new([]), gzip: None }
    }
}
