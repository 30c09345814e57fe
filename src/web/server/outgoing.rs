//! An answer on its way to the client.

use std::io::{self, IoSlice, Write};
use std::sync::Arc;

use mio::net::TcpStream;

use super::Response;

/// What is left of it to write, and what comes afterwards.
#[derive(Debug)]
pub(super) struct Outgoing {
    head: Vec<u8>,
    body: Arc<[u8]>,
    written: usize,
    /// The connection can be used again afterwards.
    pub keep_alive: bool,
    /// What the client still sends is read and forgotten for a while, so that it gets to read the answer.
    pub linger: bool,
}

impl Outgoing {
    /// The whole of it; nobody lingers.
    pub(super) fn new(response: &Response, date: &str, keep_alive: bool) -> Self {
        let head = response.head(date, keep_alive);
        Self { head, body: Arc::clone(&response.body), written: 0, keep_alive, linger: false }
    }

    /// The answer to HEAD.
    pub(super) fn leave_out_body(&mut self) {
        self.body = Arc::new([]);
    }

    /// Writes as much as there is room for. True: all is out.
    pub(super) fn write(&mut self, stream: &mut TcpStream) -> io::Result<bool> {
        let all = self.head.len() + self.body.len();
        while self.written < all {
            let head = &self.head[self.written.min(self.head.len())..];
            let body = &self.body[self.written.saturating_sub(self.head.len())..];
            match stream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
