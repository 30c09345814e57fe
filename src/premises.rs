//! What all of the running desk shares.

use std::sync::atomic::AtomicBool;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::alarms::Alarms;
use crate::bans::Bans;
use crate::config::{Folder, Settings};
use crate::homeserver::Homeserver;
use crate::store::Store;

/// The parts that every thread works with. Settings and homeserver are replaced when the config is read again.
#[derive(Debug)]
pub struct Premises {
    /// Where the desk's files lie.
    pub folder: Folder,
    /// The settings in force.
    pub settings: ArcSwap<Settings>,
    /// None: a trial desk, which has no homeserver.
    pub homeserver: ArcSwapOption<Homeserver>,
    /// The source of truth.
    pub store: std::sync::Arc<Store>,
    /// The ban lists.
    pub bans: Bans,
    /// What is wrong at the moment.
    pub alarms: Alarms,
    /// Whether the letter box is connected.
    pub letter_box_is_open: AtomicBool,
}

#[cfg(test)]
impl Premises {
    /// Those of a desk without a homeserver, in this folder.
    pub fn for_tests(folder: &std::path::Path, settings: Settings) -> Self {
        let folder = Folder::new(folder);
        Self {
            settings: ArcSwap::from_pointee(settings),
            homeserver: ArcSwapOption::empty(),
            store: std::sync::Arc::new(Store::open(&folder).unwrap()),
            bans: Bans::open(&folder, |_| None),
            alarms: Alarms::new(),
            letter_box_is_open: AtomicBool::new(false),
            folder,
        }
    }
}
