//! Colours for terminals that know sixteen: the library names them as members of the palette of 256 (`38;5;1`), which such a
//! terminal need not understand; their own names (`31`) every one does.

use std::io::{self, Write};

/// Passes everything on, the colours by their own names where that is asked for.
#[derive(Debug)]
pub(super) struct Sixteen<W> {
    inner: W,
    is_on: bool,
    /// A control sequence that has begun.
    begun: Vec<u8>,
}

impl<W: Write> Sixteen<W> {
    pub(super) fn new(inner: W, is_on: bool) -> Self {
        Self { inner, is_on, begun: Vec::new() }
    }
}

impl<W: Write> Write for Sixteen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_on {
            return self.inner.write(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match (self.begun.len(), byte) {
                (0, b'\x1b') | (1, b'[') | (2.., b'0'..=b'9' | b';') => self.begun.push(*byte),
                (2.., b'm') => {
                    out.extend(named(&self.begun));
                    out.push(b'm');
                    self.begun.clear();
                }
                _ => {
                    out.append(&mut self.begun);
                    out.push(*byte);
                }
            }
        }
        self.inner.write_all(&out)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// `ESC [ 38;5;1` is `ESC [ 31`, and so on.
fn named(sequence: &[u8]) -> Vec<u8> {
    let parameters = String::from_utf8_lossy(&sequence[2..]).into_owned();
    let mut parts = parameters.split(';').peekable();
    let mut names: Vec<String> = Vec::new();
    while let Some(part) = parts.next() {
        let base = match part {
            "38" => 30,
            "48" => 40,
            part => {
                names.push(part.to_owned());
                continue;
            }
        };
        if parts.next_if_eq(&"5").is_some() {
            match parts.next().and_then(|number| number.parse::<u32>().ok()) {
                Some(number @ 0..8) => names.push((base + number).to_string()),
                Some(number @ 8..16) => names.push((base + 60 + number - 8).to_string()),
                Some(number) => names.push(format!("{part};5;{number}")),
                None => names.push(format!("{part};5")),
            }
        } else {
            names.push(part.to_owned());
        }
    }
    [&sequence[..2], names.join(";").as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(pieces: &[&str], is_on: bool) -> String {
        let mut sixteen = Sixteen::new(Vec::new(), is_on);
        for piece in pieces {
            sixteen.write_all(piece.as_bytes()).unwrap();
        }
        String::from_utf8(sixteen.inner).unwrap()
    }

    #[test]
    fn colours_go_out_by_their_own_names() {
        for (sent, expected) in [
            ("\x1b[38;5;1;49mred", "\x1b[31;49mred"),
            ("\x1b[1;38;5;8mgray\x1b[0m", "\x1b[1;90mgray\x1b[0m"),
            ("\x1b[38;5;3;48;5;12m", "\x1b[33;104m"),
            ("\x1b[38;5;214m", "\x1b[38;5;214m"),
            ("\x1b[38;2;1;2;3m", "\x1b[38;2;1;2;3m"),
            // No colour, or no sequence at all.
            ("\x1b[12;38H\x1b[?25l 38;5;1m \x1b]m", "\x1b[12;38H\x1b[?25l 38;5;1m \x1b]m"),
            ("[38;5;1m", "[38;5;1m"),
        ] {
            assert_eq!(passed(&[sent], true), expected);
            assert_eq!(passed(&[sent], false), sent);
            for at in 0..=sent.len() {
                let (first, second) = sent.split_at(at);
                assert_eq!(passed(&[first, second], true), expected, "{at}");
            }
        }
    }
}
