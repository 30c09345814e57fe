//! The command line: `doorman [--config PATH] COMMAND`, and how it fails.

mod failure;

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::bans::{Mark, parse_until};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Action, BanKind, EmailAddress, SurgeMode, printable};
use crate::filter::Filter;

pub use crate::clock::when;
pub use failure::{Failure, complain};
use when::parse_since;

/// Of a note above a line of a ban list, so much is written.
const NOTE_CHARS: usize = 500;

/// The registration desk of a Matrix homeserver.
///
/// People ask for an account on a web page or by email; doorman decides by your rules and emails a sign-up link, where
/// they choose a password and the account is created. It also replaces the homeserver's registration token every day.
#[derive(Debug, Parser)]
#[command(name = "doorman", version, about, long_about, propagate_version = true, max_term_width = 80)]
#[command(
    after_help = "Examples:\n  doorman serve                     try it: a trial desk on http://127.0.0.1:6626\n  \
                        doorman --config /srv/desk/config.yaml serve\n  doorman requests --refused --since 1d"
)]
pub struct Cli {
    /// The desk's config.yaml; its folder is the desk's folder
    ///
    /// Without it: `$DOORMAN_CONFIG`, else config.yaml in the current folder, else (for all commands but serve) trial/
    /// when it is there, or a package's /var/lib/doorman/config.yaml.
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

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

/// What doorman can be told to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the desk
    ///
    /// With no config.yaml in the current folder it is a trial desk, in the folder trial/: it asks no homeserver and
    /// sends nothing; emails are written to trial/outbox/.
    ///
    /// SIGTERM and SIGINT stop it, SIGHUP makes it read config.yaml again.
    #[command(
        after_help = "Examples:\n  doorman serve\n  doorman --config /srv/desk/config.yaml serve --log-format json"
    )]
    Serve(ServeArgs),
    /// Check config and ban lists
    ///
    /// Shows every error at once and asks no server. Exit code 1 if there are errors.
    #[command(after_help = "Example:\n  doorman --config /srv/desk/config.yaml check-config")]
    CheckConfig,
    /// Set up a new desk: asks, tries the answers with the real servers, and writes config.yaml
    ///
    /// Finds the homeserver's API, kind and release, proposes how it should get its tokens, tries the mail server, and
    /// writes config.yaml, and the secrets as files of mode 0600. It overwrites nothing. With --yes it asks no questions:
    /// what you do not give takes its default; if there is none, that is an error, and nothing is written.
    #[command(
        after_help = "Examples:\n  doorman init\n  doorman --config /srv/desk/config.yaml init --yes --homeserver your.server --no-mail"
    )]
    Init(Box<InitArgs>),
    /// Print an example config.yaml that explains every setting
    #[command(after_help = "Example:\n  doorman example-config > config.yaml")]
    ExampleConfig,
    /// Watch everything and act on it, in the terminal
    ///
    /// Works beside a running desk, or alone, at 80x24 and up (60x14 will do). `?` shows every key, `q` leaves. What it
    /// changes it asks about first, or `u` undoes it; every action is also a command. It respects `NO_COLOR`, `TERM` and
    /// `LANG`. Without a terminal it exits with code 2; for scripts there is `doorman requests --follow`.
    #[command(after_help = "Examples:\n  doorman console\n  doorman console --read-only\n  \
                            ssh -t your.server doorman --config /srv/desk/config.yaml console")]
    Console(ConsoleArgs),
    /// Show the token's age, the next reset, and whether the homeserver accepts it
    #[command(after_help = "Examples:\n  doorman token\n  doorman token --reveal\n  doorman token --json")]
    Token(TokenArgs),
    /// Show on one screen whether all is well, and what needs you
    ///
    /// Exit code 0 if all is well, 1 if something needs you: no desk is running, it is closed for another reason than its
    /// downtime, there is an alarm, a request is waiting, or an email failed in the last 24 hours.
    #[command(after_help = "Examples:\n  doorman status\n  doorman status --json")]
    Status {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Replace the token now
    ///
    /// Exit code 0 once the new token is in `.registration_token`. It also says whether the homeserver accepts it.
    #[command(after_help = "Example:\n  doorman rotate")]
    Rotate,
    /// Close the desk; emails in the outbox are still sent
    #[command(after_help = "Example:\n  doorman pause")]
    Pause,
    /// Open the desk again
    #[command(after_help = "Example:\n  doorman resume")]
    Resume,
    /// Turn surge mode on or off, or let the desk decide
    ///
    /// In a surge, requests that pass all rules wait for you, or the desk is closed: see `on_surge` in config.yaml. With
    /// auto, a surge begins when far more requests come in than usual, and ends by itself.
    #[command(after_help = "Examples:\n  doorman surge on\n  doorman surge auto")]
    Surge {
        /// The mode from now on
        #[arg(value_enum)]
        mode: Surge,
    },
    /// List requests, newest first
    #[command(
        after_help = "Examples:\n  doorman requests --since 1d\n  doorman requests --refused --ip 192.0.2.7\n  \
                            doorman requests --email example.org --json\n  doorman requests --follow\n  \
                            doorman requests --where 'on:tue domain:example.net reason:rate_limited'\n  \
                            doorman requests show 17\n  doorman requests resend 17"
    )]
    Requests(RequestsArgs),
    /// Ban IP addresses, email addresses and names
    #[command(
        after_help = "Examples:\n  doorman ban add ip 192.0.2.0/24\n  doorman ban add email '*@trash.example'\n  \
                            doorman ban add username '.*admin.*'\n  doorman ban test email someone@trash.example\n  \
                            doorman ban list"
    )]
    Ban(BanArgs),
    /// List emails that are waiting to be sent, and those that failed in the last 30 days
    #[command(after_help = "Examples:\n  doorman outbox\n  doorman outbox retry\n  doorman outbox drop 12")]
    Outbox(OutboxArgs),
    /// List addresses in a cooldown, or end one
    #[command(after_help = "Examples:\n  doorman cooldowns\n  doorman cooldowns lift someone@example.org")]
    Cooldowns(CooldownsArgs),
    /// List or change the mailboxes that get no email from this desk
    #[command(
        after_help = "Examples:\n  doorman suppress list\n  doorman suppress add someone@example.org\n  \
                            doorman suppress lift someone@example.org"
    )]
    Suppress {
        /// What to do
        #[command(subcommand)]
        command: SuppressCommand,
    },
    /// Import registrations.json of the Matrix Registration System
    #[command(after_help = "Example:\n  doorman import /srv/old/registrations.json")]
    Import {
        /// The file
        file: PathBuf,
    },
    /// Write all requests to standard output, oldest first
    #[command(
        after_help = "Examples:\n  doorman export > requests.json\n  doorman export --format csv --redact > requests.csv"
    )]
    Export(ExportArgs),
    /// Approve held requests: each is judged again, and the email is sent
    #[command(after_help = "Examples:\n  doorman requests --held\n  doorman approve 17 18")]
    Approve {
        /// The requests' numbers
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Refuse held requests; without --because the applicants are not told
    #[command(
        after_help = "Examples:\n  doorman refuse 17 18\n  doorman refuse 17 --because 'We take members of the club only.'"
    )]
    Refuse {
        /// The requests' numbers
        #[arg(required_unless_present = "meant")]
        ids: Vec<i64>,
        /// All waiting requests that match
        #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
        meant: Option<Filter>,
        /// The reason, emailed to the applicant
        #[arg(long, value_name = "TEXT")]
        because: Option<String>,
    },
    /// Judge past requests by other rules: who would have been refused, held or accepted instead
    ///
    /// It changes nothing. What depended on the moment stays as it was: whether the desk was closed, what the homeserver
    /// said about a name, what you decided.
    #[command(after_help = "Examples:\n  doorman rehearse --since 7d --bans /tmp/new-lists\n  \
                            doorman rehearse --config new.yaml --json")]
    Rehearse(RehearseArgs),
    /// Explain a request: every rule in order, what it saw and what it said; the last line is the verdict
    #[command(after_help = "Examples:\n  doorman why 17\n  doorman why 17 --json")]
    Why {
        /// The request's number
        id: i64,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Show what would happen to a request now: every rule in order; the last line is the verdict
    ///
    /// It records nothing and sends nothing; the homeserver is asked whether the name is free. Rate limits are not
    /// included: only the running desk knows them.
    #[command(
        after_help = "Examples:\n  doorman judge --name alice --email alice@example.org --ip 192.0.2.7\n  \
                            doorman judge --name alice --email alice@example.org --json"
    )]
    Judge(JudgeArgs),
    /// Show the journal: what was done, and by whom, newest first
    #[command(after_help = "Examples:\n  doorman log --since 1d\n  doorman log --json")]
    Log(LogArgs),
    /// Undo what you did last
    ///
    /// Bans, pauses, lifted cooldowns, and decisions that are not emailed yet. What cannot be undone says so and is skipped.
    #[command(after_help = "Examples:\n  doorman undo\n  doorman undo 3")]
    Undo {
        /// How many acts, newest first
        #[arg(value_name = "N", default_value_t = 1)]
        count: usize,
    },
    /// Redo what you undid last
    #[command(after_help = "Example:\n  doorman redo")]
    Redo,
    /// Print everything that is known about an email address, as JSON
    ///
    /// For people who ask what you know about them. Tokens and secrets are left out. It does not search ban lists, backups
    /// and logs.
    #[command(after_help = "Example:\n  doorman disclose someone@example.org")]
    Disclose {
        /// The email address
        address: String,
    },
    /// Erase what is known about an email address, and free it
    #[command(after_help = "Example:\n  doorman forget someone@example.org")]
    Forget {
        /// The email address
        address: String,
    },
    /// Back up the desk's database, also while the desk is running
    #[command(after_help = "Example:\n  doorman backup /var/backups/doorman.db")]
    Backup {
        /// The file to write; it must not exist yet
        file: PathBuf,
    },
    /// Restore a backup, while the desk is not running
    #[command(after_help = "Example:\n  doorman restore /var/backups/doorman.db")]
    Restore {
        /// A file that `doorman backup` has written
        file: PathBuf,
    },
    /// Test everything with the real servers, and say what to do
    ///
    /// One line each for config, ban lists, folder, clock, homeserver, token, page, mail server and letter box: `ok`, `note`
    /// (it works, but could be better), or `WRONG` with what to do. It changes nothing, and creates no account.
    ///
    /// Exit code 1 if something is wrong.
    #[command(
        after_help = "Examples:\n  doorman doctor\n  doorman doctor --send you@example.org\n  doorman doctor --mail\n  \
                            doorman doctor --resolver 9.9.9.9"
    )]
    Doctor(DoctorArgs),
    /// Write the page as static files, for another web server
    #[command(after_help = "Examples:\n  doorman site --out /var/www/register\n  \
                            doorman site --out public --desk https://desk.your.server")]
    Site(SiteArgs),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  doorman completions bash > /etc/bash_completion.d/doorman")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  doorman man | man -l -")]
    Man,
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

