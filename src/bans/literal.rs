//! Texts of which a match must contain at least one: by them a long list of patterns is searched in one pass.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this are not worth it.
const MOST: usize = 64;

/// Literals in lower case; each match contains at least one of them. None: there are no such.
pub(super) fn required(hir: &Hir) -> Option<Vec<String>> {
    let found = search(hir)?;
    (!found.is_empty() && found.len() <= MOST && found.iter().all(|literal| !literal.is_empty()))
        .then_some(found)
}

fn search(hir: &Hir) -> Option<Vec<String>> {
    if let Some(text) = exact(hir) {
        return Some(vec![text]);
    }
    match hir.kind() {
        HirKind::Capture(capture) => search(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => search(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(search(branch)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<String>> = None;
            let mut run = String::new();
            for part in parts {
                match exact(part) {
                    Some(text) => run.push_str(&text),
                    // What has no width does not end a run.
                    None if matches!(part.kind(), HirKind::Look(_) | HirKind::Empty) => {}
                    None => {
                        best = better(best, vec![std::mem::take(&mut run)]);
                        if let Some(found) = search(part) {
                            best = better(best, found);
                        }
                    }
                }
            }
            better(best, vec![run])
        }
        _ => None,
    }
}

/// The one whose shortest literal is longer.
fn better(one: Option<Vec<String>>, other: Vec<String>) -> Option<Vec<String>> {
    let worth = |set: &[String]| set.iter().map(String::len).min().unwrap_or(0);
    match one {
        Some(one) if worth(&one) >= worth(&other) => Some(one),
        one if worth(&other) == 0 => one,
        _ => Some(other),
    }
}

/// The text itself, where it can be no other but for its case.
fn exact(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(str::to_lowercase),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Class(Class::Unicode(class)) => {
            // `(?i)k` is a class too, of a few characters with one lower case; names are ASCII.
            let mut ascii = class
                .iter()
                .filter(|range| range.start().is_ascii())
                .flat_map(|range| range.start()..=range.end().min('\u{7f}'))
                .take(3)
                .map(|c| c.to_ascii_lowercase());
            let first = ascii.next()?;
            ascii.all(|c| c == first).then(|| first.to_string())
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut bytes = class.iter().flat_map(|range| range.start()..=range.end()).take(3);
            let first = bytes.next()?.to_ascii_lowercase();
            (first.is_ascii() && bytes.all(|byte| byte.to_ascii_lowercase() == first))
                .then(|| char::from(first).to_string())
        }
        HirKind::Concat(parts) => parts.iter().map(exact).collect(),
        HirKind::Repetition(repetition) if repetition.max == Some(repetition.min) && repetition.min < 32 => {
            exact(&repetition.sub).map(|text| text.repeat(repetition.min as usize))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(pattern: &str) -> Option<Vec<String>> {
        let hir = regex_syntax::ParserBuilder::new().case_insensitive(true).build().parse(pattern).unwrap();
        required(&hir)
    }

    #[test]
    fn the_longest_text_that_must_be_there_is_found() {
        for (pattern, expected) in [
            (".*admin.*", Some(vec!["admin"])),
            ("^Admin[0-9]+$", Some(vec!["admin"])),
            ("a.*bcd.*e", Some(vec!["bcd"])),
            ("(abc|de)f", Some(vec!["abc", "de"])),
            ("(?:xy)+z", Some(vec!["xy"])),
            ("x?abc", Some(vec!["abc"])),
            ("(abc)?", None),
            ("^.{1,3}$", None),
            ("[0-9]+", None),
            ("(abc|[0-9])", None),
            ("k", Some(vec!["k"])),
            ("s{3}", Some(vec!["sss"])),
        ] {
            let expected = expected.map(|set| set.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(literals(pattern), expected, "{pattern}");
        }
    }
}
