//! Which name a mail asks for. The first source that names any decides; two names there are not chosen between.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::name_words::{BEFORE, BEHIND, KEYS, NO_NAMES};
use super::own_text::cleaned;

/// A name as homeservers have it.
const NAME: &str = r"[a-z0-9][a-z0-9._=/+\-]{0,254}";

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

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).multi_line(true).build().unwrap_or_else(|error| unreachable!("{error}"))
}

static KEY_LINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^[\s*\-•]*(?:(?:{BEFORE})\s*)*(?<key>{})(?: (?:{BEHIND}))?[\s*]*(?<by>[:=]|->|\b(?:is|ist|est|es|è|é|är|er)\b|は|是)[\s*]*(?<name>\S.*)$",
        KEYS.join("|")
    ))
});

static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"^(?:please )?(?:(?:register|username)(?: request)?(?: for| as|:|：)?|(?:registration|registrierung|inscription|registro|sign ?-?up|user|account|konto|compte|cuenta)(?: request)?(?: for| as|:|：))\s+['"`“„«]?@?({NAME})['"`”“»]?[.!]?$"#
    ))
});

static QUOTED_PHRASE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"\b(?:user ?-?name|login|handle|nick(?:name)?|account|name)\s+(?:(?:would be|should be|to be|will be|is|as|called)\s+)?['"`“„«*]@?({NAME})['"`”“»*]"#
    ))
});

static PHRASE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:user ?-?name|handle|nick(?:name)?)\s+(?:would be|should be|to be|will be|is)\s+@?({NAME})"
    ))
});

static ALONE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^{NAME}$")));

/// `Re:`, in the languages of mail programs.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:re|aw|fwd?|wg|sv|vs|tr|rv|ref|enc|res|antw|odp|pd|на|ответ|відп|答复|回复|转发|回覆|轉寄|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+",
    )
});

/// Of different names at one place, so many are told.
const MOST_NAMES: usize = 5;

