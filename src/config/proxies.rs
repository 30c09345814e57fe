//! `trusted_proxies`: whose `X-Forwarded-For` is believed.

use std::net::IpAddr;

use ipnet::IpNet;

use super::entry::Entry;
use super::problems::Problems;

/// The nets that the entry names.
pub(super) fn trusted_proxies(entry: &Entry<'_>, problems: &mut Problems) -> Vec<IpNet> {
    let mut nets = Vec::new();
    for (line, text) in entry.texts(problems, "addresses and nets, like loopback, private or 10.0.0.0/8") {
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match proxies(word) {
                Some(found) => nets.extend(found),
                None => problems.error(
                    line,
                    &entry.path,
                    "it should be loopback, private, an IP address or a net like 10.0.0.0/8",
                ),
            }
        }
    }
    nets
}

/// What a word of `trusted_proxies` stands for.
pub(super) fn proxies(word: &str) -> Option<Vec<IpNet>> {
    let nets = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
    match word.to_ascii_lowercase().as_str() {
        "loopback" => Some(nets(&["127.0.0.0/8", "::1/128"])),
        "private" => Some(nets(&[
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ])),
        word => {
            let net = word.parse::<IpNet>().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from))?;
            // A mapped net is one of IPv4, which is what addresses are compared as.
            let net = match (net, net.addr().to_canonical()) {
                (IpNet::V6(v6), IpAddr::V4(v4)) if v6.prefix_len() >= 96 => {
                    IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96).ok()?
                }
                (net, _) => net,
            };
            Some(vec![net.trunc()])
        }
    }
}
