//! Which name a mail asks for: only what stands in a place that is meant for it. The first such place decides; two names
//! there are not chosen between. Whatever else a person writes, however clear it seems, is a guess, and no name.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::{BounceTag, Language};
use crate::text::EXAMPLE_NAME;

use super::own_text::cleaned;

/// Words for a username, as regular expressions: those that are understood everywhere, and those of the languages of those who
/// ask.
const KEYS_ANYWHERE: &str =
    "user ?-?name|user ?id|user|login(?: ?name)?|account(?: ?name)?|handle|nick(?:name)?|matrix ?-?id|mxid";
const KEYS: [(Option<Language>, &str); 18] = [
    (
        Some(Language::German),
        "benutzername|benutzerkennung|nutzername|wunschname|kontoname|anmeldename|accountname",
    ),
    (Some(Language::French), "nom d'(?:utilisateur|usager)|identifiant|pseudo(?:nyme)?|nom de compte"),
    (Some(Language::Spanish), "(?:nombre de )?usuario|nombre de (?:la )?cuenta"),
    (Some(Language::Portuguese), "nome d[eo] (?:usuário|utilizador)|usuário|utilizador|nome da conta"),
    (Some(Language::Italian), "nome utente|nome (?:dell')?account"),
    (Some(Language::Dutch), "gebruikersnaam|inlognaam|accountnaam"),
    (Some(Language::Polish), "nazwa użytkownika|nazwa konta|użytkownik"),
    (Some(Language::Czech), "uživatelské jméno|přihlašovací jméno|jméno účtu"),
    (Some(Language::Russian), "имя пользователя|имя учётной записи|логин|ник(?:нейм)?"),
    (Some(Language::Ukrainian), "ім'я користувача|логін|нік(?:нейм)?"),
    (Some(Language::Turkish), "kullan[ıi]c[ıi] ad[ıi]|hesap ad[ıi]|rumuz"),
    (Some(Language::Arabic), "اسم ?المستخدم|اسم مستخدم|اسم الحساب|المعرف"),
    (Some(Language::Persian), "نام ?کاربری|نام حساب|شناسه کاربری"),
    (Some(Language::Japanese), "ユーザー?名|ユーザーネーム|ユーザーid|アカウント名|ログイン名"),
    (Some(Language::SimplifiedChinese), "用户名称?|帐号名?|账号名?|账户名|昵称"),
    (Some(Language::TraditionalChinese), "用戶名稱?|使用者名稱|帳號名?稱?|暱稱"),
    (None, KEYS_ANYWHERE),
    (
        None,
        "användarnamn|kontonamn|brukernavn|brugernavn|kontonavn|käyttäjä(?:nimi|tunnus)|felhasználónév|nume de utilizator",
    ),
];

/// What people put before such a word, and behind it.
const BEFORE: &str = "desired|wanted|preferred|requested|proposed|chosen|new|my|matrix|the|mein|meine|gewünschter?|bevorzugter?|neuer|\
    mon|le|ma|mi|el|il mio|il|mijn|de|gewenste|o meu|meu|o|mitt|min|mit|önskat|ønsket|moja|mój|moje|żądana|pożądana|preferowana|wybrana|\
    požadované|preferované|zvolené|istenen|istediğim|tercih edilen|benim|мой|моё|мое|желаем(?:ый|ое)|желательный|предпочитаем(?:ый|ое)|\
    мій|моє|бажан(?:ий|е)|我的|期望的?|希望的?|想要的?|申请的?|申請的?|私の|ご?希望(?:する|の)?";
const BEHIND: &str = "deseado|solicitado|elegido|souhaité|désiré|demandé|choisi|desiderato|richiesto|scelto|desejado|pretendido|escolhido|\
    gewünscht|المطلوب|المرغوب|المفضل|مورد نظر|دلخواه|من";

/// What programs write behind such a word; and what people write behind `register`.
const STATES: &str = "broken denied error failed incorrect invalid none required unknown wrong";
const NO_NAMES: &str = "account here me now please today token user username";

/// `Re:`, in the languages of mail programs.
const PREFIX: &str = r"^(?:(?:re|aw|fwd?|wg|sv|vs|tr|rv|ref|enc|res|antw|odp|pd|ynt|ilt|i̇lt|на|ответ|відп|رد|پاسخ|答复|回复|转发|回覆|轉寄|返信|転送)\s*(?:\[\d+\])?\s*:\s*)+";

