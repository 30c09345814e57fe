//! The desk as a whole: its start, settings, token, journal.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use crate::clock::when::parse_since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{EmailAddress, SurgeMode};

use super::values::{Listing, email_address};

/// `init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The homeserver's name, as in @user:name
    #[arg(long, value_name = "NAME")]
    pub homeserver: Option<String>,
    /// Its client-server API, if it is not found by the name
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Where it gets its tokens: `file`, `synapse`, `mas` or `admin_room`
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<String>,
    /// For `synapse` and `admin_room`: a file with the access token
    #[arg(long, value_name = "FILE")]
    pub access_token_file: Option<PathBuf>,
    /// For `mas`: the client's ID
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// For `mas`: a file with the client's secret
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// The mail server that sends the emails
    #[arg(long, value_name = "HOST")]
    pub smtp_host: Option<String>,
    /// Its port
    #[arg(long, value_name = "PORT")]
    pub smtp_port: Option<u16>,
    /// Its TLS: starttls, implicit or none
    #[arg(long, value_name = "MODE")]
    pub smtp_tls: Option<String>,
    /// Your user name there
    #[arg(long, value_name = "NAME")]
    pub smtp_username: Option<String>,
    /// A file with your password there
    #[arg(long, value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// The sender of the emails
    #[arg(long, value_name = "ADDRESS")]
    pub smtp_from: Option<String>,
    /// No mail server yet: emails are written as files to outbox/
    #[arg(long, conflicts_with = "smtp_host")]
    pub no_mail: bool,
    /// Where applicants will find the page
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Your email address, for what needs you
    #[arg(long, value_name = "ADDRESS", value_parser = email_address)]
    pub operator_email: Option<EmailAddress>,
    /// The port to listen on, on 127.0.0.1
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Ask no questions
    #[arg(long)]
    pub yes: bool,
}

/// What is said about surges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Surge {
    /// There is a surge
    On,
    /// There is no surge
    Off,
    /// The desk decides
    Auto,
}

impl From<Surge> for SurgeMode {
    fn from(said: Surge) -> Self {
        match said {
            Surge::On => Self::On,
            Surge::Off => Self::Off,
            Surge::Auto => Self::Auto,
        }
    }
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// `log`
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only since then: 30m, 12h, 7d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: Option<DateTime<Utc>>,
    /// How many entries
    #[command(flatten)]
    pub listing: Listing,
}

/// `console`
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    /// Only look: keys that would change something do nothing, and say so
    #[arg(long)]
    pub read_only: bool,
    /// Use the mouse wheel too; the terminal then selects text only with Shift held
    #[arg(long)]
    pub mouse: bool,
}

/// `token`
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Also print the token itself
    #[arg(long)]
    pub reveal: bool,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The format
    #[arg(long, value_enum, default_value_t = ExportFormat::Json)]
    pub format: ExportFormat,
    /// Leave out what identifies people
    #[arg(long)]
    pub redact: bool,
}

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// An array of objects
    Json,
    /// A table; cells that a spreadsheet would read as formulas are defused
    Csv,
}

/// `doctor`
#[derive(Debug, Default, Args)]
pub struct DoctorArgs {
    /// Also send a test email to this address, and show the mail server's answer
    #[arg(long, value_name = "ADDRESS", value_parser = email_address)]
    pub send: Option<EmailAddress>,
    /// Also send two test mails to the letter box, and say what belongs into `trusted_authserv_ids`
    #[arg(long)]
    pub mail: bool,
    /// Confirm that this machine's clock is right if the desk does not trust it; nothing is tested then
    #[arg(long, conflicts_with_all = ["send", "mail", "resolver"])]
    pub trust_clock: bool,
    /// Ask this name server for the records of the sender's domain, instead of those in /etc/resolv.conf
    #[arg(long, value_name = "IP[:PORT]", value_parser = name_server)]
    pub resolver: Option<SocketAddr>,
}

/// `site`
#[derive(Debug, Args)]
pub struct SiteArgs {
    /// The folder to write to; it is created if needed
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The desk's URL; without it, the form posts to the site's own origin
    #[arg(long, value_name = "URL")]
    pub desk: Option<String>,
}

/// `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`
fn name_server(typed: &str) -> Result<SocketAddr, String> {
    match (typed.parse::<IpAddr>(), typed.parse::<SocketAddr>()) {
        (Ok(ip), _) => Ok(SocketAddr::new(ip, 53)),
        (_, Ok(server)) => Ok(server),
        _ => Err("it should be an IP address, with a port or without".into()),
    }
}
