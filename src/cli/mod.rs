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
/// Applicants ask for an account on a web page; doorman decides by your rules and mails them the homeserver's
/// registration token, which it replaces every day.
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
    /// Its client-server API, where that is not found by its name
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Where it gets its tokens: `file`, `synapse`, `mas` or `admin_room`
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<String>,
    /// For `synapse` and `admin_room`: a file with the access token
    #[arg(long, value_name = "FILE")]
    pub access_token_file: Option<PathBuf>,
    /// For mas
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// For mas: a file with the client's secret
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// The mail server that takes the emails
    #[arg(long, value_name = "HOST")]
    pub smtp_host: Option<String>,
    /// Its port
    #[arg(long, value_name = "PORT")]
    pub smtp_port: Option<u16>,
    /// starttls, implicit or none
    #[arg(long, value_name = "MODE")]
    pub smtp_tls: Option<String>,
    /// Your name there
    #[arg(long, value_name = "NAME")]
    pub smtp_username: Option<String>,
    /// A file with the password
    #[arg(long, value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// The address that emails come from
    #[arg(long, value_name = "ADDRESS")]
    pub smtp_from: Option<String>,
    /// No mail server yet: emails land as files in outbox/
    #[arg(long, conflicts_with = "smtp_host")]
    pub no_mail: bool,
    /// Where applicants will find the page
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Who is told of what waits for the operator
    #[arg(long, value_name = "ADDRESS", value_parser = email_address)]
    pub operator_email: Option<EmailAddress>,
    /// The port to listen on, on 127.0.0.1
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Ask nobody
    #[arg(long)]
    pub yes: bool,
}

