//! Between hyper and the socket: how long each step may take, and what hyper gets to read.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::head::{self, CHUNKED};
use super::{HEAD_BYTES, Limits};

/// Read at once, at most. One byte more, and hyper would double its buffers.
const READ_BYTES: usize = 8 * 1024 - 1;

/// How long and how much is read and forgotten at the end.
const LINGER: (Duration, usize) = (Duration::from_secs(5), 8 * 1024 * 1024);

/// What hyper reads in place of a head that is refused. The answer is the service's: see [`Line::take_refusal`].
const IN_PLACE: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\n\r\n";

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing of a request has come yet.
    Idle,
    /// A part of the head has come.
    Head,
    /// The head has come, and perhaps a part of the body.
    Body,
    /// Somebody is making the answer.
    Answering,
    /// The client does not take the answer as fast as it is given.
    Writing,
    /// The answer is out; what the client still sends is read and forgotten, so that it gets to read the answer.
    Lingering,
}

/// What a connection's wire, its service and whoever makes room for others know of it.
#[derive(Debug)]
pub(super) struct Line {
    phase: Cell<(Phase, Instant)>,
    refused: Cell<Option<u16>>,
}

impl Line {
    pub(super) fn new() -> Self {
        Self { phase: Cell::new((Phase::Idle, Instant::now())), refused: Cell::new(None) }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get().0
    }

    /// Since when it is in its phase.
    pub(super) fn since(&self) -> Instant {
        self.phase.get().1
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.set((phase, Instant::now()));
    }

    /// The status to answer with, where the request that hyper has read stands for one that is refused.
    pub(super) fn take_refusal(&self) -> Option<u16> {
        self.refused.take()
    }
}

/// A connection as hyper sees it.
pub(super) struct Wire {
    stream: TcpStream,
    line: Rc<Line>,
    limits: Limits,
    received: Vec<u8>,
    looked_at: usize,
    /// How many bytes hyper may read, of `received` and of what comes after it, before the next head is looked at.
    let_through: usize,
    drained: usize,
    alarm: Pin<Box<Sleep>>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, line: Rc<Line>, limits: Limits) -> Self {
        let alarm = Box::pin(sleep_until(line.since()));
        Self { stream, line, limits, received: Vec::new(), looked_at: 0, let_through: 0, drained: 0, alarm }
    }

    /// Waits for a whole head and lets it through with its body, or refuses it. False: the client has gone, or said nothing.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            match self.line.phase() {
                // What comes next is nobody's business before the answer is out.
                Phase::Writing => return self.poll_late(context).map_ok(|_| false),
                Phase::Idle | Phase::Head => {}
                _ => self.line.enter(Phase::Idle),
            }
            let refused = match self.whole_head() {
                Ok(None) => match self.poll_fill(context) {
                    Poll::Ready(Ok(1..)) => continue,
                    // What ends in the middle is told so: whoever closed only their half of it reads the answer.
                    Poll::Ready(Ok(0)) => 400,
                    Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::TimedOut => 408,
                    other => return other.map_ok(|_| false),
                },
                Ok(Some(length)) => {
                    self.line.enter(Phase::Body);
                    self.let_through = length;
                    return Poll::Ready(Ok(true));
                }
                Err(status) => status,
            };
            if self.received.is_empty() {
                return Poll::Ready(Ok(false));
            }
            self.line.refused.set(Some(refused));
            self.received = IN_PLACE.to_vec();
            self.let_through = IN_PLACE.len();
            return Poll::Ready(Ok(true));
        }
    }

    /// The length of the request that begins what was received, once its head is whole.
    fn whole_head(&mut self) -> Result<Option<usize>, u16> {
        // Empty lines before a request are passed over (RFC 9112, section 2.2).
        let blank = self.received.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.received.drain(..blank);
        let Some(first) = self.received.first() else { return Ok(None) };
        if !first.is_ascii_alphabetic() {
            return Err(400);
        }
        if self.line.phase() == Phase::Idle {
            self.line.enter(Phase::Head);
        }
        let end = head::end(&self.received, self.looked_at);
        self.looked_at = if end.is_some() { 0 } else { self.received.len() };
        if end.unwrap_or(self.received.len()) > HEAD_BYTES {
            return Err(431);
        }
        end.map(|end| {
            head::shorten_length(&mut self.received[..end]);
            Ok(end.saturating_add(head::body_length(&self.received[..end])?))
        })
        .transpose()
    }

    /// Reads what is there, a bounded piece of it. 0: no more comes.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut piece = [0; READ_BYTES];
        let mut piece = ReadBuf::new(&mut piece);
        if Pin::new(&mut self.stream).poll_read(context, &mut piece)?.is_pending() {
            return self.poll_late(context);
        }
        // Grows by what came and not by doubling: who is slow has little.
        self.received.reserve_exact(piece.filled().len());
        self.received.extend_from_slice(piece.filled());
        Poll::Ready(Ok(piece.filled().len()))
    }

    /// Waits until the phase takes too long.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let span = match self.line.phase() {
            Phase::Idle => self.limits.idle,
            Phase::Head => self.limits.head,
            Phase::Body => self.limits.body,
            Phase::Answering | Phase::Writing => self.limits.write,
            Phase::Lingering => LINGER.0,
        };
        let deadline = self.line.since() + span;
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        ready!(self.alarm.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.let_through == 0 && !ready!(self.poll_head(context))? {
            return Poll::Ready(Ok(()));
        }
        if self.received.is_empty() {
            ready!(self.poll_fill(context))?;
        }
        let count = self.received.len().min(self.let_through).min(into.remaining()).min(READ_BYTES);
        into.put_slice(&self.received[..count]);
        self.received.drain(..count);
        if self.received.is_empty() {
            self.received = Vec::new();
        }
        // Where a body that comes in chunks ends, hyper knows: the connection ends with it.
        if self.let_through < CHUNKED {
            self.let_through -= count;
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        if written.is_pending() {
            // In a body it is told to go on, which changes nothing.
            if !matches!(self.line.phase(), Phase::Body | Phase::Writing) {
                self.line.enter(Phase::Writing);
            }
            return self.poll_late(context);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.phase() == Phase::Writing {
            self.line.enter(Phase::Answering);
            // Reading has waited for it.
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    /// Says that no more comes, and reads and forgets what the client still sends: closed before, it might not get to read
    /// the answer.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.phase() != Phase::Lingering {
            self.line.enter(Phase::Lingering);
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        loop {
            self.received = Vec::new();
            let count = ready!(self.poll_fill(context))?;
            self.drained += count;
            if count == 0 || self.drained > LINGER.1 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
