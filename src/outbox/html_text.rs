//! The other half of a letter of which the operator wrote only one: HTML from text, text from HTML.

use askama::Template as _;
use html_escape::{decode_html_entities, encode_quoted_attribute};

/// Marks around the token in a text that HTML is made from: noncharacters, which stand in no text (Unicode, 23.7).
pub(super) const TOKEN_BEGIN: char = '\u{fdd0}';
/// See [`TOKEN_BEGIN`].
pub(super) const TOKEN_END: char = '\u{fdd1}';

/// For element content and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    encode_quoted_attribute(text).into_owned()
}

/// A stretch of a line.
enum Piece<'a> {
    Words(&'a str),
    Token(&'a str),
}

#[derive(askama::Template)]
#[template(path = "letter_text.html")]
struct TextLetter<'a> {
    subject: &'a str,
    /// Paragraphs of lines of pieces.
    paragraphs: Vec<Vec<Vec<Piece<'a>>>>,
}

/// The text as HTML in the look of the built-in letter: blank lines part paragraphs, what stands between
/// [`TOKEN_BEGIN`] and [`TOKEN_END`] is set apart, easy to read and to copy.
pub(super) fn html_from_text(subject: &str, text: &str) -> Result<String, askama::Error> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines() {
        match paragraphs.last_mut() {
            Some(paragraph) if !line.trim().is_empty() => paragraph.push(pieces(line)),
            Some(paragraph) if !paragraph.is_empty() => paragraphs.push(Vec::new()),
            _ => {}
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    TextLetter { subject, paragraphs }.render()
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for part in line.split(TOKEN_BEGIN) {
        match part.split_once(TOKEN_END) {
            Some((token, words)) => pieces.extend([Piece::Token(token), Piece::Words(words)]),
            None => pieces.push(Piece::Words(part)),
        }
    }
    pieces
}

/// The HTML as a person would type it into a text mail: links keep their address, lists their bullets, and nothing is
/// left of styles, scripts and comments.
pub(super) fn text_from_html(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (words, tag) = rest.split_at(at);
        page.words(words);
        rest = if let Some(comment) = tag.strip_prefix("<!--") {
            comment.find("-->").map_or("", |end| &comment[end + "-->".len()..])
        } else if tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            let (tag, behind) = tag.split_at(tag_end(tag));
            let tag = Tag::parse(tag);
            page.tag(&tag);
            if !tag.closing && matches!(tag.name.as_str(), "style" | "script" | "head" | "title" | "template")
            {
                behind_element(behind, &tag.name)
            } else {
                behind
            }
        } else {
            page.words("<");
            &tag[1..]
        };
    }
    page.words(rest);
    let mut text = page.text;
    text.push('\n');
    text
}

/// How long the tag is that `html` begins with: a `>` within quotes does not end it.
fn tag_end(html: &str) -> usize {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            // A quote counts only where a value can begin, so that a stray one does not swallow the letter.
            (None, '"' | '\'') if html[..at].trim_end().ends_with('=') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// What stands behind the end tag of the element whose start tag was just read.
fn behind_element<'a>(html: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let end = (0..html.len()).find(|at| {
        html.as_bytes()[*at..]
            .get(..closing.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(closing.as_bytes()))
    });
    end.map_or("", |end| &html[end + tag_end(&html[end..])..])
}

/// A start or end tag.
struct Tag<'a> {
    name: String,
    closing: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// From `<` to `>`.
    fn parse(tag: &'a str) -> Self {
        let inner = tag.trim_start_matches('<').trim_end_matches('>');
        let (closing, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let end = inner.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(inner.len());
        Self { name: inner[..end].to_ascii_lowercase(), closing, attributes: &inner[end..] }
    }

    /// The value of an attribute, entities decoded.
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len()).max(1);
            let end = (end..=rest.len()).find(|end| rest.is_char_boundary(*end))?;
            let (name, behind) = rest.split_at(end);
            let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
                rest = behind;
                continue;
            };
            let (value, behind) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(decode_html_entities(value).trim().to_owned());
            }
            rest = behind;
        }
    }
}

/// The text as it grows.
#[derive(Default)]
struct Page {
    text: String,
    /// Line ends that are due before the next word; at most two.
    breaks: usize,
    /// A blank is due before the next word.
    blank: bool,
    /// Depth of `<pre>`.
    pre: usize,
    /// The open lists: the next number, or none for bullets.
    lists: Vec<Option<u32>>,
    /// The open link: where it leads, and where its words begin.
    link: Option<(String, usize)>,
}

