//! The head of a request, read strictly: where two readers could understand it differently, it is refused.

use std::net::SocketAddr;
use std::ops::Range;

/// Header lines that one request may have.
const HEADER_LINES: usize = 100;

/// What the client wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`: answered like `GET`, the body left out by the server.
    Head,
    /// `POST`
    Post,
    /// `OPTIONS`
    Options,
    /// Any other.
    Other,
}

/// A whole request.
#[derive(Debug)]
pub struct Request {
    /// What the client wants done.
    pub method: Method,
    /// Path and query as they came; ASCII.
    pub target: String,
    /// The header lines.
    pub headers: Headers,
    /// The body, decoded if it was chunked.
    pub body: Vec<u8>,
    /// Whom the connection is with.
    pub peer: SocketAddr,
}

/// Header lines in their order. Values are bytes: what is not ASCII is for the one who needs it to judge.
#[derive(Debug, Default)]
pub struct Headers {
    head: Box<[u8]>,
    lines: Vec<(Range<usize>, Range<usize>)>,
}

impl Headers {
    /// The values of all lines of this name (in lower case).
    pub fn all<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.lines
            .iter()
            .filter(move |(line, _)| self.head[line.clone()].eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| &self.head[value.clone()])
    }

    /// The value of the first line of this name. None: there is none, or it is not ASCII.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.all(name).next()?;
        std::str::from_utf8(value).ok().filter(|value| value.is_ascii())
    }
}

/// How the body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By its length in bytes; 0: there is none.
    Length(usize),
    /// By chunks.
    Chunked,
}

/// A head that was understood.
#[derive(Debug)]
pub(super) struct Head {
    pub method: Method,
    pub target: String,
    pub headers: Headers,
    pub framing: Framing,
    /// The connection may be used again afterwards.
    pub keep_alive: bool,
    /// The client waits for a word before it sends the body.
    pub expects_continue: bool,
}

/// Where the head ends that begins `bytes`: behind the empty line. `from` is how much was looked at before.
pub(super) fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(3);
    memchr::memchr_iter(b'\n', &bytes[start..]).map(|at| start + at).find_map(|at| match bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// Understands a whole head.
///
/// # Errors
/// The status to answer with.
pub(super) fn parse(bytes: &[u8]) -> Result<Head, u16> {
    let mut lines = [httparse::EMPTY_HEADER; HEADER_LINES];
    let mut request = httparse::Request::new(&mut lines);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(431),
        Err(httparse::Error::Version) => return Err(505),
        Ok(httparse::Status::Partial) | Err(_) => return Err(400),
    }
    let target = request.path.filter(|path| path.is_ascii()).ok_or(400u16)?.to_owned();
    let http_11 = request.version == Some(1);
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        Some("OPTIONS") => Method::Options,
        _ => Method::Other,
    };
    let within = |part: &[u8]| {
        let start = part.as_ptr().addr() - bytes.as_ptr().addr();
        start..start + part.len()
    };
    let headers = Headers {
        lines: request
            .headers
            .iter()
            .map(|line| (within(line.name.as_bytes()), within(line.value)))
            .collect(),
        head: bytes.into(),
    };
    let hosts = headers.all("host").count();
    if hosts > 1 || (http_11 && hosts == 0) {
        return Err(400);
    }
    let framing = framing(&headers, http_11)?;
    let mut expects = headers.all("expect");
    let expects_continue = match expects.next() {
        None => false,
        Some(value) if value.eq_ignore_ascii_case(b"100-continue") => http_11,
        Some(_) => return Err(417),
    };
    drop(expects);
    let says = |word: &str| {
        headers
            .all("connection")
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|option| option.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    let keep_alive = if http_11 { !says("close") } else { says("keep-alive") };
    Ok(Head { method, target, headers, framing, keep_alive, expects_continue })
}

/// RFC 9112, section 6.3; both at once, or a length that differs from another, is how requests are smuggled past a proxy.
fn framing(headers: &Headers, http_11: bool) -> Result<Framing, u16> {
    let mut codings = headers.all("transfer-encoding");
    let mut lengths = headers.all("content-length");
    match (codings.next(), lengths.next()) {
        (None, None) => Ok(Framing::Length(0)),
        (Some(coding), None) => {
            if !http_11 || codings.next().is_some() {
                Err(400)
            } else if coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                Ok(Framing::Chunked)
            } else {
                Err(501)
            }
        }
        (None, Some(length)) => {
            let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
            if !digits || lengths.next().is_some() {
                return Err(400);
            }
            // One that does not even fit a number is too long in any case.
            Ok(Framing::Length(
                std::str::from_utf8(length).ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX),
            ))
        }
        (Some(_), Some(_)) => Err(400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &str) -> u16 {
        parse(head.as_bytes()).err().unwrap_or(200)
    }

    #[test]
    fn heads_that_could_be_understood_in_two_ways_are_refused() {
        for (lines, expected) in [
            ("", 200),
            ("Content-Length: 5\r\n", 200),
            ("Transfer-Encoding: chunked\r\n", 200),
            ("Transfer-Encoding: Chunked\r\n", 200),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", 400),
            ("Content-Length: 5, 5\r\n", 400),
            ("Content-Length: +5\r\n", 400),
            ("Content-Length: -1\r\n", 400),
            ("Content-Length: 0x5\r\n", 400),
            ("Content-Length:\r\n", 400),
            ("Content-Length : 5\r\n", 400),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: \u{b}chunked\r\n", 400),
            ("X: a\r\n b\r\n", 400),
            ("X\u{fc}: a\r\n", 400),
            ("X: \u{fc}\r\n", 200),
            ("X: a\0b\r\n", 400),
            ("X: a\rb\r\n", 400),
            ("Host: b\r\n", 400),
            ("Expect: 100-continue\r\n", 200),
            ("Expect: money\r\n", 417),
        ] {
            assert_eq!(status(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")), expected, "{lines:?}");
        }
        for (head, expected) in [
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\n\r\n", 200),
            ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            ("GET /\u{fc} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /\r\n\r\n", 400),
            ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ] {
            assert_eq!(status(head), expected, "{head:?}");
        }
        let many = "X: y\r\n".repeat(101);
        assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), 431);
    }

    #[test]
    fn the_end_of_a_head_is_found_wherever_reading_paused() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
        for from in 0..head.len() {
            let expected = (from < 28).then_some(27);
            if from <= 27 {
                assert_eq!(head_end(head, from).map(|_| 27), expected, "{from}");
            }
        }
        assert_eq!(head_end(head, 0), Some(27));
        assert_eq!(head_end(b"GET / HTTP/1.0\n\nx", 0), Some(16));
        assert_eq!(head_end(b"GET / HTTP/1.1\r\nHost: a\r\n", 0), None);
    }

    #[test]
    fn the_connection_is_kept_as_the_client_asks() {
        for (head, keep) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n", false),
            ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true),
        ] {
            assert_eq!(parse(head.as_bytes()).unwrap().keep_alive, keep, "{head:?}");
        }
    }
}
