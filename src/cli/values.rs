//! What several commands can be told, and how it is read.

use clap::Args;

use crate::clock::{Clock, SystemClock};
use crate::domain::EmailAddress;
use crate::filter::Filter;

/// What every listing can be told.
#[derive(Debug, Args)]
pub struct Listing {
    /// At most this many [default: 50, with --json all]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

impl Listing {
    /// How many rows: all for scripts, a screenful or two for people, unless they say.
    pub fn limit(&self) -> Option<u64> {
        self.limit.or((!self.json).then_some(50))
    }
}

/// What `--where` understands.
pub(super) const WHERE: &str = "Words are searched for in name, address, IP, reason and verdict. Also: held, refused, accepted, arrived, \
    reason:rate_limited, ip:198.51.100.0/24, domain:example.net, name:, by:email, letter:failed, list:, since:2d, on:tue, \
    on:yesterday, on:2026-11-17, before:. A ! in front negates one; if there are several, all must match. The console's / understands \
    the same.";

pub(super) fn filter(typed: &str) -> Result<Filter, String> {
    Filter::parse(typed, SystemClock.now()).map_err(|unclear| unclear.to_string())
}

pub(super) fn email_address(typed: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(typed).map_err(|problem| problem.to_string())
}
