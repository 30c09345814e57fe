//! The original's patterns are Python's (`re`); what is written differently there is translated, what cannot be said in
//! a regular expression without backtracking is refused with what to write instead.

/// The pattern as the `regex` crate writes it.
///
/// # Errors
/// What cannot be translated, and what to write instead.
pub(super) fn translated(pattern: &str) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut at = 0;
    let mut class: Option<usize> = None;
    while at < chars.len() {
        let c = chars[at];
        let rest = &chars[at..];
        if let Some(start) = class {
            match c {
                '\\' => at += escape(rest, true, &mut out)?,
                // A class in a class, where Python sees only a character.
                '[' => push(&mut out, "\\[", &mut at, 1),
                ']' if at > start => {
                    class = None;
                    push(&mut out, "]", &mut at, 1);
                }
                '&' | '-' | '~' if rest.get(1) == Some(&c) => {
                    out.push('\\');
                    out.push(c);
                    at += 1;
                }
                ']' => push(&mut out, "\\]", &mut at, 1),
                c => {
                    out.push(c);
                    at += 1;
                }
            }
            continue;
        }
        match c {
            '\\' => at += escape(rest, false, &mut out)?,
            '[' => {
                out.push('[');
                at += 1;
                if chars.get(at) == Some(&'^') {
                    out.push('^');
                    at += 1;
                }
                class = Some(at);
            }
            '(' if rest.starts_with(&['(', '?', '#']) => {
                let end = rest.iter().position(|c| *c == ')').ok_or("a comment (?#…) is never closed")?;
                at += end + 1;
            }
            '(' => {
                refuse_group(rest)?;
                push(&mut out, "(", &mut at, 1);
            }
            '{' => at += braces(rest, &mut out),
            '*' | '+' | '?' | '}' if rest.get(1) == Some(&'+') && !out.is_empty() => {
                return Err(
                    "possessive quantifiers (*+, ++, ?+) are not understood; leave the second + out".into()
                );
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    Ok(out)
}

fn push(out: &mut String, text: &str, at: &mut usize, taken: usize) {
    out.push_str(text);
    *at += taken;
}

/// What Python has and a regular expression without backtracking cannot have.
fn refuse_group(rest: &[char]) -> Result<(), String> {
    let begins = |text: &str| rest.iter().copied().take(text.len()).eq(text.chars());
    if ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| begins(group)) {
        return Err(
            "look-around ((?=…), (?!…), (?<=…), (?<!…)) is not understood; write each thing that is to be \
                    refused as a line of its own"
                .into(),
        );
    }
    if begins("(?P=") {
        return Err("back-references ((?P=…)) are not understood; write the repeated text out".into());
    }
    if begins("(?(") {
        return Err("conditions ((?(…)…)) are not understood; write two lines".into());
    }
    if begins("(?>") {
        return Err("atomic groups ((?>…)) are not understood; write (?:…)".into());
    }
    Ok(())
}

/// `\x`: returns how many characters it took.
fn escape(rest: &[char], in_class: bool, out: &mut String) -> Result<usize, String> {
    let Some(escaped) = rest.get(1) else { return Err("a single \\ stands at the end".into()) };
    match escaped {
        'Z' if !in_class => out.push_str("\\z"),
        '0' => out.push_str("\\x00"),
        '1'..='9' if !in_class => {
            return Err(format!(
                "back-references (\\{escaped}) are not understood; write the repeated text out"
            ));
        }
        // Word boundaries to Rust, plain characters to Python.
        '<' | '>' => out.push(*escaped),
        other => {
            out.push('\\');
            out.push(*other);
        }
    }
    Ok(2)
}

/// `{,3}` is `{0,3}`; what is no quantifier is a plain brace. Returns how many characters it took.
fn braces(rest: &[char], out: &mut String) -> usize {
    let Some(end) = rest.iter().position(|c| *c == '}') else {
        out.push_str("\\{");
        return 1;
    };
    let inner: String = rest[1..end].iter().collect();
    let (least, most) = inner.split_once(',').unwrap_or((&inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(least) || !digits(most) || inner.is_empty() {
        out.push_str("\\{");
        return 1;
    }
    out.push('{');
    if least.is_empty() {
        out.push('0');
    }
    out.push_str(&inner);
    out.push('}');
    end + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_writes_differently_is_translated() {
        for (python, rust) in [
            (".*admin.*", ".*admin.*"),
            (r"^abc\Z", r"^abc\z"),
            ("a{,3}", "a{0,3}"),
            ("a{2,3}b{4}c{5,}", "a{2,3}b{4}c{5,}"),
            ("a{x}", r"a\{x}"),
            ("a{", r"a\{"),
            ("a(?#comment)b", "ab"),
            ("[a[b]", r"[a\[b]"),
            ("[]a]", r"[\]a]"),
            ("[^]a]", r"[^\]a]"),
            ("[a&&b]", r"[a\&&b]"),
            ("[a--b]", r"[a\--b]"),
            (r"\<a\>", "<a>"),
            ("(?P<n>a)", "(?P<n>a)"),
            (r"[\]]", r"[\]]"),
        ] {
            assert_eq!(translated(python).unwrap(), rust, "{python}");
            assert!(regex_syntax::parse(rust).is_ok(), "{rust}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_what_to_write_instead() {
        for (python, word) in [
            ("(?=a)", "look-around"),
            ("(?!a)b", "look-around"),
            ("(?<=a)b", "look-around"),
            ("(?<!a)b", "look-around"),
            (r"(a)\1", "back-references"),
            ("(?P<n>a)(?P=n)", "back-references"),
            ("(?>a)", "atomic"),
            ("(a)?(?(1)b|c)", "conditions"),
            ("a*+", "possessive"),
            ("a\\", "single"),
        ] {
            let told = translated(python).unwrap_err();
            assert!(told.contains(word), "{python}: {told}");
        }
    }
}