/// What doorman can be told to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the desk
    ///
    /// With no config.yaml in the current folder it is a trial desk, in the folder trial/: it asks no homeserver and
    /// sends nothing, letters land in trial/outbox/.
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
    /// Make a new desk: asks, tries the answers with the real servers, and writes config.yaml
    ///
    /// Finds the homeserver's API, make and release, proposes how it is to get its tokens, tries the mail server, and
    /// writes config.yaml and the secrets as files of mode 0600. Overwrites nothing. With --yes nobody is asked: what is
    /// not given takes its default, what has none is an error, and nothing is written.
    #[command(
        after_help = "Examples:\n  doorman init\n  doorman --config /srv/desk/config.yaml init --yes --homeserver your.server --no-mail"
    )]
    Init(Box<InitArgs>),
    /// Print an example config.yaml that explains every setting
    #[command(after_help = "Example:\n  doorman example-config > config.yaml")]
    ExampleConfig,
    /// See everything and act on the spot, in the terminal
    ///
    /// Works beside a running desk, or alone, at 80x24 and up (60x14 will do). `?` shows every key, `q` leaves. What it
    /// changes it asks about first, or takes back with `u`; every action is also a command. `NO_COLOR`, `TERM` and `LANG` say
    /// what the terminal can. Not on a terminal it exits with code 2: for scripts there is `doorman requests --follow`.
    #[command(after_help = "Examples:\n  doorman console\n  doorman console --read-only\n  \
                            ssh -t your.server doorman --config /srv/desk/config.yaml console")]
    Console(ConsoleArgs),
    /// Show the token's age, the next reset, and whether the homeserver takes it
    #[command(after_help = "Examples:\n  doorman token\n  doorman token --reveal\n  doorman token --json")]
    Token(TokenArgs),
    /// Show on one screen whether the desk is well, and what waits for you
    ///
    /// Exit code 0 where all is well, 1 where something needs you: no desk runs, it is closed other than for its downtime, an
    /// alarm, a request that waits, an email that failed in the last 24 hours.
    #[command(after_help = "Examples:\n  doorman status\n  doorman status --json")]
    Status {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Replace the token now
    ///
    /// Exit code 0 once the new token stands in `.registration_token`; says whether the homeserver takes it.
    #[command(after_help = "Example:\n  doorman rotate")]
    Rotate,
    /// Close the desk by hand; letters that are owed still go out
    #[command(after_help = "Example:\n  doorman pause")]
    Pause,
    /// Open the desk again
    #[command(after_help = "Example:\n  doorman resume")]
    Resume,
    /// Say that there is a surge, that there is none, or that the desk is to find out
    ///
    /// In a surge what passes all rules waits for you, or the desk is closed: see `on_surge` in config.yaml. By itself one
    /// begins and ends as requests come.
    #[command(after_help = "Examples:\n  doorman surge on\n  doorman surge auto")]
    Surge {
        /// What holds from now on
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
    /// Ban addresses, e-mail addresses and names
    #[command(
        after_help = "Examples:\n  doorman ban add ip 192.0.2.0/24\n  doorman ban add email '*@trash.example'\n  \
                            doorman ban add username '.*admin.*'\n  doorman ban test email someone@trash.example\n  \
                            doorman ban list"
    )]
    Ban(BanArgs),
    /// List letters that are owed, and those that failed in the last 30 days
    #[command(after_help = "Examples:\n  doorman outbox\n  doorman outbox retry\n  doorman outbox drop 12")]
    Outbox(OutboxArgs),
    /// List addresses in their cooldown, or end one
    #[command(after_help = "Examples:\n  doorman cooldowns\n  doorman cooldowns lift someone@example.org")]
    Cooldowns(CooldownsArgs),
    /// Mailboxes that get no email from this desk: their owners said so, or you do
    #[command(
        after_help = "Examples:\n  doorman suppress list\n  doorman suppress add someone@example.org\n  \
                            doorman suppress lift someone@example.org"
    )]
    Suppress {
        /// What to do
        #[command(subcommand)]
        command: SuppressCommand,
    },
    /// Take in the original's registrations.json
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
    /// Invite somebody: a sign-up link, mailed or for you to hand over
    ///
    /// It passes a closed desk, approval, a surge and `accounts_per_day`. The name is kept for them; without one they choose
    /// it on the sign-up page. A ban that it meets is named and, with --despite-bans, does not count for them. It stands among
    /// the requests, by:invitation, and `doorman undo` takes it back as long as no account was made.
    #[command(
        after_help = "Examples:\n  doorman invite carol --email carol@example.org --note 'See you on Monday.'\n  \
                            doorman invite --email dave@example.org --hours 168\n  doorman invite erin --print"
    )]
    Invite(InviteArgs),
    /// Accept held requests: each is judged again, and the token is mailed
    #[command(after_help = "Examples:\n  doorman requests --held\n  doorman approve 17 18")]
    Approve {
        /// The requests' numbers
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Refuse held requests; without --because nobody is told
    #[command(
        after_help = "Examples:\n  doorman refuse 17 18\n  doorman refuse 17 --because 'We take members of the club only.'"
    )]
    Refuse {
        /// The requests' numbers
        #[arg(required_unless_present = "meant")]
        ids: Vec<i64>,
        /// All that wait and that this means
        #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
        meant: Option<Filter>,
        /// What the applicant is told by mail
        #[arg(long, value_name = "TEXT")]
        because: Option<String>,
    },
    /// Judge the requests of the past again by other rules: who would have been refused, held, accepted instead
    ///
    /// It changes nothing. What depended on the moment is taken as it was: whether the desk was closed, what the homeserver
    /// said of a name, what you decided.
    #[command(after_help = "Examples:\n  doorman rehearse --since 7d --bans /tmp/new-lists\n  \
                            doorman rehearse --config new.yaml --json")]
    Rehearse(RehearseArgs),
    /// Explain a request: every rule in its order, what it saw and said; the last line is the verdict
    #[command(after_help = "Examples:\n  doorman why 17\n  doorman why 17 --json")]
    Why {
        /// The request's number
        id: i64,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Say what would become of a request now: every rule in its order, the last line is the verdict
    ///
    /// It records nothing and sends nothing; the homeserver is asked whether the name is free. How often an address has
    /// asked lately only the running desk knows.
    #[command(
        after_help = "Examples:\n  doorman judge --name alice --email alice@example.org --ip 192.0.2.7\n  \
                            doorman judge --name alice --email alice@example.org --json"
    )]
    Judge(JudgeArgs),
    /// List what was done to the desk, by whom: the journal, newest first
    #[command(after_help = "Examples:\n  doorman log --since 1d\n  doorman log --json")]
    Log(LogArgs),
    /// Take back what you did last, newest first
    ///
    /// Bans, pauses, lifted cooldowns, and decisions that are not mailed yet. What cannot be taken back says so, and what
    /// you did before it is taken back instead.
    #[command(after_help = "Examples:\n  doorman undo\n  doorman undo 3")]
    Undo {
        /// How much
        #[arg(value_name = "N", default_value_t = 1)]
        count: usize,
    },
    /// Do again what you took back last
    #[command(after_help = "Example:\n  doorman redo")]
    Redo,
    /// Print all that is known of an e-mail address, as JSON
    ///
    /// For whoever asks what you know of them. Tokens and secrets are left out. Ban lists, backups and logs are yours to look
    /// through.
    #[command(after_help = "Example:\n  doorman disclose someone@example.org")]
    Disclose {
        /// The e-mail address
        address: String,
    },
    /// Erase what is known of an e-mail address, and free it
    #[command(after_help = "Example:\n  doorman forget someone@example.org")]
    Forget {
        /// The e-mail address
        address: String,
    },
    /// Write a backup of the desk's database, also while the desk runs
    #[command(after_help = "Example:\n  doorman backup /var/backups/doorman.db")]
    Backup {
        /// The file to write; it must not be there yet
        file: PathBuf,
    },
    /// Put a backup in the database's place, while the desk does not run
    #[command(after_help = "Example:\n  doorman restore /var/backups/doorman.db")]
    Restore {
        /// A file that `backup` wrote
        file: PathBuf,
    },
    /// Try everything with the real parts, and say what to do
    ///
    /// A line each for config, ban lists, folder, clock, homeserver, token, page, mail server and letter box: `ok`, `note`
    /// (it works, and could be better), or `WRONG` with what to do. It changes nothing, and makes no account.
    ///
    /// Exit code 1 where something is wrong.
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

