//! The table of keys, one entry each: name, type, default or example, reader, and the text that operators read.
//!
//! To add a key, add its entry here and run `DOORMAN_WRITE=1 cargo test --lib config`, which writes `config.yaml.example` and
//! `docs/config.md` anew.
// A key that nothing is made from must not compile.
#![deny(unused_variables)]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::{EmailAddress, Language, Schedule, Secret, ServerName};

use super::checks::{self, BackendParts};
use super::key::Shown::{Aside, Default, Example};
use super::kinds::{boolean, email, ip, number, socket, text, url, word};
use super::section::section;
use super::settings::{
    Approval, Backend, BackendKind, Client, ConsoleTheme, Contact, EmailIdentity, ImapLogin, LetterTemplates,
    ListSource, OnSurge, Sender, SignUp, TlsMode, UnverifiedSenders, WhenUnreachable,
};
use super::template::Template;
use super::values::{
    authserv_ids, clients, contact, days, hook_url, host_name, languages, letter, list_sources, mail_folder,
    notify_room, origins, parse_sender, proxies, room, sender, server_name, signup_url, span, time_of_day,
};

/// Nobody needs more emails, requests or days than this.
const MOST: u64 = 1_000_000;

/// More is a slip of the keyboard.
const TEN_YEARS: u64 = 10 * 365 * 24 * 3600;

