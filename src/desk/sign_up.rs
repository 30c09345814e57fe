//! Whoever comes by a sign-up link, judged by what holds now.

use std::net::IpAddr;
use std::time::Instant;

use crate::domain::{Localpart, Refusal};
use crate::store::{Guest, StoreError};

use super::Desk;
use super::facts::judge_sign_up;

impl Desk {
    /// Why they get no account of this name; None: they get it. A name that is not kept for them is `chosen`: the homeserver is
    /// asked for it, until the deadline.
    pub fn judge_sign_up(
        &self,
        guest: &Guest,
        name: &Localpart,
        chosen: bool,
        ip: IpAddr,
        deadline: Instant,
    ) -> Result<Option<Refusal>, StoreError> {
        let now = self.now();
        let answer = chosen.then(|| self.ask(name, deadline, now));
        self.premises.store.read(|store| judge_sign_up(store, guest, name, answer, ip, &self.premises, now))
    }
}
