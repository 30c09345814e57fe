//! The front door: HTTP in, pages and answers out.

pub mod client_address;
mod crew;
mod decide;
pub mod form;
mod front_page;
mod hall;
mod health;
mod metrics;
mod names;
mod not_me;
mod origin;
pub mod pages;
mod prove;
mod receipts;
mod registration;
mod replies;
mod routes;
mod server;
mod sign_up;
mod slips;

pub use metrics::MetricsDoor;
pub use routes::FrontDoor;
pub use server::{Limits, Request, Response, Server, Service, response};
