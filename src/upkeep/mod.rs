//! What the running desk sees to by itself: what other processes do, the ban lists' changes, what the console shows of it,
//! what has had its time, and what waits for the operator.

mod ban_lists;
mod condition;
mod digest;
mod fullness;
mod one_desk;
mod retention;
mod subscriptions;
mod watch;

use std::time::Duration;

use crate::clock::Clock;
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;

pub use one_desk::{another_desk, stay_alone};
pub use subscriptions::fetch_lists;
pub use watch::watch;

/// Two looks at a ban list that agree are so far apart.
const REST: Duration = Duration::from_millis(250);

/// Sees to all that may take its time, until the stop signal comes.
pub fn keep(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let topics = [Topic::BanFiles, Topic::Condition, Topic::Settings, Topic::Store];
    let mut listener = premises.pulse().listen(stop, &topics, REST);
    let (mut condition, mut retention) = (condition::Noted::default(), retention::Retention::default());
    let (mut digest, mut notes) = (digest::Digest::default(), ban_lists::Notes::default());
    let mut fullness = fullness::Fullness::default();
    loop {
        let mut next = Next::never();
        if ban_lists::refresh(premises, &mut notes, clock.now()) {
            next = Next::after(REST);
        }
        fullness.look(premises, clock, &mut next);
        condition.refresh(premises, clock);
        retention.retire(premises, clock, &mut next);
        digest.tell(premises, clock, &mut next);
        if !listener.wait(next) {
            return;
        }
    }
}