/// What is said of surges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Surge {
    /// There is one
    On,
    /// There is none
    Off,
    /// The desk finds out
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
    /// The requests since then: 12h, 30d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: DateTime<Utc>,
    /// By this config.yaml instead of the desk's; written behind `rehearse`, --config means the same
    #[arg(long, value_name = "FILE")]
    pub by_config: Option<PathBuf>,
    /// By the ban lists in this folder instead of the desk's
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
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// Whence it comes; left out, nothing that depends on it is looked at
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<IpAddr>,
    /// What is answered to the question
    #[arg(long, value_name = "TEXT")]
    pub answer: Option<String>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// `invite`
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// The account's name; left out, they choose it
    pub name: Option<String>,
    /// Where the link is mailed to; with --print, whose account it is to be
    #[arg(long, value_name = "ADDRESS", value_parser = email_address)]
    pub email: Option<EmailAddress>,
    /// How long the link works [default: `sign_up_hours` of config.yaml]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=24 * 365))]
    pub hours: Option<u32>,
    /// What the email says to them from you; it stands in your lists, too
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Mail nothing: print the link, and nothing else, for you to hand over
    #[arg(long)]
    pub print: bool,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
    /// Also where a ban hits the name or the address; bans that come later count
    #[arg(long)]
    pub despite_bans: bool,
}

/// `log`
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only since then: 30m, 12h, 7d, 2026-05-01 or 2026-05-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = |text: &str| parse_since(text, SystemClock.now()))]
    pub since: Option<DateTime<Utc>>,
    /// How much of it
    #[command(flatten)]
    pub listing: Listing,
}

/// What every listing can be told.
#[derive(Debug, Args)]
pub struct Listing {
    /// At most so many [default: 50, with --json all]
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
    /// Only look: keys that change something say so and do nothing
    #[arg(long)]
    pub read_only: bool,
    /// Take the mouse wheel, too; the terminal can then select text only with Shift held
    #[arg(long)]
    pub mouse: bool,
}

