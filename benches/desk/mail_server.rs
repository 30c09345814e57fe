//! A mail server that takes everything, at a pace of its own, and tells when a letter came.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub struct MailServer {
    pub port: u16,
    came: Mutex<Receiver<(String, Instant)>>,
}

impl MailServer {
    /// A letter takes it so long.
    pub fn start(pace: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, came) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                std::thread::spawn(move || {
                    // A desk that is gone leaves its connection half way.
                    let _ = serve(&stream.unwrap(), pace, &sender);
                });
            }
        });
        Self { port, came: Mutex::new(came) }
    }

    /// Letters a second, while so many come.
    pub fn letters_a_second(&self, count: u32) -> f64 {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let next = || came.recv_timeout(Duration::from_secs(30)).unwrap().1;
        let first = next();
        let mut last = first;
        for _ in 1..count {
            last = last.max(next());
        }
        f64::from(count - 1) / last.saturating_duration_since(first).as_secs_f64()
    }

    /// When the letter to this address came.
    pub fn when_came(&self, address: &str) -> Instant {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let (to, at) = came.recv_timeout(Duration::from_secs(30)).unwrap();
            if to.contains(address) {
                return at;
            }
        }
    }
}

fn serve(mut stream: &TcpStream, pace: Duration, came: &Sender<(String, Instant)>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream).lines();
    stream.write_all(b"220 here\r\n")?;
    let mut to = String::new();
    while let Some(line) = lines.next() {
        let line = line?;
        let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "RCPT" => {
                to = line;
                "250 yes"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                for line in lines.by_ref() {
                    if line? == "." {
                        break;
                    }
                }
                // The benchmark may have ended.
                let _ = came.send((std::mem::take(&mut to), Instant::now()));
                std::thread::park_timeout(pace);
                "250 taken"
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => "250 yes",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
