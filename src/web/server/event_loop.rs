//! One thread and the connections that belong to it.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};

use crate::clock::{Clock, SystemClock};
use crate::stop::Stop;

use super::connection::{Connection, Phase, Step};
use super::responder::{Delivery, Mailbox, Responder};
use super::{Limits, Service};

const LISTENER: Token = Token(usize::MAX);
const MAILBOX: Token = Token(usize::MAX - 1);

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(200);

/// Connections taken in at once, before others get their turn.
const ACCEPT_AT_ONCE: usize = 256;

/// Where there is no room, one in so many of the expendable connections goes, the oldest.
const EVICT_ONE_IN: usize = 16;

/// After the stop signal, answers that are being made are waited for so long.
const LAST_ANSWERS: Duration = Duration::from_secs(6);

pub(super) struct EventLoop<S> {
    poll: Poll,
    listener: Option<TcpListener>,
    service: Arc<S>,
    limits: Limits,
    mailbox: Arc<Mailbox>,
    connections: Vec<Option<Box<Connection>>>,
    free: Vec<usize>,
    generation: u64,
    date: String,
    /// Given up when descriptors run out, so that a client can still be told goodbye.
    reserve: Option<File>,
    accept_again: bool,
}

impl<S: Service> EventLoop<S> {
    pub(super) fn new(listener: std::net::TcpListener, service: Arc<S>, limits: Limits) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::from_std(listener);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Waker::new(poll.registry(), MAILBOX)?;
        Ok(Self {
            poll,
            listener: Some(listener),
            service,
            limits,
            mailbox: Arc::new(Mailbox::new(waker)),
            connections: Vec::new(),
            free: Vec::new(),
            generation: 0,
            date: String::new(),
            reserve: File::open("/dev/null").ok(),
            accept_again: true,
        })
    }

    /// Serves until the stop signal, and until then begun answers are out, or their time is up.
    pub(super) fn run(mut self, stop: &Stop) {
        let mut events = Events::with_capacity(1024);
        let mut ready = Vec::new();
        let mut deliveries: Vec<Delivery> = Vec::new();
        let mut next_tick = Instant::now();
        let mut stopping_since = None;
        loop {
            let wait = next_tick.saturating_duration_since(Instant::now());
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!("waiting for connections fails: {error}");
                stop.wait(TICK);
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept_again = true,
                    MAILBOX => {}
                    Token(index) => {
                        if (event.is_readable() || event.is_read_closed() || event.is_error())
                            && let Some(connection) = self.connection(index)
                        {
                            connection.wake();
                        }
                        ready.push(index);
                    }
                }
            }
            if self.accept_again && stopping_since.is_none() {
                self.accept(&mut ready);
            }
            loop {
                for index in ready.drain(..) {
                    self.drive(index, stopping_since.is_some());
                }
                self.mailbox.collect(&mut deliveries);
                if deliveries.is_empty() {
                    break;
                }
                for delivery in deliveries.drain(..) {
                    ready.extend(self.take_delivery(delivery, stopping_since.is_some()));
                }
            }
            let now = Instant::now();
            if now >= next_tick {
                next_tick = now + TICK;
                self.date = SystemClock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                self.end_what_takes_too_long(now);
                if self.reserve.is_none() {
                    self.reserve = File::open("/dev/null").ok();
                }
                // An accept that failed is not told again by the poll.
                self.accept_again = self.listener.is_some();
                if stop.is_given() && stopping_since.is_none() {
                    stopping_since = Some(now);
                    self.listener = None;
                    self.close_idle();
                }
            }
            if let Some(since) = stopping_since
                && (self.connections.iter().all(Option::is_none) || now >= since + LAST_ANSWERS)
            {
                return;
            }
        }
    }

    fn connection(&mut self, index: usize) -> Option<&mut Connection> {
        self.connections.get_mut(index)?.as_deref_mut()
    }

    fn accept(&mut self, ready: &mut Vec<usize>) {
        for _ in 0..ACCEPT_AT_ONCE {
            let Some(listener) = &self.listener else { return };
            match listener.accept() {
                Ok((stream, peer)) => {
                    if self.connections.len() - self.free.len() >= self.limits.connections {
                        self.evict();
                    }
                    ready.extend(self.take_in(stream, peer));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.accept_again = false;
                    return;
                }
                Err(error) if is_exhaustion(&error) => {
                    // Until the next tick: whoever was slow longest makes room.
                    self.reserve = None;
                    self.evict();
                    self.accept_again = false;
                    return;
                }
                // The client was gone before we came to it.
                Err(_) => {}
            }
        }
    }

    fn take_in(&mut self, mut stream: TcpStream, peer: std::net::SocketAddr) -> Option<usize> {
        // Accepted sockets inherit it from the listener on Linux; where not, answers are only slower.
        let _ = stream.set_nodelay(true);
        let index = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        let both = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut stream, Token(index), both) {
            tracing::warn!("a connection cannot be watched: {error}");
            self.free.push(index);
            return None;
        }
        self.generation += 1;
        let connection = Connection::new(stream, peer, self.generation, Instant::now());
        self.connections[index] = Some(Box::new(connection));
        Some(index)
    }

    /// Goes on with a connection as far as it can.
    fn drive(&mut self, index: usize, stopping: bool) {
        let now = Instant::now();
        let limits = self.limits;
        loop {
            let Some(connection) = self.connection(index) else { return };
            if stopping && matches!(connection.phase, Phase::Idle) {
                return self.close(index);
            }
            match connection.step(&limits, now) {
                Step::Wait => return,
                Step::Close => return self.close(index),
                Step::Refuse(status) => self.refuse(index, status, now),
                Step::Answer(request) => {
                    self.generation += 1;
                    let generation = self.generation;
                    if let Some(connection) = self.connection(index) {
                        connection.generation = generation;
                    }
                    let responder = Responder::new(Arc::clone(&self.mailbox), index, generation);
                    // An answer made at once lies in the mailbox when this returns.
                    return self.service.call(request, responder);
                }
            }
        }
    }

    /// Tells a client what was wrong with what it sent.
    fn refuse(&mut self, index: usize, status: u16, now: Instant) {
        let (service, date) = (Arc::clone(&self.service), std::mem::take(&mut self.date));
        if let Some(connection) = self.connection(index) {
            let response = service.error(status, connection.take_begun().as_ref());
            connection.refuse(&response, &date, now);
        }
        self.date = date;
    }

    fn take_delivery(&mut self, delivery: Delivery, stopping: bool) -> Option<usize> {
        let now = Instant::now();
        let response = delivery.response.unwrap_or_else(|| self.service.error(503, None));
        let date = std::mem::take(&mut self.date);
        let connection =
            self.connection(delivery.connection).filter(|found| found.generation == delivery.generation);
        let found = connection.map(|connection| {
            connection.answer(&response, &date, stopping, now);
            delivery.connection
        });
        self.date = date;
        found
    }

    fn close(&mut self, index: usize) {
        if let Some(slot) = self.connections.get_mut(index)
            && let Some(mut connection) = slot.take()
        {
            // Closing the descriptor takes it out of the poll in any case.
            let _ = self.poll.registry().deregister(&mut connection.stream);
            self.free.push(index);
        }
    }

    fn end_what_takes_too_long(&mut self, now: Instant) {
        for index in 0..self.connections.len() {
            let limits = self.limits;
            let Some(connection) = self.connection(index) else { continue };
            if connection.deadline(&limits).is_none_or(|deadline| now < deadline) {
                continue;
            }
            if matches!(connection.phase, Phase::Head | Phase::Body(_)) {
                self.refuse(index, 408, now);
                self.drive(index, false);
            } else {
                self.close(index);
            }
        }
    }

    fn close_idle(&mut self) {
        for index in 0..self.connections.len() {
            if self.connection(index).is_some_and(|connection| matches!(connection.phase, Phase::Idle)) {
                self.close(index);
            }
        }
    }

    /// Makes room: who has been slow longest goes.
    fn evict(&mut self) {
        let mut expendable: Vec<(Instant, usize)> = self
            .connections
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| Some((index, slot.as_ref()?)))
            .filter(|(_, connection)| connection.is_expendable())
            .map(|(index, connection)| (connection.since, index))
            .collect();
        if expendable.is_empty() {
            return;
        }
        let count = expendable.len().div_ceil(EVICT_ONE_IN);
        expendable.select_nth_unstable(count - 1);
        for (_, index) in &expendable[..count] {
            self.close(*index);
        }
    }
}

/// Out of descriptors, or of kernel memory.
fn is_exhaustion(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