/// `token`
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Print the token itself too
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
    /// Only those that wait for you
    #[arg(long, group = "verdict")]
    pub held: bool,
    /// Only refused ones
    #[arg(long, group = "verdict")]
    pub refused: bool,
    /// Only those whose e-mail address contains this
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
    /// Only those that this means
    #[arg(long = "where", value_name = "EXPR", value_parser = filter, long_help = WHERE)]
    pub meant: Option<Filter>,
    /// Go on and print new ones as they come, with --json one a line
    #[arg(long)]
    pub follow: bool,
    /// How much is listed
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with a request.
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// Show everything that is known of a request
    #[command(after_help = "Example:\n  doorman requests show 17")]
    Show {
        /// The request's number
        id: i64,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Send the letter of an accepted request once more
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
    /// Each refuses whom it hits, or holds or approves them: see --action. What it would hit is shown by --dry-run.
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
        /// What belongs to them
        #[command(flatten)]
        mark: MarkArgs,
        /// Also where an entry alone hits nearly everybody
        #[arg(long)]
        force: bool,
        /// Also refuse the held requests that they hit
        #[arg(long)]
        and_refuse_held: bool,
        /// Only say what they would have done to the requests of the last 30 days
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove an entry
    #[command(after_help = "Example:\n  doorman ban remove ip 192.0.2.7")]
    Remove {
        /// Which list
        kind: BanKind,
        /// The entry as it stands in the file
        entry: String,
    },
    /// Change an entry, or what belongs to it
    #[command(after_help = "Examples:\n  doorman ban edit ip 192.0.2.7 192.0.2.0/24\n  \
                            doorman ban edit email provider.example --action hold --until never")]
    Edit {
        /// Which list
        kind: BanKind,
        /// The entry as it stands in the file
        entry: String,
        /// What it is to be; left out, it stays
        #[arg(required_unless_present_any = ["action", "until", "note"])]
        new: Option<String>,
        /// What belongs to it; what is left out stays
        #[command(flatten)]
        mark: MarkArgs,
        /// Also where the entry alone hits nearly everybody
        #[arg(long)]
        force: bool,
    },
    /// List the entries
    #[command(after_help = "Example:\n  doorman ban list email --json")]
    List {
        /// Which list; all three where none is named
        kind: Option<BanKind>,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Say which lines of which file hit a value, and what they do
    ///
    /// Exit code 0 either way.
    #[command(after_help = "Example:\n  doorman ban test username administrator")]
    Test {
        /// Which list
        kind: BanKind,
        /// An IP address, an e-mail address or a name
        value: String,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
}

/// What stands above an entry and belongs to it.
#[derive(Debug, Clone, Args)]
pub struct MarkArgs {
    /// What becomes of whom it hits [default: refuse]
    #[arg(long)]
    pub action: Option<Action>,
    /// From then on the entry is passed over: 2027-01-01, 2027-01-01T12:00:00Z, or never
    #[arg(long, value_name = "WHEN", value_parser = until)]
    pub until: Option<Until>,
    /// What you want to remember
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
    let at = parse_until(typed.trim())
        .ok_or_else(|| format!("{typed:?} is no day: write 2027-01-01, 2027-01-01T12:00:00Z, or never"))?;
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
            Self::Refuse => "they are turned away",
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
    /// How much is listed
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with owed letters.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// Try owed letters at once, whatever the pauses; all where none is named
    #[command(after_help = "Examples:\n  doorman outbox retry\n  doorman outbox retry 12 13")]
    Retry {
        /// Letters by their numbers
        ids: Vec<i64>,
    },
    /// Take owed letters out; their names and addresses are free again
    #[command(
        after_help = "Examples:\n  doorman outbox drop 12 13\n  doorman outbox drop --where ip:198.51.100.0/24"
    )]
    Drop {
        /// The letters' numbers
        #[arg(required_unless_present = "meant")]
        ids: Vec<i64>,
        /// All that are owed to a request, or an address, that this means
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
    /// How much is listed
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done with cooldowns.
#[derive(Debug, Subcommand)]
pub enum CooldownsCommand {
    /// End the cooldown of an address
    #[command(after_help = "Example:\n  doorman cooldowns lift someone@example.org")]
    Lift {
        /// The e-mail address
        address: String,
    },
}

/// What can be done with suppressed mailboxes.
#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// List them
    List {
        /// How much is listed
        #[command(flatten)]
        listing: Listing,
    },
    /// This mailbox gets no email any more
    Add {
        /// The e-mail address
        address: String,
    },
    /// It gets email again
    Lift {
        /// The e-mail address
        address: String,
    },
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What it looks like
    #[arg(long, value_enum, default_value_t = ExportFormat::Json)]
    pub format: ExportFormat,
    /// Leave out what identifies a person
    #[arg(long)]
    pub redact: bool,
}

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// An array of objects
    Json,
    /// A table; cells that a spreadsheet would take for formulas are made harmless
    Csv,
}

/// `doctor`
#[derive(Debug, Default, Args)]
pub struct DoctorArgs {
    /// Also send a test letter to this address, and tell the mail server's words
    #[arg(long, value_name = "ADDRESS", value_parser = email_address)]
    pub send: Option<EmailAddress>,
    /// Also send the letter box two test mails, and say whom to put into `trusted_authserv_ids`
    #[arg(long)]
    pub mail: bool,
    /// Say that the clock of this machine is right, where the desk does not believe it; nothing is tried then
    #[arg(long, conflicts_with_all = ["send", "mail", "resolver"])]
    pub trust_clock: bool,
    /// Ask this name server for the records of the sender's domain, instead of those in /etc/resolv.conf
    #[arg(long, value_name = "IP[:PORT]", value_parser = name_server)]
    pub resolver: Option<SocketAddr>,
}

/// `site`
#[derive(Debug, Args)]
pub struct SiteArgs {
    /// The folder to write into; made where it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Where the desk itself is; without it the form posts to the site's own origin
    #[arg(long, value_name = "URL")]
    pub desk: Option<String>,
}

/// What `--where` understands.
const WHERE: &str = "Words are looked for in name, address, IP, reason and verdict. Besides: held, refused, accepted, arrived, \
    reason:rate_limited, ip:198.51.100.0/24, domain:example.net, name:, by:email, letter:failed, list:, since:2d, on:tue, \
    on:yesterday, on:2026-11-17, before:. A ! in front turns one around; of several all must be true. The console's / takes \
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
