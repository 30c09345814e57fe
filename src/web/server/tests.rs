use std::io::{Read, Write};
use std::net::TcpStream;

use crossbeam_channel::{Receiver, Sender, unbounded};
use tokio::sync::oneshot;

use super::*;

/// Answers with the request's target and body. `/big` gives more than any socket buffer takes, `/nothing` no answer at
/// all, and `/late` is left to the test.
struct Echo {
    late: Sender<oneshot::Sender<Response>>,
}

impl Service for Echo {
    async fn call(&self, request: Request) -> Option<Response> {
        match request.head.uri.path() {
            "/big" => Some(response(200, vec![b'x'; 32 * 1024 * 1024])),
            "/nothing" => None,
            "/late" => {
                let (answer, answered) = oneshot::channel();
                self.late.send(answer).unwrap();
                answered.await.ok()
            }
            target => Some(response(200, [target.as_bytes(), &request.body].concat())),
        }
    }

    fn error(&self, status: u16, _: Option<&Request>) -> Response {
        response(status, "")
    }
}

struct Bench {
    address: SocketAddr,
    late: Receiver<oneshot::Sender<Response>>,
    stop: Arc<Stop>,
    running: Option<std::thread::JoinHandle<()>>,
}

impl Bench {
    fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        let server = Server::bind(SocketAddr::from(([127, 0, 0, 1], 0)), limits).unwrap();
        let (late, waiting) = unbounded();
        let (address, stop) = (server.local_addr(), Arc::new(Stop::new()));
        let stopping = Arc::clone(&stop);
        let running = std::thread::spawn(move || server.run(&Arc::new(Echo { late }), &stopping).unwrap());
        Self { address, late: waiting, stop, running: Some(running) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn send(&self, bytes: &str) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    }

    fn answer_late(&self) {
        self.late.recv_timeout(Duration::from_secs(20)).unwrap().send(response(200, "late")).unwrap();
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.give();
        if let Some(running) = self.running.take() {
            running.join().unwrap();
        }
    }
}

/// All that comes until the server closes.
fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A reset after what came is an end like any other.
    let _ = stream.read_to_string(&mut text);
    text
}

const SOON: Duration = Duration::from_millis(300);

#[test]
fn requests_that_come_at_once_are_answered_in_their_order() {
    let bench = Bench::with(|_| {});
    let many: String = (0..50)
        .map(|number| format!("POST /{number} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"))
        .fold(String::new(), |all, one| all + &one);
    let answers = rest(bench.send(&(many + "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")));
    let bodies: Vec<&str> =
        answers.split("\r\n\r\n").skip(1).map(|part| part.split("HTTP/1.1").next().unwrap()).collect();
    let expected: Vec<String> =
        (0..50).map(|number| format!("/{number}ab")).chain(["/last".into()]).collect();
    assert_eq!(bodies, expected);
}

#[test]
fn an_answer_may_come_late_and_one_that_never_comes_is_503() {
    let bench = Bench::with(|_| {});
    let stream = bench.send("GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    bench.answer_late();
    assert!(rest(stream).ends_with("late"));
    let stream = bench.send("GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(rest(stream).starts_with("HTTP/1.1 503"));
}

#[test]
fn a_late_answer_does_not_reach_the_next_one_on_the_same_place() {
    let bench = Bench::with(|_| {});
    drop(bench.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n"));
    let late = bench.late.recv_timeout(Duration::from_secs(20)).unwrap();
    let mut others: Vec<TcpStream> =
        (0..20).map(|_| bench.send("GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).collect();
    late.send(response(200, "not for you")).unwrap();
    for _ in &others {
        bench.answer_late();
    }
    for other in others.drain(..) {
        let text = rest(other);
        assert!(text.ends_with("late"), "{text}");
    }
}

#[test]
fn who_is_slow_is_told_so_and_who_says_nothing_is_let_go() {
    let bench = Bench::with(|limits| limits.idle = SOON);
    assert_eq!(rest(bench.connect()), "", "nobody has asked anything");
    let bench = Bench::with(|limits| limits.head = SOON);
    assert!(rest(bench.send("GET / HTTP/1.1\r\nHos")).starts_with("HTTP/1.1 408"));
    let bench = Bench::with(|limits| limits.body = SOON);
    let body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc";
    assert!(rest(bench.send(body)).starts_with("HTTP/1.1 408"));
}

#[test]
fn who_sends_a_byte_now_and_then_gets_no_more_time_than_others() {
    let bench = Bench::with(|limits| limits.head = SOON);
    let mut stream = bench.send("GET / HTTP/1.1\r\nX: ");
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut answer = [0; 64];
    // Each turn waits for an answer that does not come yet, and sends another byte.
    let turns = (0..1000)
        .take_while(|_| {
            !matches!(stream.read(&mut answer), Ok(count) if count > 0) && stream.write_all(b"a").is_ok()
        })
        .count();
    assert!(answer.starts_with(b"HTTP/1.1 408"), "after {turns} bytes");
}

#[test]
fn who_does_not_read_is_let_go_and_others_are_served_meanwhile() {
    let bench = Bench::with(|limits| limits.write = SOON);
    let stuck: Vec<TcpStream> = (0..10).map(|_| bench.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
    assert!(rest(bench.send("GET /me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).ends_with("/me"));
    // Nobody reads here until the server has closed: then nothing can be written any more.
    for mut stream in stuck {
        while stream.write_all(b"x").is_ok() {
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

#[test]
fn whoever_was_slow_longest_makes_room_for_who_comes_new() {
    let bench = Bench::with(|limits| limits.connections = 8);
    let slow: Vec<TcpStream> = (0..200).map(|_| bench.send("GET / HTTP/1.1\r\nX: ")).collect();
    let answer = rest(bench.send("GET /new HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    assert!(answer.ends_with("/new"), "{answer}");
    drop(slow);
}

#[test]
fn what_was_begun_is_answered_when_the_server_stops() {
    let bench = Bench::with(|limits| limits.idle = Duration::from_secs(60));
    let stream = bench.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    let late = bench.late.recv_timeout(Duration::from_secs(20)).unwrap();
    // Enough of them that each loop has one: it closes them as soon as it has seen the signal.
    let idle: Vec<TcpStream> = (0..32).map(|_| bench.connect()).collect();
    bench.stop.give();
    for stream in idle {
        assert_eq!(rest(stream), "");
    }
    late.send(response(200, "late")).unwrap();
    let answer = rest(stream);
    assert!(answer.ends_with("late") && answer.contains("connection: close"), "{answer}");
}

#[test]
fn what_comes_behind_a_body_in_chunks_is_not_answered() {
    let bench = Bench::with(|_| {});
    let request = "POST /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    let answers = rest(bench.send(&format!("{request}GET /second HTTP/1.1\r\nHost: x\r\n\r\n")));
    assert!(answers.ends_with("/firstab") && answers.contains("connection: close"), "{answers}");
}

#[test]
fn who_waits_for_a_word_before_the_body_is_given_it() {
    let bench = Bench::with(|_| {});
    let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let mut stream = bench.send(head);
    let mut word = [0; 25];
    stream.read_exact(&mut word).unwrap();
    assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"ab").unwrap();
    assert!(rest(stream).ends_with("/ab"));
}
