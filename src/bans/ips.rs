//! `banned_ips.txt`: addresses and nets, IPv4 and IPv6.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::domain::{ipv4_inside, source_of};

use super::file::Line;
use super::index::ByKey;

/// Nets by the length of their prefix, so that an address is looked up once for each length that occurs.
#[derive(Debug, Default)]
pub(super) struct IpList {
    nets: BTreeMap<(bool, u8), ByKey<IpNet>>,
}

/// Understands an address or a net; bits beyond the prefix are passed over, one inside of IPv6 counts as IPv4.
pub(super) fn parse(entry: &str) -> Result<IpNet, String> {
    let net = match entry.split_once('/') {
        None => entry.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|ip| IpNet::from(source_of(ip))),
        Some(_) => entry.parse::<IpNet>().ok().map(|net| match ipv4_inside(net.addr()) {
            // All of 6to4 is not all of IPv4.
            Some((v4, from)) if net.prefix_len() > from => {
                IpNet::new(IpAddr::V4(v4), (net.prefix_len() - from).min(32)).unwrap_or(net)
            }
            _ => net,
        }),
    };
    net.map(|net| net.trunc()).ok_or_else(|| {
        "this is not an IP address or network; write 192.0.2.7, 192.0.2.0/24, 2001:db8::7 or 2001:db8::/32".into()
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

    /// The lines with a shorter prefix than these, of IPv4 and of IPv6; and whether they are of IPv4.
    pub(super) fn wider_than(&self, (v4, v6): (u8, u8)) -> impl Iterator<Item = (bool, u32)> {
        let is_wide = move |(is_ipv4, length): (bool, u8)| length < if is_ipv4 { v4 } else { v6 };
        let wide = self.nets.iter().filter(move |(of, _)| is_wide(**of));
        wide.flat_map(|(of, nets)| nets.lines().map(|line| (of.0, line)))
    }

    /// The lines that ban this address, or the IPv4 address inside, in the order of the file.
    pub(super) fn hits(&self, ip: IpAddr) -> Vec<u32> {
        let source = source_of(ip);
        let mut hits: Vec<u32> = [Some(source), (source != ip).then_some(ip)]
            .into_iter()
            .flatten()
            .flat_map(|ip| {
                self.nets
                    .range((ip.is_ipv4(), 0)..=(ip.is_ipv4(), u8::MAX))
                    .filter_map(move |((_, length), nets)| {
                        Some(nets.get(&IpNet::new(ip, *length).ok()?.trunc()))
                    })
                    .flatten()
            })
            .collect();
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}
