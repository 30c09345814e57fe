use std::io::{Read as _, Write as _};
use std::net::UdpSocket;

use proptest::prelude::*;
use rsdns::records::RecordSet;
use simple_dns::rdata::{CNAME, MX, RData, TXT};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, ResourceRecord, TYPE};

use super::*;

const ID: u16 = 0x1234;

const SHORT: Duration = Duration::from_millis(150);

fn answer(change: impl FnOnce(&mut Packet<'static>)) -> Vec<u8> {
    answer_about("your.server", TYPE::TXT, change)
}

fn answer_about(name: &'static str, kind: TYPE, change: impl FnOnce(&mut Packet<'static>)) -> Vec<u8> {
    let mut packet = Packet::new_reply(ID);
    packet.questions.push(Question::new(
        Name::new(name).unwrap(),
        QTYPE::TYPE(kind),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    change(&mut packet);
    packet.build_bytes_vec_compressed().unwrap()
}

fn record(owner: &'static str, data: RData<'static>) -> ResourceRecord<'static> {
    ResourceRecord::new(Name::new(owner).unwrap(), CLASS::IN, 60, data)
}

fn txt(owner: &'static str, strings: &[&'static str]) -> ResourceRecord<'static> {
    let text = strings.iter().fold(TXT::new(), |text, string| text.with_string(string).unwrap());
    record(owner, RData::TXT(text))
}

fn found(bytes: Vec<u8>) -> Vec<String> {
    match asked(serve(vec![bytes], None)) {
        Ok(Some(found)) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_name_servers_are_those_of_resolv_conf() {
    let text = "# comment\nsearch lan\nnameserver 192.0.2.1\n nameserver\t2001:db8::1\nnameserver fe80::1%eth0\n\
                nameserver rubbish\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n";
    let servers: Vec<String> = name_servers(text).iter().map(ToString::to_string).collect();
    assert_eq!(servers, ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"]);
    let system = Resolver::of_system(Path::new("/nonexistent"));
    assert_eq!(system.servers, ["127.0.0.1:53".parse().unwrap()]);
}

#[test]
fn a_text_in_pieces_is_one_and_aliases_are_followed() {
    let bytes = answer(|packet| {
        packet.answers.push(record("Your.Server", RData::CNAME(CNAME(Name::new("a.example").unwrap()))));
        packet.answers.push(txt("a.example", &["v=spf1 ", "-all"]));
        packet.answers.push(txt("other.example", &["v=spf1 +all"]));
    });
    assert_eq!(found(bytes), ["v=spf1 -all"]);
}

#[test]
fn aliases_in_a_circle_come_to_an_end() {
    let bytes = answer(|packet| {
        packet.answers.push(record("your.server", RData::CNAME(CNAME(Name::new("a.example").unwrap()))));
        packet.answers.push(record("a.example", RData::CNAME(CNAME(Name::new("your.server").unwrap()))));
    });
    assert_eq!(found(bytes), Vec::<String>::new());
}

#[test]
fn the_null_mail_server_is_the_root() {
    let null = MX { preference: 0, exchange: Name::new(".").unwrap() };
    let usual = MX { preference: 5, exchange: Name::new("mx.your.server").unwrap() };
    let bytes = answer_about("your.server", TYPE::MX, |packet| {
        packet.answers.push(record("your.server", RData::MX(null)));
        packet.answers.push(record("your.server", RData::MX(usual)));
    });
    let server = serve(vec![bytes], None);
    let records = Resolver::at(server).ask("your.server", Kind::Mx, Instant::now() + PATIENCE);
    assert_eq!(records, Ok(Some(vec![".".into(), "mx.your.server".into()])));
}

#[test]
fn an_answer_to_another_question_is_none() {
    let fitting = answer(|packet| packet.answers.push(txt("your.server", &["x"])));
    let mut wrong_id = fitting.clone();
    wrong_id[0] ^= 0xff;
    let mut question = fitting.clone();
    question[2] &= 0x7f;
    let others = [
        wrong_id,
        answer_about("my.server", TYPE::TXT, |packet| packet.answers.push(txt("my.server", &["x"]))),
        answer_about("your.server", TYPE::MX, |_| {}),
        answer(|packet| packet.questions.clear()),
        Vec::new(),
    ];
    for other in others {
        let server = serve(vec![other], None);
        let told = Resolver::at(server).ask("your.server", Kind::Txt, Instant::now() + SHORT).unwrap_err();
        assert!(told.to_string().ends_with("no answer in time"), "{told}");
    }
    assert!(asked(serve(vec![question], None)).is_err());
    assert_eq!(found(fitting), ["x"]);
}

#[test]
fn what_the_name_server_does_not_tell_is_told_from_what_is_not_there() {
    let rcode = |code| answer(|packet| *packet.rcode_mut() = code);
    assert_eq!(asked(serve(vec![rcode(RCODE::NameError)], None)), Ok(None));
    assert!(asked(serve(vec![rcode(RCODE::ServerFailure)], None)).is_err());
    assert_eq!(found(answer(|_| {})), Vec::<String>::new());
}

#[test]
fn a_name_that_points_to_itself_ends() {
    let mut bytes = answer(|packet| packet.answers.push(txt("your.server", &["x"])));
    // The question's name, replaced by a pointer to itself.
    bytes.splice(12..14, [0xc0, 12]);
    let server = serve(vec![bytes], None);
    assert!(Resolver::at(server).ask("your.server", Kind::Txt, Instant::now() + SHORT).is_err());
}

#[test]
fn what_is_no_name_is_not_asked_for() {
    let label = format!("{}.server", "a".repeat(64));
    let resolver = Resolver::at("127.0.0.1:9".parse().unwrap());
    let told = resolver.ask(&label, Kind::Txt, Instant::now() + PATIENCE).unwrap_err();
    assert!(told.to_string().contains("no name that can be asked for"), "{told}");
}

/// A name server on loopback: what it answers by UDP, and by TCP.
fn serve(by_udp: Vec<Vec<u8>>, by_tcp: Option<Vec<u8>>) -> SocketAddr {
    // A port that is free for one may be taken for the other.
    let (udp, tcp) = std::iter::repeat_with(|| UdpSocket::bind("127.0.0.1:0").unwrap())
        .find_map(|udp| {
            let tcp = std::net::TcpListener::bind(udp.local_addr().unwrap()).ok()?;
            Some((udp, tcp))
        })
        .unwrap();
    let address = udp.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((_, from)) = udp.recv_from(&mut query) {
            for answer in &by_udp {
                udp.send_to(&with_id(answer, [query[0], query[1]]), from).unwrap();
            }
        }
    });
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let mut query = [0; 512];
            let _ = stream.read(&mut query).unwrap();
            let answer = with_id(by_tcp.as_deref().unwrap_or_default(), [query[2], query[3]]);
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            let _ = stream.write_all(&[&length, answer.as_slice()].concat());
        }
    });
    address
}

