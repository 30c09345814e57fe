//! Asks a name server what the standard library cannot: TXT and MX records. rsdns is a stub, as the system's own resolver
//! is one: it asks a recursive name server and believes it.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use rsdns::Error;
use rsdns::clients::{ClientConfig, EDns, std::Client};
use rsdns::message::RCode;
use rsdns::records::Class;
use rsdns::records::data::{A, Aaaa, Mx, RData, Txt};

/// The port of name servers.
const PORT: u16 = 53;

/// As many as the system's own resolver asks (resolv.conf(5)).
const SERVERS: usize = 3;

/// How often each is asked, and how long each time.
const ROUNDS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Txt,
    /// Mail servers.
    Mx,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

/// Why there is no answer; says whose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(String);

/// The name servers that are asked, in this order.
#[derive(Debug, Clone)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
}

impl Resolver {
    /// One name server.
    pub fn at(server: SocketAddr) -> Self {
        Self { servers: vec![server] }
    }

    /// Those of a `resolv.conf`; where none is named, or there is no such file, the one of this machine (resolv.conf(5)).
    pub fn of_system(resolv_conf: &Path) -> Self {
        let text = std::fs::read(resolv_conf).unwrap_or_default();
        let mut servers = name_servers(&String::from_utf8_lossy(&text));
        if servers.is_empty() {
            servers.push((Ipv4Addr::LOCALHOST, PORT).into());
        }
        Self { servers }
    }

    /// The texts, hosts (`.` is the root) or addresses; none where the name has others only. None: there is no such name.
    /// Aliases are followed. Ends at the deadline, and before, once each name server has had its
    /// time.
    pub fn ask(&self, name: &str, kind: Kind, deadline: Instant) -> Result<Option<Vec<String>>, NoAnswer> {
        let mut last = NoAnswer("no name server was asked".into());
        for _ in 0..ROUNDS {
            for server in &self.servers {
                let left = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
                if left.is_zero() {
                    return Err(last);
                }
                match ask(*server, name, kind, left) {
                    Ok(records) => return Ok(records),
                    Err(error) => {
                        last = NoAnswer(format!("the name server {}: {}", server.ip(), words(error, name)));
                    }
                }
            }
        }
        Err(last)
    }
}

fn name_servers(resolv_conf: &str) -> Vec<SocketAddr> {
    resolv_conf
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next()? == "nameserver").then(|| words.next()?.parse::<IpAddr>().ok()).flatten()
        })
        .map(|ip| SocketAddr::new(ip, PORT))
        .take(SERVERS)
        .collect()
}

fn ask(server: SocketAddr, name: &str, kind: Kind, within: Duration) -> rsdns::Result<Option<Vec<String>>> {
    // Without extensions, which some name servers do not know: a long answer comes by TCP.
    let config = ClientConfig::with_nameserver(server).set_query_lifetime(within).set_edns(EDns::Off);
    let mut client = Client::new(config)?;
    let found = match kind {
        // What is not UTF-8 is nothing that is looked for.
        Kind::Txt => found(&mut client, name, |txt: Txt| String::from_utf8(txt.text).ok()),
        Kind::Mx => found(&mut client, name, |mx: Mx| Some(without_dot(&mx.exchange))),
        Kind::A => found(&mut client, name, |a: A| Some(a.address.to_string())),
        Kind::Aaaa => found(&mut client, name, |aaaa: Aaaa| Some(aaaa.address.to_string())),
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NoAnswer) => Ok(Some(Vec::new())),
        Err(Error::BadResponseCode(RCode::NXDOMAIN)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn found<D: RData>(
    client: &mut Client,
    name: &str,
    text: impl Fn(D) -> Option<String>,
) -> rsdns::Result<Vec<String>> {
    Ok(client.query_rrset::<D>(name, Class::IN)?.rdata.into_iter().filter_map(text).collect())
}

/// The root keeps its.
fn without_dot(name: &impl Display) -> String {
    let name = name.to_string();
    name.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(&name).to_owned()
}

fn words(error: Error, name: &str) -> String {
    match error {
        Error::Timeout => "no answer in time".into(),
        Error::IoError(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "nobody answers there".into()
        }
        Error::IoError(error) => error.to_string(),
        Error::DomainNameLabelTooLong(_)
        | Error::DomainNameTooLong(_)
        | Error::DomainNameLabelIsEmpty
        | Error::DomainNameLabelInvalidChar(..) => format!("{name} is no name that can be asked for"),
        Error::BadResponseCode(code) => format!("it does not tell ({code})"),
        error => format!("its answer is not understood ({error})"),
    }
}

#[cfg(test)]
mod tests;
