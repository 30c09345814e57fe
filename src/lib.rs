//! doorman: the registration desk of a Matrix homeserver.

pub mod clock;
pub mod config;
pub mod domain;
pub mod policy;
pub mod stop;
pub mod store;
pub mod tokens;
