//! How a connection is made: ureq's own parts, but for two costs that every question would have to bear.

use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, TcpConnector, Transport,
    TransportAdapter,
};

use zeroize::Zeroize as _;

use crate::net::tls::{self, Secured};

/// TCP, then TLS where the URL asks for it; what was sent is not kept.
pub(super) fn connector() -> impl Connector {
    ().chain(TcpConnector::default()).chain(Tls).chain(Wipes)
}

/// Passwords and tokens are among what is sent: ureq leaves it in its buffers, for as long as a connection is kept.
#[derive(Debug)]
struct Wipes;

#[derive(Debug)]
struct WipedTransport<Below>(Below);

impl<In: Transport> Connector<In> for Wipes {
    type Out = WipedTransport<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(WipedTransport))
    }
}

impl<Below: Transport> Transport for WipedTransport<Below> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let sent = self.0.transmit_output(amount, timeout);
        // A body is read into the one and put into the other.
        let (read, put) = self.0.buffers().tmp_and_output();
        for buffer in [read, put] {
            let amount = amount.min(buffer.len());
            buffer[..amount].zeroize();
        }
        sent
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// TLS as with all other servers: ureq's own would read all root certificates of the machine again for each question that
/// has time-outs of its own, and resume no session.
#[derive(Debug)]
struct Tls;

struct SecuredTransport {
    buffers: LazyBuffers,
    stream: Secured<TransportAdapter>,
}

impl fmt::Debug for SecuredTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecuredTransport").finish_non_exhaustive()
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, SecuredTransport>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(below) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(below)));
        }
        let mut socket = TransportAdapter::new(below.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        let stream = tls::secure(socket, details.uri.host().unwrap_or_default())?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(SecuredTransport { buffers, stream })))
    }
}

impl Transport for SecuredTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

/// Looks names up as ureq does: in a thread of its own, since the system's look-up has no time-out; for each
/// question, also where a connection is there already. An address needs none of that.
#[derive(Debug, Default)]
pub(super) struct Addresses(DefaultResolver);

impl Resolver for Addresses {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let Some(address) = literal(uri) else { return self.0.resolve(uri, config, timeout) };
        let mut addresses = self.empty();
        addresses.push(address);
        Ok(addresses)
    }
}

/// The address that stands in the URL itself.
fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let address: IpAddr = tls::bare(host).parse().ok()?;
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    Some(SocketAddr::new(address, uri.port_u16().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_the_url_is_looked_up_nowhere() {
        for (url, meant) in [
            ("http://127.0.0.1/x", Some("127.0.0.1:80")),
            ("https://127.0.0.1", Some("127.0.0.1:443")),
            ("http://127.0.0.1:8008/x", Some("127.0.0.1:8008")),
            ("https://[::1]:8448/", Some("[::1]:8448")),
            ("http://[::1]", Some("[::1]:80")),
            ("http://localhost:8008", None),
            ("http://127.0.0.1.example", None),
            ("http://127.1", None),
        ] {
            let address = literal(&url.parse().unwrap());
            assert_eq!(address, meant.map(|meant| meant.parse().unwrap()), "{url}");
        }
    }
}
