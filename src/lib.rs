//! doorman, the registration desk of a Matrix homeserver.

pub mod alarms;
pub mod bans;
pub mod clock;
pub mod config;
pub mod desk;
pub mod domain;
pub mod homeserver;
pub mod http_client;
pub mod import;
pub mod mirror;
pub mod outbox;
pub mod policy;
pub mod premises;
pub mod rotation;
pub mod stop;
pub mod store;
pub mod tokens;
pub mod web;
