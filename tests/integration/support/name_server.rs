//! A name server on loopback that knows what a test tells it, and nothing else.

use std::net::{SocketAddr, UdpSocket};

use simple_dns::rdata::{A, MX, RData, TXT};
use simple_dns::{CLASS, Name, Packet, QTYPE, RCODE, ResourceRecord};

/// `("your.server", "TXT", "v=spf1 -all")`; MX are names, A addresses. A name without any does not exist.
pub type Zone = &'static [(&'static str, &'static str, &'static str)];

/// Where it is. It ends with the tests.
pub fn start(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut bytes = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            socket.send_to(&answer(zone, &bytes[..length]), from).unwrap();
        }
    });
    address
}

/// One that never says a word.
pub fn silent() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn answer(zone: Zone, query: &[u8]) -> Vec<u8> {
    let query = Packet::parse(query).unwrap();
    let question = query.questions[0].clone();
    let asked = question.qname.to_string();
    let mut answer = Packet::new_reply(query.id());
    let of_name: Vec<_> = zone.iter().filter(|(name, ..)| name.eq_ignore_ascii_case(&asked)).collect();
    if of_name.is_empty() {
        *answer.rcode_mut() = RCODE::NameError;
    }
    for (name, kind, value) in of_name {
        let data = match *kind {
            "TXT" => RData::TXT(TXT::new().with_string(value).unwrap()),
            "MX" => RData::MX(MX { preference: 10, exchange: Name::new(value).unwrap() }),
            "A" => RData::A(A::from(value.parse::<std::net::Ipv4Addr>().unwrap())),
            other => panic!("{other}"),
        };
        if question.qtype == QTYPE::TYPE(data.type_code()) {
            answer.answers.push(ResourceRecord::new(Name::new(name).unwrap(), CLASS::IN, 60, data));
        }
    }
    answer.questions.push(question);
    answer.build_bytes_vec().unwrap()
}
