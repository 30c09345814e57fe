//! The front door: HTTP in, pages and answers out.

pub mod pages;
pub mod server;