section! {
    /// All settings of a desk, every value checked, every default filled in.
    #[derive(Debug, Clone)]
    pub struct Settings(at) {
        /// The name of your homeserver, as in `@user:your.server`. The only setting that is required.
        pub homeserver: ServerName = required("your.server", server_name());

        == "Where the desk is reached"
        /// The address to listen on. Put a web server with TLS in front (nginx, Caddy). A change needs a restart.
        pub bind: IpAddr = default("127.0.0.1", ip());
        /// The port to listen on. A change needs a restart.
        pub port: u16 = default("6626", number(0..=65_535, "; 0 takes any free one"));
        /// Where applicants find the page. Set it: the links in emails lead there.
        pub public_url: Option<String> = optional(Example("https://register.your.server"), url());
        /// Web servers in front of the desk whose `X-Forwarded-For` is trusted: addresses, networks like `10.0.0.0/8`, and
        /// the words `loopback` and `private`.
        pub trusted_proxies: Vec<IpNet> = default("[loopback]", proxies());
        /// Other sites whose forms may post here, such as one that `doorman site` has written.
        pub allowed_origins: Vec<String> = default("[]", origins());
        /// The languages that applicants are spoken to in, by `?lang=`, by what their browser asks for, or by what they write.
        /// The others are neither offered nor used.
        pub languages: Vec<Language> =
            default("[en, de, fr, es, pt, it, nl, pl, cs, ru, uk, tr, ar, fa, ja, zh-Hans, zh-Hant]", languages());

        == "The homeserver"
        /// Where its client-server API is. Default: what `https://your.server/.well-known/matrix/client` says, else
        /// `https://your.server`.
        pub base_url: Option<String> = optional(Example("https://matrix.your.server"), url());
        /// What to do with a request while the homeserver does not say whether the name is free: refuse it, or accept it
        /// unchecked.
        pub when_homeserver_unreachable: WhenUnreachable = default("refuse", word());
        /// The app that emails and page point to for entering a token. Not every app can: Element Web can.
        pub client_url: String = default("https://app.element.io", url());
        /// The homeserver's own sign-up page, if it has one; emails link to it. The names in braces are filled in.
        /// continuwuity from 26.6 has one:
        /// `https://your.server/_continuwuity/account/register/?flow=trusted&username={requested_username}&token={registration_token}`
        pub signup_url: Option<Template> =
            optional(Example("https://app.your.server/#/register?token={registration_token}&name={requested_username}"), signup_url());

        == "Sign-up"
        /// What the email contains. link: a secret link to the desk's own page, where the applicant chooses a password and
        /// the desk creates the account, so that any app will do. token: the registration token, to be entered in an app.
        /// both: the link, and the token below it. A link needs a `public_url` with https (or on this machine), and a
        /// homeserver that asks for nothing but the token; otherwise the email contains the token.
        let sign_up: SignUp = default("both", word());
        /// How many hours the link works, from when the email was sent.
        let sign_up_hours: Duration = default("48", span(1..=24 * 365, " hours", 3600));
        /// The apps to suggest once the account is created, instead of the built-in list. `{homeserver}` and `{user_id}` are
        /// filled in.
        /// `clients: [{name: Element, url: "https://app.element.io/?hs_url=https://{homeserver}"}]`
        pub clients: Vec<Client> =
            default("[]", clients());
        /// A room to suggest then, too.
        pub welcome_room: Option<String> = optional(Example("\"#welcome:your.server\""), room());
        /// What the email contains, unless the homeserver makes a link impossible.
        pub sign_up: SignUp => checks::sign_up(at, sign_up, public_url.as_deref());
        /// For how long a sign-up link works.
        pub sign_up_for: Duration => sign_up_hours;

        == "The registration token"
        /// When it is replaced each day, HHMM in UTC: 0 or 0000 is midnight, 2330 or "23:30" is half past eleven at night.
        let token_reset_time_utc: u32 = default("0", time_of_day()) or "registration.token_reset_time_utc";
        /// How many minutes before that the desk closes, so that nobody gets a token that is about to expire. With a backend
        /// that needs no downtime the default is 0.
        let downtime_before_token_reset: Option<u32> =
            optional(Default("30"), number(0..=1439, " minutes; a day or more would never open the desk"))
            or "registration.downtime_before_token_reset";
        /// A command that tells the homeserver about the new token, run by `sh -c` in the desk's folder. The handbook's page
        /// on your homeserver says whether it needs one (`docs/homeservers.md`); `contrib/` has some.
        pub after_rotation: Option<String> =
            optional(Example("/usr/local/bin/synapse.sh http://127.0.0.1:8008 admin-access-token"), text("a command for sh -c"));
        /// Where the homeserver gets its tokens. The backends, and what each needs:
        /// - file: the desk writes `.registration_token`, and the homeserver reads it.
        /// - toml: the desk also writes a second configuration file for continuwuity (its `-c`); `after_rotation` makes it
        ///   read the file.
        ///   `tokens: {backend: toml, path: /srv/continuwuity/token.toml}`
        /// - synapse: the admin API of Synapse, or of tuwunel from 1.8.1 on, with the access token of a server
        ///   administrator.
        ///   `tokens: {backend: synapse, access_token_file: admin-access-token}`
        /// - mas: the admin API of the Matrix Authentication Service, as a client in its `policy.data.admin_clients`.
        ///   `tokens: {backend: mas, client_id: 01HZXAMPLEXAMPLEXAMPLEXAMP, client_secret_file: mas-client-secret}`
        /// - `admin_room`: commands in the admin room of continuwuity from 0.5.2 or tuwunel from 1.5.0, with the access
        ///   token of a member of `#admins:your.server`.
        ///   `tokens: {backend: admin_room, access_token_file: admin-access-token}`
        pub tokens: Tokens = always(Tokens::read);
        /// When the token is replaced each day, and how long before that the desk is closed.
        pub schedule: Schedule =>
            checks::schedule(token_reset_time_utc, downtime_before_token_reset, tokens.per_applicant, &tokens.backend);

        == "Who may ask, and how often"
        /// Seconds between two accepted requests from one email address.
        pub email_cooldown: Duration = default("3600", span(0..=TEN_YEARS, " seconds", 1)) or "registration.email_cooldown";
        /// Whether one email address may have several accounts.
        pub multiple_users_per_email: bool = default("false", boolean()) or "registration.multiple_users_per_email";
        /// When two email addresses count as one: mailbox (where they reach the same mailbox: `a+tag@x` is `a@x`), or exact
        /// (only upper and lower case are the same).
        pub email_identity: EmailIdentity = default("mailbox", word());
        /// The most emails a day to one mailbox, so that nobody can use the desk to flood a stranger's. In 30 days twice as
        /// many, as long as no account was created for it.
        pub letters_per_address_per_day: u32 = default("3", number(0..=MOST, "; 0 is no limit"));
        /// The most emails a day to one domain; further requests wait for you. Big providers that anybody can use are not
        /// counted.
        pub letters_per_domain_per_day: u32 = default("50", number(0..=MOST, "; 0 is no limit"));
        /// The most emails an hour in all, at most a quarter of them at once. Further ones wait for their turn, which goes
        /// round by where the requests came from.
        pub letters_per_hour: u32 = default("100", number(0..=MOST, "; 0 is no limit"));
        /// The most requests an hour from one IP address. An IPv6 address counts by its /64. A whole /24 or /48 may send four
        /// times as many.
        pub requests_per_ip_per_hour: u32 = default("20", number(0..=MOST, "; 0 is no limit"));
        /// automatic: a request that passes all rules is accepted. manual: it waits for you (`doorman requests --held`,
        /// `approve`, `refuse`), for 14 days at most.
        pub approval: Approval = default("automatic", word());
        /// Do not reveal which email addresses are known: asking with one that has an account or a request is answered like
        /// any other request, and its owner gets an email that says so.
        pub discreet: bool = default("false", boolean());
        /// Lists that others keep, one entry a line, in addition to your own: `kind` is email, ip or username, `action` is
        /// refuse, hold or approve. A `url` is fetched daily, and its last good copy kept in `lists/`; a `file` is read when it
        /// changes. 10 MB and 500,000 lines at most.
        pub lists: Vec<ListSource> = default("[]", list_sources());
        /// Before a request waits for you, the applicant has to prove their email address by a link. Needs `public_url`.
        pub prove_address: bool = default("true", boolean());
        /// A question to every applicant, as a field of the form; by mail the answer is what they write. You see it beside
        /// the request.
        pub question: Option<Question> = section(Question::read);
        /// Terms that every applicant has to agree to, by ticking a box. Which version they agreed to, and when, is kept.
        pub terms: Option<Terms> = section(Terms::read);
        /// Who runs this server, in your words, on the page; and what it and the emails link to.
        pub about: Option<About> = section(About::read);
        /// What to do while far more requests come in than usual (a surge): hold (they wait for you), close (the desk closes),
        /// or off (nothing). A surge begins and ends by itself; `doorman surge` overrides that.
        pub on_surge: OnSurge = default("hold", word());
        /// How many requests in an hour that pass all rules are a surge. Default: four times a busy hour of the last 28 days,
        /// at least 10, once the desk has run for a week.
        pub surge_threshold: Option<u64> = optional(Example("50"), number(1..=MOST, " requests in an hour"));
        /// The most accounts from one reset to the next. Whoever asks after that waits in a queue.
        pub accounts_per_day: Option<u64> = optional(Example("20"), number(1..=MOST, " accounts"));
        /// The most requests that may wait for you. Whoever asks after that is told to come back once you have decided.
        pub held_at_most: usize = default("200", number(1..=100_000, ""));
        /// The most of them from one network: an IPv4 /24 or an IPv6 /64.
        pub held_per_network: usize = default("10", number(0..=MOST, "; 0 is no limit"));
        /// How long to keep what is known about applicants, by kind, if `retention_days` is not enough.
        pub retention: Retention = always(Retention::read);
        /// How many days to keep refused requests, and the IP addresses of all requests.
        pub retention_days: u32 = default("0", number(0..=MOST, " days; 0 keeps everything"));

        == "Mail"
        /// The mail server that sends the emails. Without this section they are written as files to `outbox/`.
        pub smtp: Option<Smtp> = section(Smtp::read) or "email.smtp";
        /// The From of every email: `smtp.from`, else the username of the mail account if that is an address.
        pub from: Sender => smtp
            .as_ref()
            .and_then(|smtp| smtp.from.clone())
            .unwrap_or_else(|| checks::noreply(&homeserver));
        /// Your own email instead of the built-in one: its subject. In all three, `{homeserver}` `{registration_token}`
        /// `{requested_username}` `{signup_link}` `{utc_time}` `{time_until_reset}` are filled in; write `{{` and `}}` for
        /// braces.
        let email_subject: Option<Template> =
            optional(Example("\"Your Registration Token for {homeserver}\""), letter(false))
            or "email.templates.registration_token.subject";
        /// Its text. If you give only one of text and HTML, the other is made from it.
        let email_body: Option<Template> = optional(Example("|
  Hello {requested_username},

  this registration token makes your account on {homeserver}:

  {registration_token}

  It works for another {time_until_reset} (it is {utc_time} UTC now)."), letter(true)) or "email.templates.registration_token.body";
        /// Its HTML.
        let email_body_html: Option<Template> = optional(Example("|
  <p>Hello {requested_username},</p>
  <p>this registration token makes your account on {homeserver}:</p>
  <p><code>{registration_token}</code></p>
  <p>It works for another {time_until_reset} (it is {utc_time} UTC now).</p>"), letter(true)) or "email.templates.registration_token.body_html";
        /// The operator's own email.
        pub letter: LetterTemplates =>
            LetterTemplates { subject: email_subject, text: email_body, html: email_body_html };
        /// The letter box: a mail to `address` is a request too, by the same rules. Handled mails are moved to the folders
        /// Done, Ignored, Held and Failed beside the mailbox. Use a mail account of its own: every mail in it is handled.
        pub imap: Option<Imap> = section(Imap::read);
        /// Who hears about what needs the operator: held requests, failed emails, alarms.
        pub notify: Notify = always(Notify::read);

        /// Where Prometheus and the like find `/metrics`. Do not open it to the internet. A change needs a restart.
        pub metrics: Option<SocketAddr> = optional(Example("127.0.0.1:9626"), socket());

        == "The console"
        /// How the console looks.
        pub console: ConsoleLook = always(ConsoleLook::read);

        /// A trial desk: asks no homeserver, sends nothing, and says so. Never from a file.
        pub trial: bool => false;
    }
}

section! {
    /// Where the homeserver gets its tokens, and how long they live.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Tokens(at) {
        /// file, toml, synapse, mas or `admin_room`.
        let backend: BackendKind = default("file", word());
        /// For toml: the configuration file to write.
        let path: Option<String> = optional(Aside("/srv/continuwuity/token.toml"), text("the path of a file"));
        /// For synapse and `admin_room`. For mas it is optional: an administrator's, to ask Synapse which names are taken.
        let access_token: Option<Secret> = secret(Aside("admin-access-token"));
        /// For mas.
        let client_id: Option<String> = optional(Aside("01HZXAMPLEXAMPLEXAMPLEXAMP"), text("the client's ID"));
        /// For mas.
        let client_secret: Option<Secret> = secret(Aside("mas-client-secret"));
        /// The `registration_shared_secret` of Synapse or tuwunel. With it, accounts are created by sign-up links without the
        /// homeserver's limits, and also while registration is off.
        pub registration_shared_secret: Option<Secret> = secret(Aside("registration-shared-secret"));
        /// For mas: where its API is, if that is not the address that the homeserver names.
        let mas_url: Option<String> = optional(Aside("https://mas.your.server"), url());
        /// Give every applicant a token of their own, made when the email is sent (not with file and toml). You see who has
        /// used theirs; a ban, a refusal or a failed email revokes it; and the desk never closes for a rotation.
        pub per_applicant: bool = default("false", boolean());
        /// How many times such a token can be used.
        pub uses: u32 = default("2", number(1..=1000, ""));
        /// How many hours such a token is valid.
        let lifetime_hours: Duration = default("48", span(1..=24 * 365, " hours", 3600));
        /// How many minutes yesterday's shared token stays valid (not with file and toml).
        let grace_minutes: Duration = default("60", span(0..=1440, " minutes", 60));
        /// How long an applicant's own token is valid.
        pub lifetime: Duration => lifetime_hours;
        /// How long yesterday's shared token stays valid.
        pub grace: Duration => grace_minutes;
        /// Where the tokens come from, with what that needs.
        pub backend: Backend =>
            checks::backend(at, backend, per_applicant, BackendParts { path, access_token, client_id, client_secret, mas_url });
    }
}

section! {
    /// Who is told of what waits for the operator.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Notify(at) {
        /// Gets an email, one an hour at most and only when there is something new; with a `public_url` it has a link by each
        /// held request that decides it. `operator_email` at the top means the same.
        pub email: Option<EmailAddress> =
            optional(Example("you@example.org"), email("your email address")) or "operator_email";
        /// A room on your homeserver in which each held request is a message; a reaction or a reply decides it.
        pub matrix: Option<NotifyRoom> = section(NotifyRoom::read);
        /// A web server that hears about held requests, what became of them, and alarms.
        pub webhook: Option<Webhook> = section(Webhook::read);
    }
}

section! {
    /// The room for held requests.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NotifyRoom(at) {
        /// Its address or ID; it must not be encrypted. Members with a power level of 50 or more decide.
        pub room: String = required("\"#desk:your.server\"", notify_room());
        /// The access token of the account that writes there; use one of its own that has no other rights.
        let access_token: Option<Secret> = secret(Example("notify-access-token"));
        /// Of the account that writes there.
        pub access_token: Secret => checks::given(at, "access_token_file", access_token);
    }
}

section! {
    /// A web server that is told.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Webhook(at) {
        /// Where it is; it may be on this machine.
        pub url: String = required("https://hooks.your.server/doorman", hook_url());
        /// The key of `X-Doorman-Signature`, an HMAC of the body.
        let secret: Option<Secret> = secret(Example("webhook-secret"));
        /// What the signature is made with.
        pub secret: Secret => checks::given(at, "secret_file", secret);
    }
}

