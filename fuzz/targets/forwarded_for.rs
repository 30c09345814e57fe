//! `X-Forwarded-For`: who is not trusted cannot choose their address, and a client's forgery before the proxy's own entry
//! changes nothing.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use doorman::web::client_address::client_address;
use libfuzzer_sys::fuzz_target;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

fuzz_target!(|claimed: &[u8]| {
    let trusted = ["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let lines: Vec<&[u8]> = claimed.split(|byte| *byte == b'\n').collect();
    assert_eq!(client_address(STRANGER, lines.iter().copied(), &trusted).ip, STRANGER);
    let ip = client_address(PROXY, lines.iter().copied(), &trusted).ip;
    assert_eq!(ip, ip.to_canonical());
    // The proxy adds the address that it sees.
    let mut added = lines.clone();
    added.push(b"203.0.113.9");
    assert_eq!(client_address(PROXY, added.into_iter(), &trusted).ip, STRANGER);
});
