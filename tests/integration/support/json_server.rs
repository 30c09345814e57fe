//! A web server that answers JSON by a function: what the stand-ins for homeservers stand on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One question.
#[derive(Debug)]
pub struct Question {
    pub method: String,
    /// Without the query, as it was sent.
    pub path: String,
    query: String,
    head: String,
    pub body: String,
}

impl Question {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// A field of the query.
    pub fn query(&self, name: &str) -> Option<String> {
        field(&self.query, name)
    }

    /// A field of a form.
    pub fn form(&self, name: &str) -> Option<String> {
        field(&self.body, name)
    }

    /// The body, where it is declared to be JSON and is.
    pub fn json(&self) -> Option<Value> {
        let is_json = self.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        serde_json::from_str(&self.body).ok().filter(|_| is_json)
    }

    /// What follows this in the path, decoded.
    pub fn after(&self, start: &str) -> Option<String> {
        self.path.strip_prefix(start).map(decoded)
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| decoded(key) == name)
        .map(|(_, value)| decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Status and body.
pub type Answer = (u16, Value);

/// The status of no answer at all; the connection stays.
pub const NO_ANSWER: u16 = 0;

/// Serves until the process ends. Returns its address as a URL.
pub fn serve(answer: impl Fn(&Question) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || converse(stream.unwrap(), &*answer));
        }
    });
    url
}

fn converse(mut stream: TcpStream, answer: &impl Fn(&Question) -> Answer) {
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let _ = stream.set_nodelay(true);
    let mut received = Vec::new();
    while let Some(question) = read(&mut stream, &mut received) {
        let sent = match answer(&question) {
            (status, body) if status != NO_ANSWER => {
                let body = if body.is_null() { String::new() } else { body.to_string() };
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all((head + &body).as_bytes()).is_ok()
            }
            _ => stream.read(&mut [0; 1]).is_ok_and(|count| count > 0),
        };
        if !sent {
            return;
        }
    }
}

fn read(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<Question> {
    let mut more = |received: &mut Vec<u8>| {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        received.extend_from_slice(&piece[..count]);
        Some(())
    };
    let end = loop {
        if let Some(end) = received.windows(4).position(|end| end == b"\r\n\r\n") {
            break end + 4;
        }
        more(received)?;
    };
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut words = head.split(' ').map(ToOwned::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut question = Question {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        head: head.clone(),
        body: String::new(),
    };
    let length: usize = question.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while received.len() < end + length {
        more(received)?;
    }
    question.body = String::from_utf8_lossy(&received[end..end + length]).into_owned();
    received.drain(..end + length);
    Some(question)
}
