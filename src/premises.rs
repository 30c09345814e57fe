//! What all of the running desk shares.

use std::sync::Arc;

use rand::rand_core::{Rng, UnwrapErr};
use rand::rngs::SysRng;

use crate::alarms::{Alarms, Trouble};
use crate::bans::Bans;
use crate::clock::{Doubt, Reading, Theirs, Trust, boot_id};
use crate::config::{Folder, Settings, SignUp};
use crate::homeserver::{Homeserver, NameAnswer};
use crate::metrics::Metrics;
use crate::pulse::{Posted, Pulse, Topic};
use crate::stop::Life;
use crate::store::Store;

/// The parts that every thread works with. Settings and homeserver are replaced when the config is read again.
#[derive(Debug)]
pub struct Premises {
    /// Where the desk's files lie.
    pub folder: Folder,
    /// The settings in force.
    pub settings: Posted<Arc<Settings>>,
    /// None: a trial desk, which has no homeserver.
    pub homeserver: Posted<Option<Arc<Homeserver>>>,
    /// The source of truth.
    pub store: Arc<Store>,
    /// The ban lists.
    pub bans: Bans,
    /// What is wrong at the moment.
    pub alarms: Alarms,
    /// Whether the wall clock can be believed; ask by [`Premises::believes`].
    pub trust: Trust,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the threads get on.
    pub life: Arc<Life>,
    /// Tells this desk from every other.
    pub identity: String,
    /// Whether the letter box is connected.
    pub letter_box_is_open: Posted<Arc<bool>>,
}

impl Premises {
    /// Those of the desk with these settings, in this folder. Nothing is wrong yet, and the letter box is not open.
    pub fn new(settings: Settings, folder: Folder, store: Arc<Store>, bans: Bans) -> Self {
        let pulse = Arc::clone(store.pulse());
        let mut fresh = [0; 16];
        UnwrapErr(SysRng).fill_bytes(&mut fresh);
        // A store that cannot tell is an alarm elsewhere; the folder tells nearly as well.
        let named = store.write(move |store| store.desk_id(u128::from_be_bytes(fresh))).unwrap_or_default();
        let remembered = store.read(|store| store.clock()).ok().flatten();
        Self {
            trust: Trust::new(&boot_id(), remembered),
            homeserver: Posted::new(Homeserver::of(&settings).map(Arc::new), Topic::Settings, &pulse),
            settings: Posted::new(Arc::new(settings), Topic::Settings, &pulse),
            letter_box_is_open: Posted::new(Arc::new(false), Topic::Condition, &pulse),
            alarms: Alarms::new(pulse),
            metrics: Metrics::default(),
            life: Arc::default(),
            identity: folder.identity(&named),
            folder,
            store,
            bans,
        }
    }

    /// Whether a sign-up link leads to an account, as far as the homeserver has told by now.
    pub fn links_lead_on(&self) -> bool {
        let homeserver = self.homeserver.load();
        let way = homeserver.as_ref().and_then(|homeserver| homeserver.last_sign_up_way());
        self.settings.load().sign_up != SignUp::Token && way.is_none_or(|way| way.bar.is_none())
    }

    /// Whether the homeserver tells which names are free, by what it has said of one.
    pub fn heed(&self, answer: &NameAnswer) {
        let trouble = Trouble::Homeserver;
        match answer {
            NameAnswer::Free
            | NameAnswer::InUse { .. }
            | NameAnswer::Reserved { .. }
            | NameAnswer::Invalid { .. }
            | NameAnswer::Forbidden { .. } => self.alarms.clear(trouble),
            NameAnswer::CannotBeAsked { words } => self.alarms.raise(
                trouble,
                format!(
                    "the homeserver cannot be asked whether a name is free ({words}): \
                     requests are accepted without that check"
                ),
            ),
            NameAnswer::RegistrationClosed { words } => self.alarms.raise(
                trouble,
                format!("the homeserver says that registration is closed ({words}): open it, with a token required"),
            ),
            NameAnswer::NoAnswer { words } => {
                self.alarms.raise(trouble, format!("the homeserver does not answer: {words}"));
            }
        }
    }

    /// Whether the wall clock may be believed for what cannot be undone: a rotation, a withdrawal, a lapse, a deletion.
    /// Where it may not, that is an alarm.
    pub fn believes(&self, at: Reading) -> bool {
        let homeserver = self.homeserver.load();
        let theirs = homeserver.as_ref().map_or(Theirs::Untold, |homeserver| homeserver.told_time());
        match self.trust.check(at, theirs) {
            Ok(()) => {
                self.alarms.clear(Trouble::Clock);
                true
            }
            Err(Doubt::NotCompared) => false,
            Err(doubt) => {
                // In other words from minute to minute.
                self.alarms.raise_unless_raised(
                    Trouble::Clock,
                    format!(
                        "{doubt}: until the clocks agree the token is not replaced, and none taken back; nothing lapses, and \
                         nothing is deleted. Set the clock right (`timedatectl set-ntp true`), or, where it is right: \
                         `doorman doctor --trust-clock`"
                    ),
                );
                false
            }
        }
    }

    /// Who is woken by what.
    pub fn pulse(&self) -> &Arc<Pulse> {
        self.store.pulse()
    }

    /// Those of a desk in this folder.
    #[cfg(test)]
    pub fn for_tests(folder: &std::path::Path, settings: Settings) -> Self {
        let folder = Folder::new(folder);
        let (store, bans) = (Store::open(&folder).unwrap(), Bans::open(&folder, |_| None));
        Self::new(settings, folder, Arc::new(store), bans)
    }
}
