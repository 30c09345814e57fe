/// Text from outside, fit for the store, a log line and a terminal: one line, no control, direction or invisible
/// characters, at most `at_most` characters.
pub fn printable(text: &str, at_most: usize) -> String {
    let visible = text.chars().filter(|c| !is_unseen(*c)).map(|c| if c.is_control() { ' ' } else { c });
    // Much more than is kept is not even looked at; blanks are few among it.
    let visible: String = visible.take(at_most.saturating_mul(4)).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= at_most {
        return line;
    }
    let mut kept: String = line.chars().take(at_most.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

/// Without line ends, other control characters and blanks at its ends: fit for a header.
pub fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Characters that show nothing, or turn the direction of the text around them.
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_gone_and_the_length_is_kept() {
        for (text, at_most, expected) in [
            ("550 5.1.1\r\n no\u{1b}[31m such\u{202e}\0user \t\n", 100, "550 5.1.1 no [31m such user"),
            (" \u{200b} \r\n", 10, ""),
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("a b c d", 4, "a b…"),
        ] {
            assert_eq!(printable(text, at_most), expected);
        }
        assert_eq!(printable(&"ab ".repeat(1000), 500).chars().count(), 500);
    }
}
