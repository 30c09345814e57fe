//! What an operator can do, one file an act. Each says what it did, or why not, as data, and writes itself into the journal;
//! whoever was asked for it (commands, console) tells it in [`words`].

mod ban;
mod clock;
mod decide;
mod deed;
mod forget;
mod glance;
mod invite;
mod journal;
mod letters;
mod lift;
mod matter;
mod opened;
mod outcome;
mod pause;
mod rotate;
mod suppress;
mod surge;
mod undo;
mod users;
pub mod words;

pub use ban::{ban, lists_in_force};
pub use clock::trust_clock;
pub use decide::{approve, refuse};
pub use deed::Deed;
pub use forget::{forget, import};
pub use glance::Glance;
pub use invite::{Invitation, invite};
pub use letters::{drop_letter, resend, retry};
pub use lift::lift;
pub use matter::Matter;
pub use opened::{
    Author, Door, Intent, Opened, TRIAL, become_owner, environment, locate, open, settings, trial,
};
pub use outcome::{Done, Invited, NotDone, NotInvited, Outcome};
pub use pause::pause;
pub use rotate::rotate;
pub use suppress::suppress;
pub use surge::surge;
pub use undo::{last_undone, redo, standing, undo};
pub use users::{group, user};
