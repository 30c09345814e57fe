//! The message files are held against the methods that say them.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentValue};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};

use unic_langid::LanguageIdentifier;

use super::catalog::{Bundle, empty, files, said};
use super::*;

/// What a message has in it.
#[derive(Default)]
struct Has<'a> {
    variables: BTreeSet<&'a str>,
    /// For each number that is chosen by, the keys.
    choices: Vec<(&'a str, BTreeSet<&'a str>)>,
    /// Whatever else could be called.
    others: Vec<String>,
}

impl<'a> Has<'a> {
    fn of(pattern: &Pattern<&'a str>) -> Self {
        let mut has = Self::default();
        has.add(pattern);
        has
    }

    fn add(&mut self, pattern: &Pattern<&'a str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                    if let InlineExpression::VariableReference { id } = inline {
                        self.variables.insert(id.name);
                    } else {
                        self.others.push(format!("{inline:?}"));
                    }
                }
                PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                    let InlineExpression::VariableReference { id } = selector else {
                        self.others.push(format!("{selector:?}"));
                        continue;
                    };
                    let keys = variants.iter().map(|variant| match variant.key {
                        VariantKey::Identifier { name } => name,
                        VariantKey::NumberLiteral { value } => value,
                    });
                    self.variables.insert(id.name);
                    self.choices.push((id.name, keys.collect()));
                    for variant in variants {
                        self.add(&variant.value);
                    }
                }
            }
        }
    }
}

/// The words for whole numbers of a language, as CLDR has them.
fn plurals(language: Language) -> BTreeSet<&'static str> {
    let rules =
        PluralRules::create(language.tag().parse::<LanguageIdentifier>().unwrap(), PluralRuleType::CARDINAL)
            .unwrap();
    (0..1000_u32)
        .map(|number| match rules.select(number).unwrap() {
            PluralCategory::ZERO => "zero",
            PluralCategory::ONE => "one",
            PluralCategory::TWO => "two",
            PluralCategory::FEW => "few",
            PluralCategory::MANY => "many",
            PluralCategory::OTHER => "other",
        })
        // As the last of a choice, whether whole numbers need it or not.
        .chain(["other"])
        .collect()
}

/// What is wrong with the files of a language, of which a translation may lack messages.
fn wrong(language: Language, is_whole: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, (name, text)) in FILES.iter().zip(files(language)) {
        assert_eq!(file.name, name);
        let at = |what: String| format!("lang/{}/{name}.ftl: {what}", language.tag());
        let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(readable, errors)| {
            wrong.extend(errors.iter().map(|error| at(format!("{error} ({:?})", error.slice))));
            readable
        });
        let mut found = BTreeMap::new();
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    if found.insert(message.id.name, &message.value).is_some() {
                        wrong.push(at(format!("{} is there twice", message.id.name)));
                    }
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(_) | Entry::Junk { .. } => wrong.push(at(format!("not a message: {entry:?}"))),
            }
        }
        for message in file.messages {
            let Some(pattern) = found.remove(message.name) else {
                if is_whole {
                    wrong.push(at(format!("{} is missing", message.name)));
                }
                continue;
            };
            let Some(pattern) = pattern else {
                wrong.push(at(format!("{} says nothing", message.name)));
                continue;
            };
            let has = Has::of(pattern);
            let arguments: BTreeSet<&str> = message.texts.iter().chain(message.numbers).copied().collect();
            if has.variables != arguments || !has.others.is_empty() {
                wrong.push(at(format!(
                    "{} has {:?} {:?} instead of {arguments:?}",
                    message.name, has.variables, has.others
                )));
            }
            for (of, keys) in has.choices {
                let are_numbers =
                    keys.iter().filter(|key| key.parse::<u32>().is_ok()).count() + 1 >= keys.len();
                if !message.numbers.contains(&of) || !(are_numbers || keys.is_superset(&plurals(language))) {
                    let need = plurals(language);
                    wrong.push(at(format!("{} chooses by {of} among {keys:?}: {need:?}", message.name)));
                }
            }
        }
        wrong.extend(found.keys().map(|name| at(format!("{name} is no message"))));
    }
    wrong
}

#[test]
fn every_message_file_says_what_the_desk_says_and_nothing_else() {
    let wrong: Vec<String> =
        Language::all().flat_map(|language| wrong(language, language == Language::English)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_language_that_is_offered_is_translated_as_a_whole() {
    for language in Language::all().filter(|language| language.is_spoken()) {
        let wrong = wrong(language, true);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn what_is_not_translated_is_said_in_english_and_never_by_its_name() {
    let arguments = FluentArgs::new();
    for language in Language::all() {
        for message in messages_of_all() {
            let mut arguments = FluentArgs::new();
            for name in message.texts.iter().chain(message.numbers) {
                arguments.set(*name, FluentValue::from(7));
            }
            let text = catalog::say(language, message.name, &arguments);
            assert!(
                !text.is_empty() && !text.contains('{') && text != message.name,
                "{}: {text}",
                message.name
            );
        }
        assert_eq!(catalog::say(language, "no_such_message", &arguments), "");
    }
    let broken: Bundle = empty(Language::German);
    assert_eq!(said(&broken, "username", &arguments), None);
}

#[test]
fn arguments_are_escaped_in_html_and_only_once() {
    let t = Language::English;
    let bold = Html::within("b", "a<b");
    assert_eq!(t.desk_of(&bold).to_string(), "Registration desk of <b>a&#60;b</b>");
    assert_eq!(t.desk_of("a<b"), "Registration desk of a<b");
    assert_eq!(t.desk_of("{ $homeserver } \u{fdd0}"), "Registration desk of { $homeserver } \u{fdd0}");
}

#[test]
fn numbers_are_told_by_the_rules_of_their_language() {
    let t = Language::English;
    assert_eq!(t.wait_days(1), "1 day");
    assert_eq!(t.wait_days(2), "2 days");
}
