//! HTTP/1.1 by hyper, and around it what withstands the open net. It knows nothing of the desk: a [`Service`] answers.
//!
//! hyper speaks the protocol; who may connect, for how long, and which heads it gets to see is decided here. Two threads
//! serve all connections ([`serving`]); each connection reaches hyper through a [`wire::Wire`], which has the limits and
//! lets only heads through that can be understood in one way ([`head`]).

mod head;
mod message;
mod serving;
mod wire;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::runtime::Builder;
use tokio::sync::watch;

use crate::stop::{Life, Stop};

pub use message::{Request, Response, WithHeader, response};

/// Threads that serve connections.
const LOOPS: usize = 2;

/// Connections that wait to be taken in.
const BACKLOG: i32 = 4096;

/// Descriptors that connections may not have: the database, mail, the homeserver and files need them.
const OTHER_DESCRIPTORS: u64 = 64;

/// Connections in all: what bounds the memory that clients can take, which is some 60 KB each at the most.
const MOST_CONNECTIONS: u64 = 1_400;

/// Bytes of a head.
const HEAD_BYTES: usize = 16 * 1024;

/// Bytes of a body, decoded.
const BODY_BYTES: usize = 16 * 1024;

/// Answers requests. Called on the threads that serve all connections, so it must not block.
pub trait Service: Send + Sync + 'static {
    /// The answer. None: nobody can give one, which the client is told as a 503.
    fn call(&self, request: Request) -> impl Future<Output = Option<Response>>;

    /// The answer where no whole request could be made out (4xx), or nobody answered it (503). `begun`: the request without
    /// its body, where its head was made out.
    fn error(&self, status: u16, begun: Option<&Request>) -> Response;
}

/// How long clients may take, and how many there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Nothing comes.
    pub idle: Duration,
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// The same for a body.
    pub body: Duration,
    /// Until an answer is out.
    pub write: Duration,
    /// Connections of one loop.
    pub connections: usize,
}

impl Limits {
    /// For the open net.
    pub const DEFAULT: Self = Self {
        idle: Duration::from_secs(10),
        head: Duration::from_secs(10),
        body: Duration::from_secs(10),
        write: Duration::from_secs(20),
        connections: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
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
        // Accepted sockets inherit it.
        socket.set_tcp_nodelay(true)?;
        socket.set_nonblocking(true)?;
        if address.is_ipv6() {
            // `::` is all there is, IPv4 too.
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let allowed = descriptors().saturating_sub(OTHER_DESCRIPTORS).clamp(8, MOST_CONNECTIONS);
        limits.connections = limits.connections.min(usize::try_from(allowed).unwrap_or(usize::MAX) / LOOPS);
        Ok(Self { listener: socket.into(), limits })
    }

    /// Where it listens; the port is known even where 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    /// Has `service` answer until the stop signal comes and what was begun is answered.
    pub fn run<S: Service>(&self, service: &Arc<S>, stop: &Stop) -> io::Result<()> {
        // Dropped where this returns early, which ends the loops too.
        let (ending, end) = watch::channel(());
        std::thread::scope(|scope| {
            for number in 1..=LOOPS {
                let (listener, service) = (self.listener.try_clone()?, Arc::clone(service));
                let (limits, end) = (self.limits, end.clone());
                let life = Life::of_this_thread();
                let runtime = Builder::new_current_thread().enable_all().thread_name("desk").build()?;
                std::thread::Builder::new().name(format!("web-{number}")).spawn_scoped(scope, move || {
                    let _place = life.map(|life| life.enter("web"));
                    serving::serve(runtime, listener, service, limits, end);
                })?;
            }
            while !stop.wait(Duration::from_secs(3600)) {}
            drop(ending);
            Ok(())
        })
    }
}

/// How many descriptors this process may have, after asking for all it can get.
fn descriptors() -> u64 {
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Where it is not allowed, what is there has to do.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
