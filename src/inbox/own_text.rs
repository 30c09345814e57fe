//! What somebody wrote themselves: without quotes, attributions, forwarded mails and signatures, in the languages in which
//! mail programs write them.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;

use crate::domain::is_unseen;

/// Lines that are looked at.
const LINES: usize = 200;

/// Over so many lines mail programs break an attribution; and so long it is at most.
const ATTRIBUTION_LINES: usize = 3;
const ATTRIBUTION_CHARS: usize = 300;

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().unwrap_or_else(|error| unreachable!("{error}"))
}

/// The end of all that is worth reading: a signature, what a telephone adds, Outlook's rule above what it quotes, and the titles
/// that programs set between dashes.
static END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(-- ?|—|_{10,}|[-_=]{2,}[^-_=:：]{3,60}[-_=]{2,})$|^\W{0,3}(begin forwarded message|anfang der weitergeleiteten|début du message |inicio del mensaje reenviado|início da mensagem |inizio messaggio inoltrato|begin doorgestuurd bericht|początek przekazan|začátek přeposlané|начало пере|початок пере|iletilen (mesajın|iletinin)|転送されたメッセージ|开始转发|開始轉寄|以下是轉寄|sent (from|with|via) |get outlook for |gesendet (mit|von)|von mein\w+ .+ gesendet|diese nachricht wurde von|holen sie sich outlook|outlook für .+ (beziehen|herunterladen)|envoyé (de|depuis|à partir)|(télécharger|obtenez|obtenir) outlook|enviado (desde|do|da|a partir|via) |(obtener|obtenga|obter|obtenha) o? ?outlook|inviato d|(ottieni|scarica) outlook|(verstuurd|verzonden) (vanaf|met|vanuit)|outlook voor |skickat från|sendt fra|lähetetty |wysł?an[oe] z|pobierz .*outlook|odesláno z|(získejte|stáhn\w+) .*outlook|отправлено (с|из)|(скачать|скачайте|загрузить|получить|получите) outlook|(надіслано|відправлено) (з|із|з мого)|(отримати|отримайте|завантаж\w+) outlook|\S+([dt]an|[dt]en) gönderildi|.*outlook'?(u|'u) edinin|(أُ?رسلت?|تم الإرسال|مرسل) من|(الحصول على|احصل على) outlook|(ارسال|فرستاده) شده از|.*outlook .*دریافت کنید|发自我?的?|发送自|(获取|下载) ?outlook|從我的|寄件自|(取得|下載) .*outlook|.*(iphone|ipad|android|スマートフォン).*から送信|.*outlook .*(入手|取得)$)",
    )
});

/// What `wrote` is in an attribution.
const WROTE: &str = "wrote|schrieb|geschrieben|a écrit|écrit :|écrit:|escribió|escreveu|scritto|schreef|geschreven|skrev|kirjoitti|írta|napisał|\
    napisana|pisze|napsal|пишет|написал|пише|написав|yazdı|yazmış|كتب|كتابة|نوشت|書きました|書いた|のメール|写道|寫道";

/// What mail programs copy out of the head of the mail that is answered, in the languages of the page.
static COPIED_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\*?(from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|à|a|objet|envoyé|date|para|enviad[oa]( el| em)?|asunto|fecha|assunto|data|da|inviato|oggetto|van|verzonden|aan|onderwerp|från|skickat|till|ämne|fra|sendt|til|emne|od|wysłan[oey]|do|temat|odesláno|komu|předmět|kopie|от|отправлен[оы]|дата|кому|копия|тема|від|надіслано|відправлено|kimden|gönderen|gönder(ildi|me tarihi|ilme tarihi)|tarih|kime|bilgi|konu|من|(تم الإرسال|تاريخ الإرسال|أُ?رسلت|التاريخ)( في)?|إلى|نسخة|الموضوع|از|(ارسال ?شده|فرستاده ?شده|تاریخ ارسال|تاریخ)( در)?|به|موضوع|差出人|送信(日時|者)|日時|宛先|件名|发件人|发送(时间|日期)|日期|收件人|抄送|主题|寄件(者|人|日期)|傳送時間|收件(者|人)|副本|主旨)\s?[:：]\*?",
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
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = &lines[at..];
        if END.is_match(line) || begins_copied_head(rest) {
            break;
        }
        at += 1;
        // Whoever writes below what they quote goes on after it.
        if line.starts_with('>') {
            continue;
        }
        if let Some(lines_of_it) = attribution(rest) {
            // Broken behind the address.
            own.pop_if(|line| is_addressed(line));
            at += lines_of_it - 1;
            let quoted = lines[at..].iter().find(|line| !line.is_empty());
            if quoted.is_none_or(|line| !line.starts_with('>')) {
                break;
            }
            continue;
        }
        own.push(line);
    }
    own.join("\n").trim().to_owned()
}