section! {
    /// How the operator's console looks.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ConsoleLook(at) {
        /// auto (like the terminal's background), dark, light, or terminal (the terminal's own sixteen colours).
        pub theme: ConsoleTheme = default("auto", word());
    }
}

section! {
    /// What every applicant is asked.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Question(at) {
        /// The question.
        pub text: String = required("\"How did you hear of us?\"", text("the question that applicants read"));
        /// The fewest characters of an answer.
        pub min_length: usize = default("20", number(0..=1000, " characters"));
        /// Whether an answer is required.
        pub required: bool = default("true", boolean());
    }
}

section! {
    /// What every applicant has to agree to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Terms(at) {
        /// Where people can read them.
        pub url: String = required("https://your.server/terms", url());
        /// Their version. Change it whenever the terms change.
        pub version: String = default("\"1\"", text("a name of this version, such as 2026-11"));
        /// The text beside the box. Default: "I have read the terms and agree to them", in the applicant's language.
        pub text: Option<String> = optional(Example("\"I am at least 16, and agree to the rules of the house.\""), text("a sentence"));
    }
}

section! {
    /// Who runs the server, and what applicants may want to read.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct About(at) {
        /// A sentence or two, instead of what a Matrix server is.
        pub who: Option<String> = optional(Example("\"The server of our choir, run by Ann and Bo.\""), text("a sentence or two"));
        /// The rules of the house.
        pub rules_url: Option<String> = optional(Example("https://your.server/rules"), url());
        /// How you handle personal data.
        pub privacy_url: Option<String> = optional(Example("https://your.server/privacy"), url());
        /// Who to ask: an email address, a Matrix ID, or a page.
        pub contact: Option<Contact> = optional(Example("ann@your.server"), contact());
    }
}

