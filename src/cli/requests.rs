//! Requests, and what became of them: what is listed, judged, sent, kept from asking.

use std::net::IpAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::clock::when::parse_since;
use crate::clock::{Clock, SystemClock};
use crate::domain::EmailAddress;
use crate::filter::Filter;

use super::values::{Listing, WHERE, email_address, filter};

/// `rehearse`
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// Requests since then: 12h, 30d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: DateTime<Utc>,
    /// Use this config.yaml instead of the desk's; after `rehearse`, --config means the same
    #[arg(long, value_name = "FILE")]
    pub by_config: Option<PathBuf>,
    /// Use the ban lists in this folder instead of the desk's
    #[arg(long, value_name = "DIR")]
    pub bans: Option<PathBuf>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// `judge`
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// The name asked for
    #[arg(long)]
    pub name: String,
    /// The email address
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// The IP address; without it, rules about addresses are skipped
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<IpAddr>,
    /// The answer to the question
    #[arg(long, value_name = "TEXT")]
    pub answer: Option<String>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// `requests`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command line")]
#[command(args_conflicts_with_subcommands = true)]
pub struct RequestsArgs {
    /// `resend`
    #[command(subcommand)]
    pub command: Option<RequestsCommand>,
    /// Only accepted ones
    #[arg(long, group = "verdict")]
    pub accepted: bool,
    /// Only those that are waiting for you
    #[arg(long, group = "verdict")]
    pub held: bool,
    /// Only refused ones
    #[arg(long, group = "verdict")]
    pub refused: bool,
    /// Only those whose email address contains this
    #[arg(long, value_name = "PART")]
    pub email: Option<String>,
    /// Only those whose name contains this
    #[arg(long, value_name = "PART")]
    pub username: Option<String>,
    /// Only those from this IP address
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<std::net::IpAddr>,
    /// Only those since then: 30m, 12h, 7d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: Option<DateTime<Utc>>,
    /// Only those that match
    #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
    pub meant: Option<Filter>,
    /// Keep running and print new ones as they come in, with --json one per line
    #[arg(long)]
    pub follow: bool,
    /// How many rows
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with a request.
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// Show everything that is known about a request
    #[command(after_help = "Example:\n  doorman requests show 17")]
    Show {
        /// The request's number
        id: i64,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Send the email of an accepted request again
    #[command(after_help = "Example:\n  doorman requests resend 17")]
    Resend {
        /// The request's number
        id: i64,
    },
}

/// `outbox`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct OutboxArgs {
    /// `retry`, `drop`
    #[command(subcommand)]
    pub command: Option<OutboxCommand>,
    /// How many rows
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with emails that are owed.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// Retry emails now instead of waiting; without numbers, all of them
    #[command(after_help = "Examples:\n  doorman outbox retry\n  doorman outbox retry 12 13")]
    Retry {
        /// The emails' numbers
        ids: Vec<i64>,
    },
    /// Drop emails from the outbox; their names and addresses are free again
    #[command(
        after_help = "Examples:\n  doorman outbox drop 12 13\n  doorman outbox drop --where ip:198.51.100.0/24"
    )]
    Drop {
        /// The emails' numbers
        #[arg(required_unless_present = "meant")]
        ids: Vec<i64>,
        /// All emails whose request or address matches
        #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
        meant: Option<Filter>,
    },
}

/// `cooldowns`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CooldownsArgs {
    /// `lift`
    #[command(subcommand)]
    pub command: Option<CooldownsCommand>,
    /// How many rows
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with cooldowns.
#[derive(Debug, Subcommand)]
pub enum CooldownsCommand {
    /// End the cooldown of an address
    #[command(after_help = "Example:\n  doorman cooldowns lift someone@example.org")]
    Lift {
        /// The email address
        address: String,
    },
}

/// What can be done with suppressed mailboxes.
#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// List these mailboxes
    List {
        /// How many rows
        #[command(flatten)]
        listing: Listing,
    },
    /// Send no more email to a mailbox
    Add {
        /// The email address
        address: String,
    },
    /// Allow email to a mailbox again
    Lift {
        /// The email address
        address: String,
    },
}

/// `invite`
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// The username; left out, they choose it
    pub name: Option<String>,
    /// Where to email the link; with --print, the address of the account
    #[arg(long, value_name = "ADDRESS", value_parser = email_address)]
    pub email: Option<EmailAddress>,
    /// How long the link works [default: `sign_up_hours` of config.yaml]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=24 * 365))]
    pub hours: Option<u32>,
    /// A note from you in the email; you also see it in listings
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Email nothing: print the link, and nothing else, for you to hand over
    #[arg(long)]
    pub print: bool,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
    /// Even if a ban hits the name or the address; later bans still count
    #[arg(long)]
    pub despite_bans: bool,
}