/// Of different names at one place, so many are told.
const MOST_NAMES: usize = 5;

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

/// `KEY: name`, in a list or not.
fn key_line(keys: &str) -> Regex {
    pattern(&format!(
        r"^[\s*_\-–•·#]*(?:\d+[.)]\s*)?[\s*_]*(?:(?:{BEFORE})\s*)*(?:{keys})(?: (?:{BEHIND}))?[\s*_]*[:=][\s*_]*(\S.*)$"
    ))
}

static KEY_LINE: LazyLock<Regex> = LazyLock::new(|| key_line(&KEYS.map(|(_, keys)| keys).join("|")));

static KEY_LINES: LazyLock<Vec<(Language, Regex)>> = LazyLock::new(|| {
    KEYS.iter().filter_map(|(language, keys)| Some(((*language)?, key_line(keys)))).collect()
});

static COMMAND: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:please )?register\s*:?\s+(\S+)$"));

static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[a-z0-9][a-z0-9._=/+\-]{0,254}$"));

static SUBJECT_PREFIX: LazyLock<Regex> = LazyLock::new(|| pattern(PREFIX));

/// What a mail asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This, as it was written; whether it can be a name is yet to be seen.
    One(String),
    /// Different ones at the same place.
    Several(Vec<String>),
    /// Nothing that can be understood.
    Nothing,
}

/// Looks through address, text and subject. `desk` is the desk's own address in lower case, `server` the homeserver's name.
pub(super) fn wanted_name(
    recipients: &[String],
    subject: &str,
    own_text: &str,
    desk: &str,
    server: &str,
) -> Wanted {
    let subject = folded(&cleaned(subject));
    let subject = SUBJECT_PREFIX.replace(subject.trim(), "").trim().to_owned();
    let text = folded(own_text);
    let places: [&dyn Fn() -> Vec<String>; 4] = [
        &|| details(recipients, desk),
        &|| text.lines().chain([subject.as_str()]).filter_map(|line| account(line, server)).collect(),
        &|| text.lines().filter_map(|line| behind(&KEY_LINE, line, STATES)).collect(),
        // A subject is a title more often than a form.
        &|| {
            let name = behind(&KEY_LINE, &subject, STATES).or_else(|| behind(&COMMAND, &subject, NO_NAMES));
            name.filter(|name| NAME.is_match(name)).into_iter().collect()
        },
    ];
    for place in places {
        let mut found: Vec<String> = Vec::new();
        for name in place() {
            if !name.is_empty() && name != EXAMPLE_NAME && found.len() < MOST_NAMES && !found.contains(&name)
            {
                found.push(name);
            }
        }
        match found.len() {
            0 => {}
            1 => return found.pop().map_or(Wanted::Nothing, Wanted::One),
            _ => return Wanted::Several(found),
        }
    }
    Wanted::Nothing
}

/// The language of the key word, where a line has one that says it.
pub(super) fn language_of_key(subject: &str, own_text: &str) -> Option<Language> {
    let (subject, text) = (folded(&cleaned(subject)), folded(own_text));
    let subject = SUBJECT_PREFIX.replace(subject.trim(), "");
    let mut lines = text.lines().chain([subject.trim()]).filter(|line| KEY_LINE.is_match(line));
    lines.find_map(|line| KEY_LINES.iter().find(|(_, key)| key.is_match(line)).map(|(language, _)| *language))
}

/// In lower case; a Turkish İ, too.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('\u{307}', "")
}

/// What stands behind the `+` in the address that the mail was sent to.
fn details(recipients: &[String], desk: &str) -> Vec<String> {
    let Some((local, domain)) = desk.rsplit_once('@') else { return Vec::new() };
    recipients
        .iter()
        .filter_map(|address| {
            let (found, at) = address.rsplit_once('@')?;
            let detail = found.strip_prefix(local)?.strip_prefix('+')?;
            // Bounces come to such an address; and machines answer to it.
            (at == domain && BounceTag::parse(detail).is_none()).then(|| detail.to_owned())
        })
        .collect()
}

/// `@name:our.server`, alone.
fn account(line: &str, server: &str) -> Option<String> {
    let (name, theirs) =
        line.trim_matches(|c| c != '@' && is_around(c)).strip_prefix('@')?.split_once(':')?;
    let is_one = !name.is_empty() && !name.contains('@') && !name.contains(char::is_whitespace);
    (is_one && theirs.eq_ignore_ascii_case(server)).then(|| name.to_owned())
}