section! {
    /// How long data about applicants is kept; None: as `retention_days` says, or for good.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Retention(at) {
        /// Refused requests. Default: `retention_days`.
        pub refused: Option<u32> = optional(Aside("90d"), days());
        /// Email addresses, once their requests are done. A keyed hash stays, so that one account per address still holds.
        pub addresses: u32 = default("0", days());
        /// IP addresses. Half-way they are shortened to their network (/24 or /48). Default: `retention_days`, and they are
        /// not shortened.
        pub ip: Option<u32> = optional(Aside("30d"), days());
        /// Answers to the question.
        pub answers: u32 = default("0", days());
    }
}

section! {
    /// The mail server that sends the emails.
    #[derive(Debug, Clone)]
    pub struct Smtp(at) {
        /// Its host name or address.
        pub host: String = required("smtp.your.server", host_name());
        /// Default: 587 with starttls, 465 with implicit TLS, 25 with none.
        let port: Option<u16> = optional(Default("587"), number(1..=65_535, ""));
        /// starttls (port 587), implicit (465) or none (25).
        let tls: Option<TlsMode> = optional(Default("starttls"), word());
        /// As in the Matrix Registration System: true means starttls, false means none.
        let use_tls: Option<bool> = optional(Aside("true"), boolean());
        /// If the server needs no login, leave out username and password.
        let username: Option<String> = optional(Example("desk@your.server"), text("the account's name"));
        /// The password may also stand here (`password: …`), or come from the environment (`password_env: NAME`).
        let password: Option<Secret> = secret(Example("smtp-password"));
        /// The sender. Default: the username if it is an address, else `noreply@` and the homeserver.
        let from: Option<Sender> = optional(Example("\"Desk <desk@your.server>\""), sender());
        /// How the connection is protected.
        pub tls: TlsMode => checks::smtp_tls(at, tls, use_tls, port);
        /// Its port.
        pub port: u16 =>
            port.unwrap_or(match tls { TlsMode::Implicit => 465, TlsMode::StartTls => 587, TlsMode::None => 25 });
        /// Name and password; None: no AUTH.
        pub login: Option<(String, Secret)> => checks::smtp_login(at, username, password, tls, &host);
        /// Who emails come from.
        pub from: Option<Sender> => from.or_else(|| parse_sender(&login.as_ref()?.0));
    }
}

