//! A web server on loopback that answers what a test tells it to, and ends with it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What it was asked, for instance `GET /path?query`, and the heads and body as they came.
#[derive(Debug, Clone)]
pub struct Question {
    /// Method, path and query.
    pub line: String,
    /// The head's lines behind the first.
    pub head: String,
    /// The body.
    pub body: String,
}

/// What it does then.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers JSON with this status.
    Json(u16, String),
    /// Answers with this status, these head lines (each with `\r\n`) and this body.
    Full(u16, String, Vec<u8>),
    /// Sends just these bytes and closes.
    Raw(Vec<u8>),
    /// Sends the first bytes, then the second again and again, every few milliseconds, as long as somebody reads.
    Drip(Vec<u8>, Vec<u8>),
    /// Says nothing.
    Silence,
    /// Closes without a word.
    HangUp,
}

/// The server.
pub struct ScriptedServer {
    /// `http://127.0.0.1:port`
    pub url: String,
    inner: Arc<Inner>,
    accepting: Option<JoinHandle<()>>,
}

struct Inner {
    script: Box<dyn Fn(&Question) -> Act + Send + Sync>,
    questions: Mutex<Vec<Question>>,
    connections: Mutex<Vec<TcpStream>>,
    ended: AtomicBool,
}

impl ScriptedServer {
    /// Starts it.
    pub fn start(script: impl Fn(&Question) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            script: Box::new(script),
            questions: Mutex::default(),
            connections: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let its = Arc::clone(&inner);
        let accepting = std::thread::spawn(move || {
            let mut serving = Vec::new();
            for stream in listener.incoming() {
                if its.ended.load(Ordering::SeqCst) {
                    break;
                }
                let stream = stream.unwrap();
                its.connections.lock().unwrap().push(stream.try_clone().unwrap());
                let its = Arc::clone(&its);
                serving.push(std::thread::spawn(move || its.serve(stream)));
            }
            for thread in serving {
                thread.join().unwrap();
            }
        });
        Self { url, inner, accepting: Some(accepting) }
    }

    /// The same answer to everything.
    pub fn that_does(act: Act) -> Self {
        Self::start(move |_| act.clone())
    }

    /// What it was asked so far.
    pub fn questions(&self) -> Vec<Question> {
        self.inner.questions.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.inner.connections.lock().unwrap().len()
    }

    /// Closes all connections, as a server does with idle ones.
    pub fn close_connections(&self) {
        for stream in self.inner.connections.lock().unwrap().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::SeqCst);
        self.close_connections();
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        if let Some(thread) = self.accepting.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the scripted server panicked");
        }
    }
}

impl Inner {
    fn serve(&self, mut stream: TcpStream) {
        let mut read = Vec::new();
        while let Some(question) = next_question(&mut stream, &mut read) {
            self.questions.lock().unwrap().push(question.clone());
            match (self.script)(&question) {
                Act::Json(status, json) => {
                    if write_full(&mut stream, status, "Content-Type: application/json\r\n", json.as_bytes())
                        .is_err()
                    {
                        return;
                    }
                }
                Act::Full(status, head, body) => {
                    if write_full(&mut stream, status, &head, &body).is_err() {
                        return;
                    }
                }
                Act::Raw(bytes) => {
                    let _ = stream.write_all(&bytes);
                    break;
                }
                Act::Drip(first, again) => {
                    let mut sent = stream.write_all(&first);
                    while sent.is_ok() && !self.ended.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(2));
                        sent = stream.write_all(&again);
                    }
                    break;
                }
                Act::Silence => {
                    let _ = stream.read(&mut [0; 1]);
                    break;
                }
                Act::HangUp => break,
            }
        }
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn write_full(stream: &mut TcpStream, status: u16, head: &str, body: &[u8]) -> std::io::Result<()> {
    let mut answer =
        format!("HTTP/1.1 {status} Whatever\r\n{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    stream.write_all(&answer)
}

fn next_question(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Question> {
    let (line, head, body_at) = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8(read[..end].to_vec()).unwrap();
            let (line, head) = text.split_once("\r\n").unwrap_or((&text, ""));
            let line = line.trim_end_matches(" HTTP/1.1").to_owned();
            break (line, head.to_owned(), end + 4);
        }
        more(stream, read)?;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    let end = body_at + length.unwrap_or(0);
    while read.len() < end {
        more(stream, read)?;
    }
    let body = String::from_utf8(read[body_at..end].to_vec()).unwrap();
    read.drain(..end);
    Some(Question { line, head, body })
}

fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<()> {
    let mut some = [0; 4096];
    let count = stream.read(&mut some).ok().filter(|count| *count > 0)?;
    read.extend_from_slice(&some[..count]);
    Some(())
}
