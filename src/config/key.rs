//! What the table says of a key.

/// A key as the table has it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// With its sections: `smtp.port`.
    pub path: String,
    pub spec: Spec,
    pub shown: Shown,
    /// What may stand there, in words.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only the handbook's page tells it, which a test writes")
    )]
    pub wanted: String,
    /// What can be put behind its name to make the names under which it may stand.
    pub endings: &'static [&'static str],
}

impl Key {
    /// Its name in the example, where a secret stands in a file of its own.
    pub(super) fn shown_name(&self) -> String {
        format!("{}{}", self.spec.name, self.endings.get(1).unwrap_or(&""))
    }
}

/// What the table says of a key without its section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub name: &'static str,
    /// The path from the top under which it may stand instead.
    pub alias: Option<&'static str>,
    /// The part of the example that begins with it.
    pub heading: Option<&'static str>,
    /// The lines of its documentation.
    pub text: &'static [&'static str],
}

/// The value that the example shows, in YAML.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// Holds where the key is left out.
    Default(&'static str),
    /// There is no default.
    Example(&'static str),
    /// Cannot stand beside the other examples.
    Aside(&'static str),
    /// The key must be set.
    Required(&'static str),
    /// Keys below it.
    Section,
}

impl Shown {
    pub(super) fn yaml(self) -> &'static str {
        match self {
            Self::Default(yaml) | Self::Example(yaml) | Self::Aside(yaml) | Self::Required(yaml) => yaml,
            Self::Section => "",
        }
    }
}

/// The path of a key in this section.
pub(super) fn joined(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}
