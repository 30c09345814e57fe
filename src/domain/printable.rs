/// Text from outside, fit for the store, a log line and a terminal: one line, no control, direction or invisible
/// characters, at most `at_most` characters.
pub fn printable(text: &str, at_most: usize) -> String {
    let mut clean = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut word = word.chars().filter(|c| !is_unseen(*c)).peekable();
        if word.peek().is_some() && count > 0 {
            clean.push(' ');
            count += 1;
        }
        for c in word {
            if count >= at_most - 1 {
                clean.push('…');
                return clean;
            }
            clean.push(c);
            count += 1;
        }
    }
    clean
}

/// Characters that show nothing, or turn the direction of the text around them.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
