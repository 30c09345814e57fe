//! The languages that the desk speaks to those who ask.

/// A language. Its messages are the files below `lang/`, in the folder of its tag.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
#[expect(missing_docs, reason = "a language's name says which it is")]
pub enum Language {
    #[default]
    #[strum(serialize = "en")]
    English,
    #[strum(serialize = "de")]
    German,
    #[strum(serialize = "fr")]
    French,
    #[strum(serialize = "es")]
    Spanish,
    #[strum(serialize = "pt")]
    Portuguese,
    #[strum(serialize = "it")]
    Italian,
    #[strum(serialize = "nl")]
    Dutch,
    #[strum(serialize = "pl")]
    Polish,
    #[strum(serialize = "cs")]
    Czech,
    #[strum(serialize = "ru")]
    Russian,
    #[strum(serialize = "uk")]
    Ukrainian,
    #[strum(serialize = "tr")]
    Turkish,
    #[strum(serialize = "ar")]
    Arabic,
    #[strum(serialize = "fa")]
    Persian,
    #[strum(serialize = "ja")]
    Japanese,
    #[strum(serialize = "zh-Hans")]
    SimplifiedChinese,
    #[strum(serialize = "zh-Hant")]
    TraditionalChinese,
}

/// How a language is written in HTML: from which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::AsRefStr)]
pub enum Direction {
    /// From left to right.
    #[strum(serialize = "ltr")]
    LeftToRight,
    /// From right to left.
    #[strum(serialize = "rtl")]
    RightToLeft,
}

impl Language {
    /// All of them, in the order of the menu.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::IntoEnumIterator>::iter()
    }

    /// Its tag (BCP 47), as pages and settings have it.
    pub fn tag(self) -> &'static str {
        self.into()
    }

    /// What those who speak it call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Portuguese => "Português",
            Self::Italian => "Italiano",
            Self::Dutch => "Nederlands",
            Self::Polish => "Polski",
            Self::Czech => "Čeština",
            Self::Russian => "Русский",
            Self::Ukrainian => "Українська",
            Self::Turkish => "Türkçe",
            Self::Arabic => "العربية",
            Self::Persian => "فارسی",
            Self::Japanese => "日本語",
            Self::SimplifiedChinese => "简体中文",
            Self::TraditionalChinese => "繁體中文",
        }
    }

    /// From which side it is written.
    pub fn direction(self) -> Direction {
        match self {
            Self::Arabic | Self::Persian => Direction::RightToLeft,
            Self::English
            | Self::German
            | Self::French
            | Self::Spanish
            | Self::Portuguese
            | Self::Italian
            | Self::Dutch
            | Self::Polish
            | Self::Czech
            | Self::Russian
            | Self::Ukrainian
            | Self::Turkish
            | Self::Japanese
            | Self::SimplifiedChinese
            | Self::TraditionalChinese => Direction::LeftToRight,
        }
    }

    /// The one that a tag means: `de-AT`, `pt_BR`, `zh-TW`, `zh-Hans-SG`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = tag.split('-');
        let (language, mut rest) = (parts.next()?, parts);
        if language == "zh" {
            // Where the script is not said, the region tells it.
            let is_traditional = rest.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
            let is_said_simplified = tag.contains("hans");
            return Some(if is_traditional && !is_said_simplified {
                Self::TraditionalChinese
            } else {
                Self::SimplifiedChinese
            });
        }
        language.parse().ok()
    }

    /// The one of these that an `Accept-Language` wants most (RFC 9110, section 12.5.4); English where it wants none of them,
    /// or the first where English is none of them.
    pub fn wanted(accept: &str, among: &[Self]) -> Self {
        let mut wishes: Vec<(f32, Self)> = accept.split(',').filter_map(wish).collect();
        wishes.retain(|(quality, language)| *quality > 0.0 && among.contains(language));
        // The first of those that are wanted as much.
        wishes.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        wishes.first().map_or_else(|| Self::fallback(among), |(_, language)| *language)
    }

    /// English, where it is one of these; else the first.
    pub fn fallback(among: &[Self]) -> Self {
        let english = among.contains(&Self::English).then_some(Self::English);
        english.or_else(|| among.first().copied()).unwrap_or_default()
    }
}

fn wish(range: &str) -> Option<(f32, Language)> {
    let mut parts = range.split(';').map(str::trim);
    let language = Language::of_tag(parts.next()?)?;
    let weight = parts.find_map(|parameter| parameter.strip_prefix("q="));
    let quality = weight.map_or(Some(1.0), |q| q.trim().parse().ok())?;
    (0.0..=1.0).contains(&quality).then_some((quality, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_tag_and_its_neighbours() {
        for language in Language::all() {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
        for (tag, language) in [
            ("DE-at", Some(Language::German)),
            ("pt-BR", Some(Language::Portuguese)),
            ("pt_PT", Some(Language::Portuguese)),
            ("zh", Some(Language::SimplifiedChinese)),
            ("zh-SG", Some(Language::SimplifiedChinese)),
            ("zh-TW", Some(Language::TraditionalChinese)),
            ("zh-HK", Some(Language::TraditionalChinese)),
            ("zh-Hant-HK", Some(Language::TraditionalChinese)),
            ("zh-Hans-HK", Some(Language::SimplifiedChinese)),
            ("tlh", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }

    #[test]
    fn the_browser_is_answered_in_what_it_likes_best_of_what_is_spoken() {
        let all: Vec<Language> = Language::all().collect();
        for (accept, language) in [
            ("de", Language::German),
            ("tlh, de;q=0.5, fr;q=0.8", Language::French),
            ("de;q=0.5,fr;q=0.5", Language::German),
            ("en;q=0.1, de-CH;q=0.9", Language::German),
            ("zh-TW,zh;q=0.9,en-US;q=0.8", Language::TraditionalChinese),
            ("de;q=0, ar", Language::Arabic),
            ("de;q=x, ar;q=0.2", Language::Arabic),
            ("de;q=7", Language::English),
            ("", Language::English),
            ("*", Language::English),
            ("\u{fc},;q=1,,;", Language::English),
        ] {
            assert_eq!(Language::wanted(accept, &all), language, "{accept}");
        }
        let two = [Language::French, Language::German];
        assert_eq!(Language::wanted("ar, de;q=0.1", &two), Language::German);
        assert_eq!(Language::wanted("ar", &two), Language::French);
        assert_eq!(Language::wanted("ar", &[]), Language::English);
    }
}
