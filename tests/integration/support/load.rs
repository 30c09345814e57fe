//! How much load a test makes, and what it does to the desk.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::desk::Desk;

/// Whether the whole load is asked for (`tests/attack`, `tests/failure`), and not the tenth that every run makes.
pub fn is_full() -> bool {
    std::env::var_os("DOORMAN_TEST_LOAD").is_some_and(|load| load == "full")
}

/// `all` of the whole load, a tenth of it otherwise.
pub fn share(all: usize) -> usize {
    if is_full() { all } else { all / 10 }
}

/// Raises this process's limit of open files as far as it can; how many of them a test may have.
pub fn descriptors() -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Where it is not allowed, what is there has to do.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    usize::try_from(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)).unwrap_or(usize::MAX)
}

/// The most memory that the desk has had, in MB.
pub fn peak_memory(desk: &Desk) -> u64 {
    status_of(desk, "VmHWM:") / 1024
}

/// The memory that the desk has, in MB.
pub fn memory(desk: &Desk) -> u64 {
    status_of(desk, "VmRSS:") / 1024
}

fn status_of(desk: &Desk, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", desk.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What a visitor meets meanwhile.
#[derive(Debug, Default)]
pub struct Visits {
    pub answered: usize,
    pub slowest: Duration,
}

/// Opens the page again and again, each time on a new connection, until `done`; each visit has to succeed. Only where
/// other tests run beside this one, a visitor may be held up between connecting and asking for so long that they are the
/// slowest client there is, who makes room for others: then they come again, and are let in before the fifth time.
pub fn visit(desk: &Desk, done: &AtomicBool) -> Visits {
    let (mut visits, mut turned_away) = (Visits::default(), 0);
    while !done.load(Ordering::Relaxed) || visits.answered == 0 {
        let started = Instant::now();
        let answer = desk.get("/");
        if answer.status == 0 && !is_full() && turned_away < 4 {
            turned_away += 1;
            continue;
        }
        turned_away = 0;
        assert_eq!(answer.status, 200, "visit {}: {answer:?}", visits.answered);
        visits.answered += 1;
        visits.slowest = visits.slowest.max(started.elapsed());
        std::thread::park_timeout(Duration::from_millis(50));
    }
    visits
}

/// A client that takes its time.
#[derive(Debug, Clone, Copy)]
pub enum Slow {
    /// Sends the head a byte at a time.
    Head,
    /// Sends the body a byte at a time.
    Body,
    /// Asks, and reads no answer.
    Answer,
}

impl Slow {
    fn first(self) -> &'static [u8] {
        match self {
            Self::Head => b"GET / HTTP/1.1\r\nX: ",
            Self::Body => {
                b"POST /register HTTP/1.1\r\nHost: desk.test\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                  Content-Length: 16000\r\n\r\n"
            }
            Self::Answer => b"GET / HTTP/1.1\r\nHost: desk.test\r\n\r\n",
        }
    }

    fn next(self) -> &'static [u8] {
        match self {
            Self::Head | Self::Body => b"a",
            Self::Answer => self.first(),
        }
    }
}

/// `count` of each kind, each with something to say once a second, for `span`; who is let go comes back. How often
/// they came.
pub fn besiege(desk: &Desk, count: usize, span: Duration) -> usize {
    let kinds = [Slow::Head, Slow::Body, Slow::Answer];
    let mut clients: Vec<(Slow, Option<TcpStream>)> =
        (0..count * kinds.len()).map(|number| (kinds[number % kinds.len()], None)).collect();
    let (started, mut came) = (Instant::now(), 0);
    while started.elapsed() < span {
        let round = Instant::now();
        for (kind, stream) in &mut clients {
            if let Some(open) = stream {
                let sent = open.write(kind.next());
                let full = sent.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
                // Whoever is told to go is gone, even if their own words still go out.
                let told = !matches!(kind, Slow::Answer)
                    && open.read(&mut [0; 1024]).is_ok_and(|count| count < 1024);
                if (sent.is_ok() || full) && !told {
                    continue;
                }
            }
            // A full backlog is the desk's business, and a visitor notices.
            *stream = TcpStream::connect(&desk.address)
                .ok()
                .filter(|new| new.set_nonblocking(true).is_ok() && { new }.write_all(kind.first()).is_ok());
            came += usize::from(stream.is_some());
        }
        std::thread::park_timeout(Duration::from_secs(1).saturating_sub(round.elapsed()));
    }
    came
}
