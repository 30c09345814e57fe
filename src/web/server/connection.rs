//! One connection: what has come, what is to go out, and how long it may take.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Instant;

use mio::net::TcpStream;

use super::chunked::Chunked;
use super::outgoing::Outgoing;
use super::request::{Framing, Head, Method, Request, head_end, parse};
use super::{Limits, Response};

/// Read at once, at most.
const READ_BYTES: usize = 16 * 1024;

/// Raw bytes of a chunked body may be so many times what it decodes to.
const CHUNK_OVERHEAD: usize = 6;

/// Where a connection is in its life.
#[derive(Debug)]
pub(super) enum Phase {
    /// Nothing of a request has come yet.
    Idle,
    /// A part of the head has come.
    Head,
    /// The head has come, and perhaps a part of the body.
    Body(Box<Incoming>),
    /// Somebody is making the answer.
    Answering { head_only: bool, keep_alive: bool },
    /// The answer goes out.
    Writing(Outgoing),
    /// The answer is out; what the client still sends is read and forgotten, so that it gets to read the answer.
    Lingering,
}

/// A request whose body is still coming.
#[derive(Debug)]
pub(super) struct Incoming {
    head: Head,
    body: Vec<u8>,
    chunked: Chunked,
}

/// What the loop has to do next for a connection.
#[derive(Debug)]
pub(super) enum Step {
    /// Wait until there is more to read, or room to write.
    Wait,
    /// Have this answered.
    Answer(Request),
    /// Answer with this error, and close.
    Refuse(u16),
    /// Close it.
    Close,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub stream: TcpStream,
    pub peer: SocketAddr,
    pub phase: Phase,
    /// Since when it is in its phase.
    pub since: Instant,
    /// Differs for each request: a late answer finds nobody.
    pub generation: u64,
    received: Vec<u8>,
    looked_at: usize,
    readable: bool,
    ended: bool,
    drained: usize,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, generation: u64, now: Instant) -> Self {
        Self {
            stream,
            peer,
            phase: Phase::Idle,
            since: now,
            generation,
            received: Vec::new(),
            looked_at: 0,
            readable: true,
            ended: false,
            drained: 0,
        }
    }

    /// There may be something to read.
    pub(super) fn wake(&mut self) {
        self.readable = true;
    }

    /// When it has to be further, at the latest. None: its answer is being made.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let span = match self.phase {
            Phase::Idle => limits.idle,
            Phase::Head => limits.head,
            Phase::Body(_) => limits.body,
            Phase::Answering { .. } => return None,
            Phase::Writing(_) => limits.write,
            Phase::Lingering => limits.linger,
        };
        Some(self.since + span)
    }

    /// The request whose body is still coming, without it; to be called once, before it is refused.
    pub(super) fn take_begun(&mut self) -> Option<Request> {
        let Phase::Body(incoming) = &mut self.phase else { return None };
        Some(Request {
            method: incoming.head.method,
            target: std::mem::take(&mut incoming.head.target),
            headers: std::mem::take(&mut incoming.head.headers),
            body: Vec::new(),
            peer: self.peer,
        })
    }

    /// Whether it may be closed to make room for others.
    pub(super) fn is_expendable(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Head | Phase::Body(_) | Phase::Lingering)
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.since = now;
    }

    /// Goes on as far as it can.
    pub(super) fn step(&mut self, limits: &Limits, now: Instant) -> Step {
        loop {
            match &mut self.phase {
                Phase::Answering { .. } => return Step::Wait,
                Phase::Writing(outgoing) => match outgoing.write(&mut self.stream) {
                    Ok(false) => return Step::Wait,
                    Err(_) => return Step::Close,
                    Ok(true) if outgoing.keep_alive => {
                        let phase = if self.received.is_empty() { Phase::Idle } else { Phase::Head };
                        self.enter(phase, now);
                    }
                    Ok(true) => {
                        let linger = outgoing.linger && !self.ended;
                        let _ = self.stream.shutdown(Shutdown::Write);
                        if !linger {
                            return Step::Close;
                        }
                        self.received = Vec::new();
                        self.enter(Phase::Lingering, now);
                    }
                },
                Phase::Lingering => return self.drain(limits),
                Phase::Idle | Phase::Head | Phase::Body(_) => match self.take_request(limits, now) {
                    Ok(Some(request)) => return Step::Answer(request),
                    Err(status) => return Step::Refuse(status),
                    // What ends in the middle is told so: whoever closed only their half of it reads the answer.
                    Ok(None) if self.ended && !matches!(self.phase, Phase::Idle) => return Step::Refuse(400),
                    Ok(None) if self.ended => return Step::Close,
                    Ok(None) if !self.readable => return Step::Wait,
                    Ok(None) => match self.read() {
                        Ok(()) => {}
                        Err(_) => return Step::Close,
                    },
                },
            }
        }
    }

    /// Reads what is there, a bounded piece of it.
    fn read(&mut self) -> io::Result<()> {
        let mut piece = [0; READ_BYTES];
        match self.stream.read(&mut piece) {
            Ok(0) => self.ended = true,
            Ok(count) => {
                // Grows by what came and not by doubling: ten thousand slow clients have little each.
                self.received.reserve_exact(count);
                self.received.extend_from_slice(&piece[..count]);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A whole request, if one has come.
    fn take_request(&mut self, limits: &Limits, now: Instant) -> Result<Option<Request>, u16> {
        if let Phase::Idle | Phase::Head = self.phase {
            let Some(head) = self.take_head(limits, now)? else { return Ok(None) };
            let is_too_long = matches!(head.framing, Framing::Length(length) if length > limits.body_bytes);
            let waits =
                head.expects_continue && self.received.is_empty() && head.framing != Framing::Length(0);
            let incoming = Incoming { head, body: Vec::new(), chunked: Chunked::default() };
            self.enter(Phase::Body(Box::new(incoming)), now);
            if is_too_long {
                return Err(413);
            }
            if waits {
                // A few bytes into an empty socket buffer; who cannot take them sends the body anyway, or nothing.
                let _ = self.stream.write(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
        }
        let Phase::Body(incoming) = &mut self.phase else { return Ok(None) };
        let whole = match incoming.head.framing {
            Framing::Length(length) => {
                let take = (length - incoming.body.len()).min(self.received.len());
                incoming.body.extend(self.received.drain(..take));
                incoming.body.len() == length
            }
            Framing::Chunked => {
                let whole =
                    incoming.chunked.decode(&mut self.received, &mut incoming.body, limits.body_bytes)?;
                self.drained += self.received.len();
                if !whole && self.drained > limits.body_bytes * CHUNK_OVERHEAD {
                    return Err(413);
                }
                whole
            }
        };
        if !whole {
            return Ok(None);
        }
        let answering = Phase::Answering {
            head_only: incoming.head.method == Method::Head,
            keep_alive: incoming.head.keep_alive,
        };
        let Phase::Body(incoming) = std::mem::replace(&mut self.phase, answering) else { return Ok(None) };
        self.since = now;
        self.drained = 0;
        if self.received.is_empty() {
            self.received = Vec::new();
        }
        let Incoming { head, body, .. } = *incoming;
        Ok(Some(Request {
            method: head.method,
            target: head.target,
            headers: head.headers,
            body,
            peer: self.peer,
        }))
    }

    fn take_head(&mut self, limits: &Limits, now: Instant) -> Result<Option<Head>, u16> {
        // Empty lines before a request are passed over (RFC 9112, section 2.2).
        let blank = self.received.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if blank > 0 && self.looked_at == 0 {
            self.received.drain(..blank.min(4));
        }
        let Some(first) = self.received.first() else { return Ok(None) };
        if !first.is_ascii_alphabetic() {
            return Err(400);
        }
        if matches!(self.phase, Phase::Idle) {
            self.enter(Phase::Head, now);
        }
        let end = head_end(&self.received, self.looked_at);
        if end.unwrap_or(self.received.len()) > limits.head_bytes {
            return Err(431);
        }
        let Some(end) = end else {
            self.looked_at = self.received.len();
            return Ok(None);
        };
        self.looked_at = 0;
        let head = parse(&self.received[..end]);
        self.received.drain(..end);
        head.map(Some)
    }

    /// The answer has come.
    pub(super) fn answer(&mut self, response: &Response, date: &str, stopping: bool, now: Instant) {
        let Phase::Answering { head_only, keep_alive } = self.phase else { return };
        let mut outgoing = Outgoing::new(response, date, keep_alive && !stopping);
        if head_only {
            outgoing.leave_out_body();
        }
        self.enter(Phase::Writing(outgoing), now);
    }

    /// An error that the client has to be told of before the connection ends.
    pub(super) fn refuse(&mut self, response: &Response, date: &str, now: Instant) {
        let mut outgoing = Outgoing::new(response, date, false);
        outgoing.linger = true;
        self.enter(Phase::Writing(outgoing), now);
    }

    /// Reads and forgets, up to a bound.
    fn drain(&mut self, limits: &Limits) -> Step {
        let mut piece = [0; READ_BYTES];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Step::Close,
                Ok(count) => {
                    self.drained += count;
                    if self.drained > limits.linger_bytes {
                        return Step::Close;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable = false;
                    return Step::Wait;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Step::Close,
            }
        }
    }
}
