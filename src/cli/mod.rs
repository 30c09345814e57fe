//! The command line: `doorman [--config PATH] COMMAND`, and how it fails.

mod bans;
mod desk;
mod failure;
mod requests;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::filter::Filter;

pub use crate::clock::when;
pub use bans::{BanArgs, BanCommand, MarkArgs, Until};
pub use desk::{
    ConsoleArgs, DoctorArgs, ExportArgs, ExportFormat, InitArgs, LogArgs, LogFormat, ServeArgs, SiteArgs,
    Surge, TokenArgs,
};
pub use failure::{Failure, complain};
pub use requests::{
    CooldownsArgs, CooldownsCommand, InviteArgs, JudgeArgs, OutboxArgs, OutboxCommand, RehearseArgs,
    RequestsArgs, RequestsCommand, SuppressCommand,
};
pub use values::Listing;
use values::{WHERE, filter};

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
    /// Invite somebody: a sign-up link, emailed or for you to hand over
    ///
    /// It works while the desk is closed, and in spite of approval, a surge and `accounts_per_day`. The name is reserved for
    /// them; without one they choose it on the sign-up page. A ban that hits it is named, and ignored with --despite-bans. It is
    /// listed among the requests (by:invitation), and `doorman undo` withdraws it as long as no account was created.
    #[command(
        after_help = "Examples:\n  doorman invite carol --email carol@example.org --note 'See you on Monday.'\n  \
                            doorman invite --email dave@example.org --hours 168\n  doorman invite erin --print"
    )]
    Invite(InviteArgs),
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
