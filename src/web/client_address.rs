//! Whose request it is: the peer, or whoever the trusted proxies in front of the desk say.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// What came to light about a request's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress {
    /// The applicant's address; IPv4 in its own form even where it came mapped into IPv6.
    pub ip: IpAddr,
    /// The peer is not trusted, lies in a private net and sends `X-Forwarded-For`: most likely a proxy, or a
    /// container's gateway, that the operator has not told us of.
    pub untrusted_proxy: Option<IpAddr>,
}

/// The rightmost address in the `X-Forwarded-For` lines that is no trusted proxy, if the peer itself is one; else the
/// peer's. Where all are trusted it is the leftmost; something unreadable where the client should stand means the
/// peer's own address.
pub fn client_address<'a>(
    peer: IpAddr,
    forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: &[IpNet],
) -> ClientAddress {
    let peer = peer.to_canonical();
    let is_trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
    let mut lines = forwarded_for.peekable();
    if !is_trusted(peer) {
        let untrusted_proxy = (lines.peek().is_some() && is_private(peer)).then_some(peer);
        return ClientAddress { ip: peer, untrusted_proxy };
    }
    let mut client = peer;
    // Several lines count as one list.
    let entries = lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    for entry in entries {
        let entry = entry.trim_ascii();
        if entry.is_empty() {
            continue;
        }
        let Some(ip) = address(entry) else {
            client = peer;
            break;
        };
        client = ip;
        if !is_trusted(ip) {
            break;
        }
    }
    ClientAddress { ip: client, untrusted_proxy: None }
}

/// `192.0.2.1`, `192.0.2.1:8080`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:8080`; each also in quotes.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = bare
        .parse::<IpAddr>()
        .ok()
        .filter(|ip| bare.len() == text.len() || ip.is_ipv6())
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(ip.to_canonical())
}

/// Nets that are not of the public internet (RFC 1918, RFC 6598, RFC 4193, link-local).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let lines = lines.iter().map(|line| line.as_bytes());
        client_address(peer.parse().unwrap(), lines, &trusted).ip.to_string()
    }

    const LOOPBACK: &[&str] = &["127.0.0.0/8", "::1/128"];

    #[test]
    fn the_header_counts_only_from_a_trusted_peer() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], LOOPBACK), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["198.51.100.1"], LOOPBACK), "198.51.100.1");
        assert_eq!(client("::ffff:127.0.0.1", &["198.51.100.1"], LOOPBACK), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &[], LOOPBACK), "127.0.0.1");
    }

    #[test]
    fn every_shape_of_the_header_is_understood() {
        for (lines, expected) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["203.0.113.66, 198.51.100.1"], "198.51.100.1"),
            (&["203.0.113.66 ,\t198.51.100.1 "], "198.51.100.1"),
            (&["203.0.113.66", "198.51.100.1"], "198.51.100.1"),
            (&["198.51.100.1", "127.0.0.1"], "198.51.100.1"),
            (&["198.51.100.1:1234"], "198.51.100.1"),
            (&["2001:db8::7"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["[2001:db8::7]:443"], "2001:db8::7"),
            (&["\"[2001:db8::7]:443\""], "2001:db8::7"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["198.51.100.1,"], "198.51.100.1"),
            (&[""], "127.0.0.1"),
            // Unreadable where the client should stand: the peer. Further left it does not matter.
            (&["198.51.100.1, unknown"], "127.0.0.1"),
            (&["198.51.100.1, [192.0.2.1]"], "127.0.0.1"),
            (&["rubbish, 198.51.100.1"], "198.51.100.1"),
            (&["rubbish, 127.0.0.1"], "127.0.0.1"),
            (&["\u{fc}, 127.0.0.1"], "127.0.0.1"),
            (&["127.0.0.2, 127.0.0.1"], "127.0.0.2"),
        ] {
            assert_eq!(client("127.0.0.1", lines, LOOPBACK), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_proxy_that_the_operator_has_not_told_of_is_noticed() {
        let noticed = |peer: &str, lines: &[&str]| {
            let trusted: Vec<IpNet> = LOOPBACK.iter().map(|net| net.parse().unwrap()).collect();
            let lines = lines.iter().map(|line| line.as_bytes());
            client_address(peer.parse().unwrap(), lines, &trusted).untrusted_proxy
        };
        assert_eq!(noticed("172.17.0.1", &["198.51.100.1"]), Some("172.17.0.1".parse().unwrap()));
        assert_eq!(noticed("172.17.0.1", &[]), None);
        assert_eq!(noticed("203.0.113.9", &["198.51.100.1"]), None);
        assert_eq!(noticed("127.0.0.1", &["198.51.100.1"]), None);
    }
}
