//! How fast the desk is, as ratios of one run: `benches/run`.
//!
//! The desk is the real binary. nginx serves the same bytes beside it, and plays the homeserver; wrk asks. What a disk
//! can do is measured by appending to a file and calling `fdatasync`. Each pair is measured in turns, and the median of
//! the turns counts.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where something is wrong")]

mod desk;
#[expect(dead_code, reason = "it is the tests', and not all of it is needed here")]
#[path = "../../tests/integration/support/dovecot.rs"]
mod dovecot;
mod letter_box;
mod mail_server;
mod nginx;
mod table;
mod wrk;

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use desk::Desk;
use mail_server::MailServer;
use nginx::Nginx;
use table::Table;

const TURNS: usize = 3;

/// Stored requests of a desk with a long history.
const HISTORY: usize = 200_000;

fn main() {
    let nginx = Nginx::start();
    let mut table = Table::default();
    table.at_least("`GET /`, 32 connections, of nginx", 0.45, page(&nginx));

    let fast = MailServer::start(Duration::ZERO);
    let history = Desk::with_history(&nginx, &fast, HISTORY);
    table.seconds("import of 200,000 entries, s", 20, history.imported_in);
    let (start, memory) = history.start_again();
    table.millis("start with 200,000 stored, ms", 200, start);
    table.below("memory then, MB", 80, memory);
    table.below("memory fresh, MB", 25, Desk::fresh(&nginx, &fast).memory());

    requests(&nginx, &fast, &history, &mut table);
    let letter = Desk::fresh(&nginx, &fast).request_to_letter(&fast);
    table.millis("accepted → letter at the mail server, ms", 100, letter);

    let letters = letter_box::measure(&nginx);
    table.millis(
        "mail delivered → answer at the mail server (dovecot tells after 500), ms",
        1000,
        letters.answer,
    );
    table.seconds("200 waiting mails answered after, s", 20, letters.waiting);
    table.below("a mail of 50 MB costs, MB", 10, letters.large_mail);
    table.millis("processor time of the idle letter box in 10 s, ms", 100, letters.idle);

    let (many, none) = (Desk::fresh(&nginx, &fast), Desk::fresh(&nginx, &fast));
    many.ban_many();
    let (with, without) = many.whole_requests(&none);
    println!("a whole request: {with:?} with 3 × 100,000 bans, {without:?} with none");
    table.at_most(
        "a whole request with 3 × 100,000 bans, of one with none",
        1.2,
        with.div_duration_f64(without),
    );
    table.below("memory then, MB", 120, many.memory());
    let bans = many.ban_in_force();
    table.seconds("3 × 100,000 bans: an edit in force after, s", 2, bans.in_force);
    table.millis("… slowest answer meanwhile, ms", 100, bans.slowest_answer);
    table.print();
}

/// Requests a second: as a part of what the disk can do, with a long history, and with a mail server that is slow.
fn requests(nginx: &Nginx, fast: &MailServer, history: &Desk, table: &mut Table) {
    let slow = MailServer::start(Duration::from_secs(1));
    let (mut disk, mut empty, mut full, mut held_up) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        disk.push(fdatasyncs_a_second(history.folder()).min(2.0 * 2_000.0));
        empty.push(Desk::fresh(nginx, fast).requests_a_second());
        full.push(history.requests_a_second());
        held_up.push(Desk::fresh(nginx, &slow).requests_a_second());
    }
    let (disk, empty, full, held_up) = (median(disk), median(empty), median(full), median(held_up));
    println!(
        "a second: {disk:.0} fdatasync, requests {empty:.0}, with a history {full:.0}, slow mail {held_up:.0}"
    );
    table.at_least("`POST /register`, 32 connections, of the disk's fdatasync", 0.5, empty / disk);
    table.at_least("… with 200,000 stored, of that", 0.8, full / empty);
    table.at_least("… with a second a letter, of that", 0.9, held_up / empty);
}

/// A port that is free just now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Looks again and again until it is so.
fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come to this: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Pages a second, as a part of what nginx serves of the same bytes.
fn page(nginx: &Nginx) -> f64 {
    let mail = MailServer::start(Duration::ZERO);
    let desk = Desk::fresh(nginx, &mail);
    nginx.serve_page(&desk.page());
    let ratios = (0..TURNS).map(|_| {
        let ours = wrk::get(&desk.url("/"));
        let theirs = wrk::get(&format!("{}/page.html", nginx.url));
        println!("pages a second: {ours:.0}, nginx {theirs:.0}");
        ours / theirs
    });
    median(ratios.collect())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// What the disk of this folder can do, one after the other.
fn fdatasyncs_a_second(folder: &Path) -> f64 {
    let path = folder.join("fdatasync");
    let mut file = std::fs::File::create(&path).unwrap();
    let (started, mut count) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(2) {
        file.write_all(&[0; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path).unwrap();
    rate
}
