//! What `init` has found out and was told → `config.yaml`, and the secrets beside it.

use crate::config::{BackendKind, TlsMode};
use crate::domain::Secret;

/// Names of the files that hold the secrets.
pub(super) const ACCESS_TOKEN: &str = "access-token";
pub(super) const CLIENT_SECRET: &str = "client-secret";
pub(super) const SMTP_PASSWORD: &str = "smtp-password";

/// What a new desk is to be like.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub homeserver: String,
    pub base_url: Option<String>,
    pub backend: Option<BackendKind>,
    /// Of an administrator of the homeserver, or of a member of its admin room.
    pub access_token: Option<Secret>,
    /// For MAS.
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub smtp: Option<MailServer>,
    pub public_url: Option<String>,
    pub operator_email: Option<String>,
    pub port: Option<u16>,
}

/// The mail server that sends the emails.
#[derive(Debug, Clone)]
pub(super) struct MailServer {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    /// None: no login.
    pub login: Option<(String, Secret)>,
    pub from: Option<String>,
}

/// Where the secrets stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    /// In the text itself, which is only tried, and never written.
    Inline,
    /// In files beside it.
    InFiles,
}

/// A word as YAML, whatever it contains: JSON is YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Draft {
    /// The `config.yaml`.
    pub(super) fn text(&self, secrets: Secrets) -> String {
        let mut text = String::from(
            "# The settings of this registration desk. `doorman example-config` explains every setting there is,\n\
             # `doorman check-config` shows every error, `doorman doctor` tests everything with the real servers.\n",
        );
        let mut section = |comment: &str, lines: &[String]| {
            text.push_str(&format!("\n# {comment}\n"));
            for line in lines {
                text.push_str(line);
                text.push('\n');
            }
        };
        let line = |key: &str, value: &str| format!("{key}: {}", quoted(value));
        section("The name of the homeserver, as in @user:name.", &[line("homeserver", &self.homeserver)]);
        if let Some(url) = &self.base_url {
            section("Its client-server API, as the desk reaches it.", &[line("base_url", url)]);
        }
        if let Some(url) = &self.public_url {
            section("Where applicants find the page; emails name it.", &[line("public_url", url)]);
        }
        if let Some(port) = self.port {
            section(
                "The port on 127.0.0.1 that your web server passes requests on to.",
                &[format!("port: {port}")],
            );
        }
        section("Where the homeserver gets its registration tokens.", &self.tokens(secrets));
        match &self.smtp {
            Some(smtp) => section("The mail server that sends the emails.", &smtp.lines(secrets)),
            None => section("No mail server: emails are written as files to outbox/.", &["#smtp:".into()]),
        }
        if let Some(address) = &self.operator_email {
            section(
                "Who gets an email, once an hour at most, about what needs the operator.",
                &[line("operator_email", address)],
            );
        }
        text
    }

    fn tokens(&self, secrets: Secrets) -> Vec<String> {
        let backend = self.backend.unwrap_or(BackendKind::File);
        let mut lines = vec!["tokens:".to_owned(), format!("  backend: {}", backend.word())];
        if let Some(id) = &self.client_id {
            lines.push(format!("  client_id: {}", quoted(id)));
        }
        lines.extend(self.client_secret.as_ref().map(|s| secret("client_secret", s, CLIENT_SECRET, secrets)));
        lines.extend(self.access_token.as_ref().map(|s| secret("access_token", s, ACCESS_TOKEN, secrets)));
        lines
    }

    /// The files beside it, each with what is secret.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        let password = self.smtp.as_ref().and_then(|smtp| smtp.login.as_ref()).map(|(_, password)| password);
        [
            (ACCESS_TOKEN, self.access_token.as_ref()),
            (CLIENT_SECRET, self.client_secret.as_ref()),
            (SMTP_PASSWORD, password),
        ]
        .into_iter()
        .filter_map(|(file, secret)| Some((file, secret?)))
    }
}

impl MailServer {
    fn lines(&self, secrets: Secrets) -> Vec<String> {
        let tls = <&str>::from(self.tls);
        let mut lines = vec![
            "smtp:".to_owned(),
            format!("  host: {}", quoted(&self.host)),
            format!("  port: {}", self.port),
            format!("  tls: {tls}"),
        ];
        if let Some((name, password)) = &self.login {
            lines.push(format!("  username: {}", quoted(name)));
            lines.push(secret("password", password, SMTP_PASSWORD, secrets));
        }
        lines.extend(self.from.as_ref().map(|from| format!("  from: {}", quoted(from))));
        lines
    }
}

/// The line of a secret; in a file where the key ends so.
fn secret(key: &str, secret: &Secret, file: &str, secrets: Secrets) -> String {
    match secrets {
        Secrets::Inline => format!("  {key}: {}", quoted(secret.reveal())),
        Secrets::InFiles => format!("  {key}_file: {file}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Backend, load_text};

    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was_meant_and_holds_no_secret() {
        let draft = Draft {
            homeserver: "your.server".into(),
            base_url: Some("http://127.0.0.1:8008".into()),
            backend: Some(BackendKind::Synapse),
            access_token: Some(Secret::new("syt_\"x\": #'")),
            smtp: Some(MailServer {
                host: "smtp.your.server".into(),
                port: 465,
                tls: TlsMode::Implicit,
                login: Some(("desk@your.server".into(), Secret::new("pass: {word} #1"))),
                from: Some("Desk <desk@your.server>".into()),
            }),
            public_url: Some("https://register.your.server".into()),
            operator_email: Some("you@your.server".into()),
            port: Some(6700),
            ..Draft::default()
        };
        let read = load_text(&draft.text(Secrets::Inline), Path::new("config.yaml"), &|_| None).unwrap();
        let settings = read.settings;
        let Backend::Synapse { access_token } = &settings.tokens.backend else { panic!("{settings:?}") };
        assert_eq!(access_token.reveal(), "syt_\"x\": #'");
        let smtp = settings.smtp.unwrap();
        assert_eq!(smtp.login.unwrap().1.reveal(), "pass: {word} #1");
        assert_eq!((smtp.port, settings.port), (465, 6700));
        let written = draft.text(Secrets::InFiles);
        assert!(!written.contains("syt_") && !written.contains("pass:"), "{written}");
        assert_eq!(draft.secrets().map(|(file, _)| file).collect::<Vec<_>>(), [ACCESS_TOKEN, SMTP_PASSWORD]);
    }

    #[test]
    fn the_shortest_is_one_too() {
        let draft = Draft { homeserver: "your.server".into(), ..Draft::default() };
        load_text(&draft.text(Secrets::InFiles), Path::new("config.yaml"), &|_| None).unwrap();
    }
}
