//! What the running desk sees to by itself, each on a thread of its own: the ban lists' changes, what the console shows of
//! it, and what has had its time.

mod ban_lists;
mod condition;
mod retention;

pub use ban_lists::watch_bans;
pub use condition::note_condition;
pub use retention::retire;
