//! IPv4 addresses inside of IPv6 ones.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

/// The IPv4 address that an IPv6 address carries, and after how many bits it begins: mapped (RFC 4291, 2.5.5.2),
/// compatible (2.5.5.1), NAT64 (RFC 6052, 2.1) and 6to4 (RFC 3056, 2).
pub fn ipv4_inside(ip: IpAddr) -> Option<(Ipv4Addr, u8)> {
    let IpAddr::V6(ip) = ip else { return None };
    let [s0, s1, s2, s3, s4, s5, s6, s7] = ip.segments();
    let at = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (s0, s1, s2, s3, s4, s5) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some((at(s6, s7), 96)),
        // `::` and `::1` are something else.
        (0, 0, 0, 0, 0, 0) if s6 != 0 => Some((at(s6, s7), 96)),
        (0x2002, high, low, ..) => Some((at(high, low), 16)),
        _ => None,
    }
}

/// Where somebody comes from: the IPv4 address inside, where there is one.
pub fn source_of(ip: IpAddr) -> IpAddr {
    ipv4_inside(ip).map_or(ip, |(ip, _)| IpAddr::V4(ip))
}

/// What has one turn and one share together: a /16 of IPv4, a /32 of IPv6. A provider gives its customers less, and who
/// attacks can have all of it.
pub fn share_of(ip: IpAddr) -> Option<IpNet> {
    let ip = source_of(ip);
    IpNet::new(ip, if ip.is_ipv4() { 16 } else { 32 }).ok().map(|net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ipv4_address_inside_is_found() {
        for (ip, source) in [
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("64:ff9b::c633:6407", "198.51.100.7"),
            ("2002:c633:6407::1", "198.51.100.7"),
            ("2002:c633:6407:1:2:3:4:5", "198.51.100.7"),
            ("::198.51.100.7", "198.51.100.7"),
            ("::1", "::1"),
            ("::", "::"),
            ("2001:db8::1", "2001:db8::1"),
            ("64:ff9b:1::1", "64:ff9b:1::1"),
            ("198.51.100.7", "198.51.100.7"),
        ] {
            let (ip, source): (IpAddr, IpAddr) = (ip.parse().unwrap(), source.parse().unwrap());
            assert_eq!(source_of(ip), source, "{ip}");
        }
    }

    #[test]
    fn a_share_is_as_wide_as_what_one_attacker_can_have() {
        for (ip, share) in [
            ("198.51.100.7", "198.51.0.0/16"),
            ("::ffff:198.51.100.7", "198.51.0.0/16"),
            ("2001:db8:1:2::3", "2001:db8::/32"),
        ] {
            assert_eq!(share_of(ip.parse().unwrap()).unwrap().to_string(), share);
        }
    }
}
