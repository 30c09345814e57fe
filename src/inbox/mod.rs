//! The letter box: what a mail means. Pure: bytes in, a [`Meaning`] out.
//!
//! [`understand`] reads a mail once and asks, in this order: is it a report that one of our letters failed; did a machine
//! write it ([`machines`], one table); is there one sender, and is it really them ([`authentication`]); is it meant for the
//! desk; which name do they want ([`wanted_name`]). Never a guess between two.

mod authentication;
mod bounce;
mod headers;
mod html;
mod machines;
mod meaning;
mod message;
mod own_text;
mod wanted_name;

pub use authentication::Proof;
pub use meaning::{LetterBox, Meaning, Understood, understand};
pub use message::{LARGEST, Mail};

#[cfg(test)]
mod tests;
