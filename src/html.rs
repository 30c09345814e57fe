//! HTML as a person reads it: emails that are HTML only, and the other half of an email whose operator wrote only HTML.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// Elements that begin and end with a line of their own.
const BLOCKS: &str = "address article aside body caption center dd details dialog div dt fieldset figcaption figure \
    footer form header hgroup legend main menu nav optgroup option search section summary tbody \
    tfoot thead tr";

/// Those that a blank line parts from the others.
const PARAGRAPHS: &str = "blockquote dl h1 h2 h3 h4 h5 h6 hr p pre table";

/// Elements without an end tag (HTML, section 13.1.2).
const VOID: &str = "area base br col embed hr img input link meta source track wbr";

/// Elements whose content nobody sees.
const UNSEEN: &str = "script style template textarea title";

/// What mail programs mark so, by `class`, `id` or `name`, they wrote themselves, or quoted. (Yahoo writes a number before it.)
const NOT_OWN: &str = "applemailsignature applemailsignatureblock composer_signature gmail_attr gmail_extra gmail_quote \
    gmail_quote_container gmail_signature isforwardcontent isreplycontent lineseparator \
    mail-editor-reference-message-container messagereplysection messagesignaturesection moz-cite-prefix \
    moz-forward-container moz-signature ms-outlook-mobile-reference-message ms-outlook-mobile-signature olk_src_body_section \
    protonmail_quote protonmail_signature_block quote replyheader reply-intro signature tutanota_quote yahoo_quoted \
    zmail_extra";

/// From these on, all to the end of the mail is quoted: what they stand in front of is no child of theirs (Outlook).
const QUOTED_FROM: &str = "appendonsend divrplyfwdmsg stopspelling x_divrplyfwdmsg";

/// As a person would type it into a text mail: links keep their address, lists their bullets.
pub fn to_text(html: &str) -> String {
    let mut text = read(html, false);
    text.push('\n');
    text
}

/// What the sender of a mail wrote: bare words, without what their program quoted or signed.
pub fn own_words(html: &str) -> String {
    read(html, true)
}

fn read(html: &str, own_words: bool) -> String {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page { own_words, ..Page::default() };
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) if own_words && is_marked(&tag, QUOTED_FROM) => break,
            Token::StartTag(tag) => page.start(&tag),
            Token::EndTag(tag) => page.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(words) if page.passing_over.is_none() => {
                page.words(&String::from_utf8_lossy(&words));
            }
            _ => {}
        }
    }
    page.text
}

fn is_one_of(words: &str, name: &str) -> bool {
    words.split(' ').any(|word| word == name)
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).trim().to_owned())
}

fn is_hidden(tag: &StartTag<()>) -> bool {
    let style = attribute(tag, "style").unwrap_or_default().to_ascii_lowercase();
    tag.attributes.contains_key(&b"hidden"[..])
        || style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
            let value = value.split_whitespace().next().unwrap_or_default();
            match name.trim() {
                "display" => value == "none",
                "visibility" => value == "hidden",
                "mso-hide" => value == "all",
                // Not `font-size`: what stands inside often has one of its own.
                "max-height" | "opacity" => ["0", "0px", "0pt"].contains(&value),
                _ => false,
            }
        })
}

fn is_marked(tag: &StartTag<()>, marks: &str) -> bool {
    let is_mark = |word: &str| {
        let word = word.to_ascii_lowercase();
        is_one_of(marks, &word)
            || is_one_of(
                marks,
                word.trim_start_matches("ydp").trim_start_matches(|c: char| c.is_ascii_hexdigit()),
            )
    };
    ["class", "id", "name"]
        .iter()
        .filter_map(|name| attribute(tag, name))
        .any(|value| value.split_whitespace().any(is_mark))
}

/// The text as it grows.
#[derive(Default)]
struct Page {
    own_words: bool,
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
    /// The element that is left out, and how many of its name are open.
    passing_over: Option<(String, usize)>,
}

