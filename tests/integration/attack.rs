//! What the open net does to a desk, and what others notice of it. `tests/attack` makes ten times this load.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::desk::{Desk, Folder, doorman, open_desk};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::load::{Visits, besiege, descriptors, is_full, memory, peak_memory, share, visit};
use crate::support::wait_until;

/// What the desk may have at most, in MB.
const MEMORY: u64 = 128;

/// Runs the attack while a visitor comes and goes.
fn meanwhile<T>(desk: &Desk, attack: impl FnOnce() -> T) -> (T, Visits) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let visitor = scope.spawn(|| visit(desk, &done));
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attack));
        done.store(true, Ordering::Relaxed);
        let visits = visitor.join().unwrap();
        (result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)), visits)
    })
}

/// Says how it went, and holds the desk to its promises.
fn report(what: &str, desk: &Desk, visits: &Visits) {
    let memory = peak_memory(desk);
    println!(
        "{what}: {} visits meanwhile, the slowest answered after {:?}; {memory} MB",
        visits.answered, visits.slowest
    );
    assert!(memory <= MEMORY, "{what}: {memory} MB");
    // Where other tests run beside this one, their load would be measured.
    assert!(!is_full() || visits.slowest < Duration::from_secs(1), "{what}: {visits:?}");
}

#[test]
fn slow_clients_keep_nobody_waiting() {
    let (_homeserver, folder, desk) = open_desk("");
    let each = share(10_000).min((descriptors() - 500) / 2) / 3;
    let (came, visits) =
        meanwhile(&desk, || besiege(&desk, each, Duration::from_secs(if is_full() { 30 } else { 3 })));
    report(&format!("{} slow clients, who came {came} times", each * 3), &desk, &visits);
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    wait_until("the letter", || (folder.letters().len() == 1).then_some(()));
}

#[test]
fn full_heads_and_bodies_take_bounded_memory_which_is_given_back() {
    let (_homeserver, _folder, desk) = open_desk("");
    let before = memory(&desk);
    let count = share(12_000).min(descriptors() - 500);
    let head = "POST /register HTTP/1.1\r\nHost: desk.test\r\nContent-Length: 16384\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nX: ";
    let request = [head, &"a".repeat(16_380 - head.len()), "\r\n\r\n", &"a".repeat(16_000)].concat();
    let (open, visits) = meanwhile(&desk, || {
        let all = (0..count).filter_map(|_| {
            let mut stream = TcpStream::connect(&desk.address).ok()?;
            stream.write_all(request.as_bytes()).ok()?;
            Some(stream)
        });
        all.collect::<Vec<_>>()
    });
    report(&format!("{} heads and bodies that are almost full", open.len()), &desk, &visits);
    drop(open);
    let over = Instant::now();
    wait_until("the memory is given back", || (memory(&desk) <= before + 10).then_some(()));
    println!("{before} MB before, {} MB {:?} afterwards", memory(&desk), over.elapsed());
}

#[test]
fn a_flood_beyond_the_descriptors_is_got_over() {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 256; exec \"$0\" \"$@\""]).arg(doorman().get_program());
    limited.env_remove("DOORMAN_CONFIG").env_remove("NOTIFY_SOCKET").env("NO_COLOR", "1");
    let desk = folder.start_with(limited);
    desk.wait_until_open();
    descriptors();
    let (open, visits) = meanwhile(&desk, || {
        let mut open = Vec::new();
        for _ in 0..share(5_000) {
            if let Ok(mut stream) = TcpStream::connect(&desk.address) {
                let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: desk.test\r\nX: ");
                open.push(stream);
            }
        }
        open
    });
    report(&format!("{} connections where 256 descriptors are allowed", open.len()), &desk, &visits);
    drop(open);
    let over = Instant::now();
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    println!("answered {:?} after the flood", over.elapsed());
    wait_until("the letter", || (folder.letters().len() == 1).then_some(()));
}

