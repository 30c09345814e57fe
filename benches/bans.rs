//! What a decision by the ban lists costs with ten lines in each of them, and with 100,000: `cargo bench --bench bans`.
//!
//! The lists are measured in turns within one run, and the ratio of the medians is printed: times of different machines,
//! or of different minutes, say nothing.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where something is wrong")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use chrono::DateTime;
use doorman::bans::{Bans, Lists};
use doorman::config::Folder;
use doorman::domain::{EmailAddress, Localpart, ServerName};

const TURNS: usize = 41;
const DECISIONS: usize = 2_000;

/// Of these, `mark` stands above each entry.
fn lists(lines: u32, mark: &str) -> (tempfile::TempDir, std::sync::Arc<Lists>) {
    let dir = tempfile::tempdir().unwrap();
    let (mut ips, mut emails, mut usernames) = (String::new(), String::new(), String::new());
    for n in 0..lines {
        for list in [&mut ips, &mut emails, &mut usernames] {
            list.push_str(mark);
        }
        let (a, b, c) = (n >> 16, (n >> 8) & 255, n & 255);
        // Writing into a String cannot fail.
        let _ = match n % 3 {
            0 => writeln!(ips, "10.{a}.{b}.{c}"),
            1 => writeln!(ips, "2001:db8:{n:x}::/48"),
            _ => writeln!(ips, "172.{a}.{b}.0/24"),
        };
        let _ = match n % 3 {
            0 => writeln!(emails, "someone{n}@mail{n}.example"),
            1 => writeln!(emails, "trash{n}.example"),
            _ => writeln!(emails, "link{n}*+*@*.bulk{n}.example"),
        };
        let _ = match n % 3 {
            0 => writeln!(usernames, ".*admin{n}.*"),
            1 => writeln!(usernames, "^root{n}[0-9]+$"),
            _ => writeln!(usernames, "(support|help)_?{n}"),
        };
    }
    for (name, text) in
        [("banned_ips.txt", ips), ("banned_emails.txt", emails), ("banned_usernames.txt", usernames)]
    {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let started = Instant::now();
    let lists = Bans::open(&Folder::new(dir.path()), |_| None).current();
    let with = if mark.is_empty() { "without" } else { "with" };
    println!("{lines:>7} lines in each list {with} actions: compiled in {:?}", started.elapsed());
    (dir, lists)
}

/// Nanoseconds of one decision: all three lists are asked, and none of them hits.
fn decision(lists: &Lists) -> u128 {
    let server = ServerName::parse("your.server").unwrap();
    let name = Localpart::parse("alice.administers-nothing", &server).unwrap();
    let email = EmailAddress::parse("alice.somebody+list@mail.some.example.org").unwrap();
    let ip = "192.0.2.77".parse().unwrap();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let started = Instant::now();
    for _ in 0..DECISIONS {
        let hits = lists.hits(black_box(Some(ip)), black_box(Some(&email)), black_box(Some(&name)), now);
        assert!(!black_box(hits).any());
    }
    started.elapsed().as_nanos() / DECISIONS as u128
}

fn median(mut times: Vec<u128>) -> u128 {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let mark = "#: hold until=2037-01-01 note=\"spring wave\" by=anna added=2026-11-28\n";
    let lists = [lists(10, ""), lists(100_000, ""), lists(100_000, mark)];
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for ((_, lists), times) in lists.iter().zip(&mut times) {
            times.push(decision(lists));
        }
    }
    let [few, many, marked] = times.map(median);
    #[expect(clippy::cast_precision_loss, reason = "a ratio for the eye")]
    let ratio = |time: u128| time as f64 / few as f64;
    println!(
        "a decision: {few} ns with 3 × 10 lines, {many} ns with 3 × 100,000: ratio {:.2}; {marked} ns with actions: {:.2}",
        ratio(many),
        ratio(marked)
    );
}
