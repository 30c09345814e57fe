//! Text whose charset a mail does not tell, or tells wrongly.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, MessagePart};

/// What the parser could not read, or left as it was (ISO-2022-JP is ASCII with escapes).
pub(super) fn is_unread(text: &str) -> bool {
    text.contains(['\u{fffd}', '\u{1b}'])
}

/// As the charset reads that it most probably is. `domain`, the sender's, tells where it may be from.
pub(super) fn read(bytes: &[u8], domain: Option<&str>) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let highest = domain.and_then(|domain| domain.rsplit('.').next()).filter(|label| !label.is_empty());
    let encoding = detector.guess(highest.map(str::as_bytes), Utf8Detection::Allow);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// The bytes of a part, its transfer encoding taken off.
pub(super) fn bytes_of(part: &MessagePart<'_>, mail: &[u8]) -> Option<Vec<u8>> {
    let body = mail.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        Encoding::None => Some(body.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(body),
        Encoding::Base64 => base64_decode(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_declares_is_read_as_what_it_is() {
        for (label, text, domain) in [
            ("iso-2022-jp", "ユーザー名：kalle", "example.org"),
            ("shift_jis", "ユーザー名：kalle\nよろしくお願いします", "example.jp"),
            ("shift_jis", "ユーザー名：kalle\nよろしくお願いします", "example.org"),
            ("euc-jp", "ユーザー名：kalle\nよろしくお願いします", "example.jp"),
            ("koi8-r", "Логин: kalle", "example.org"),
            ("koi8-r", "Имя пользователя: kalle\nСпасибо", "example.ru"),
            ("windows-1251", "Логин: kalle", "example.org"),
            ("windows-1251", "Имя пользователя: kalle\nСпасибо", "example.ru"),
            ("windows-1251", "Ім'я користувача: kalle\nДякую", "example.ua"),
            ("windows-1250", "Uživatelské jméno: kalle\nDěkuji, přeji hezký den", "example.cz"),
            ("windows-1250", "Nazwa użytkownika: kalle\nDziękuję, życzę miłego dnia", "example.pl"),
            ("windows-1252", "Gewünschter Benutzername: kalle\nViele Grüße", "example.org"),
            ("windows-1252", "Nom d’utilisateur souhaité : kalle", "example.fr"),
            ("windows-1254", "Kullanıcı adı: kalle\nTeşekkür ederim, iyi günler", "example.com.tr"),
            ("windows-1256", "اسم المستخدم: kalle\nشكرا جزيلا لكم", "example.org"),
            ("gb18030", "用户名：kalle\n谢谢您的帮助", "example.cn"),
            ("big5", "使用者名稱：kalle\n謝謝您的幫忙", "example.tw"),
            ("utf-8", "ユーザー名：kalle", "example.org"),
        ] {
            let encoding = encoding_of(label);
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{label}");
            assert_eq!(read(&bytes, Some(domain)), text, "{label} from {domain}");
        }
    }

    fn encoding_of(label: &str) -> &'static encoding_rs::Encoding {
        encoding_rs::Encoding::for_label(label.as_bytes()).unwrap()
    }
}
