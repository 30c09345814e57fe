//! A chunked body (RFC 9112, section 7.1), decoded as far as it has come.

/// Longest line of a chunk's size with its extensions, and of a trailer.
const LINE_BYTES: usize = 1024;

/// All trailers together.
const TRAILER_BYTES: usize = 4096;

/// What is left of decoding.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    state: State,
    trailers: usize,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Size,
    Data(usize),
    DataEnd,
    Trailers,
}

impl Chunked {
    /// Moves decoded bytes from the beginning of `raw` to the end of `body`, which may grow to `most`. True: the body is
    /// whole, and what is left in `raw` belongs to the next request.
    ///
    /// # Errors
    /// The status to answer with.
    pub(super) fn decode(&mut self, raw: &mut Vec<u8>, body: &mut Vec<u8>, most: usize) -> Result<bool, u16> {
        let mut at = 0;
        let done = loop {
            let rest = &raw[at..];
            match self.state {
                State::Data(0) => self.state = State::DataEnd,
                State::Data(_) if rest.is_empty() => break false,
                State::Data(left) => {
                    let take = left.min(rest.len());
                    body.extend_from_slice(&rest[..take]);
                    at += take;
                    self.state = State::Data(left - take);
                }
                State::DataEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        at += 2;
                        self.state = State::Size;
                    }
                    [] | [b'\r'] => break false,
                    _ => return Err(400),
                },
                State::Size | State::Trailers => {
                    let Some(line) = line(rest)? else { break false };
                    at += line.len() + 2;
                    if matches!(self.state, State::Size) {
                        let size = size(line)?;
                        if size > most - body.len().min(most) {
                            return Err(413);
                        }
                        self.state = if size == 0 { State::Trailers } else { State::Data(size) };
                    } else {
                        self.trailers += line.len() + 2;
                        if self.trailers > TRAILER_BYTES {
                            return Err(431);
                        }
                        if line.is_empty() {
                            break true;
                        }
                    }
                }
            }
        };
        raw.drain(..at);
        Ok(done)
    }
}

/// The line without its end. None: it has not come whole.
fn line(rest: &[u8]) -> Result<Option<&[u8]>, u16> {
    match memchr::memchr(b'\n', rest) {
        Some(end) if end > LINE_BYTES => Err(400),
        Some(end) => match rest[..end].split_last() {
            Some((b'\r', line)) => Ok(Some(line)),
            _ => Err(400),
        },
        None if rest.len() > LINE_BYTES => Err(400),
        None => Ok(None),
    }
}

/// The size at the beginning of the line; extensions are passed over.
fn size(line: &[u8]) -> Result<usize, u16> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
    let hexadecimal = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| hexadecimal).ok_or(400u16)?;
    usize::from_str_radix(text, 16).map_err(|_| 413)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The body, and what is left behind it.
    type Whole = (Vec<u8>, Vec<u8>);

    fn decoded(pieces: &[&[u8]]) -> Result<Option<Whole>, u16> {
        let (mut chunked, mut raw, mut body) = (Chunked::default(), Vec::new(), Vec::new());
        for piece in pieces {
            raw.extend_from_slice(piece);
            if chunked.decode(&mut raw, &mut body, 100)? {
                return Ok(Some((body, raw)));
            }
        }
        Ok(None)
    }

    #[test]
    fn chunks_are_put_together_however_they_come() {
        let whole = b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nT: u\r\n\r\nnext";
        assert_eq!(decoded(&[whole]).unwrap().unwrap(), (b"abcdefg".to_vec(), b"next".to_vec()));
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(decoded(&bytes).unwrap().unwrap(), (b"abcdefg".to_vec(), Vec::new()));
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        for (raw, status) in [
            (&b"x\r\n"[..], 400),
            (b"\r\n", 400),
            (b"-1\r\n", 400),
            (b"3\nabc\r\n", 400),
            (b"3\r\nabcd\r\n", 400),
            (b"65\r\n", 413),
            (b"ffffffffffffffff\r\n", 413),
            (b"11111111111111111\r\n", 400),
            (&[b'1'; 2000], 400),
        ] {
            assert_eq!(decoded(&[raw]), Err(status), "{:?}", String::from_utf8_lossy(raw));
        }
        let trailers = [&b"0\r\n"[..], &b"T: u\r\n".repeat(1000)].concat();
        assert_eq!(decoded(&[&trailers]), Err(431));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_or_grow(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            let (mut chunked, mut raw, mut body) = (Chunked::default(), raw, Vec::new());
            let _ = chunked.decode(&mut raw, &mut body, 100);
            prop_assert!(body.len() <= 100);
        }
    }
}
