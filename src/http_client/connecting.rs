//! How a connection is made: ureq's own parts, but for two costs that every question would have to bear.

use std::net::{IpAddr, SocketAddr};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, RustlsConnector, TcpConnector, Transport,
};

/// TCP, then TLS where the URL asks for it.
pub(super) fn connector() -> impl Connector {
    ().chain(TcpConnector::default()).chain(Tls(RustlsConnector::default()))
}

/// TLS with one configuration for all questions. ureq takes time-outs that are given by question for a configuration
/// of that question alone, reads all root certificates of the machine for it, and resumes no session.
#[derive(Debug)]
struct Tls(RustlsConnector);

impl<In: Transport> Connector<In> for Tls {
    type Out = <RustlsConnector as Connector<In>>::Out;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        self.0.connect(&details, chained)
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
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address: IpAddr = host.parse().ok()?;
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
