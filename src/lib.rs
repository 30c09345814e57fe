//! doorman, the registration desk of a Matrix homeserver.

pub mod alarms;
pub mod app;
pub mod bans;
pub mod clock;
pub mod commands;
pub mod config;
pub mod desk;
pub mod domain;
pub mod homeserver;
pub mod http_client;
pub mod import;
pub mod logging;
pub mod mirror;
pub mod outbox;
pub mod policy;
pub mod premises;
pub mod rotation;
pub mod service_manager;
pub mod stop;
pub mod store;
pub mod supervisor;
pub mod tokens;
pub mod web;
