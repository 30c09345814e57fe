//! The console with 100,000 requests stored, as one who sits before it sees it: `cargo bench --bench console`.
//!
//! The real binary runs in a pseudo-terminal. A key is done when the screen has been written anew.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where something is wrong")]

#[expect(dead_code, reason = "it is the tests', and not all of it is needed here")]
#[path = "../tests/integration/support/terminal.rs"]
mod terminal;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use doorman::clock::{Clock, SystemClock};
use doorman::config::{Folder, Settings};
use doorman::domain::{Channel, EmailAddress, Localpart, Reason, TokenRequest};
use doorman::store::{Record, Store};
use terminal::Terminal;

/// Stored requests, over 29 days; half of them came in the last one.
const STORED: usize = 100_000;

/// The console stays idle for so long.
const IDLE: Duration = Duration::from_secs(20);

fn main() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.yaml"), "homeserver: your.server\n").unwrap();
    fill(dir.path());

    let mut table = Vec::new();
    let mut row = |what: &str, measured: f64, unit: &str, wanted: f64| {
        println!("{what}: {measured:.1} {unit}");
        let holds = if measured < wanted { "yes" } else { "NO" };
        table.push(format!("| {what} | {measured:.1} {unit} | {wanted} {unit} | {holds} |"));
    };

    let started = Instant::now();
    let mut console = Terminal::console(dir.path(), 80, 24);
    console.wait_for("name99999");
    row("start with 100,000 requests stored", started.elapsed().as_secs_f64() * 1000.0, "ms", 1000.0);
    console.wait_for_silence(Duration::from_secs(1));

    for (what, keys) in [
        ("scrolling", &["j", "\x1b[6~", "k", "G", "\x1b[5~", "k", "g", "\x1b[6~", "j"][..]),
        (
            "filtering",
            &[
                "/", "n", "a", "m", "e", "9", "9", "\x7f", "\x7f", "8", "z", "\x7f", "\x15", "@", "m", "\r",
                "j", "G", "\x1b",
            ],
        ),
        ("details and another request's", &["g", "\r", "\x1b", "j", "\r", "\x1b[6~", "b", "\x1b"]),
        (
            "the ban preview and moving through its options",
            &["b", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[A", "\x1b"],
        ),
        ("the other panels", &["2", "3", "4", "5", "4"]),
        (
            "typing an address to ban",
            &["a", "\r", "1", "0", ".", "1", ".", "1", ".", "0", "/", "2", "4", "\x1b"],
        ),
        ("typing a domain to ban", &["a", "\x1b[B", "\r", "*", "@", "m", "a", "i", "l", "9", "*", "\x1b"]),
        (
            "typing a pattern to ban",
            &["a", "\x1b[B", "\x1b[B", "\r", ".", "*", "9", ".", "9", "\x7f", "$", "\x1b"],
        ),
    ] {
        let (key, slowest) = slowest(&mut console, keys);
        row(&format!("… {what}, the slowest key ({key:?})"), slowest, "ms", 50.0);
    }
    console.press("1");
    console.wait_for("[1 Requests]");
    for (what, key, sign) in [
        ("earlier requests in the details are counted", "\r", "from the domain"),
        ("what a ban would have hit is counted", "b", "hits 1"),
    ] {
        let started = Instant::now();
        console.press(key);
        console.wait_for(sign);
        // No key waits for it: only the count itself comes later.
        row(&format!("… until {what}"), started.elapsed().as_secs_f64() * 1000.0, "ms", 1000.0);
        console.press("\x1b");
        console.wait_without(sign);
    }
    row("… memory, the most that it has been", memory(console.pid()), "MB", 60.0);

    console.wait_for_silence(Duration::from_secs(2));
    let (before, started) = (processor_time(console.pid()), Instant::now());
    while started.elapsed() < IDLE {
        std::thread::park_timeout(IDLE.saturating_sub(started.elapsed()));
    }
    let used = (processor_time(console.pid()) - before) / started.elapsed().as_secs_f64() * 100.0;
    row("… idle, of a processor", used, "%", 1.0);
    console.press("q");
    console.end_within(Duration::from_secs(2));

    println!("\n| what | measured | wanted | holds |\n| --- | --- | --- | --- |");
    for line in table {
        println!("{line}");
    }
}

/// Stores them through the store's own door.
fn fill(folder: &std::path::Path) {
    let store = Store::open(&Folder::new(folder)).unwrap();
    let (now, server) = (SystemClock.now(), Settings::trial().homeserver);
    for from in (0..STORED).step_by(10_000) {
        let server = server.clone();
        store
            .write(move |store| {
                for number in from..from + 10_000 {
                    let (name, email) =
                        (format!("name{number}"), format!("name{number}@mail{}.example", number % 997));
                    let ip = format!("10.{}.{}.{}", number % 7, number % 251, number % 199).parse().ok();
                    let received_at = came_at(number, now);
                    if number % 5 == 0 {
                        let request = TokenRequest {
                            username: Some(Localpart::parse(&name, &server).unwrap()),
                            email: EmailAddress::parse(&email).unwrap(),
                            channel: Channel::Web,
                            ip,
                            received_at,
                            answer: None,
                            terms: None,
                            mail: None,
                            receipt: None,
                            language: doorman::domain::Language::default(),
                        };
                        store.record_accepted(&request, None, Some(&format!("<{number}@your.server>")))?;
                    } else {
                        store.record_refusal(&Record {
                            received_at,
                            channel: Channel::Web,
                            username: name,
                            parsed_email: EmailAddress::parse(&email).ok(),
                            email,
                            ip,
                            held: false,
                            reason: Reason::EmailBanned,
                            detail: format!(
                                "banned by banned_emails.txt line {number}: *@mail{}.example",
                                number % 997
                            ),
                            language: doorman::domain::Language::default(),
                            stands_for: 1,
                        })?;
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

fn came_at(number: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let left = i64::try_from(STORED - number).unwrap();
    let half = i64::try_from(STORED / 2).unwrap();
    let day = 86_400;
    now - TimeDelta::seconds(if left <= half {
        left * day / half
    } else {
        day + (left - half) * 28 * day / half
    })
}

/// Presses one key after the other; the slowest, and its milliseconds.
fn slowest<'a>(console: &mut Terminal, keys: &[&'a str]) -> (&'a str, f64) {
    let mut slowest = ("", Duration::ZERO);
    for key in keys {
        let (before, pressed) = (console.bytes().len(), Instant::now());
        console.press(key);
        while console.bytes().len() == before {
            assert!(
                pressed.elapsed() < Duration::from_secs(5),
                "{key:?} is not answered:\n{}",
                console.screen()
            );
            std::thread::park_timeout(Duration::from_micros(200));
        }
        let took = pressed.elapsed();
        println!("{key:?}: {:.1} ms", took.as_secs_f64() * 1000.0);
        if took > slowest.1 {
            slowest = (key, took);
        }
        // What is counted beside may come a little later, and belongs to this key.
        console.wait_for_silence(Duration::from_millis(250));
    }
    (slowest.0, slowest.1.as_secs_f64() * 1000.0)
}

/// The most resident memory that it has had, in MB.
fn memory(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// Seconds of all processors that it has used so far.
fn processor_time(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    // User and system time, in hundredths of a second.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// Looks again and again until it is so.
fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come to this: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
