//! What goes over the line to the terminal: each frame is one synchronized update, no colour is said twice, and of sixteen
//! colours each by its own name (`31`): the library names them as members of the palette of 256 (`38;5;1`), which not every
//! terminal understands.

use std::io::{self, Write};

/// A terminal that knows it shows what comes between these at once (mode 2026); others pass it over.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Passes everything on; each write is a frame.
#[derive(Debug)]
pub(super) struct Wire<W> {
    inner: W,
    has_sixteen: bool,
    /// A control sequence that has begun.
    begun: Vec<u8>,
    /// The colours of text and ground that are in force, as they are said; None: not known.
    colours: [Option<String>; 2],
}

impl<W: Write> Wire<W> {
    pub(super) fn new(inner: W, has_sixteen: bool) -> Self {
        Self { inner, has_sixteen, begun: Vec::new(), colours: [None, None] }
    }

    /// `ESC [ 38;5;1` is `ESC [ 31` among sixteen; what is in force is left out.
    fn slim(&mut self) -> Vec<u8> {
        let parameters = String::from_utf8_lossy(&self.begun[2..]).into_owned();
        let mut parts = parameters.split(';');
        let mut said: Vec<String> = Vec::new();
        while let Some(part) = parts.next() {
            let (place, colour) = match part {
                "" | "0" => {
                    self.colours = [Some("39".to_owned()), Some("49".to_owned())];
                    said.push(part.to_owned());
                    continue;
                }
                "39" => (0, part.to_owned()),
                "49" => (1, part.to_owned()),
                "38" | "48" => {
                    let numbers = match parts.next() {
                        Some("5") => format!("5;{}", parts.next().unwrap_or_default()),
                        Some("2") => {
                            let rgb: Vec<&str> = parts.by_ref().take(3).collect();
                            format!("2;{}", rgb.join(";"))
                        }
                        other => other.unwrap_or_default().to_owned(),
                    };
                    (usize::from(part == "48"), self.named(part, &numbers))
                }
                _ => {
                    said.push(part.to_owned());
                    continue;
                }
            };
            if self.colours[place].as_ref() != Some(&colour) {
                self.colours[place] = Some(colour.clone());
                said.push(colour);
            }
        }
        if said.is_empty() { Vec::new() } else { format!("\x1b[{}m", said.join(";")).into_bytes() }
    }

    fn named(&self, part: &str, numbers: &str) -> String {
        let base = if part == "38" { 30 } else { 40 };
        let number = numbers
            .strip_prefix("5;")
            .filter(|_| self.has_sixteen)
            .and_then(|number| number.parse::<u32>().ok());
        match number {
            Some(number @ 0..8) => (base + number).to_string(),
            Some(number @ 8..16) => (base + 60 + number - 8).to_string(),
            _ => format!("{part};{numbers}"),
        }
    }
}

impl<W: Write> Write for Wire<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = BEGIN.to_vec();
        for byte in bytes {
            match (self.begun.len(), byte) {
                (0, b'\x1b') | (1, b'[') | (2.., b'0'..=b'9' | b';') => self.begun.push(*byte),
                (2.., b'm') => {
                    out.extend(self.slim());
                    self.begun.clear();
                }
                _ => {
                    out.append(&mut self.begun);
                    out.push(*byte);
                }
            }
        }
        if out.len() > BEGIN.len() {
            out.extend(END);
            self.inner.write_all(&out)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(pieces: &[&str], has_sixteen: bool) -> String {
        let mut wire = Wire::new(Vec::new(), has_sixteen);
        for piece in pieces {
            wire.write_all(piece.as_bytes()).unwrap();
        }
        String::from_utf8(wire.inner).unwrap().replace("\x1b[?2026h", "").replace("\x1b[?2026l", "")
    }

    #[test]
    fn sixteen_colours_go_out_by_their_own_names() {
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

    #[test]
    fn a_colour_that_is_in_force_is_not_said_again() {
        let sent = "\x1b[38;2;1;2;3;48;5;235ma\x1b[38;2;9;9;9;48;5;235mb\x1b[38;2;9;9;9;48;5;235mc\x1b[0md\x1b[39;49me";
        assert_eq!(passed(&[sent], false), "\x1b[38;2;1;2;3;48;5;235ma\x1b[38;2;9;9;9mbc\x1b[0mde");
    }

    #[test]
    fn a_frame_is_one_update_and_nothing_is_none() {
        let mut wire = Wire::new(Vec::new(), false);
        wire.write_all(b"ab").unwrap();
        wire.write_all(b"").unwrap();
        assert_eq!(wire.inner, b"\x1b[?2026hab\x1b[?2026l");
    }
}
