//! What a browser sends, head and body, in pieces: each answer is whole, and the connection ends with the last.
#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use doorman::stop::Stop;
use doorman::web::{Limits, Request, Response, Server, Service, response};
use libfuzzer_sys::fuzz_target;

struct Echo;

impl Service for Echo {
    async fn call(&self, request: Request) -> Option<Response> {
        assert!(request.body.len() <= 16 * 1024 && request.head.uri.path().is_ascii());
        Some(response(200, request.body))
    }

    fn error(&self, status: u16, _: Option<&Request>) -> Response {
        assert!((400..600).contains(&status));
        response(status, "no")
    }
}

static DESK: LazyLock<SocketAddr> = LazyLock::new(|| {
    let server = Server::bind(SocketAddr::from(([127, 0, 0, 1], 0)), Limits::default()).unwrap();
    let address = server.local_addr();
    std::thread::spawn(move || server.run(&Arc::new(Echo), &Stop::new()));
    address
});

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else { return };
    let mut stream = TcpStream::connect(*DESK).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    // Whoever has seen enough closes while others still send.
    let sent = bytes.chunks(usize::from(*size) * 8 + 1).all(|piece| stream.write_all(piece).is_ok());
    let _ = stream.shutdown(Shutdown::Write);
    let mut answers = Vec::new();
    let ended = stream.read_to_end(&mut answers);
    assert!(ended.is_ok() || !sent, "{ended:?} after {:?}", String::from_utf8_lossy(&answers));
    let text = String::from_utf8_lossy(&answers);
    assert!(text.is_empty() || text.starts_with("HTTP/1."), "{text:?}");
});