/// `From:`, `Sent:`, `To:` and so on, three of them in four lines.
fn begins_copied_head(lines: &[&str]) -> bool {
    let copied = |line: &&&str| COPIED_FIELD.is_match(line);
    lines.first().is_some_and(|line| copied(&line)) && lines.iter().take(4).filter(copied).count() >= 3
}

/// Over how many lines `On … wrote:` goes that begins here. A line that it can do without is not its own.
fn attribution(lines: &[&str]) -> Option<usize> {
    let most = lines.iter().take(ATTRIBUTION_LINES).take_while(|line| !line.is_empty()).count();
    let is_one = |from: usize, to: usize| is_attribution(&lines[from..to].join(" "));
    (1..=most).find(|to| is_one(0, *to)).filter(|to| (1..*to).all(|from| !is_one(from, *to)))
}

/// It ends in a colon, and names two of these: a date, an address, `wrote`.
fn is_attribution(line: &str) -> bool {
    let line = line.to_lowercase();
    let ends = line.ends_with([':', '：']) || line.ends_with("写道") || line.ends_with("寫道");
    let said = WROTE.split('|').any(|word| line.contains(word));
    let is_dated = line.chars().any(char::is_numeric);
    ends && line.chars().count() <= ATTRIBUTION_CHARS
        && [said, is_dated, is_addressed(&line)].into_iter().filter(|is| *is).count() >= 2
}