/// `rehearse`
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// Requests since then: 12h, 30d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: DateTime<Utc>,
    /// Use this config.yaml instead of the desk's; after `rehearse`, --config means the same
    #[arg(long, value_name = "FILE")]
    pub by_config: Option<PathBuf>,
    /// Use the ban lists in this folder instead of the desk's
    #[arg(long, value_name = "DIR")]
    pub bans: Option<PathBuf>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

impl Cli {
    /// The command line as it is meant: behind `rehearse`, `--config` names the rules to try, not the desk.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Self {
        let (mut args, mut is_value, mut command) = (args.into_iter(), false, None);
        let program = args.next();
        let meant = args.map(|arg| {
            let word = arg.to_str().unwrap_or_default();
            if !is_value && !word.starts_with('-') {
                command.get_or_insert(word == "rehearse");
            }
            is_value = word == "--config";
            let is_rehearsal = command == Some(true);
            match word.strip_prefix("--config") {
                Some(rest) if is_rehearsal && (rest.is_empty() || rest.starts_with('=')) => {
                    format!("--by-config{rest}").into()
                }
                _ => arg,
            }
        });
        Self::parse_from(program.into_iter().chain(meant.collect::<Vec<_>>()))
    }
}

/// `judge`
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// The name asked for
    #[arg(long)]
    pub name: String,
    /// The email address
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// The IP address; without it, rules about addresses are skipped
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<IpAddr>,
    /// The answer to the question
    #[arg(long, value_name = "TEXT")]
    pub answer: Option<String>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
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

