//! doorman: the registration desk of a Matrix homeserver.

pub mod clock;
pub mod config;
pub mod domain;
pub mod outbox;
pub mod stop;
