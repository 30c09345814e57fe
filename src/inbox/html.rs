//! What somebody wrote in an HTML mail: without what their program quoted or signed.

/// Elements with one of these, in `class`, `id` or `name`, are the program's.
const NOT_OWN: &[&str] = &[
    "gmail_quote",
    "gmail_signature",
    "gmail_extra",
    "gmail_attr",
    "divRplyFwdMsg",
    "Signature",
    "moz-cite-prefix",
    "moz-signature",
    "moz-forward-container",
    "protonmail_quote",
    "protonmail_signature_block",
    "yahoo_quoted",
    "messageReplySection",
    "messageSignatureSection",
    "AppleMailSignature",
    "zmail_extra",
    "tutanota_quote",
    "appendonsend",
];

/// Elements that have no end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// The text, a line for each block.
pub(super) fn own_text(html: &str) -> String {
    mail_parser::decoders::html::html_to_text(&without_quotes(html))
}

/// Cuts out what is quoted: `blockquote`, and the elements that mail programs mark.
fn without_quotes(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    // The element that is being left out, and how many of its name are open.
    let mut cutting: Option<(String, usize)> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if cutting.is_none() {
            kept.push_str(&rest[..at]);
        }
        let tag = &rest[at..];
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let tag = &tag[..end];
        rest = &rest[at + end..];
        let is_end = tag.starts_with("</");
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match &mut cutting {
            Some((cut, open)) => {
                if *cut == name && is_end {
                    *open -= 1;
                } else if *cut == name {
                    *open += 1;
                }
                if *open == 0 {
                    cutting = None;
                    kept.push_str("<br>");
                }
            }
            None if !is_end && !VOID.contains(&name.as_str()) && (name == "blockquote" || is_marked(tag)) => {
                cutting = Some((name, 1));
            }
            None => kept.push_str(tag),
        }
    }
    if cutting.is_none() {
        kept.push_str(rest);
    }
    kept
}

fn is_marked(tag: &str) -> bool {
    let lower = tag.to_ascii_lowercase();
    ["class", "id", "name"].iter().any(|attribute| {
        // What stands in a value is no attribute.
        let mut beyond = 0;
        lower.match_indices(attribute).any(|(at, _)| {
            if at < beyond {
                return false;
            }
            let rest = tag[at + attribute.len()..].trim_start();
            let Some(value) = rest.strip_prefix('=') else { return false };
            let value = value.trim_start();
            let start = tag.len() - value.len();
            let value = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
                _ => value.split(['>', ' ', '\t', '\n']).next().unwrap_or_default(),
            };
            beyond = start + value.len();
            value.split_whitespace().any(|word| NOT_OWN.iter().any(|mark| word.eq_ignore_ascii_case(mark)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_signatures_go_with_all_that_is_in_them() {
        for (html, expected) in [
            ("<div>alice</div><blockquote><p>bob</p></blockquote>", "alice"),
            ("alice<div class=\"a gmail_quote\"><div>x</div>bob</div>", "alice"),
            ("alice<div id='divRplyFwdMsg'>bob<div>c</div></div><p>dora</p>", "alice\ndora"),
            ("<p>alice<div class=gmail_signature>bob", "alice"),
            ("<style>p{}</style><p>Username: <b>alice</b></p>", "Username: alice"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("<", ""),
            ("x < y", "x "),
        ] {
            let text = own_text(html);
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.join("\n"), expected.trim(), "{html}");
        }
    }
}
