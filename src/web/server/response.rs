//! An answer, and its bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

/// An answer. Length, date and what becomes of the connection are added by the server.
#[derive(Debug, Clone)]
pub struct Response {
    pub(super) status: u16,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(super) body: Arc<[u8]>,
}

impl Response {
    /// An answer with this status, without a body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::with_capacity(12), body: Arc::new([]) }
    }

    /// Adds a header line. What could end the line is left out of the value.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let mut value = value.into();
        if value.bytes().any(|byte| byte.is_ascii_control()) {
            value = value.chars().filter(|c| !c.is_control()).collect::<String>().into();
        }
        self.headers.push((name, value));
        self
    }

    /// The body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Arc<[u8]>>) -> Self {
        self.body = body.into();
        self
    }

    /// The head as it goes out.
    pub(super) fn head(&self, date: &str, keep_alive: bool) -> Vec<u8> {
        let mut head = String::with_capacity(1024);
        // Writing into a String cannot fail.
        let _ = write!(head, "HTTP/1.1 {} {}\r\n", self.status, phrase(self.status));
        for (name, value) in &self.headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        if !matches!(self.status, 204 | 304) {
            let _ = write!(head, "content-length: {}\r\n", self.body.len());
        }
        head.push_str("date: ");
        head.push_str(date);
        head.push_str(if keep_alive {
            "\r\nconnection: keep-alive\r\n\r\n"
        } else {
            "\r\nconnection: close\r\n\r\n"
        });
        head.into_bytes()
    }
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_begin_a_line_of_its_own() {
        let head =
            Response::new(200).header("x", "a\r\nset-cookie: b").body(b"12345".to_vec()).head("now", true);
        assert_eq!(
            String::from_utf8(head).unwrap(),
            "HTTP/1.1 200 OK\r\nx: aset-cookie: b\r\ncontent-length: 5\r\ndate: now\r\nconnection: keep-alive\r\n\r\n"
        );
    }
}
