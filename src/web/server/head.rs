//! The head of a request, read strictly: where two readers could understand it differently, it is refused. hyper is more
//! lenient with its framing, and would answer what it cannot read in its own words.

use httparse::{EMPTY_HEADER, Error, Status};
use hyper::Uri;

/// Header lines that one request may have.
const HEADER_LINES: usize = 100;

/// So many digits of a length fit every number.
const LENGTH_DIGITS: usize = 15;

/// A body whose length is not known before its end.
pub(super) const CHUNKED: usize = usize::MAX;

/// Where the head ends that begins `bytes`: behind the empty line. `from` is how much was looked at before.
pub(super) fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(3);
    memchr::memchr_iter(b'\n', &bytes[start..]).map(|at| start + at).find_map(|at| match bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// A length that fits no number becomes one that does, and is too long all the same: so it is answered as any that is, and by
/// whom it came is known.
pub(super) fn shorten_length(head: &mut [u8]) {
    const NAME: &[u8] = b"content-length:";
    for line in head.split_mut(|byte| *byte == b'\n') {
        let Some((name, value)) = line.split_at_mut_checked(NAME.len()) else { continue };
        let digits = value.trim_ascii().len();
        if name.eq_ignore_ascii_case(NAME)
            && digits > LENGTH_DIGITS
            && value.trim_ascii().iter().all(u8::is_ascii_digit)
        {
            let first = value.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let (zeros, nines) = value[first..first + digits].split_at_mut(digits - LENGTH_DIGITS);
            zeros.fill(b'0');
            nines.fill(b'9');
        }
    }
}

/// The length of the body that follows a whole head, in bytes, or [`CHUNKED`].
///
/// # Errors
/// The status to answer with.
pub(super) fn body_length(head: &[u8]) -> Result<usize, u16> {
    let mut lines = [EMPTY_HEADER; HEADER_LINES];
    let mut request = httparse::Request::new(&mut lines);
    match request.parse(head) {
        Ok(Status::Complete(_)) => {}
        Err(Error::TooManyHeaders) => return Err(431),
        Err(Error::Version) => return Err(505),
        Ok(Status::Partial) | Err(_) => return Err(400),
    }
    let target = request.path.filter(|path| path.is_ascii()).ok_or(400u16)?;
    Uri::try_from(target).map_err(|_| 400u16)?;
    let all = |name: &str| -> Vec<&[u8]> {
        request
            .headers
            .iter()
            .filter(|line| line.name.eq_ignore_ascii_case(name))
            .map(|line| line.value)
            .collect()
    };
    let http_11 = request.version == Some(1);
    if all("expect").iter().any(|value| !value.eq_ignore_ascii_case(b"100-continue")) {
        return Err(417);
    }
    match all("host")[..] {
        [] if http_11 => return Err(400),
        [] | [_] => {}
        _ => return Err(400),
    }
    // RFC 9112, section 6.3; both at once, or a length that differs from another, is how requests are smuggled past a proxy.
    match (&all("transfer-encoding")[..], &all("content-length")[..]) {
        ([], []) => Ok(0),
        ([coding], []) if http_11 => {
            if coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                Ok(CHUNKED)
            } else {
                Err(501)
            }
        }
        ([], [length]) if !length.is_empty() && length.iter().all(u8::is_ascii_digit) => {
            let length = std::str::from_utf8(length).ok().and_then(|text| text.parse().ok());
            length.filter(|length| *length < CHUNKED / 2).ok_or(413)
        }
        _ => Err(400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &str) -> u16 {
        body_length(head.as_bytes()).err().unwrap_or(200)
    }

    #[test]
    fn heads_that_could_be_understood_in_two_ways_are_refused() {
        for (lines, expected) in [
            ("", 200),
            ("Content-Length: 5\r\n", 200),
            ("Transfer-Encoding: chunked\r\n", 200),
            ("Transfer-Encoding: Chunked\r\n", 200),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", 400),
            ("Content-Length: 5, 5\r\n", 400),
            ("Content-Length: +5\r\n", 400),
            ("Content-Length: -1\r\n", 400),
            ("Content-Length: 0x5\r\n", 400),
            ("Content-Length:\r\n", 400),
            ("Content-Length : 5\r\n", 400),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: \u{b}chunked\r\n", 400),
            ("X: a\r\n b\r\n", 400),
            ("X\u{fc}: a\r\n", 400),
            ("X: \u{fc}\r\n", 200),
            ("X: a\0b\r\n", 400),
            ("X: a\rb\r\n", 400),
            ("Host: b\r\n", 400),
            ("Expect: 100-continue\r\n", 200),
            ("Expect: money\r\n", 417),
        ] {
            assert_eq!(status(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")), expected, "{lines:?}");
        }
        for (head, expected) in [
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\n\r\n", 200),
            ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            ("GET /\u{fc} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /\r\n\r\n", 400),
            ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ] {
            assert_eq!(status(head), expected, "{head:?}");
        }
        let many = "X: y\r\n".repeat(101);
        assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), 431);
    }

    #[test]
    fn a_length_that_fits_no_number_is_one_that_is_too_long() {
        let of = |length: &str| {
            let mut head =
                format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:{length}\r\n\r\n").into_bytes();
            shorten_length(&mut head);
            body_length(&head)
        };
        assert_eq!(of(" 999999999999999"), Ok(999_999_999_999_999));
        for length in [&"9".repeat(16), &"1".repeat(20), &format!(" {} ", "7".repeat(4000))] {
            assert_eq!(of(length), Ok(999_999_999_999_999), "{length}");
        }
        assert_eq!(of(" 00000000000000000000005x"), Err(400));
    }

    #[test]
    fn no_byte_hides_a_second_length_from_one_reader_only() {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        for (name, value) in
            [("Transfer-Encoding", "chunked"), ("Content-Length", "6"), ("Content-Length", "5")]
        {
            let line = format!("{name}:{value}");
            for at in [0, name.len(), name.len() + 1, line.len()] {
                for byte in 0..=255u8 {
                    let mut bytes = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n".to_vec();
                    let start = bytes.len();
                    bytes.extend_from_slice(format!("{line}\r\n\r\n").as_bytes());
                    bytes.insert(start + at, byte);
                    let is_another_name = at <= name.len() && token(byte);
                    let ends_before = at == 0 && byte == b'\n';
                    if !is_another_name && !ends_before {
                        let head = &bytes[..end(&bytes, 0).unwrap()];
                        assert!(body_length(head).is_err(), "{:?}", String::from_utf8_lossy(head));
                    }
                }
            }
        }
    }

    #[test]
    fn the_end_of_a_head_is_found_wherever_reading_paused() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
        for from in 0..head.len() {
            let expected = (from < 28).then_some(27);
            if from <= 27 {
                assert_eq!(end(head, from).map(|_| 27), expected, "{from}");
            }
        }
        assert_eq!(end(head, 0), Some(27));
        assert_eq!(end(b"GET / HTTP/1.0\n\nx", 0), Some(16));
        assert_eq!(end(b"GET / HTTP/1.1\r\nHost: a\r\n", 0), None);
    }
}
