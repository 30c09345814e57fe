//! What is asked and what is answered, in hyper's types.

use std::borrow::Cow;
use std::net::SocketAddr;

use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;

/// A whole request.
#[derive(Debug)]
pub struct Request {
    /// Method, target and header lines.
    pub head: Parts,
    /// The body, decoded if it was chunked.
    pub body: Vec<u8>,
    /// Whom the connection is with.
    pub peer: SocketAddr,
}

impl Request {
    /// The values of all header lines of this name. They are bytes: what is not ASCII is for the one who needs it to judge.
    pub fn all<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a> {
        self.head.headers.get_all(name).iter().map(HeaderValue::as_bytes)
    }

    /// The value of the first line of this name. None: there is none, or it is not ASCII.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }
}

/// An answer. Length and date are added by hyper.
pub type Response = hyper::Response<Full<Bytes>>;

/// An answer with this status and body.
pub fn response(status: u16, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Header lines, one after the other.
pub trait WithHeader {
    /// Adds a line. What no line can hold is left out.
    #[must_use]
    fn with(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self;
}

impl WithHeader for Response {
    fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value = match value.into() {
            Cow::Borrowed(value) => HeaderValue::from_static(value),
            Cow::Owned(value) => match value.try_into() {
                Ok(value) => value,
                Err(_) => return self,
            },
        };
        self.headers_mut().append(name, value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_begin_a_line_of_its_own() {
        let answer = response(200, "12345").with("x", "a\r\nset-cookie: b".to_owned()).with("y", "z");
        assert_eq!(answer.headers().len(), 1);
        assert_eq!(answer.headers()["y"], "z");
    }
}
