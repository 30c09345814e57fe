//! `tokens`: where the homeserver has its registration tokens from.

use std::time::Duration;

use crate::domain::Secret;

use super::entry::Entry;
use super::problems::Problems;
use super::secrets::{Sources, secret};
use super::section::Section;
use super::settings::{Backend, BackendKind, MasAccess, Tokens};

/// A year, in hours: more is a slip of the keyboard.
const MOST_HOURS: u64 = 24 * 365;

/// Reads the section into `tokens`. Whether a secret stands in the config itself.
pub(super) fn read(
    top: &mut Section<'_>,
    tokens: &mut Tokens,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> bool {
    let Some(tokens_entry) = top.take("tokens") else { return false };
    let mut section = Section::new(&tokens_entry.path, tokens_entry.node, problems);
    let kind = section.take("backend").map_or(Some(BackendKind::File), |entry| {
        let words = [
            BackendKind::File,
            BackendKind::Toml,
            BackendKind::Synapse,
            BackendKind::Mas,
            BackendKind::AdminRoom,
        ]
        .map(|kind| (kind.word(), kind));
        entry.one_of(problems, &words)
    });
    let per_applicant = section
        .take("per_applicant")
        .and_then(|entry| Some((entry.boolean(problems)?, entry)))
        .filter(|(asked, _)| *asked);
    if let (Some((_, entry)), Some(BackendKind::File | BackendKind::Toml)) = (&per_applicant, kind) {
        entry.error(
            problems,
            "only a homeserver that is asked for tokens can make one for each applicant: set backend to synapse, mas or \
             admin_room",
        );
    }
    tokens.per_applicant = per_applicant.is_some();
    section.set("uses", &mut tokens.uses, |entry| entry.number(problems, 1, 1000, ""));
    section.set("lifetime_hours", &mut tokens.lifetime, |entry| {
        let hours: u64 = entry.number(problems, 1, MOST_HOURS, " hours")?;
        Some(Duration::from_secs(hours * 3600))
    });
    section.set("grace_minutes", &mut tokens.grace, |entry| {
        let minutes: u64 = entry.number(problems, 0, 1440, " minutes")?;
        Some(Duration::from_secs(minutes * 60))
    });
    let before = problems.errors.len();
    let written = Written::take(&mut section, sources, problems);
    section.finish(problems);
    let inline = written.inline;
    // What cannot be read is told already, and missing for that reason only.
    if problems.errors.len() == before
        && let Some(kind) = kind
    {
        match written.backend(kind) {
            Ok(backend) => tokens.backend = backend,
            Err(what) => tokens_entry.error(problems, what),
        }
    }
    inline
}

/// What belongs to one backend or another.
struct Written {
    toml: Option<std::path::PathBuf>,
    access_token: Option<Secret>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    mas_url: Option<String>,
    inline: bool,
}

impl Written {
    fn take(section: &mut Section<'_>, sources: &Sources<'_>, problems: &mut Problems) -> Self {
        let text = |entry: Option<Entry<'_>>, wanted: &str, problems: &mut Problems| {
            entry
                .and_then(|entry| entry.text(problems, wanted).map(|text| text.trim().to_owned()))
                .filter(|text| !text.is_empty())
        };
        let toml = text(section.take("path"), "the path of a file", problems);
        let access_token =
            secret(section, ["access_token", "access_token_file", "access_token_env"], sources, problems);
        let client_id = text(section.take("client_id"), "the client's ID", problems);
        let client_secret =
            secret(section, ["client_secret", "client_secret_file", "client_secret_env"], sources, problems);
        let mas_url = section.take("mas_url").and_then(|entry| entry.url(problems));
        let inline = [&access_token, &client_secret].into_iter().flatten().any(|(_, inline)| *inline);
        let bare = |secret: Option<(Secret, bool)>| {
            // Whatever stands around it in a file is no part of it, and would split a header.
            secret.map(|(secret, _)| Secret::new(secret.reveal().trim()))
        };
        Self {
            toml: toml.map(|path| sources.folder.join(path)),
            access_token: bare(access_token),
            client_id,
            client_secret: bare(client_secret),
            mas_url,
            inline,
        }
    }

    /// Checks that all that the backend needs is there, and nothing that belongs to another one.
    fn backend(self, kind: BackendKind) -> Result<Backend, String> {
        let foreign = [
            ("path", self.toml.is_some() && kind != BackendKind::Toml),
            (
                "access_token",
                self.access_token.is_some() && matches!(kind, BackendKind::File | BackendKind::Toml),
            ),
            ("client_id", self.client_id.is_some() && kind != BackendKind::Mas),
            ("client_secret", self.client_secret.is_some() && kind != BackendKind::Mas),
            ("mas_url", self.mas_url.is_some() && kind != BackendKind::Mas),
        ];
        if let Some((name, _)) = foreign.into_iter().find(|(_, is)| *is) {
            return Err(format!(
                "{name} belongs to another backend: set backend to that one, or leave it out"
            ));
        }
        let missing = |what: &str| format!("{what} is missing");
        let access_token = || {
            self.access_token.clone().ok_or_else(|| {
                missing(match kind {
                    BackendKind::AdminRoom => {
                        "access_token_file, with the access token of a member of the homeserver's admin room,"
                    }
                    _ => "access_token_file, with the access token of a server administrator,",
                })
            })
        };
        Ok(match kind {
            BackendKind::File => Backend::File,
            BackendKind::Toml => Backend::Toml {
                path: self.toml.clone().ok_or_else(|| {
                    missing("path, of the second configuration file that doorman is to write,")
                })?,
            },
            BackendKind::Synapse => Backend::Synapse { access_token: access_token()? },
            BackendKind::AdminRoom => Backend::AdminRoom { access_token: access_token()? },
            BackendKind::Mas => Backend::Mas(MasAccess {
                client_id: self
                    .client_id
                    .ok_or_else(|| missing("client_id, of a client in MAS's policy.data.admin_clients,"))?,
                client_secret: self.client_secret.ok_or_else(|| missing("client_secret_file"))?,
                url: self.mas_url,
                access_token: self.access_token,
            }),
        })
    }
}