fn is_addressed(line: &str) -> bool {
    line.find('<').is_some_and(|at| line[at..].contains('@'))
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
            ("alice\n________________________________\nFrom: Desk\nSent: Monday\n\nbob", "alice"),
            ("alice\n\nFrom: Desk\nSent: Monday\nTo: me\nSubject: q\n\nbob", "alice"),
            ("alice\n\nSent from my iPhone", "alice"),
            ("alice\nVon meinem iPhone gesendet", "alice"),
            ("Hello\nOn Monday I want\nalice", "Hello\nOn Monday I want\nalice"),
            (
                "Username: kalle\nOn Sat, 28 Nov 2026, The Registration Desk\nof desk.test <d@desk.test>\nwrote:\nx",
                "Username: kalle\nOn Sat, 28 Nov 2026, The Registration Desk",
            ),
            ("I get this error:\nlogin: incorrect", "I get this error:\nlogin: incorrect"),
            ("I wrote this:\nalice", "I wrote this:\nalice"),
            ("ｕｓｅｒ：\u{200b}alice\u{a0}x", "user:alice x"),
        ] {
            assert_eq!(own_text(text), expected, "{text}");
        }
    }

    /// Gmail, Apple Mail, Thunderbird, Yahoo, Outlook, GMX, QQ.
    const ATTRIBUTIONS: &str = "\
On Sat, Nov 28, 2026 at 10:11 AM Desk <register@desk.test> wrote:
On 28 Nov 2026, at 10:11, Desk <register@desk.test> wrote:
On 11/28/26 10:11, Desk wrote:
On Saturday, November 28, 2026 at 10:11:12 AM GMT+1, Desk <register@desk.test> wrote:
Am Sa., 28. Nov. 2026 um 10:11 Uhr schrieb Desk <register@desk.test>:
Am 28.11.2026 um 10:11 schrieb Desk <register@desk.test>:
Am 28.11.26 um 10:11 schrieb Desk:
Am Samstag, 28. November 2026 um 10:11:12 MEZ hat Desk <register@desk.test> Folgendes geschrieben:
Le sam. 28 nov. 2026 à 10:11, Desk <register@desk.test> a écrit :
Le 28/11/2026 à 10:11, Desk a écrit :
El sáb, 28 nov 2026 a las 10:11, Desk (<register@desk.test>) escribió:
El 28/11/26 a las 10:11, Desk escribió:
Em sáb., 28 de nov. de 2026 às 10:11, Desk <register@desk.test> escreveu:
Desk <register@desk.test> escreveu (sábado, 28/11/2026 à(s) 10:11):
Às 10:11 de 28/11/2026, Desk escreveu:
Il giorno sab 28 nov 2026 alle ore 10:11 Desk <register@desk.test> ha scritto:
Il 28/11/26 10:11, Desk ha scritto:
Op za 28 nov 2026 om 10:11 schreef Desk <register@desk.test>:
Op 28 nov 2026, om 10:11 heeft Desk <register@desk.test> het volgende geschreven:
Op 28-11-2026 om 10:11 schreef Desk:
sob., 28 lis 2026 o 10:11 Desk <register@desk.test> napisał(a):
Wiadomość napisana przez Desk <register@desk.test> w dniu 28.11.2026, o godz. 10:11:
W dniu 28.11.2026 o 10:11, Desk pisze:
so 28. 11. 2026 v 10:11 odesílatel Desk <register@desk.test> napsal:
28. 11. 2026 v 10:11, Desk <register@desk.test>:
Dne 28. 11. 26 v 10:11 Desk napsal(a):
сб, 28 нояб. 2026 г. в 10:11, Desk <register@desk.test>:
28 нояб. 2026 г., в 10:11, Desk <register@desk.test> написал(а):
28.11.2026 10:11, Desk пишет:
Суббота, 28 ноября 2026, 10:11 +03:00 от Desk <register@desk.test>:
сб, 28 лист. 2026 р. о 10:11 Desk <register@desk.test> пише:
28 лист. 2026 р. о 10:11 Desk <register@desk.test> написав(ла):
Desk <register@desk.test>, 28 Kas 2026 Cmt, 10:11 tarihinde şunu yazdı:
Desk <register@desk.test> şunları yazdı (28 Kas 2026 10:11):
28.11.2026 10:11 tarihinde Desk yazdı:
في السبت، 28 نوفمبر 2026 في 10:11 ص تمت كتابة ما يلي بواسطة Desk <register@desk.test>:
في ٢٨‏/١١‏/٢٠٢٦، الساعة ١٠:١١ ص، كتب Desk <register@desk.test>:
در تاریخ شنبه ۲۸ نوامبر ۲۰۲۶،‏ ۱۰:۱۱ Desk <register@desk.test> نوشت:
2026年11月28日(土) 10:11 Desk <register@desk.test>:
2026/11/28 10:11、Desk <register@desk.test>のメール:
2026/11/28 10:11、Desk さんは書きました:
Desk <register@desk.test> 于2026年11月28日周六 10:11写道：
2026年11月28日 10:11，Desk <register@desk.test> 写道：
在 2026/11/28 10:11, Desk 写道:
Desk <register@desk.test> 於 2026年11月28日 週六 上午10:11寫道：
Desk 於 2026/11/28 10:11 寫道:";

    #[test]
    fn the_line_above_an_attribution_stays_and_what_is_below_goes() {
        for attribution in ATTRIBUTIONS.lines() {
            for quoted in ["> Username: bob", "Username: bob"] {
                let text = format!("Username: kalle\n{attribution}\n{quoted}");
                assert_eq!(own_text(&text), "Username: kalle", "{attribution}");
            }
            // Broken where mail programs break it; a rest of it does no harm.
            let at = attribution.rfind(' ').unwrap();
            let text =
                format!("Username: kalle\n\n{}\n{}\n> x\n\ny", &attribution[..at], &attribution[at + 1..]);
            let own = own_text(&text);
            assert!(
                own.starts_with("Username: kalle\n") && own.ends_with("\n\ny") && !own.contains('x'),
                "{own}"
            );
        }
    }

    /// A line a language: From, Sent, To, Subject.
    const HEADS: &str = "\
From:|Sent:|To:|Subject:
Von:|Gesendet:|An:|Betreff:
De :|Envoyé :|À :|Objet :
De:|Enviado:|Para:|Asunto:
De:|Enviado el:|Para:|Asunto:
De:|Enviada em:|Para:|Assunto:
Da:|Inviato:|A:|Oggetto:
Van:|Verzonden:|Aan:|Onderwerp:
Od:|Wysłane:|Do:|Temat:
Od:|Odesláno:|Komu:|Předmět:
От:|Отправлено:|Кому:|Тема:
Від:|Надіслано:|Кому:|Тема:
Kimden:|Gönderildi:|Kime:|Konu:
من:|تم الإرسال:|إلى:|الموضوع:
از:|ارسال شده:|به:|موضوع:
差出人:|送信日時:|宛先:|件名:
发件人:|发送时间:|收件人:|主题:
寄件者:|寄件日期:|收件者:|主旨:";

    #[test]
    fn a_copied_head_is_the_end_in_every_language() {
        for head in HEADS.lines() {
            let [from, sent, to, subject] = *head.split('|').collect::<Vec<_>>() else { panic!() };
            for (before, after) in [("", ""), ("*", "*")] {
                let text = format!(
                    "Username: kalle\n{before}{from}{after} Desk <d@desk.test>\n{before}{sent}{after} 28 Nov 2026\n{before}{to}{after} me\n{before}{subject}{after} Re: x\n\nUsername: bob"
                );
                assert_eq!(own_text(&text), "Username: kalle", "{text}");
            }
            // As GMX has it.
            let text =
                format!("Username: kalle\n{sent} 28 Nov\n{from} Desk\n{to} me\n{subject} x\nUsername: bob");
            assert_eq!(own_text(&text), "Username: kalle", "{text}");
        }
    }

    #[test]
    fn titles_between_dashes_and_what_telephones_add_are_the_end() {
        for end in [
            "-----Original Message-----",
            "-----Ursprüngliche Nachricht-----",
            "---------- Forwarded message ---------",
            "-------- Weitergeleitete Nachricht --------",
            "------------------ 原始邮件 ------------------",
            "------------------ Original ------------------",
            "-------- الرسالة الأصلية --------",
            "________________________________",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Holen Sie sich Outlook für Android",
            "Envoyé de mon iPhone",
            "Télécharger Outlook pour iOS",
            "Enviado desde mi iPhone",
            "Obtener Outlook para iOS",
            "Enviado do meu iPhone",
            "Obter o Outlook para iOS",
            "Inviato da iPhone",
            "Verstuurd vanaf mijn iPhone",
            "Outlook voor iOS downloaden",
            "Wysłane z iPhone'a",
            "Wysłano z iPhone'a",
            "Pobierz program Outlook dla systemu iOS",
            "Odesláno z iPhonu",
            "Získejte Outlook pro iOS",
            "Отправлено с iPhone",
            "Отправлено из мобильной Почты Mail",
            "Скачайте Outlook для iOS",
            "Надіслано з iPhone",
            "Отримайте Outlook для iOS",
            "iPhone'umdan gönderildi",
            "iPhone'dan gönderildi",
            "iOS için Outlook'u edinin",
            "أُرسلت من الـ iPhone",
            "تم الإرسال من هاتفي",
            "الحصول على Outlook لـ iOS",
            "ارسال شده از iPhone من",
            "iPhoneから送信",
            "Outlook for iOS を入手",
            "发自我的iPhone",
            "发自我的 iPhone",
            "获取Outlook for iOS",
            "從我的 iPhone 傳送",
            "取得 iOS 版 Outlook",
        ] {
            assert_eq!(
                own_text(&format!("Username: kalle\n{end}\nUsername: bob")),
                "Username: kalle",
                "{end}"
            );
        }
    }

    #[test]
    fn flowed_lines_are_put_together() {
        assert_eq!(unflowed("my name is \nalice\n-- \nBob\n", false), "my name is alice\n-- \nBob\n");
        assert_eq!(unflowed("al \nice\n", true), "alice\n");
    }
}
