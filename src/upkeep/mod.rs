//! What the running desk sees to by itself: what other processes do, the ban lists' changes, what the console shows of it,
//! what has had its time, and what waits for the operator.

mod ban_lists;
mod condition;
mod digest;
mod retention;
mod watch;

use std::time::Duration;

use crate::clock::Clock;
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;

pub use watch::watch;

/// Two looks at a ban list that agree are so far apart.
const REST: Duration = Duration::from_millis(250);

/// Sees to all that may take its time, until the stop signal comes.
pub fn keep(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let topics = [Topic::BanFiles, Topic::Condition, Topic::Settings, Topic::Store];
    let mut listener = premises.pulse().listen(stop, &topics, REST);
    let (mut condition, mut retention) = (condition::Noted::default(), retention::Retention::default());
    let (mut digest, mut ended) = (digest::Digest::default(), ban_lists::Ended::default());
    loop {
        let mut next = Next::never();
        if ban_lists::refresh(premises, &mut ended, clock.now()) {
            next = Next::after(REST);
        }
        condition.refresh(premises, clock);
        retention.retire(premises, clock);
        digest.tell(premises, clock, &mut next);
        if !listener.wait(next) {
            return;
        }
    }
}
