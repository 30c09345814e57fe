//! The hall behind the door: what all threads that answer visitors share.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::Desk;
use crate::signup::SignUps;
use crate::store::StoreError;

use super::client_address::client_address;
use super::crew::Crew;
use super::front_page::FrontPage;
use super::health::Health;
use super::pages::{Assets, Format, Look};
use super::replies;
use super::server::{Request, Response};
use super::slips::Slips;

/// Threads that look things up in the store, and jobs that may wait for them.
const LOOKERS: (usize, usize) = (4, 200);

/// Threads that wait for the homeserver and for the disk, and jobs that may wait for them. Requests that are written down
/// at the same time share one fsync, so there are more of them than cores. Fewer wait than a loop takes connections, so
/// that there is room for others.
const ASKERS: (usize, usize) = (64, 300);

/// Threads that make accounts, and jobs that may wait for them: the homeserver may take its time for each.
const MAKERS: (usize, usize) = (32, 200);

/// Threads that ask the homeserver about names while they are typed, and jobs that may wait for them: few, since it has more
/// to do than that.
const TELLERS: (usize, usize) = (2, 30);

/// The desk, what it looks like, and who works there.
pub(super) struct Hall {
    pub desk: Arc<Desk>,
    pub sign_ups: Arc<SignUps>,
    pub clock: Arc<dyn Clock>,
    pub look: ArcSwap<Look>,
    pub assets: Arc<Assets>,
    pub front_page: FrontPage,
    pub health: Health,
    pub lookers: Crew,
    pub askers: Crew,
    pub makers: Crew,
    pub tellers: Crew,
    pub slips: Slips,
}

impl std::fmt::Debug for Hall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hall").finish_non_exhaustive()
    }
}

impl Hall {
    /// That of this desk.
    pub(super) fn new(desk: Arc<Desk>, sign_ups: Arc<SignUps>, clock: Arc<dyn Clock>) -> Self {
        let premises = desk.premises();
        let assets = Arc::new(Assets::load(&premises.folder));
        let look = Look::new(&premises.settings.load(), Arc::clone(&assets), premises.homeserver.load_full());
        Self {
            look: ArcSwap::from_pointee(look),
            assets,
            front_page: FrontPage::new(),
            health: Health::new(Arc::clone(&desk)),
            lookers: Crew::new(LOOKERS.0, LOOKERS.1),
            askers: Crew::new(ASKERS.0, ASKERS.1),
            makers: Crew::new(MAKERS.0, MAKERS.1),
            tellers: Crew::new(TELLERS.0, TELLERS.1),
            sign_ups,
            slips: Slips::default(),
            desk,
            clock,
        }
    }

    /// The settings have changed.
    pub(super) fn refurbish(&self, settings: &Settings) {
        let homeserver = self.desk.premises().homeserver.load_full();
        self.look.store(Arc::new(Look::new(settings, Arc::clone(&self.assets), homeserver)));
        self.front_page.forget();
    }

    /// The applicant's address; a proxy that is not trusted, and should be, is an alarm.
    pub(super) fn client(&self, request: &Request) -> IpAddr {
        let premises = self.desk.premises();
        let settings = premises.settings.load();
        let client =
            client_address(request.peer.ip(), request.all("x-forwarded-for"), &settings.trusted_proxies);
        if let Some(proxy) = client.untrusted_proxy {
            premises.alarms.raise(
                Trouble::Proxy,
                format!(
                    "{proxy} sends X-Forwarded-For and is not trusted, so all its visitors count as one: if it is your \
                     proxy, add this to config.yaml: trusted_proxies: [loopback, {proxy}]"
                ),
            );
        }
        client.ip
    }

    /// What the store gave. None: it could not, and that is an alarm.
    pub(super) fn of_store<T>(&self, told: Result<T, StoreError>) -> Option<T> {
        told.map_err(|error| self.desk.premises().alarms.raise(Trouble::Store, error.to_string())).ok()
    }

    /// The answer where HTTP itself went wrong.
    pub(super) fn error(&self, status: u16, format: Format) -> Response {
        replies::error(&self.look.load(), status, format)
    }
}
