//! The wire between desk and mail server, on which somebody sits.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// It reaches the server.
    Whole,
    /// It ends at once.
    Drops,
    /// Nobody says a word.
    Hangs,
    /// Something answers that is no mail server.
    Lies,
    /// It ends when the letter is through and the server's yes is not.
    LosesTheYes,
}

/// Leads to a server's port.
#[derive(Debug)]
pub struct Line {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    wire: Wire,
    connections: usize,
    open: Vec<TcpStream>,
}

impl Line {
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { wire: Wire::Whole, connections: 0, open: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let wire = {
                    let mut state = shared.lock().unwrap();
                    state.connections += 1;
                    state.open.push(client.try_clone().unwrap());
                    state.wire
                };
                match wire {
                    Wire::Drops => drop(client.shutdown(Shutdown::Both)),
                    Wire::Hangs => {}
                    Wire::Lies => drop((&client).write_all(b"\0\xff SSH-2.0-OpenSSH_9.2\r\n\r\n999\r\n")),
                    Wire::Whole | Wire::LosesTheYes => {
                        let server = TcpStream::connect(("127.0.0.1", target)).unwrap();
                        join(client, server, wire == Wire::LosesTheYes);
                    }
                }
            }
        });
        Self { port, state }
    }

    /// For all connections from now on; those that are open end.
    pub fn set(&self, wire: Wire) {
        let mut state = self.state.lock().unwrap();
        state.wire = wire;
        for open in state.open.drain(..) {
            let _ = open.shutdown(Shutdown::Both);
        }
    }

    /// How many have come so far.
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

fn join(client: TcpStream, server: TcpStream, loses_the_yes: bool) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let lost = Arc::new(Mutex::new(false));
    let noted = Arc::clone(&lost);
    std::thread::spawn(move || {
        let (mut piece, mut all) = ([0; 4096], Vec::new());
        while let Ok(count @ 1..) = from_client.read(&mut piece) {
            all.extend_from_slice(&piece[..count]);
            // Noted before the server has it, so that its yes cannot come first.
            if loses_the_yes && all.ends_with(b"\r\n.\r\n") {
                *noted.lock().unwrap() = true;
            }
            if to_server.write_all(&piece[..count]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = from_server.read(&mut piece) {
            if *lost.lock().unwrap() || to_client.write_all(&piece[..count]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
}
