//! Asks a name server what the standard library cannot: TXT and MX records (RFC 1035).
//!
//! A stub, as the system's own resolver is one: it asks a recursive name server and believes it. One question at a time,
//! by UDP, and by TCP where the answer did not fit. An answer that does not belong to the question is passed over.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

/// The port of name servers.
const PORT: u16 = 53;

/// As many as the system's own resolver asks (resolv.conf(5)).
const SERVERS: usize = 3;

/// How often each is asked, and how long each time.
const ROUNDS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(2);

/// So many aliases are followed.
const ALIASES: usize = 8;

/// The longest answer by UDP without extensions is 512 bytes; some send more.
const DATAGRAM: usize = 4096;

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

impl Kind {
    fn code(self) -> TYPE {
        match self {
            Self::Txt => TYPE::TXT,
            Self::Mx => TYPE::MX,
            Self::A => TYPE::A,
            Self::Aaaa => TYPE::AAAA,
        }
    }
}

/// What the name server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// The texts, hosts (`.` is the root) or addresses; none where the name has others only.
    Found(Vec<String>),
    /// There is no such name.
    NoSuchName,
}

/// Why there is no answer; says whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer(String);

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

    /// The records of this kind; aliases are followed. Ends at the deadline, and before, once each name server has had its
    /// time.
    pub fn ask(&self, name: &str, kind: Kind, deadline: Instant) -> Result<Records, NoAnswer> {
        let mut last = NoAnswer("no name server was asked".into());
        for _ in 0..ROUNDS {
            for server in &self.servers {
                let until = deadline.min(Instant::now() + PATIENCE);
                if Instant::now() >= until {
                    return Err(last);
                }
                match ask(*server, name, kind, until) {
                    Ok(records) => return Ok(records),
                    Err(words) => last = NoAnswer(format!("the name server {}: {words}", server.ip())),
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

fn ask(server: SocketAddr, name: &str, kind: Kind, until: Instant) -> Result<Records, String> {
    let id = UnwrapErr(SysRng).random::<u16>();
    let query = query(id, name, kind).map_err(|_| format!("{name} is no name that can be asked for"))?;
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        io::ErrorKind::ConnectionRefused => "nobody answers there".to_owned(),
        _ => error.to_string(),
    };
    match by_udp(server, &query, id, name, kind, until).map_err(broken)? {
        Reply::Records(records) => Ok(records),
        Reply::Refused(words) => Err(words),
        Reply::TooLong => {
            let answer = by_tcp(server, &query, until).map_err(broken)?;
            match read(&answer, id, name, kind) {
                Some(Reply::Records(records)) => Ok(records),
                Some(Reply::Refused(words)) => Err(words),
                Some(Reply::TooLong) | None => Err("its answer is not understood".into()),
            }
        }
    }
}

fn query(id: u16, name: &str, kind: Kind) -> simple_dns::Result<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(
        Name::new(name)?,
        QTYPE::TYPE(kind.code()),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet.build_bytes_vec()
}

fn by_udp(
    server: SocketAddr,
    query: &[u8],
    id: u16,
    name: &str,
    kind: Kind,
    until: Instant,
) -> io::Result<Reply> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // A port of the system's choice, and connected: what others send does not arrive.
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    socket.send(query)?;
    let mut answer = [0; DATAGRAM];
    loop {
        socket.set_read_timeout(Some(left(until)?))?;
        let length = socket.recv(&mut answer)?;
        // What is no answer to this question does not end the wait for the one that is.
        if let Some(reply) = read(&answer[..length], id, name, kind) {
            return Ok(reply);
        }
    }
}

/// RFC 1035, section 4.2.2: the length stands before.
fn by_tcp(server: SocketAddr, query: &[u8], until: Instant) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&server, left(until)?)?;
    stream.set_write_timeout(Some(left(until)?))?;
    let length = u16::try_from(query.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), query].concat())?;
    let mut length = [0; 2];
    fill(&mut stream, &mut length, until)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    fill(&mut stream, &mut answer, until)?;
    Ok(answer)
}

fn fill(stream: &mut TcpStream, mut into: &mut [u8], until: Instant) -> io::Result<()> {
    while !into.is_empty() {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(into)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => into = &mut into[count..],
        }
    }
    Ok(())
}

fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Records(Records),
    /// To be asked for by TCP.
    TooLong,
    /// The name server does not tell.
    Refused(String),
}

/// None: this is no answer to the question.
fn read(bytes: &[u8], id: u16, name: &str, kind: Kind) -> Option<Reply> {
    let packet = Packet::parse(bytes).ok()?;
    let asked = Name::new(name).ok()?;
    let [question] = packet.questions.as_slice() else { return None };
    let fits = packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && question.qname == asked
        && question.qtype == QTYPE::TYPE(kind.code());
    if !fits {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Reply::TooLong);
    }
    match packet.rcode() {
        RCODE::NoError => Some(Reply::Records(Records::Found(records(&packet, asked, kind)))),
        RCODE::NameError => Some(Reply::Records(Records::NoSuchName)),
        other => Some(Reply::Refused(format!("it does not tell ({other:?})"))),
    }
}

fn records(packet: &Packet<'_>, asked: Name<'_>, kind: Kind) -> Vec<String> {
    let mut owner = asked;
    for _ in 0..ALIASES {
        let alias = packet.answers.iter().find_map(|answer| match &answer.rdata {
            RData::CNAME(alias) if answer.name == owner => Some(alias.0.clone()),
            _ => None,
        });
        match alias {
            Some(alias) => owner = alias,
            None => break,
        }
    }
    let of_owner = packet.answers.iter().filter(|answer| answer.name == owner);
    of_owner
        .filter_map(|answer| match (&answer.rdata, kind) {
            // What is not UTF-8 is nothing that is looked for.
            (RData::TXT(text), Kind::Txt) => String::try_from(text.clone()).ok(),
            (RData::MX(host), Kind::Mx) => {
                Some(host.exchange.to_string()).map(|host| if host.is_empty() { ".".into() } else { host })
            }
            (RData::A(ip), Kind::A) => Some(Ipv4Addr::from(ip.address).to_string()),
            (RData::AAAA(ip), Kind::Aaaa) => Some(Ipv6Addr::from(ip.address).to_string()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
