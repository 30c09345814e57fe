//! `banned_ips.txt`: addresses and nets, IPv4 and IPv6.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::file::Line;
use super::index::ByKey;

/// Nets by the length of their prefix, so that an address is looked up once for each length that occurs.
#[derive(Debug, Default)]
pub(super) struct IpList {
    nets: BTreeMap<(bool, u8), ByKey<IpNet>>,
}

/// Understands an address or a net; bits beyond the prefix are passed over, a mapped one counts as IPv4.
pub(super) fn parse(entry: &str) -> Result<IpNet, String> {
    let net = match entry.split_once('/') {
        None => {
            entry.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|ip| IpNet::from(ip.to_canonical()))
        }
        Some(_) => entry.parse::<IpNet>().ok().map(|net| match (net, net.addr().to_canonical()) {
            (IpNet::V6(v6), IpAddr::V4(v4)) if v6.prefix_len() >= 96 => {
                IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96).unwrap_or(net)
            }
            (net, _) => net,
        }),
    };
    net.map(|net| net.trunc()).ok_or_else(|| {
        "this is no IP address and no net; write 192.0.2.7, 192.0.2.0/24, 2001:db8::7 or 2001:db8::/32".into()
    })
}

impl IpList {
    /// Of these lines; `refuse` is told of those that cannot be understood.
    pub(super) fn new<'a>(
        lines: impl Iterator<Item = Line<'a>>,
        mut refuse: impl FnMut(usize, String),
    ) -> Self {
        let mut list = Self::default();
        for line in lines {
            match parse(line.entry) {
                Ok(net) => list
                    .nets
                    .entry((net.addr().is_ipv4(), net.prefix_len()))
                    .or_default()
                    .add(net, line.index),
                Err(why) => refuse(line.number, why),
            }
        }
        list
    }

    /// The lines that ban this address, in the order of the file.
    pub(super) fn hits(&self, ip: IpAddr) -> Vec<u32> {
        let ip = ip.to_canonical();
        let mut hits: Vec<u32> = self
            .nets
            .range((ip.is_ipv4(), 0)..=(ip.is_ipv4(), u8::MAX))
            .filter_map(|((_, length), nets)| Some(nets.get(&IpNet::new(ip, *length).ok()?.trunc())))
            .flatten()
            .collect();
        hits.sort_unstable();
        hits
    }
}
