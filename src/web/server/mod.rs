//! An event loop that speaks HTTP/1.1 and withstands what the open net throws at it. It knows nothing of the desk: a
//! [`Service`] answers.
//!
//! It is our own because none of the blocking servers holds the promises made here. `tiny_http` closes without an answer
//! on a header that is not ASCII, reads heads of any length at any pace, gives each connection a thread, and its accept
//! thread ends for good when descriptors run out. Here a head has its bytes and its seconds, ten thousand slow clients
//! cost some kilobytes each and no thread, who has been slow longest makes room for who comes new, and an accept that
//! fails is tried again. Parsing is `httparse`'s, waiting is `mio`'s.

mod chunked;
mod connection;
mod event_loop;
mod outgoing;
mod request;
mod responder;
mod response;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

use crate::stop::Stop;

pub use request::{Headers, Method, Request};
pub use responder::Responder;
pub use response::Response;

use event_loop::EventLoop;

/// Loops, each on a thread of its own.
const LOOPS: usize = 2;

/// Connections that wait to be taken in.
const BACKLOG: i32 = 4096;

/// Descriptors that connections may not have: the database, mail, the homeserver and files need them.
const OTHER_DESCRIPTORS: u64 = 64;

/// More connections than this help nobody.
const MOST_CONNECTIONS: u64 = 20_000;

/// Answers requests. Called on the threads that serve all connections, so it must not wait for anything: what takes
/// time is handed on together with its [`Responder`].
pub trait Service: Send + Sync + 'static {
    /// Answers, now or later.
    fn call(&self, request: Request, responder: Responder);

    /// The answer where no whole request could be made out (4xx), or nobody answered it (503). `begun`: the request without
    /// its body, where its head was made out.
    fn error(&self, status: u16, begun: Option<&Request>) -> Response;
}

/// How much a client may send, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a head.
    pub head_bytes: usize,
    /// Bytes of a body, decoded.
    pub body_bytes: usize,
    /// Bytes that are read and forgotten after an error, so that the client gets to read the answer.
    pub linger_bytes: usize,
    /// Nothing comes.
    pub idle: Duration,
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// The same for a body.
    pub body: Duration,
    /// Until an answer is out.
    pub write: Duration,
    /// Until the client closes after an error.
    pub linger: Duration,
    /// Connections of one loop.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 16 * 1024,
            body_bytes: 16 * 1024,
            linger_bytes: 8 * 1024 * 1024,
            idle: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            write: Duration::from_secs(20),
            linger: Duration::from_secs(5),
            connections: usize::try_from(MOST_CONNECTIONS).unwrap_or(usize::MAX) / LOOPS,
        }
    }
}

/// A listener that nobody answers yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: Limits,
}

impl Server {
    /// Listens at this address. Raises the soft limit of open files to the hard one, and takes no more connections than
    /// that allows.
    pub fn bind(address: SocketAddr, mut limits: Limits) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_tcp_nodelay(true)?;
        socket.set_nonblocking(true)?;
        if address.is_ipv6() {
            // `::` is all there is, IPv4 too.
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let allowed = descriptors().saturating_sub(OTHER_DESCRIPTORS).clamp(8, MOST_CONNECTIONS);
        limits.connections =
            limits.connections.min(usize::try_from(allowed).unwrap_or(usize::MAX) / LOOPS).max(1);
        Ok(Self { listener: socket.into(), limits })
    }

    /// Where it listens; the port is known even where 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    /// Has `service` answer until the stop signal comes and what was begun is answered.
    pub fn run<S: Service>(&self, service: &Arc<S>, stop: &Stop) -> io::Result<()> {
        std::thread::scope(|scope| {
            let loops = (1..=LOOPS)
                .map(|number| {
                    let listener = self.listener.try_clone()?;
                    let (service, limits) = (Arc::clone(service), self.limits);
                    std::thread::Builder::new().name(format!("web-{number}")).spawn_scoped(scope, move || {
                        EventLoop::new(listener, service, limits).map(|event_loop| event_loop.run(stop))
                    })
                })
                .collect::<io::Result<Vec<_>>>()?;
            for running in loops {
                match running.join() {
                    Ok(ended) => ended?,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(())
        })
    }
}

/// How many descriptors this process may have, after asking for all it can get.
fn descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = getrlimit(Resource::Nofile);
        }
    }
    limit.current.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