/// Answers that begin with the marker get the question's number.
fn with_id(answer: &[u8], id: [u8; 2]) -> Vec<u8> {
    let mut answer = answer.to_vec();
    if answer.starts_with(&ID.to_be_bytes()) {
        answer[..2].copy_from_slice(&id);
    }
    answer
}

fn asked(server: SocketAddr) -> Result<Option<Vec<String>>, NoAnswer> {
    Resolver::at(server).ask("your.server", Kind::Txt, Instant::now() + Duration::from_secs(20))
}

#[test]
fn rubbish_before_the_answer_is_passed_over() {
    let fitting = answer(|packet| packet.answers.push(txt("your.server", &["x"])));
    let mut other_id = fitting.clone();
    other_id[0] ^= 0xff;
    let server = serve(vec![Vec::new(), b"rubbish".to_vec(), other_id, fitting], None);
    assert_eq!(asked(server), Ok(Some(vec!["x".into()])));
}

#[test]
fn what_does_not_fit_is_asked_for_again_by_tcp() {
    let cut = answer(|packet| packet.set_flags(PacketFlag::TRUNCATION));
    let long: &'static str = "x".repeat(250).leak();
    let whole = answer(|packet| packet.answers.push(txt("your.server", &[long, long, long])));
    assert!(whole.len() > 700);
    assert_eq!(asked(serve(vec![cut.clone()], Some(whole))), Ok(Some(vec![long.repeat(3)])));
    // And one that never comes to an end of that.
    assert!(asked(serve(vec![cut.clone()], Some(cut))).is_err());
}

#[test]
fn the_next_name_server_is_asked_where_one_does_not_tell() {
    let refusing = serve(vec![answer(|packet| *packet.rcode_mut() = RCODE::Refused)], None);
    let telling = serve(vec![answer(|packet| packet.answers.push(txt("your.server", &["x"])))], None);
    let resolver = Resolver { servers: vec![refusing, telling] };
    let records = resolver.ask("your.server", Kind::Txt, Instant::now() + Duration::from_secs(20));
    assert_eq!(records, Ok(Some(vec!["x".into()])));
    let told = asked(refusing).unwrap_err().to_string();
    assert_eq!(told, "the name server 127.0.0.1: it does not tell (REFUSED)");
}

#[test]
fn a_silent_name_server_takes_no_longer_than_the_deadline() {
    let silent = serve(Vec::new(), None);
    let started = Instant::now();
    let told =
        Resolver::at(silent).ask("your.server", Kind::Txt, started + Duration::from_millis(200)).unwrap_err();
    assert!(told.to_string().ends_with("no answer in time"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

fn read(bytes: &[u8]) {
    let _ = RecordSet::<Txt>::from_msg(bytes);
    let _ = RecordSet::<Mx>::from_msg(bytes);
    let _ = RecordSet::<A>::from_msg(bytes);
    let _ = RecordSet::<Aaaa>::from_msg(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_answer_breaks_the_reader(bytes: Vec<u8>) {
        read(&bytes);
    }

    #[test]
    fn no_damaged_answer_breaks_the_reader(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = answer(|packet| {
            packet.answers.push(record("your.server", RData::CNAME(CNAME(Name::new("a.example").unwrap()))));
            packet.answers.push(txt("a.example", &["v=spf1 ", "-all"]));
        });
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        read(&bytes);
    }
}
