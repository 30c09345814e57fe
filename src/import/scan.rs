//! Cuts a JSON array into its objects, however damaged it is.

/// One object of the array, and the line where it begins (from 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Its text, from `{` to its `}`; to where the next one begins, or the end, where that is missing.
    pub text: &'a str,
    /// Where it begins.
    pub line: usize,
}

/// The objects of the outermost array. What stands between them is passed over. An object that is never closed ends
/// where the next line begins with `{`, so that one cut in the middle costs only itself.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    let mut line = 1;
    std::iter::from_fn(move || {
        let start = at + text[at..].find('{')?;
        line += newlines(&text[at..start]);
        let piece = Piece { text: &text[start..object_end(text, start)], line };
        at = start + piece.text.len();
        line += newlines(piece.text);
        Some(piece)
    })
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

/// Behind the `}` that closes the object at `start`.
fn object_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            // JSON strings have no line ends in them: this one was cut off.
            b'\n' if in_string => return next_object(text, at),
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' if at > start && begins_line(bytes, at) => return at,
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the next line begins that begins with `{`.
fn next_object(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'{', &bytes[from..])
        .map(|at| from + at)
        .find(|at| begins_line(bytes, *at))
        .unwrap_or(text.len())
}

/// Whether only blanks stand before it on its line.
fn begins_line(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|byte| **byte != b'\n').all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(usize, &str)> {
        pieces(text).map(|piece| (piece.line, piece.text)).collect()
    }

    #[test]
    fn whole_arrays_are_cut_into_their_objects() {
        assert_eq!(texts("[]"), []);
        assert_eq!(
            texts("[{\"a\": \"}{\\\"\"}, {\"b\": {\"c\": 1}}]"),
            [(1, "{\"a\": \"}{\\\"\"}"), (1, "{\"b\": {\"c\": 1}}")]
        );
        assert_eq!(
            texts("[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": 2\n  }\n]"),
            [(2, "{\n    \"a\": 1\n  }"), (5, "{\n    \"b\": 2\n  }")]
        );
    }

    #[test]
    fn one_cut_in_the_middle_costs_only_itself() {
        assert_eq!(
            texts("[\n {\"a\": 1},\n {\"b\": \"cut\n {\"c\": 3},\n {\"d\":"),
            [(2, "{\"a\": 1}"), (3, "{\"b\": \"cut\n "), (4, "{\"c\": 3}"), (5, "{\"d\":")]
        );
        assert_eq!(texts("[\n {\"b\": 2,\n {\"c\": 3}"), [(2, "{\"b\": 2,\n "), (3, "{\"c\": 3}")]);
    }
}
