//! The desk from outside: the real binary, with a real Synapse, a real SMTP server, a real browser.

#![expect(clippy::unwrap_used, reason = "what fails in a test ends the test")]

mod admin_room;
mod at_rest;
mod attack;
mod bad_input;
mod browser;
mod clock;
mod commands;
mod console;
mod contrib;
mod doctor;
mod failure;
mod families;
mod front_door;
mod holds;
mod homeserver;
mod init;
mod judging;
mod languages;
mod layering;
mod letter_box;
mod letter_box_faults;
mod lifecycle;
mod litestream;
mod mail;
mod mas_tokens;
mod metrics;
mod names;
mod not_me;
mod notify;
mod packages;
mod receipts;
mod root;
mod sign_up;
mod sign_up_ends;
mod sign_up_mas;
mod start;
mod support;
mod synapse_tokens;
mod takeover;
mod token_ends;
mod token_kills;
mod toml_tokens;
mod tuwunel_tokens;
mod whole_way;