/// What stands behind the key word, without the signs that people put around a name.
fn behind(pattern: &Regex, line: &str, not: &str) -> Option<String> {
    let written = pattern.captures(line)?.get(1)?.as_str().trim();
    let name = written.trim_matches(is_around);
    let shown = if NAME.is_match(name) { name } else { written };
    (!not.split(' ').any(|word| word == name)).then(|| shown.to_owned())
}

fn is_around(c: char) -> bool {
    c.is_whitespace() || "\"'`“”„«»‹›<>()[]{}*_.,;:!?。、@".contains(c) || is_emoji(c)
}

/// Pictographs, the selector behind them, and what joins them (Unicode, UTS 51).
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::super::own_text::own_text;
    use super::*;

    fn find(recipients: &[&str], subject: &str, text: &str) -> Wanted {
        let recipients: Vec<String> = recipients.iter().map(|one| one.to_lowercase()).collect();
        wanted_name(&recipients, subject, &own_text(text), "register@desk.test", "desk.test")
    }

    fn one(name: &str) -> Wanted {
        Wanted::One(name.into())
    }

    #[test]
    fn the_example_in_each_language_is_understood_and_tells_the_language() {
        for language in Language::all().filter(|language| language.is_spoken()) {
            let words = language.write_again("register@desk.test", "alice");
            assert_eq!(find(&[], "", &words), one("alice"), "{words}");
            let told = language_of_key("", &own_text(&words));
            assert_eq!(told.unwrap_or_default(), language, "{words}");
        }
    }

    #[test]
    fn people_name_the_account_they_want_in_many_ways() {
        let question = "A question, please";
        let several = |names: &[&str]| Wanted::Several(names.iter().map(ToString::to_string).collect());
        for (to, subject, text, expected) in [
            (&["Register+Alice@desk.test"][..], "hi", "whatever bob", one("alice")),
            (&["register+alice@desk.test", "register+bob@desk.test"], "", "", several(&["alice", "bob"])),
            (&["register+alice@desk.test", "register+alice@desk.test"], "", "", one("alice")),
            (&["register+alice@other.test"], "", "", Wanted::Nothing),
            (&[], "Registration", "Hello,\nUsername: alice\n\n-- \nBob\nusername: bob", one("alice")),
            (&[], "Re: Registration", "> Username: bob\n\nUsername: alice", one("alice")),
            (&[], question, "I would like one:\n@alice:desk.test", one("alice")),
            (&[], question, "@alice:desk.test.", one("alice")),
            (&[], question, "@alice:desk.test.evil", Wanted::Nothing),
            (&[], question, "@alice:matrix.org", Wanted::Nothing),
            (&[], "register alice", "", one("alice")),
            (&[], "Register: alice", "Sent from my iPhone", one("alice")),
            (&[], "alice", "", Wanted::Nothing),
            (&[], "Fwd: Re: register alice", "", one("alice")),
            (&[], "hello", "", Wanted::Nothing),
            (&[], "Account: alice", "", one("alice")),
            (&[], "Account creation", "Hi, could I please get one?\nThanks\nBob\nx", Wanted::Nothing),
            (&[], "Register now", "Hi, could I please get one?\nThanks\nBob\nx", Wanted::Nothing),
            (&[], "How?", "", Wanted::Nothing),
            (&[], "Konto", "Hallo,\nich hätte gerne ein Konto.\nGruß", Wanted::Nothing),
            (&[], "Matrix-Zugang", "Hallo,\nich hätte gerne ein Konto.\nGruß", Wanted::Nothing),
            (&[], "alice", "Could I have this one?\nThanks", Wanted::Nothing),
            (&[], "Re: Your Registration Token", "Great!", Wanted::Nothing),
            (&[], question, "How?", Wanted::Nothing),
            (&[], question, "Hello\nmy account is broken\nThanks\nBob\nx", Wanted::Nothing),
            (&[], question, "Hello\nmy login: alice\nThanks\nBob\nx", one("alice")),
            (&[], "Please register me", "Hi, could I get an account? Thanks!\nAlice", Wanted::Nothing),
            (&[], "Account", "My username would be alice, thank you", Wanted::Nothing),
            (&[], "Account", "I'd like the user name \"alice.smith\" if it is free.", Wanted::Nothing),
            (&[], question, "ユーザー名：alice\nよろしくお願いします", one("alice")),
            (&[], question, "Ｕｓｅｒｎａｍｅ：ａｌｉｃｅ", one("alice")),
            (&[], question, "用户名：alice", one("alice")),
            (&[], question, "Benutzername: Alice\nViele Grüße", one("alice")),
            (&[], question, "Nom d’utilisateur : alice", one("alice")),
            (&[], question, "Användarnamn: alice", one("alice")),
            (&[], question, "Имя пользователя: alice", one("alice")),
            (&[], question, "Ім'я користувача: alice", one("alice")),
            (&[], question, "* Username: *alice*", one("alice")),
            (&[], question, "Username:\u{a0}alice\u{200b}", one("alice")),
            // Not to be had, which the judge of names says.
            (&[], question, "Username: alice bob", one("alice bob")),
            (&[], question, "Username: älice", one("älice")),
            (&[], question, "username: alice\nusername: bob", several(&["alice", "bob"])),
            (&[], question, "username: alice\nusername: Alice", one("alice")),
            (&[], question, "", Wanted::Nothing),
            (&[], "@alice:desk.test", "please", one("alice")),
            (&[], question, "I would like @alice:desk.test please", Wanted::Nothing),
            (&[], question, "Username:\nalice", Wanted::Nothing),
            (&[], question, "Username = alice", one("alice")),
            (&[], question, "Username: the-name-you-want", Wanted::Nothing),
            (&["register+b.7.abcdefghjkmnpqrs@desk.test"], "", "", Wanted::Nothing),
            (&[], "Account: a question about login", "", Wanted::Nothing),
            (&[], question, "one\ntwo\nthree\nfour", Wanted::Nothing),
        ] {
            assert_eq!(find(to, subject, text), expected, "{to:?} {subject:?} {text:?}");
        }
    }

    #[test]
    fn a_key_line_is_understood_in_every_language_of_the_page() {
        for line in [
            "Username: kalle",
            "Requested username: kalle",
            "My user name = kalle",
            "1. Username: kalle",
            "- **Username:** kalle",
            "Benutzername: kalle",
            "Gewünschter Benutzername: kalle",
            "Benutzername gewünscht: kalle",
            "Nom d’utilisateur : kalle",
            "Nom d'utilisateur souhaité : kalle",
            "Mon identifiant : kalle",
            "Nombre de usuario: kalle",
            "Nombre de usuario deseado: kalle",
            "Usuario: kalle",
            "Nome de usuário: kalle",
            "Nome de utilizador pretendido: kalle",
            "Nome utente: kalle",
            "Nome utente desiderato: kalle",
            "Gebruikersnaam: kalle",
            "Gewenste gebruikersnaam: kalle",
            "Nazwa użytkownika: kalle",
            "Preferowana nazwa użytkownika: kalle",
            "Uživatelské jméno: kalle",
            "Požadované uživatelské jméno: kalle",
            "Имя пользователя: kalle",
            "Желаемый логин: kalle",
            "Ім’я користувача: kalle",
            "Бажаний логін: kalle",
            "Kullanıcı adı: kalle",
            "KULLANICI ADI: kalle",
            "İstenen kullanıcı adı: kalle",
            "اسم المستخدم: kalle",
            "اسم المستخدم المطلوب: kalle",
            "نام کاربری: kalle",
            "نام\u{200c}کاربری: kalle",
            "نام کاربری مورد نظر: kalle",
            "ユーザー名：kalle",
            "希望ユーザー名：kalle",
            "ご希望のユーザー名: kalle",
            "用户名：kalle",
            "我的用户名：kalle",
            "希望的用户名: kalle",
            "使用者名稱：kalle",
            "希望的使用者名稱：kalle",
            "帳號：kalle",
            "Username: kalle.",
            "Username: kalle 🙂",
            "Username: kalle。",
        ] {
            assert_eq!(find(&[], "", line), one("kalle"), "{line}");
            assert_eq!(find(&[], line, ""), one("kalle"), "{line}");
        }
        for guess in [
            "Your handle is funny",
            "use my account as \"admin\"",
            "my login is broken",
            "login: incorrect",
            "kalle",
            "I am kalle",
        ] {
            assert_eq!(find(&[], guess, guess), Wanted::Nothing, "{guess}");
        }
    }
}
