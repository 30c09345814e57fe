//! The message files, and what is said with them.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use arc_swap::ArcSwap;
use fluent_bundle::{FluentArgs, FluentResource, concurrent};
use unic_langid::LanguageIdentifier;

use crate::domain::{Direction, Language};

/// The messages of a language.
pub(super) type Bundle = concurrent::FluentBundle<FluentResource>;

/// What can be said, by its name in the message files, and with which arguments.
pub(super) struct Message {
    pub name: &'static str,
    pub texts: &'static [&'static str],
    pub numbers: &'static [&'static str],
}

/// The messages of one file.
pub(super) struct File {
    #[cfg(test)]
    pub name: &'static str,
    pub messages: &'static [Message],
}

macro_rules! files {
    ($tag:literal) => {
        [
            ("pages", include_str!(concat!("../../lang/", $tag, "/pages.ftl"))),
            ("sign_up", include_str!(concat!("../../lang/", $tag, "/sign_up.ftl"))),
            ("emails", include_str!(concat!("../../lang/", $tag, "/emails.ftl"))),
            ("problems", include_str!(concat!("../../lang/", $tag, "/problems.ftl"))),
            ("refusals", include_str!(concat!("../../lang/", $tag, "/refusals.ftl"))),
            ("times", include_str!(concat!("../../lang/", $tag, "/times.ftl"))),
        ]
    };
}

/// Names and texts of a language's files.
pub(super) fn files(language: Language) -> [(&'static str, &'static str); 6] {
    match language {
        Language::English => files!("en"),
        Language::German => files!("de"),
        Language::French => files!("fr"),
        Language::Spanish => files!("es"),
        Language::Portuguese => files!("pt"),
        Language::Italian => files!("it"),
        Language::Dutch => files!("nl"),
        Language::Polish => files!("pl"),
        Language::Czech => files!("cs"),
        Language::Russian => files!("ru"),
        Language::Ukrainian => files!("uk"),
        Language::Turkish => files!("tr"),
        Language::Arabic => files!("ar"),
        Language::Persian => files!("fa"),
        Language::Japanese => files!("ja"),
        Language::SimplifiedChinese => files!("zh-Hans"),
        Language::TraditionalChinese => files!("zh-Hant"),
    }
}

/// A bundle without messages.
pub(super) fn empty(language: Language) -> Bundle {
    let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Around each argument, so that a name of the other direction leaves the sentence as it is. Where all is written from the
    // left they would only be in the way of those who copy.
    bundle.set_use_isolating(language.direction() == Direction::RightToLeft);
    bundle
}

/// Each is read when it is needed first.
static SHIPPED: LazyLock<HashMap<Language, OnceLock<Bundle>>> =
    LazyLock::new(|| Language::all().map(|language| (language, OnceLock::new())).collect());

/// What the operator says otherwise. A process is one desk, so its words are those of the process.
static OWN: LazyLock<ArcSwap<HashMap<Language, Bundle>>> = LazyLock::new(ArcSwap::default);

fn shipped(language: Language) -> Option<&'static Bundle> {
    let bundle = SHIPPED.get(&language)?.get_or_init(|| {
        let mut bundle = empty(language);
        for (_, text) in files(language) {
            // What cannot be read, which a test would find, is said in English.
            let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, _)| readable);
            bundle.add_resource_overriding(resource);
        }
        bundle
    });
    Some(bundle)
}

/// From now on this is said instead of what is shipped.
pub(super) fn say_instead(own: HashMap<Language, Bundle>) {
    OWN.store(own.into());
}

/// Whether the language has messages.
pub(super) fn is_spoken(language: Language) -> bool {
    shipped(language).is_some_and(|bundle| bundle.has_message("username"))
}

/// A message: in the operator's words, else in the shipped ones, else in English.
pub(super) fn say(language: Language, name: &str, arguments: &FluentArgs<'_>) -> String {
    let own = OWN.load();
    let said = |language| {
        let own = own.get(&language).and_then(|bundle| said(bundle, name, arguments));
        own.or_else(|| shipped(language).and_then(|bundle| self::said(bundle, name, arguments)))
    };
    said(language).or_else(|| said(Language::English)).unwrap_or_default()
}

/// None: the bundle has no such message, or it cannot be said with these arguments.
pub(super) fn said(bundle: &Bundle, name: &str, arguments: &FluentArgs<'_>) -> Option<String> {
    let (mut errors, pattern) = (Vec::new(), bundle.get_message(name)?.value()?);
    let said = bundle.format_pattern(pattern, Some(arguments), &mut errors);
    errors.is_empty().then(|| said.into_owned())
}
