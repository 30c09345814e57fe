//! Which host brought a mail: what is asked for by mail takes its turn by it, since a sender can be forged.

use std::net::IpAddr;

use crate::domain::source_of;

use super::headers::Headers;

/// Of the hosts that a mail passed, so many are looked at, the last ones. Those further down wrote what they liked.
const HOPS: usize = 4;

/// The last host outside, as the operator's own mail servers saw it (RFC 5321, section 4.4). What a host calls itself (HELO) is
/// not believed: its address stands behind it.
pub(super) fn relay(headers: &Headers) -> Option<IpAddr> {
    headers.all("received").take(HOPS).find_map(|line| {
        let line = line.to_ascii_lowercase();
        let from = line.split(" by ").next()?.strip_prefix("from ")?;
        from.replace("helo=[", "helo=")
            .split(|c: char| c.is_whitespace() || "()[];,".contains(c))
            .filter_map(|word| word.strip_prefix("ipv6:").unwrap_or(word).parse().ok())
            .rfind(|ip| is_public(source_of(*ip)))
    })
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            // RFC 6598 stands in for a provider's own net.
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || a == 0
                || (a == 100 && b & 0xc0 == 64))
        }
        IpAddr::V6(ip) => ip.segments()[0] & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_host_outside_is_found_whatever_it_calls_itself() {
        for (received, relay) in [
            (
                &[
                    "from mail.example.org (mail.example.org [198.51.100.7]) by mx.desk.test (Postfix) with ESMTPS id 1",
                ][..],
                "198.51.100.7",
            ),
            (&["from [203.0.113.9] (unknown [198.51.100.7]) by mx.desk.test with ESMTP"], "198.51.100.7"),
            (
                &["from mail.example.org ([198.51.100.7] helo=[203.0.113.9]) by mx.desk.test with esmtps"],
                "198.51.100.7",
            ),
            (&["from unknown (HELO 203.0.113.9) (198.51.100.7) by mx.desk.test with SMTP"], "198.51.100.7"),
            (
                &["from mx (2001:db8:1::2) by mx.desk.test (2a02::1) with Microsoft SMTP Server"],
                "2001:db8:1::2",
            ),
            (&["from mx (mx [IPv6:2001:db8:1::2]) by mx.desk.test"], "2001:db8:1::2"),
            (
                &[
                    "from mx.desk.test by imap.desk.test with LMTP id 3",
                    "from localhost (localhost [127.0.0.1]) by mx.desk.test",
                    "from mx.desk.test (mx [10.0.0.3]) by spam.desk.test",
                    "from mail.example.org (mail.example.org [198.51.100.7]) by mx.desk.test",
                    "from forged (forged [203.0.113.9]) by mail.example.org",
                ],
                "198.51.100.7",
            ),
            (&["by mx.desk.test (203.0.113.9) id 7"], ""),
            (&[], ""),
        ] {
            let head = received.join("\r\nReceived: ");
            let found = super::relay(&Headers::read(format!("Received: {head}\r\n").as_bytes()));
            assert_eq!(found.map_or(String::new(), |ip| ip.to_string()), relay, "{received:?}");
        }
    }
}
