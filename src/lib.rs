//! doorman, the registration desk of a Matrix homeserver.

pub mod bans;
pub mod clock;
pub mod config;
pub mod domain;
pub mod homeserver;
pub mod http_client;
pub mod outbox;
pub mod policy;
pub mod stop;
pub mod store;
pub mod tokens;
pub mod web;