/// What every listing can be told.
#[derive(Debug, Args)]
pub struct Listing {
    /// At most this many [default: 50, with --json all]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

impl Listing {
    /// How many rows: all for scripts, a screenful or two for people, unless they say.
    pub fn limit(&self) -> Option<u64> {
        self.limit.or((!self.json).then_some(50))
    }
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

/// `requests`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of a command line")]
#[command(args_conflicts_with_subcommands = true)]
pub struct RequestsArgs {
    /// `resend`
    #[command(subcommand)]
    pub command: Option<RequestsCommand>,
    /// Only accepted ones
    #[arg(long, group = "verdict")]
    pub accepted: bool,
    /// Only those that are waiting for you
    #[arg(long, group = "verdict")]
    pub held: bool,
    /// Only refused ones
    #[arg(long, group = "verdict")]
    pub refused: bool,
    /// Only those whose email address contains this
    #[arg(long, value_name = "PART")]
    pub email: Option<String>,
    /// Only those whose name contains this
    #[arg(long, value_name = "PART")]
    pub username: Option<String>,
    /// Only those from this IP address
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<std::net::IpAddr>,
    /// Only those since then: 30m, 12h, 7d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: Option<DateTime<Utc>>,
    /// Only those that match
    #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
    pub meant: Option<Filter>,
    /// Keep running and print new ones as they come in, with --json one per line
    #[arg(long)]
    pub follow: bool,
    /// How many rows
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with a request.
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// Show everything that is known about a request
    #[command(after_help = "Example:\n  doorman requests show 17")]
    Show {
        /// The request's number
        id: i64,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Send the email of an accepted request again
    #[command(after_help = "Example:\n  doorman requests resend 17")]
    Resend {
        /// The request's number
        id: i64,
    },
}

/// `ban`
#[derive(Debug, Args)]
pub struct BanArgs {
    /// What to do
    #[command(subcommand)]
    pub command: BanCommand,
}

/// What can be done with the ban lists.
#[derive(Debug, Subcommand)]
pub enum BanCommand {
    /// Add entries
    ///
    /// Each entry refuses, holds or approves those it hits: see --action. --dry-run shows whom it would have hit.
    #[command(after_help = "Examples:\n  doorman ban add email '*@trash.example' spam.example\n  \
                      doorman ban add email provider.example --action hold --until 2026-12-25 --note 'spring wave'\n  \
                      doorman ban add email club.example --action approve\n  \
                      doorman ban add ip 192.0.2.0/24 --and-refuse-held")]
    Add {
        /// Which list
        kind: BanKind,
        /// Addresses or CIDR ranges; addresses with * or domains; regular expressions
        #[arg(required = true, value_name = "ENTRY")]
        entries: Vec<String>,
        /// Their action, end and note
        #[command(flatten)]
        mark: MarkArgs,
        /// Add it even if it alone hits nearly everybody
        #[arg(long)]
        force: bool,
        /// Also refuse the held requests that are hit
        #[arg(long)]
        and_refuse_held: bool,
        /// Only show what they would have done to the requests of the last 30 days
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove an entry
    #[command(after_help = "Example:\n  doorman ban remove ip 192.0.2.7")]
    Remove {
        /// Which list
        kind: BanKind,
        /// The entry as it is in the file
        entry: String,
    },
    /// Change an entry, or its action, end or note
    #[command(after_help = "Examples:\n  doorman ban edit ip 192.0.2.7 192.0.2.0/24\n  \
                            doorman ban edit email provider.example --action hold --until never")]
    Edit {
        /// Which list
        kind: BanKind,
        /// The entry as it is in the file
        entry: String,
        /// The new entry; left out, it stays as it is
        #[arg(required_unless_present_any = ["action", "until", "note"])]
        new: Option<String>,
        /// Its action, end and note; what you leave out stays as it is
        #[command(flatten)]
        mark: MarkArgs,
        /// Change it even if it alone hits nearly everybody
        #[arg(long)]
        force: bool,
    },
    /// List the entries
    #[command(after_help = "Example:\n  doorman ban list email --json")]
    List {
        /// Which list; without it, all three
        kind: Option<BanKind>,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Show which lines of which file hit a value, and what they do
    ///
    /// Exit code 0 either way.
    #[command(after_help = "Example:\n  doorman ban test username administrator")]
    Test {
        /// Which list
        kind: BanKind,
        /// An IP address, an email address or a name
        value: String,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
}

/// What stands above an entry and belongs to it.
#[derive(Debug, Clone, Args)]
pub struct MarkArgs {
    /// What happens to those it hits [default: refuse]
    #[arg(long)]
    pub action: Option<Action>,
    /// When it ends: 2027-01-01, 2027-01-01T12:00:00Z, or never
    #[arg(long, value_name = "WHEN", value_parser = until)]
    pub until: Option<Until>,
    /// A note for yourself
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Until when an entry is in force; None: without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until(pub Option<DateTime<Utc>>);

fn until(typed: &str) -> Result<Until, String> {
    if typed.trim() == "never" {
        return Ok(Until(None));
    }
    let at = parse_until(typed.trim()).ok_or_else(|| {
        format!("{typed:?} is not a date: write 2027-01-01, 2027-01-01T12:00:00Z, or never")
    })?;
    if at <= SystemClock.now() { Err(format!("{typed} is over already")) } else { Ok(Until(Some(at))) }
}

impl MarkArgs {
    /// What is to stand above an entry above which this stands. None: nothing is to change there.
    pub fn over(&self, old: Mark, by: &str, now: DateTime<Utc>) -> Option<Mark> {
        if self.action.is_none() && self.until.is_none() && self.note.is_none() {
            return None;
        }
        let note = self.note.clone().or(old.note).filter(|note| !note.is_empty());
        Some(Mark {
            action: self.action.unwrap_or(old.action),
            until: self.until.map_or(old.until, |until| until.0),
            note: note.map(|note| printable(&note, NOTE_CHARS)),
            by: Some(by.to_owned()),
            added: Some(now.format("%Y-%m-%d").to_string()),
        })
    }
}

impl ValueEnum for BanKind {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()).help(self.file_name()))
    }
}

impl ValueEnum for Action {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Refuse => "they are refused",
            Self::Hold => "they wait for your decision",
            Self::Approve => "no other line of this list counts, and you need not be asked",
        };
        Some(PossibleValue::new(self.word()).help(help))
    }
}

/// `outbox`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct OutboxArgs {
    /// `retry`, `drop`
    #[command(subcommand)]
    pub command: Option<OutboxCommand>,
    /// How many rows
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with emails that are owed.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// Retry emails now instead of waiting; without numbers, all of them
    #[command(after_help = "Examples:\n  doorman outbox retry\n  doorman outbox retry 12 13")]
    Retry {
        /// The emails' numbers
        ids: Vec<i64>,
    },
    /// Drop emails from the outbox; their names and addresses are free again
    #[command(
        after_help = "Examples:\n  doorman outbox drop 12 13\n  doorman outbox drop --where ip:198.51.100.0/24"
    )]
    Drop {
        /// The emails' numbers
        #[arg(required_unless_present = "meant")]
        ids: Vec<i64>,
        /// All emails whose request or address matches
        #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
        meant: Option<Filter>,
    },
}

