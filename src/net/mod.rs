//! How the desk speaks with other servers: one TLS configuration, one way to make a connection, one set of words for what
//! goes wrong with it.

pub mod dns;
pub mod fault;
pub mod http;
pub mod stream;
pub mod tls;

pub use fault::{Fault, FaultKind, Peer, Protocol, cleaned};