impl Page {
    fn words(&mut self, html: &str) {
        let text = decode_html_entities(html);
        if self.pre > 0 {
            for (n, line) in text.split('\n').enumerate() {
                if n > 0 {
                    self.text.push('\n');
                }
                if !line.is_empty() {
                    self.word(line.trim_end_matches('\r'));
                }
            }
            return;
        }
        for (n, word) in text.split(|c: char| c.is_whitespace()).enumerate() {
            self.blank |= n > 0;
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    fn word(&mut self, word: &str) {
        if self.breaks > 0 && !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', self.breaks));
        } else if self.blank && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
        (self.breaks, self.blank) = (0, false);
        self.text.push_str(word);
    }

    fn break_lines(&mut self, at_least: usize) {
        self.breaks = self.breaks.max(at_least);
        self.blank = false;
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        match tag.name.as_str() {
            "br" => {
                self.breaks = (self.breaks + 1).min(2);
                self.blank = false;
            }
            "hr" => {
                self.break_lines(2);
                self.word("----");
                self.break_lines(2);
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "table" | "dl" => {
                self.break_lines(2);
            }
            "pre" => {
                self.break_lines(2);
                self.pre = if tag.closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
            }
            "ul" | "ol" => {
                self.break_lines(if self.lists.is_empty() || self.lists.len() == 1 && tag.closing {
                    2
                } else {
                    1
                });
                if tag.closing {
                    self.lists.pop();
                } else {
                    self.lists.push((tag.name == "ol").then_some(1));
                }
            }
            "li" => {
                self.break_lines(1);
                if !tag.closing {
                    let bullet = match self.lists.last_mut() {
                        Some(Some(number)) => {
                            *number += 1;
                            format!("{}.", *number - 1)
                        }
                        _ => "-".to_owned(),
                    };
                    self.word(&bullet);
                    self.blank = true;
                }
            }
            "div" | "tr" | "section" | "article" | "header" | "footer" | "main" | "dt" | "dd" | "address"
            | "center" | "body" => self.break_lines(1),
            "td" | "th" => self.blank = true,
            "img" => {
                if let Some(alt) = tag.attribute("alt").filter(|alt| !alt.is_empty()) {
                    self.word(&alt);
                }
            }
            "a" if tag.closing => self.end_link(),
            "a" => {
                self.end_link();
                self.link = tag.attribute("href").map(|href| (href, self.text.len()));
            }
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((href, start)) = self.link.take() else { return };
        let shown = self.text[start..].trim();
        let address = href.strip_prefix("mailto:").unwrap_or(&href);
        let bare = address.strip_prefix("https://").or(address.strip_prefix("http://")).unwrap_or(address);
        let says_it = [&href, address, bare]
            .into_iter()
            .any(|said| said.trim_end_matches('/') == shown.trim_end_matches('/'));
        let leads_somewhere = !href.is_empty() && !href.starts_with('#') && !href.starts_with("javascript:");
        if leads_somewhere && !says_it {
            let address = if shown.is_empty() { address.to_owned() } else { format!("({address})") };
            self.blank = true;
            self.word(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_html_reads_as_if_it_were_typed() {
        for (html, text) in [
            ("<p>Hello,<br>\n  you</p><p>there</p>", "Hello,\nyou\n\nthere\n"),
            ("a &lt;b&gt; &amp;&nbsp;c &ouml;&#8212;&#x41;&mdash;", "a <b> & c ö—A—\n"),
            (
                "see <a href='https://x.example/?a=1&amp;b=2'>the\npage</a>.",
                "see the page (https://x.example/?a=1&b=2).\n",
            ),
            ("<a href=https://x.example/>https://x.example</a>", "https://x.example\n"),
            ("<a href=\"mailto:op@x.example\">op@x.example</a> <a href=\"#top\">up</a>", "op@x.example up\n"),
            (
                "<a href=\"https://x.example\"><img alt=\"the page\" src=\"x\"></a>",
                "the page (https://x.example)\n",
            ),
            ("<a href=\"https://x.example\"></a>", "https://x.example\n"),
            (
                "<head><title>t</title></head><STYLE>p > a { }</STYLE ><script>1<2</script>x<!-- <p>no -->y",
                "xy\n",
            ),
            ("<ul><li>one</li><li>two<ol><li>a<li>b</ol></ul>end", "- one\n- two\n1. a\n2. b\n\nend\n"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
            ("<pre>  a\n    b</pre>c", "  a\n    b\n\nc\n"),
            ("1 < 2 > 1 <3 & \"x\"", "1 < 2 > 1 <3 & \"x\"\n"),
            ("<p title=\"a > b\">x</p>", "x\n"),
            ("<p it's>x</p>y", "x\n\ny\n"),
            ("a<hr>b", "a\n\n----\n\nb\n"),
            ("x<style>never closed", "x\n"),
            ("x<", "x<\n"),
            ("x<a href=", "x\n"),
            ("", "\n"),
            ("<a ö='1' href='https://ö.example'>ü</a>", "ü (https://ö.example)\n"),
        ] {
            assert_eq!(text_from_html(html), text, "{html}");
        }
    }

    #[test]
    fn html_from_text_keeps_lines_and_sets_the_token_apart() {
        let html = html_from_text("s <", "a <b> & c\n  next\n\n\n \u{fdd0}tok\u{fdd1}.\r\n").unwrap();
        assert!(html.contains("a &#60;b&#62; &#38; c<br>\n  next</p>"), "{html}");
        assert!(html.contains(">tok</code>.</p>"), "{html}");
        assert_eq!(html.matches("<p ").count(), 2);
        assert!(html.contains("<title>s &#60;</title>"));
        assert!(!html.contains(['\u{fdd0}', '\u{fdd1}']));
    }

    proptest::proptest! {
        #[test]
        fn any_html_becomes_text_without_a_panic(html in "([<>/!='\" a-z&;#\\-öü\n]|<a href|</a>|<li>|<pre>|<!--|<style>){0,60}") {
            proptest::prop_assert!(text_from_html(&html).ends_with('\n'));
        }
    }
}
