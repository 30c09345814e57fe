//! A homeserver for what no real one does on demand: hang, lie, die.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use doorman::clock::{Clock, SystemClock};

/// What it does with a question whose path contains a text.
type Script = Arc<Mutex<Vec<(String, Act)>>>;

#[derive(Debug, Clone)]
pub enum Act {
    /// Status and body.
    Answer(u16, String),
    /// Header lines, too.
    AnswerWith(u16, String, String),
    /// Status 200 and a `Date` that is off by so much.
    Dated(TimeDelta, String),
    /// Nothing, until the client goes.
    Hang,
    /// That it is free, once the test has come to the barrier too.
    Free(Arc<Barrier>),
    /// Ten megabytes.
    Flood,
    /// A byte now and then, for ever.
    Drip,
}

/// Answers as it is told; what it is not told is free and valid.
#[derive(Debug)]
pub struct FakeHomeserver {
    pub url: String,
    script: Script,
    asked: Arc<Mutex<Vec<String>>>,
    clock: Arc<Mutex<Option<TimeDelta>>>,
}

impl FakeHomeserver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (script, asked) = (Script::default(), Arc::new(Mutex::new(Vec::new())));
        let clock = Arc::<Mutex<Option<TimeDelta>>>::default();
        let all = (Arc::clone(&script), Arc::clone(&asked), Arc::clone(&clock));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (told, noted, clock) = all.clone();
                std::thread::spawn(move || serve(stream.unwrap(), &told, &noted, &clock));
            }
        });
        Self { url, script, asked, clock }
    }

    /// From now on.
    pub fn on(&self, path: &str, act: Act) {
        self.script.lock().unwrap().insert(0, (path.to_owned(), act));
    }

    /// From now on its answers have a `Date` that is off by so much.
    pub fn tells_time(&self, off: TimeDelta) {
        *self.clock.lock().unwrap() = Some(off);
    }

    /// The paths asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn date(off: TimeDelta) -> String {
    (SystemClock.now() + off).format("Date: %a, %d %b %Y %H:%M:%S GMT\r\n").to_string()
}

fn serve(
    mut stream: TcpStream,
    script: &Script,
    asked: &Mutex<Vec<String>>,
    clock: &Mutex<Option<TimeDelta>>,
) {
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut received = Vec::new();
    loop {
        while !received.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut piece = [0; 4096];
            match stream.read(&mut piece) {
                Ok(count) if count > 0 => received.extend_from_slice(&piece[..count]),
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&received).into_owned();
        received.clear();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        asked.lock().unwrap().push(path.clone());
        let act = script
            .lock()
            .unwrap()
            .iter()
            .find(|(part, _)| path.contains(part.as_str()))
            .map(|(_, act)| act.clone());
        let act = act.unwrap_or_else(|| {
            let answer = if path.contains("/available") {
                (200, r#"{"available": true}"#)
            } else if path.contains("/validity") {
                (200, r#"{"valid": true}"#)
            } else {
                (404, r#"{"errcode": "M_UNRECOGNIZED"}"#)
            };
            Act::Answer(answer.0, answer.1.into())
        });
        let date = clock.lock().unwrap().map(date).unwrap_or_default();
        let head = |status: u16, more: &str, length: usize| {
            format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{date}{more}Content-Length: {length}\r\n\r\n"
            )
        };
        let sent = match act {
            Act::Answer(status, body) => stream.write_all((head(status, "", body.len()) + &body).as_bytes()),
            Act::AnswerWith(status, more, body) => {
                stream.write_all((head(status, &more, body.len()) + &body).as_bytes())
            }
            Act::Dated(off, body) => {
                stream.write_all((head(200, &self::date(off), body.len()) + &body).as_bytes())
            }
            Act::Free(barrier) => {
                barrier.wait();
                let body = r#"{"available": true}"#;
                stream.write_all((head(200, "", body.len()) + body).as_bytes())
            }
            Act::Flood => {
                stream.write_all(&[head(200, "", 10_000_000).as_bytes(), &vec![b' '; 10_000_000]].concat())
            }
            Act::Hang => {
                let _ = stream.read(&mut [0; 1]);
                return;
            }
            Act::Drip => {
                let _ = stream.write_all(head(200, "", 10_000_000).as_bytes());
                while stream.write_all(b" ").is_ok() {
                    std::thread::park_timeout(Duration::from_millis(200));
                }
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