section! {
    /// The letter box.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Imap(at) {
        /// The mail server's name or address.
        pub host: String = required("imap.example.com", host_name());
        /// Default: 993 with implicit TLS, else 143.
        let port: Option<u16> = optional(Default("993"), number(1..=65_535, ""));
        /// The mail account's name.
        pub username: String = required("register@example.com", text("the mail account's name"));
        /// The password may also stand here (`password: …`), or come from the environment (`password_env: NAME`).
        let password: Option<Secret> = secret(Example("imap-password"));
        /// Instead of a password: a command that prints an OAuth access token.
        let token_command: Option<String> = optional(Aside("/usr/local/bin/token"), text("a command for sh -c"));
        /// implicit (port 993), starttls (143), or none (only on this machine, unless `cleartext` is true).
        let tls: Option<TlsMode> = optional(Default("implicit"), word());
        /// Whether password and mails may cross the network unencrypted.
        let cleartext: bool = default("false", boolean());
        /// The folder that is watched.
        pub mailbox: String = default("INBOX", mail_folder());
        /// The address that people write to. Default: the username.
        let address: Option<EmailAddress> = optional(Example("register@example.com"), email("the address that people write to"));
        /// The name of your mail server as it appears in the `Authentication-Results` of incoming mail; `doorman doctor
        /// --mail` finds it. Without it no sender counts as verified, and only accepted requests are answered.
        pub trusted_authserv_ids: Vec<String> = default("[]", authserv_ids());
        /// What to do with accepted requests from unverified senders: answer, hold (for you) or ignore.
        pub unverified_senders: UnverifiedSenders = default("answer", word());
        /// How the connection is protected.
        pub tls: TlsMode => {
            let of_port = if port == Some(143) { TlsMode::StartTls } else { TlsMode::Implicit };
            checks::imap_tls(at, tls.unwrap_or(of_port), &host, cleartext)
        };
        /// Its port.
        pub port: u16 => port.unwrap_or(if tls == TlsMode::Implicit { 993 } else { 143 });
        /// How the account proves itself.
        pub login: ImapLogin => checks::imap_login(at, password, token_command);
        /// The address that people write to.
        pub address: EmailAddress => address
            .or_else(|| EmailAddress::parse(&username).ok())
            .unwrap_or_else(|| at.missing("address", "register@example.com", &email("the one that people write to")));
    }
}
