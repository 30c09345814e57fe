//! Connections to mail servers, with or without TLS.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::fault::{Fault, Peer};
use super::tls::{self, Secured};

/// Connects to one of the host's addresses; each has so long. What is written goes out at once: a dialogue of short lines
/// otherwise waits at each for the other side's delayed acknowledgement.
pub fn connect(host: &str, port: u16, within: Duration, peer: &Peer) -> Result<TcpStream, Fault> {
    let addresses = (tls::bare(host), port).to_socket_addrs().map_err(|error| peer.fault(&error))?;
    let mut last = peer.unknown();
    for address in addresses {
        let connected = TcpStream::connect_timeout(&address, within);
        match connected.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp)) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => last = peer.fault(&error),
        }
    }
    Err(last)
}

/// A connection of either kind.
#[derive(Debug)]
pub enum Stream<S: Read + Write> {
    /// As it is.
    Plain(S),
    /// Under TLS.
    Tls(Box<Secured<S>>),
}

impl<S: Read + Write> Stream<S> {
    /// Under TLS, with a certificate of this host.
    pub fn secure(self, host: &str) -> io::Result<Self> {
        match self {
            Self::Plain(socket) => Ok(Self::Tls(Box::new(tls::secure(socket, host)?))),
            secured @ Self::Tls(_) => Ok(secured),
        }
    }

    /// What is below.
    pub fn socket(&mut self) -> &mut S {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(secured) => &mut secured.sock,
        }
    }
}

impl<S: Read + Write> Read for Stream<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(secured) => secured.read(buffer),
        }
    }
}

impl<S: Read + Write> Write for Stream<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(secured) => secured.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(secured) => secured.flush(),
        }
    }
}
