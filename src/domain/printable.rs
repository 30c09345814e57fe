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
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What an applicant typed, without the blanks and byte order marks at both ends. Nothing else is ever taken away.
pub fn trimmed(typed: &str) -> &str {
    typed.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// The first character that nobody sees, C0 and C1 controls included.
pub fn first_unseen(typed: &str) -> Option<char> {
    typed.chars().find(|c| c.is_control() || is_unseen(*c))
}

/// A character that nobody sees, in words that say which it is: `U+200B, zero-width space`.
pub fn name_of_unseen(c: char) -> String {
    let name = match c {
        '\t' => "tab",
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => "line break",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "text direction mark"
        }
        '\u{2060}' => "word joiner",
        '\u{feff}' => "byte order mark",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => "variation selector",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        c if c.is_control() => "control character",
        _ => "no visible shape",
    };
    format!("U+{:04X}, {name}", c as u32)
}

/// What was typed as it is kept of a refused request: what nobody sees stands there as `\u{200b}`, so that it passes for
/// nothing that it imitates; at most `at_most` characters of it.
pub fn escaped(typed: &str, at_most: usize) -> String {
    let mut kept = String::new();
    for (count, c) in trimmed(typed).chars().enumerate() {
        if count == at_most {
            kept.push('…');
            break;
        }
        if c.is_control() || is_unseen(c) || c == '\\' {
            kept.extend(c.escape_unicode());
        } else {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_kept_escaped_and_passes_for_nothing_else() {
        for (typed, kept) in [
            ("alice", "alice"),
            ("a\u{200b}l\u{ad}ice", "a\\u{200b}l\\u{ad}ice"),
            (" \u{a0}alice\u{feff}", "alice"),
            ("a\u{1b}[31m", "a\\u{1b}[31m"),
            ("a\u{e0041}\u{85}", "a\\u{e0041}"),
            ("a\\u{200b}", "a\\u{5c}u{200b}"),
        ] {
            assert_eq!(escaped(typed, 100), kept, "{typed:?}");
        }
        assert_eq!(escaped("abcd", 3), "abc…");
    }

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
