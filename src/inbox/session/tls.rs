//! STARTTLS, and the greeting.

use std::io::{self, Read, Write};

use crate::config::Imap;
use crate::inbox::fault::Fault;

use super::wire::Wire;
use super::{Net, peer};

/// The longest line, in bytes.
const LINE_BYTES: usize = 8192;

/// By hand, before the crate sees the wire: nothing that came in the clear is taken for an answer under TLS.
pub(super) fn start_tls(mut wire: Wire, imap: &Imap) -> Result<Net, Fault> {
    let broken = |error| peer(imap).fault(&error);
    check_greeting(&line(&mut wire).map_err(broken)?)?;
    wire.write_all(b"x1 STARTTLS\r\n").map_err(broken)?;
    loop {
        let answer = String::from_utf8_lossy(&line(&mut wire).map_err(broken)?).into_owned();
        if let Some(answer) = answer.strip_prefix("x1 ") {
            if answer.to_ascii_uppercase().starts_with("OK") {
                break;
            }
            return Err(Fault::other(format!(
                "{} does not offer STARTTLS ({}), and nothing is sent without: set imap.tls: implicit with port 993",
                imap.host,
                answer.trim()
            )));
        }
        if !answer.starts_with('*') {
            return Err(peer(imap).foreign().into());
        }
    }
    Ok(Net::Plain(wire).secure(&imap.host).map_err(broken)?)
}

/// A line, byte by byte, so that none of what follows is taken.
fn line(wire: &mut Wire) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        wire.read_exact(&mut byte)?;
        if line.len() > LINE_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        line.push(byte[0]);
    }
    Ok(line)
}

pub(super) fn check_greeting(greeting: &[u8]) -> Result<(), Fault> {
    let greeting = String::from_utf8_lossy(greeting);
    if greeting.to_ascii_uppercase().starts_with("* OK") {
        return Ok(());
    }
    Err(Fault::other(format!(
        "this is no IMAP server that can be logged in to: it greets with {}",
        greeting.trim()
    )))
}