/// `cooldowns`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CooldownsArgs {
    /// `lift`
    #[command(subcommand)]
    pub command: Option<CooldownsCommand>,
    /// How many rows
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with cooldowns.
#[derive(Debug, Subcommand)]
pub enum CooldownsCommand {
    /// End the cooldown of an address
    #[command(after_help = "Example:\n  doorman cooldowns lift someone@example.org")]
    Lift {
        /// The email address
        address: String,
    },
}

/// What can be done with suppressed mailboxes.
#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// List these mailboxes
    List {
        /// How many rows
        #[command(flatten)]
        listing: Listing,
    },
    /// Send no more email to a mailbox
    Add {
        /// The email address
        address: String,
    },
    /// Allow email to a mailbox again
    Lift {
        /// The email address
        address: String,
    },
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

/// What `--where` understands.
const WHERE: &str = "Words are searched for in name, address, IP, reason and verdict. Also: held, refused, accepted, arrived, \
    reason:rate_limited, ip:198.51.100.0/24, domain:example.net, name:, by:email, letter:failed, list:, since:2d, on:tue, \
    on:yesterday, on:2026-11-17, before:. A ! in front negates one; if there are several, all must match. The console's / understands \
    the same.";

fn filter(typed: &str) -> Result<Filter, String> {
    Filter::parse(typed, SystemClock.now()).map_err(|unclear| unclear.to_string())
}

fn email_address(typed: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(typed).map_err(|problem| problem.to_string())
}

/// `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`
fn name_server(typed: &str) -> Result<SocketAddr, String> {
    match (typed.parse::<IpAddr>(), typed.parse::<SocketAddr>()) {
        (Ok(ip), _) => Ok(SocketAddr::new(ip, 53)),
        (_, Ok(server)) => Ok(server),
        _ => Err("it should be an IP address, with a port or without".into()),
    }
}
