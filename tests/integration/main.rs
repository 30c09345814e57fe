//! The desk from outside: the real binary, with a real Synapse, a real SMTP server, a real browser.

mod mail;
mod support;
mod whole_way;
