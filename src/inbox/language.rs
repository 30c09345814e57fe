//! Which language a mail is written in.

use whatlang::{Detector, Lang};

use crate::config::Settings;
use crate::domain::Language;

use super::message::Mail;
use super::wanted_name::language_of_key;

/// Fewer letters say too little.
const LETTERS: usize = 24;

/// Characters that are written otherwise in the other script.
const SIMPLIFIED: &str = "个们这请账户说电邮务册会来时为与谢许码网开没过问";
const TRADITIONAL: &str = "個們這請賬帳戶說電郵務冊會來時為與謝許碼網開沒過問";

/// Letters of the one that the other does not have.
const PERSIAN: &str = "پچژگکی";
const ARABIC: &str = "ةيكىأإؤئ";

/// By the key word that names the username, else by the text as a whole. None: it is not clear.
pub(super) fn language_of(mail: &Mail) -> Option<Language> {
    language_of_key(&mail.subject, &mail.text).or_else(|| language_of_text(&mail.text))
}

/// The language that such a mail is answered in.
pub(super) fn answered_in(language: Option<Language>, settings: &Settings) -> Language {
    language
        .filter(|language| settings.languages.contains(language))
        .unwrap_or_else(|| Language::fallback(&settings.languages))
}

fn language_of_text(text: &str) -> Option<Language> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    // Such signs say more each.
    let wide = text.chars().filter(|c| matches!(c, '\u{3040}'..='\u{9fff}')).count();
    if letters + 3 * wide < LETTERS {
        return None;
    }
    let among = |signs: &str| text.chars().filter(|c| signs.contains(*c)).count();
    if 2 * text.chars().filter(|c| matches!(c, '\u{600}'..='\u{6ff}')).count() > letters {
        let is_persian = among(PERSIAN) > among(ARABIC);
        return Some(if is_persian { Language::Persian } else { Language::Arabic });
    }
    let found = Detector::new().detect(text).filter(|found| found.is_reliable() || wide > 0)?;
    match found.lang() {
        Lang::Eng => Some(Language::English),
        Lang::Deu => Some(Language::German),
        Lang::Fra => Some(Language::French),
        Lang::Spa => Some(Language::Spanish),
        Lang::Por => Some(Language::Portuguese),
        Lang::Ita => Some(Language::Italian),
        Lang::Nld => Some(Language::Dutch),
        Lang::Pol => Some(Language::Polish),
        Lang::Ces => Some(Language::Czech),
        Lang::Rus => Some(Language::Russian),
        Lang::Ukr => Some(Language::Ukrainian),
        Lang::Tur => Some(Language::Turkish),
        Lang::Jpn => Some(Language::Japanese),
        Lang::Cmn => {
            let is_traditional = among(TRADITIONAL) > among(SIMPLIFIED);
            Some(if is_traditional { Language::TraditionalChinese } else { Language::SimplifiedChinese })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::own_text::own_text;
    use super::*;

    #[test]
    fn a_mail_is_answered_in_the_language_that_it_is_written_in() {
        for (subject, text, language) in [
            ("", "Benutzername: kalle", Some(Language::German)),
            ("", "Gew\u{fc}nschter Benutzername: kalle", Some(Language::German)),
            ("Re: Nom d\u{2019}utilisateur : kalle", "", Some(Language::French)),
            ("", "Желаемый логин: kalle", Some(Language::Russian)),
            ("", "希望ユーザー名：kalle", Some(Language::Japanese)),
            ("", "使用者名稱：kalle", Some(Language::TraditionalChinese)),
            ("", "Username: kalle", None),
            ("hi", "Hello", None),
            (
                "",
                "Username: kalle\n\nIch hätte gerne ein Konto auf eurem Server, vielen Dank im Voraus!",
                Some(Language::German),
            ),
            (
                "",
                "Bonjour, je voudrais ouvrir un compte sur votre serveur, merci beaucoup.",
                Some(Language::French),
            ),
            ("", "سلام، من می‌خواهم یک حساب کاربری در سرور شما داشته باشم. متشکرم.", Some(Language::Persian)),
            ("", "مرحباً، أود الحصول على حساب على خادمكم من فضلكم. شكراً لكم.", Some(Language::Arabic)),
            ("", "您好，我想申請一個帳號，謝謝你們。", Some(Language::TraditionalChinese)),
            ("", "您好，我想申请一个账号，谢谢你们。", Some(Language::SimplifiedChinese)),
            ("", "アカウントを作りたいです。よろしくお願いします。", Some(Language::Japanese)),
        ] {
            let text = own_text(text);
            let found = language_of_key(subject, &text).or_else(|| language_of_text(&text));
            assert_eq!(found, language, "{subject} {text}");
        }
    }
}
