//! What somebody wrote themselves: without quotes, attributions, forwarded mails and signatures, in the languages in which
//! mail programs write them.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;

use crate::domain::is_unseen;

/// Lines that are looked at.
const LINES: usize = 200;

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().unwrap_or_else(|error| unreachable!("{error}"))
}

/// The end of all that is worth reading.
static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(-- ?|—|_{10,})$|^(sent (from|with|via) |get outlook for |von meinem .+ gesendet|gesendet mit|diese nachricht wurde von|envoyé (de|depuis|à partir)|télécharger outlook|enviado desde|enviado do|obtener outlook|inviato da|ottieni outlook|verzonden (vanaf|met)|skickat från|sendt fra|wysłano z|отправлено (с|из)|надіслано з|odesláno z|发自我的|從我的|iphoneから送信|androidから送信)",
    )
});

/// The head of a mail that was forwarded or answered.
static FORWARDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(-{2,} ?|_{3,} ?)(original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|original-nachricht|message d'origine|message transféré|message original|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|mensagem original|mensagem encaminhada|ursprungligt meddelande|vidarebefordrat meddelande|opprinnelig melding|oprindelig meddelelse|videresendt melding|oryginalna wiadomość|wiadomość oryginalna|исходное сообщение|пересылаемое сообщение|переслане повідомлення|původní zpráva|原始邮件|转发邮件|原始郵件|元のメッセージ|転送メッセージ)|^begin forwarded message|^anfang der weitergeleiteten|^début du message réexpédié|^inicio del mensaje reenviado",
    )
});

/// `On … wrote:` in the languages of mail programs.
static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(on|am|le|el|il|op|em|den|på|dnia|w dniu|dne|pe|at|в|пн|вт|ср|чт|пт|сб|вс)?\b.{3,200}\b(wrote|schrieb( .{1,100})?|a écrit|escribió|ha scritto|schreef( .{1,100})?|escreveu|skrev( .{1,100})?|napisał(\(a\)|a)?|pisze|пишет|написал(\(а\)|а)?|написав(\(ла\))?|napsal(\(a\)|a)?)\s*[:：]$|^.{4,120}<[^@<>\s]+@[^<>\s]+>\s*[:：]$|(写道|寫道|さんは書きました|のメール)\s*[:：]?$",
    )
});

/// A line of a head that was copied into the text.
static COPIED_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\*?(from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|à|objet|envoyé|para|enviado|asunto|fecha|da|inviato|a|oggetto|data|van|verzonden|aan|onderwerp|assunto|från|skickat|till|ämne|fra|sendt|til|emne|od|wysłano|do|temat|от|отправлено|кому|тема|від|надіслано|odesláno|komu|předmět|发件人|发送时间|收件人|主题|寄件者|差出人|送信日時|宛先|件名)\s?[:：]\*?\s",
    )
});

/// In one form: compatibility characters as the usual ones, no invisible ones.
pub(super) fn cleaned(text: &str) -> String {
    text.nfkc()
        .map(|c| match c {
            '\u{a0}' | '\u{202f}' => ' ',
            '’' => '\'',
            c => c,
        })
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_unseen(*c)))
        .collect()
}

/// The lines that are the writer's.
pub(super) fn own_text(text: &str) -> String {
    let text = cleaned(&text.replace("\r\n", "\n").replace('\r', "\n"));
    let lines: Vec<&str> = text.lines().take(LINES).map(str::trim).collect();
    let mut own: Vec<&str> = Vec::new();
    let has_said = |own: &[&str]| own.iter().any(|line| !line.is_empty());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if SIGNATURE.is_match(line) {
            break;
        }
        // Whoever writes below what they quote goes on after it.
        if line.starts_with('>') {
            continue;
        }
        let next = lines.get(at).copied().unwrap_or_default();
        let wrapped = format!("{line} {next}");
        let alone = FORWARDED.is_match(line) || ATTRIBUTION.is_match(line);
        let goes_on = !line.is_empty() && !next.is_empty() && !ATTRIBUTION.is_match(next);
        if alone || (goes_on && ATTRIBUTION.is_match(&wrapped)) {
            if has_said(&own) {
                break;
            }
            at += usize::from(!alone);
            continue;
        }
        let copied = lines[at - 1..].iter().take(4).filter(|line| COPIED_FIELD.is_match(line)).count();
        if copied >= 3 && COPIED_FIELD.is_match(line) {
            break;
        }
        own.push(line);
    }
    own.join("\n").trim().to_owned()
}

/// `format=flowed` (RFC 3676): lines that end in a blank go on in the next.
pub(super) fn unflowed(text: &str, blank_goes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        // A blank before what begins like a quote was stuffed.
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_suffix(' ') {
            Some(shorter) if line != "-- " => out.push_str(if blank_goes { shorter } else { line }),
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_signatures_are_not_ones_own() {
        for (text, expected) in [
            ("alice\n\n-- \nBob", "alice"),
            ("> bob\n\nalice", "alice"),
            ("alice\n\nOn Mon, Nov 3, 2025 at 10:11 AM Desk <register@desk.test> wrote:\n> bob", "alice"),
            ("On Mon, Nov 3, 2025 at 10:11 AM Desk <register@desk.test>\nwrote:\n> bob\n\nalice", "alice"),
            ("alice\n\nAm Mo., 3. Nov. 2025 um 10:11 Uhr schrieb Desk <register@desk.test>:\n> x", "alice"),
            ("alice\n\nLe lun. 3 nov. 2025 à 10:11, Desk <register@desk.test> a écrit :\n> x", "alice"),
            ("alice\n________________________________\nFrom: Desk\nSent: Monday\n\nbob", "alice"),
            ("alice\n\nFrom: Desk\nSent: Monday\nTo: me\nSubject: q\n\nbob", "alice"),
            ("alice\n\nSent from my iPhone", "alice"),
            ("alice\nVon meinem iPhone gesendet", "alice"),
            ("Hello\nOn Monday I want\nalice", "Hello\nOn Monday I want\nalice"),
            ("ｕｓｅｒ：\u{200b}alice\u{a0}x", "user:alice x"),
        ] {
            assert_eq!(own_text(text), expected, "{text}");
        }
    }

    #[test]
    fn flowed_lines_are_put_together() {
        assert_eq!(unflowed("my name is \nalice\n-- \nBob\n", false), "my name is alice\n-- \nBob\n");
        assert_eq!(unflowed("al \nice\n", true), "alice\n");
    }
}