/// Looks through address, text and subject. `desk` is the desk's own address in lower case, `server` the homeserver's name.
pub(super) fn wanted_name(
    recipients: &[String],
    subject: &str,
    own_text: &str,
    desk: &str,
    server: &str,
) -> Wanted {
    let subject = cleaned(subject).to_lowercase();
    let subject = PREFIX.replace(subject.trim(), "").trim().to_owned();
    let text = own_text.to_lowercase();
    let sources: [&dyn Fn() -> Vec<String>; 7] = [
        &|| details(recipients, desk),
        &|| accounts(&format!("{text}\n{subject}"), server),
        &|| key_lines(&text).map(|value| bare(value.split('(').next().unwrap_or(value))).collect(),
        &|| {
            let mut found: Vec<String> =
                key_lines(&subject).map(bare).filter(|word| stands_for_itself(word)).collect();
            if found.is_empty() {
                found = first_group(&COMMAND, &subject).map(bare).filter(|word| is_a_name(word)).collect();
            }
            found
        },
        &|| {
            let mut found: Vec<String> =
                first_group(&QUOTED_PHRASE, &text).map(bare).filter(|word| is_a_name(word)).collect();
            if found.is_empty() {
                found = first_group(&PHRASE, &text).map(bare).filter(|word| is_a_name(word)).collect();
            }
            found
        },
        &|| {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            let first = lines.first().filter(|line| !asks(line)).map(|line| bare(line)).unwrap_or_default();
            if lines.len() <= 3 && stands_for_itself(&first) { vec![first] } else { Vec::new() }
        },
        // With more than a remark below it, it is what the text is about.
        &|| {
            let remark = text.lines().filter(|line| !line.trim().is_empty()).count() <= 2;
            let alone = if asks(&subject) || !remark { String::new() } else { bare(&subject) };
            if stands_for_itself(&alone) { vec![alone] } else { Vec::new() }
        },
    ];
    for source in sources {
        let mut found: Vec<String> = Vec::new();
        for name in source() {
            if !name.is_empty() && found.len() < MOST_NAMES && !found.contains(&name) {
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

/// What stands behind the `+` in the address that the mail was sent to.
fn details(recipients: &[String], desk: &str) -> Vec<String> {
    let Some((local, domain)) = desk.rsplit_once('@') else { return Vec::new() };
    recipients
        .iter()
        .filter_map(|address| {
            let (found, at) = address.rsplit_once('@')?;
            let detail = found.strip_prefix(local)?.strip_prefix('+')?;
            (at == domain).then(|| detail.to_owned())
        })
        .collect()
}

/// `@name:our.server`
fn accounts(text: &str, server: &str) -> Vec<String> {
    let server = server.to_lowercase();
    text.match_indices('@')
        .filter_map(|(at, _)| {
            let text = &text[at + 1..];
            let end = text.find(|c: char| c == ':' || c == '@' || c.is_whitespace())?;
            let (name, rest) = text.split_at(end);
            let after = rest.strip_prefix(':')?.strip_prefix(server.as_str())?;
            let mut beyond = after.chars().skip_while(|c| *c == '.');
            let goes_on = match after.chars().next() {
                Some('.') => beyond.next().is_some_and(char::is_alphanumeric),
                Some(c) => c.is_alphanumeric() || c == '-' || c == ':',
                None => false,
            };
            (!goes_on && !name.is_empty()).then(|| name.to_owned())
        })
        .collect()
}

/// What stands behind the key words. `My account is broken` names none.
fn key_lines(text: &str) -> impl Iterator<Item = &str> {
    KEY_LINE
        .captures_iter(text)
        .filter(|found| {
            !matches!((&found["key"], &found["by"]), ("account" | "user", "is" | "ist" | "est" | "es"))
        })
        .filter_map(|found| found.name("name"))
        .map(|group| group.as_str())
}

fn first_group<'t>(pattern: &'static Regex, text: &'t str) -> impl Iterator<Item = &'t str> {
    pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|group| group.as_str())
}

/// Without the signs that people put around a name.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'`“”„«»‹›<>()[]{}*_.,;:!?。、".contains(c))
        .trim_start_matches('@')
        .to_owned()
}

/// `How?`
fn asks(line: &str) -> bool {
    line.trim_end().ends_with(['?', '？'])
}

fn stands_for_itself(word: &str) -> bool {
    ALONE.is_match(word) && is_a_name(word)
}

fn is_a_name(word: &str) -> bool {
    !NO_NAMES.contains(&word)
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
            (&[], question, "I would like @alice:desk.test please", one("alice")),
            (&[], question, "I would like @alice:desk.test.", one("alice")),
            (&[], question, "I would like @alice:desk.test.evil please", Wanted::Nothing),
            (&[], question, "I would like @alice:matrix.org please", Wanted::Nothing),
            (&[], "register alice", "", one("alice")),
            (&[], "Register: alice", "Sent from my iPhone", one("alice")),
            (&[], "alice", "", one("alice")),
            (&[], "Fwd: Re: alice", "", one("alice")),
            (&[], "hello", "", Wanted::Nothing),
            (&[], "Account: alice", "", one("alice")),
            (&[], "Account creation", "Hi, could I please get one?\nThanks\nBob\nx", Wanted::Nothing),
            (&[], "Register now", "Hi, could I please get one?\nThanks\nBob\nx", Wanted::Nothing),
            (&[], "How?", "", Wanted::Nothing),
            (&[], "Konto", "Hallo,\nich hätte gerne ein Konto.\nGruß", Wanted::Nothing),
            (&[], "Matrix-Zugang", "Hallo,\nich hätte gerne ein Konto.\nGruß", Wanted::Nothing),
            (&[], "alice", "Could I have this one?\nThanks", one("alice")),
            (&[], "Re: Your Registration Token", "Great!", Wanted::Nothing),
            (&[], question, "How?", Wanted::Nothing),
            (&[], question, "Hello\nmy account is broken\nThanks\nBob\nx", Wanted::Nothing),
            (&[], question, "Hello\nmy login is alice\nThanks\nBob\nx", one("alice")),
            (&[], "Please register me", "Hi, could I get an account? Thanks!\nAlice", Wanted::Nothing),
            (&[], "Account", "My username would be alice, thank you", one("alice")),
            (&[], "Account", "I'd like the user name \"alice.smith\" if it is free.", one("alice.smith")),
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
            (&[], question, "one\ntwo\nthree\nfour", Wanted::Nothing),
        ] {
            assert_eq!(find(to, subject, text), expected, "{to:?} {subject:?} {text:?}");
        }
    }
}