#[test]
fn who_waits_for_a_hanging_homeserver_keeps_nobody_else_waiting() {
    let (homeserver, _folder, desk) = open_desk("");
    homeserver.on("/available", Act::Hang);
    let (waiting, visits) = meanwhile(&desk, || {
        let mut waiting = Vec::new();
        for number in 0..share(3_000) {
            let body = format!("requested_username=n{number}&email=n{number}%40example.org");
            let mut stream = TcpStream::connect(&desk.address).unwrap();
            write!(
                stream,
                "POST /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            waiting.push(stream);
        }
        for stream in &mut waiting {
            let mut answer = String::new();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let _ = stream.read_to_string(&mut answer);
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        }
        waiting.len()
    });
    report(&format!("{waiting} requests that a homeserver lets hang"), &desk, &visits);
}

#[test]
fn refusals_by_the_thousand_cost_little() {
    let (_homeserver, folder, desk) = open_desk("requests_per_ip_per_hour: 20\n");
    folder.write("banned_emails.txt", "trash.example\n");
    wait_until("the ban holds", || {
        (desk.verdict("name", "someone@trash.example") == "email_banned").then_some(())
    });
    let each = share(8_000);
    let started = Instant::now();
    let (statuses, visits) = meanwhile(&desk, || {
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..4)
                .map(|client| {
                    let desk = &desk;
                    scope.spawn(move || refused(desk, client, each))
                })
                .collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<u16>>()
        })
    });
    let rate = 4.0 * f64::from(u32::try_from(each).unwrap()) / started.elapsed().as_secs_f64();
    report(&format!("{} refusals, {rate:.0} a second", 4 * each), &desk, &visits);
    assert!(statuses.iter().all(|status| matches!(status, 403 | 422 | 429)), "{statuses:?}");
    assert_eq!(statuses.len(), 4 * each);
    let kept = folder.json(&["requests", "--refused", "--json"]).as_array().unwrap().len();
    assert!(
        (1..=1_000 + 4 * each / 50).contains(&kept),
        "{kept} refusals kept: beyond 1,000 they are thinned out"
    );
}

/// The statuses of so many requests over one connection, from ever new addresses.
fn refused(desk: &Desk, client: usize, count: usize) -> Vec<u16> {
    let mut stream = TcpStream::connect(&desk.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (mut statuses, mut received) = (Vec::new(), Vec::new());
    for number in 0..count {
        let email = if number % 2 == 0 { "a%40trash.example" } else { "no-address" };
        let body = format!("requested_username=n{number}&email={email}");
        let request = format!(
            "POST /register HTTP/1.1\r\nHost: desk.test\r\nAccept: application/json\r\n\
             X-Forwarded-For: 10.{client}.{}.{}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            number / 250 % 250,
            number % 250,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (head, length) = loop {
            let text = String::from_utf8_lossy(&received).into_owned();
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                let length: usize = length.parse().unwrap();
                if rest.len() >= length {
                    break (head.to_owned(), head.len() + 4 + length);
                }
            }
            let mut piece = [0; 4096];
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0, "the desk closed after {number}");
            received.extend_from_slice(&piece[..count]);
        };
        received.drain(..length);
        statuses.push(head.split(' ').nth(1).unwrap().parse().unwrap());
    }
    statuses
}

#[test]
fn pipelined_requests_are_all_answered_and_half_closed_connections_too() {
    let (_homeserver, _folder, desk) = open_desk("");
    let count = share(20_000);
    let (answers, visits) = meanwhile(&desk, || {
        let stream = TcpStream::connect(&desk.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let request = b"GET /api/time HTTP/1.1\r\nHost: desk.test\r\n\r\n";
                (&stream).write_all(&request.repeat(count)).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
            });
            let mut answers = String::new();
            (&stream).read_to_string(&mut answers).unwrap();
            answers.matches("HTTP/1.1 200").count()
        })
    });
    assert_eq!(answers, count);
    report(&format!("{count} pipelined requests"), &desk, &visits);
}

#[test]
fn heads_without_an_end_are_cut_off() {
    let (_homeserver, _folder, desk) = open_desk("");
    let ((), visits) = meanwhile(&desk, || {
        for line in [&b"X: a\r\n"[..], b"a"] {
            for _ in 0..share(100) {
                let mut stream = TcpStream::connect(&desk.address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                stream.write_all(b"GET / HTTP/1.1\r\nX: ").unwrap();
                let piece = line.repeat(20_000 / line.len());
                // Goes on for as long as anybody takes it, 20 MB at most.
                let taken = (0..1_000).take_while(|_| stream.write_all(&piece).is_ok()).count();
                assert!(taken < 1_000, "endless");
                let mut answer = Vec::new();
                let _ = stream.read_to_end(&mut answer);
            }
        }
    });
    report("endless heads", &desk, &visits);
}