impl Page {
    fn words(&mut self, text: &str) {
        if self.pre > 0 {
            for (n, line) in text.split('\n').enumerate() {
                if n > 0 {
                    self.text.push('\n');
                }
                if !line.is_empty() {
                    self.word(line);
                }
            }
            return;
        }
        for (n, word) in text.split(char::is_whitespace).enumerate() {
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

    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        match &mut self.passing_over {
            // Paragraphs do not stand in each other, and need no end tag.
            Some((over, _)) if over == "p" && name == "p" => self.passing_over = None,
            Some((over, open)) => {
                *open += usize::from(*over == name);
                return;
            }
            None => {}
        }
        let left_out = is_one_of(UNSEEN, &name)
            || is_hidden(tag)
            || self.own_words && (name == "blockquote" || is_marked(tag, NOT_OWN));
        if left_out && !is_one_of(VOID, &name) {
            if name == "blockquote" && !self.text.is_empty() {
                // As it would begin in a text mail.
                self.break_lines(1);
                self.word(">");
                self.break_lines(1);
            }
            self.passing_over = Some((name.into_owned(), 1));
            return;
        }
        self.part(&name, true);
        match &*name {
            "br" => {
                self.breaks = (self.breaks + 1).min(2);
                self.blank = false;
            }
            "pre" => self.pre += 1,
            "ul" | "ol" => self.lists.push((name == "ol").then_some(1)),
            "td" | "th" => self.blank = true,
            _ if self.own_words => {}
            "hr" => {
                self.word("----");
                self.break_lines(2);
            }
            "li" => {
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
            "img" => {
                if let Some(alt) = attribute(tag, "alt").filter(|alt| !alt.is_empty()) {
                    self.word(&alt);
                }
            }
            "a" => {
                self.end_link();
                self.link = attribute(tag, "href").map(|href| (href, self.text.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((over, open)) = &mut self.passing_over {
            *open -= usize::from(over == name);
            if *open > 0 {
                return;
            }
            self.passing_over = None;
        }
        self.part(name, false);
        match name {
            "pre" => self.pre = self.pre.saturating_sub(1),
            "ul" | "ol" => drop(self.lists.pop()),
            "a" => self.end_link(),
            _ => {}
        }
    }

    /// Parts a block from what stands around it.
    fn part(&mut self, name: &str, opens: bool) {
        if is_one_of(PARAGRAPHS, name) {
            self.break_lines(2);
        } else if name == "ul" || name == "ol" {
            let outermost = self.lists.len() == usize::from(!opens);
            self.break_lines(1 + usize::from(outermost));
        } else if is_one_of(BLOCKS, name) || name == "li" {
            self.break_lines(1);
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
    fn an_email_of_html_reads_as_if_it_were_typed() {
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
            ("<div style='display: none'>a<div>b</div></div>x<p hidden>c<p>y", "x\n\ny\n"),
            (
                "<i style=\"Max-Height:0px\">a</i><td style=\"font-size:0\"><b style=\"font-size:9px\">x</b></td>",
                "x\n",
            ),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn quotes_and_signatures_go_with_all_that_is_in_them() {
        for (html, expected) in [
            ("<div>alice</div><blockquote><p>bob</p></blockquote>dora", "alice\n>\ndora"),
            ("<blockquote>bob</blockquote>alice", "alice"),
            ("alice<div class=\"a gmail_quote\"><div>x</div>bob</div>", "alice"),
            ("alice<div id='divRplyFwdMsg'>bob<div>c</div></div><p>dora</p>", "alice"),
            ("alice<div id=x_divRplyFwdMsg>bob</div>dora", "alice"),
            ("alice<div id=\"appendonsend\"></div><hr><p>bob</p>", "alice"),
            ("alice<div class=\"ydp1f2a3byahoo_quoted\">bob</div>", "alice"),
            ("alice<div name=\"quote\">bob</div>", "alice"),
            ("<p>alice<div class=gmail_signature>bob", "alice"),
            ("<style>p{}</style><p>Username: <b>alice</b></p>", "Username: alice"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("<", "<"),
            ("x < y", "x < y"),
            ("<a href=https://x.example>alice</a><img alt=b><hr>c", "alice\nc"),
        ] {
            let text = own_words(html);
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.join("\n"), expected, "{html}");
        }
    }

    #[test]
    fn every_block_is_a_line_of_its_own() {
        for html in [
            "<div>Username: frida</div><div>Thanks</div>",
            "<ul><li>Username: frida</li><li>Thanks</li></ul>",
            "<ol><li>Username: frida<li>Thanks</ol>",
            "<table><tr><td>Username:</td><td>frida</td></tr><tr><td>Thanks</td></tr></table>",
            "<h1>Username: frida</h1>Thanks",
            "<section>Username: frida</section><section>Thanks</section>",
            "<p title=\"a > b\">Username: frida</p>Thanks",
            "<pre>Username: frida\nThanks</pre>",
            "<dl><dt>Username: frida<dd>Thanks</dl>",
            "Username: frida<br>Thanks",
            "Username: frida<hr>Thanks",
        ] {
            let text = own_words(html);
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            assert_eq!(lines, ["Username: frida", "Thanks"], "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_html_becomes_text_without_a_panic(html in "([<>/!='\" a-z&;#\\-öü\n]|<a href|</a>|<li>|<pre>|<p hidden>|<!--|<style>){0,60}") {
            proptest::prop_assert!(to_text(&html).ends_with('\n'));
            own_words(&html);
        }
    }
}
