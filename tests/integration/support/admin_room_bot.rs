//! An admin room in a real Synapse: a member for the desk, and a bot in the place of continuwuity's or tuwunel's own user,
//! which makes real tokens and says what the real one says. Between desk and Synapse stands a door that says which
//! homeserver this is, and where the room is: each test has one of its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::synapse::synapse;

pub const CONTINUWUITY: (&str, &str) = ("continuwuity", "26.8.0");
pub const TUWUNEL: (&str, &str) = ("Tuwunel", "1.7.0");

/// How the bot replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Prompt,
    /// It does as told, and says nothing of it until it is something else.
    Silent,
    /// Something that means nothing, then the reply, then the same once more.
    Chatty,
    /// A reply that becomes the right one by an edit.
    Edits,
    /// It does nothing, and says that it failed.
    Fails,
}

/// The room, its bot and the door. All ends when it is dropped.
#[derive(Debug)]
pub struct AdminRoom {
    /// Where the desk finds the homeserver.
    pub url: String,
    pub door: Arc<Door>,
    dir: tempfile::TempDir,
    bot: Arc<Bot>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// Another member, who speaks by this access token.
    other: String,
}

#[derive(Debug)]
struct Bot {
    release: (&'static str, &'static str),
    room: String,
    manner: Mutex<Manner>,
    commands: Mutex<Vec<String>>,
    issued: Mutex<Vec<String>>,
    guards: Mutex<Vec<String>>,
    /// What it has not said yet: to which message, what.
    unsaid: Mutex<Vec<(String, String)>>,
    said: AtomicUsize,
}

/// The way between desk and homeserver.
#[derive(Debug)]
pub struct Door {
    release: (&'static str, &'static str),
    alias: String,
    /// How many questions are still let through, and whether the next one after them reaches the homeserver without its
    /// answer reaching the desk.
    shuts: Mutex<Option<(usize, bool)>>,
    /// Whether somebody stands before it.
    pub waiting: AtomicBool,
}

/// In seconds: what lasts longer is for nobody.
const A_HUMAN_LIFE: u64 = 80 * 365 * 24 * 3600;

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn operator() -> String {
    std::fs::read_to_string(synapse().access_token_file()).unwrap()
}

fn ask(method: &str, path: &str, access_token: &str, body: &Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", synapse().url))
        .header("authorization", format!("Bearer {access_token}"))
        .header("content-type", "application/json");
    let mut answer = if method == "GET" || method == "DELETE" {
        agent.run(request.body(()).unwrap()).unwrap()
    } else {
        agent.run(request.body(body.to_string()).unwrap()).unwrap()
    };
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
}

/// A user, made by the operator and logged in with a device of its own; its access token.
fn user(name: &str) -> String {
    let path = format!("/_synapse/admin/v2/users/{}", escaped(&format!("@{name}:synapse.test")));
    let (status, answer) = ask("PUT", &path, &operator(), &json!({"password": "their password"}));
    assert!(matches!(status, 200 | 201), "{answer}");
    let login = json!({
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": "their password"
    });
    let (status, answer) = ask("POST", "/_matrix/client/v3/login", "", &login);
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

/// The homeserver's own user: one for all rooms.
fn conduit() -> &'static str {
    static CONDUIT: OnceLock<String> = OnceLock::new();
    CONDUIT.get_or_init(|| user("conduit"))
}

impl AdminRoom {
    pub fn start(release: (&'static str, &'static str)) -> Self {
        static ROOMS: AtomicUsize = AtomicUsize::new(0);
        let number = ROOMS.fetch_add(1, Ordering::SeqCst);
        let (desk, other) = (format!("desk.bot.{number}"), format!("other.{number}"));
        let (desk_token, other_token) = (user(&desk), user(&other));
        let invited = [&desk, &other].map(|name| format!("@{name}:synapse.test"));
        let alias = format!("admins-{number}");
        let room = json!({"room_alias_name": alias, "preset": "private_chat", "invite": invited});
        let (status, answer) = ask("POST", "/_matrix/client/v3/createRoom", conduit(), &room);
        assert_eq!(status, 200, "{answer}");
        let room = answer["room_id"].as_str().unwrap().to_owned();
        let join = format!("/_matrix/client/v3/join/{}", escaped(&room));
        assert_eq!(ask("POST", &join, &other_token, &json!({})).0, 200);

        let bot = Arc::new(Bot {
            release,
            room,
            manner: Mutex::new(Manner::Prompt),
            commands: Mutex::default(),
            issued: Mutex::default(),
            guards: Mutex::default(),
            unsaid: Mutex::default(),
            said: AtomicUsize::new(0),
        });
        let since = bot.sync("", 0)["next_batch"].as_str().unwrap().to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let (its, stops) = (Arc::clone(&bot), Arc::clone(&stop));
        let thread = std::thread::spawn(move || its.run(since, &stops));

        let door =
            Arc::new(Door { release, alias, shuts: Mutex::default(), waiting: AtomicBool::new(false) });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let its = Arc::clone(&door);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let its = Arc::clone(&its);
                std::thread::spawn(move || its.pass(stream.unwrap()));
            }
        });
        let dir = tempfile::tempdir().unwrap();
        let room = Self { url, door, dir, bot, stop, thread: Some(thread), other: other_token };
        std::fs::write(room.access_token_file(), format!("{desk_token}\n")).unwrap();
        std::fs::set_permissions(room.access_token_file(), std::fs::Permissions::from_mode(0o600)).unwrap();
        room
    }

    fn access_token_file(&self) -> PathBuf {
        self.dir.path().join("access-token")
    }

    /// The desk's access token.
    pub fn access_token(&self) -> String {
        std::fs::read_to_string(self.access_token_file()).unwrap().trim().to_owned()
    }

    /// The keys of a desk that asks in this room.
    pub fn config(&self, more: &str) -> String {
        format!(
            "homeserver: synapse.test\nbase_url: {}\ntokens: {{backend: admin_room, access_token_file: {}{more}}}\n",
            self.url,
            self.access_token_file().display()
        )
    }

    /// From now on; what was held back by silence is said.
    pub fn behave(&self, manner: Manner) {
        let mut held = self.bot.manner.lock().unwrap();
        *held = manner;
        if manner != Manner::Silent {
            for (event, words) in self.bot.unsaid.lock().unwrap().drain(..) {
                self.bot.say_reply(&event, &words);
            }
        }
    }

    /// What was commanded so far.
    pub fn commands(&self, which: &str) -> usize {
        let start = format!("!admin token {which}");
        self.bot.commands.lock().unwrap().iter().filter(|command| command.starts_with(&start)).count()
    }

    /// The tokens that were made for somebody, oldest first.
    pub fn issued(&self) -> Vec<String> {
        self.bot.issued.lock().unwrap().clone()
    }

    /// Those that were made for nobody: a tuwunel without any token would be open to all.
    pub fn guards(&self) -> Vec<String> {
        self.bot.guards.lock().unwrap().clone()
    }

    /// Another member puts words into the bot's mouth, replying to whatever the desk says last.
    pub fn talk(&self, words: &str) {
        let path = format!("/_matrix/client/v3/rooms/{}/messages?dir=b&limit=20", escaped(&self.bot.room));
        let (_, page) = ask("GET", &path, &self.other, &Value::Null);
        let of_desk =
            page["chunk"].as_array().unwrap().iter().find(|event| {
                event["content"]["body"].as_str().is_some_and(|body| body.starts_with("!admin"))
            });
        let mut message = json!({"msgtype": "m.notice", "body": words});
        if let Some(event) = of_desk {
            message["m.relates_to"] = json!({"m.in_reply_to": {"event_id": event["event_id"]}});
        }
        self.bot.send(&self.other, &message);
    }

    /// The bot puts the desk out of the room.
    pub fn put_out(&self) {
        let (_, who) = ask("GET", "/_matrix/client/v3/account/whoami", &self.access_token(), &Value::Null);
        let path = format!("/_matrix/client/v3/rooms/{}/kick", escaped(&self.bot.room));
        let (status, answer) = ask("POST", &path, conduit(), &json!({"user_id": who["user_id"]}));
        assert_eq!(status, 200, "{answer}");
    }

    /// The bot asks it in again.
    pub fn invite(&self) {
        let (_, who) = ask("GET", "/_matrix/client/v3/account/whoami", &self.access_token(), &Value::Null);
        let path = format!("/_matrix/client/v3/rooms/{}/invite", escaped(&self.bot.room));
        let (status, answer) = ask("POST", &path, conduit(), &json!({"user_id": who["user_id"]}));
        assert_eq!(status, 200, "{answer}");
    }
}

impl Drop for AdminRoom {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking(), "the bot came to grief");
    }
}

impl Bot {
    fn sync(&self, since: &str, wait: u64) -> Value {
        let filter = json!({
            "room": {"rooms": [self.room], "timeline": {"types": ["m.room.message"], "limit": 100}},
            "presence": {"types": []}, "account_data": {"types": []}
        });
        let path =
            format!("/_matrix/client/v3/sync?{since}&timeout={wait}&filter={}", escaped(&filter.to_string()));
        let (status, answer) = ask("GET", &path, conduit(), &Value::Null);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn run(&self, mut since: String, stop: &AtomicBool) {
        while !stop.load(Ordering::SeqCst) {
            let news = self.sync(&format!("since={}", escaped(&since)), 300);
            news["next_batch"].as_str().unwrap().clone_into(&mut since);
            let timeline = &news["rooms"]["join"][&self.room]["timeline"]["events"];
            for event in timeline.as_array().into_iter().flatten() {
                let body = event["content"]["body"].as_str().unwrap_or_default();
                if body.starts_with("!admin ") && event["sender"] != "@conduit:synapse.test" {
                    self.obey(body, event["event_id"].as_str().unwrap());
                }
            }
        }
    }

    fn obey(&self, command: &str, event: &str) {
        self.commands.lock().unwrap().push(command.to_owned());
        if *self.manner.lock().unwrap() == Manner::Fails {
            self.say_reply(event, "Command failed with error:\n```\nthe database is shut\n```");
            return;
        }
        let words: Vec<&str> = command.split_whitespace().skip(2).collect();
        let reply = match words.as_slice() {
            ["issue", limits @ ..] => self.issue(limits),
            ["revoke", token] => self.revoke(token),
            ["list"] => self.list(),
            _ => format!("error: unrecognized subcommand\n\nUsage: !admin token <COMMAND>\n\n{command}"),
        };
        let manner = self.manner.lock().unwrap();
        match *manner {
            Manner::Prompt | Manner::Fails => drop(self.say_reply(event, &reply)),
            Manner::Silent => self.unsaid.lock().unwrap().push((event.to_owned(), reply)),
            Manner::Chatty => {
                for words in ["Hm.", &reply, &reply] {
                    self.say_reply(event, words);
                }
            }
            Manner::Edits => {
                let first = self.say_reply(event, "Working on it …");
                let right = json!({"msgtype": "m.notice", "body": reply});
                self.send(
                    conduit(),
                    &json!({
                        "msgtype": "m.notice", "body": "* edited", "m.new_content": right,
                        "m.relates_to": {"rel_type": "m.replace", "event_id": first}
                    }),
                );
            }
        }
    }

    fn say_reply(&self, event: &str, words: &str) -> String {
        let relates = json!({"m.in_reply_to": {"event_id": event}});
        self.send(conduit(), &json!({"msgtype": "m.notice", "body": words, "m.relates_to": relates}))
    }

    fn send(&self, access_token: &str, message: &Value) -> String {
        let number = self.said.fetch_add(1, Ordering::SeqCst);
        let transaction = format!("{}-{number}", escaped(&self.room));
        let path =
            format!("/_matrix/client/v3/rooms/{}/send/m.room.message/{transaction}", escaped(&self.room));
        let (status, answer) = ask("PUT", &path, access_token, message);
        assert_eq!(status, 200, "{answer}");
        answer["event_id"].as_str().unwrap().to_owned()
    }

    fn is_tuwunel(&self) -> bool {
        self.release == TUWUNEL
    }

    fn issue(&self, limits: &[&str]) -> String {
        let (mut uses, mut age) = (None, None);
        let mut limits = limits.iter();
        let mut given = 0;
        while let Some(limit) = limits.next() {
            given += 1;
            match *limit {
                "--max-uses" => uses = limits.next().and_then(|uses| uses.parse::<u32>().ok()),
                "--max-age" => {
                    age = limits.next().and_then(|age| age.strip_suffix('s')?.parse::<u64>().ok());
                }
                "--once" => uses = Some(1),
                _ => return format!("error: unexpected argument '{limit}' found"),
            }
        }
        if !self.is_tuwunel() && given != 1 {
            return "error: the argument '--max-uses <MAX_USES>' cannot be used with '--max-age <MAX_AGE>'\n\nUsage: \
                    !admin token issue <--max-uses <MAX_USES>|--max-age <MAX_AGE>|--immortal|--once>\n\nFor more \
                    information, try '--help'.\n"
                .into();
        }
        let ends_at = age.map(|age| {
            let ends_at = now() + Duration::from_secs(age);
            u64::try_from(ends_at.as_millis()).unwrap()
        });
        let new = json!({"length": 16, "uses_allowed": uses, "expiry_time": ends_at});
        let (status, made) = ask("POST", "/_synapse/admin/v1/registration_tokens/new", &operator(), &new);
        assert_eq!(status, 200, "{made}");
        let token = made["token"].as_str().unwrap().to_owned();
        let is_guard = age.is_some_and(|age| age > A_HUMAN_LIFE);
        let kept = if is_guard { &self.guards } else { &self.issued };
        kept.lock().unwrap().push(token.clone());
        let mut ends = Vec::new();
        ends.extend(uses.map(|uses| format!("after {uses} uses")));
        ends.extend(age.map(|age| format!("in {age} seconds (2026-01-02 03:04:05)")));
        let ends = ends.join(" or ");
        if self.is_tuwunel() {
            format!("New registration token issued: `{token}` - Token used 0 times. Expires {ends}.")
        } else {
            format!(
                "New registration token issued: `{token}` . Expires {ends}.\nInvite link using this token: \
                 https://synapse.test/_continuwuity/account/register/?flow=trusted&token={token}"
            )
        }
    }

    fn revoke(&self, token: &str) -> String {
        let path = format!("/_synapse/admin/v1/registration_tokens/{token}");
        match (ask("DELETE", &path, &operator(), &Value::Null).0, self.is_tuwunel()) {
            (200, _) => "Token revoked successfully.".into(),
            (_, false) => {
                "Command failed with error:\n```\nThis token does not exist or has already expired.\n```"
                    .into()
            }
            (_, true) => {
                "Command failed with error:\n```\nM_NOT_FOUND: Registration token not found\n```".into()
            }
        }
    }

    fn list(&self) -> String {
        let path = "/_synapse/admin/v1/registration_tokens?valid=true";
        let (_, known) = ask("GET", path, &operator(), &Value::Null);
        let tokens = known["registration_tokens"].as_array().unwrap();
        let mut list = format!("Found {} registration tokens:\n", tokens.len());
        let by = if self.is_tuwunel() { "" } else { "created by @desk:synapse.test and " };
        for one in tokens {
            let (token, uses) = (one["token"].as_str().unwrap(), &one["completed"]);
            list.push_str(&format!("- `{token}` --- Token {by}used {uses} times. Never expires.\n"));
        }
        list
    }
}

#[expect(clippy::disallowed_methods, reason = "Synapse goes by the machine's clock, and so do its tokens")]
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

impl Door {
    /// Lets so many questions through. The next one stands before it, or (`half`) reaches the homeserver, but its answer
    /// does not reach the desk; all others after it stand before it.
    pub fn shut_after(&self, questions: usize, half: bool) {
        *self.shuts.lock().unwrap() = Some((questions, half));
    }

    /// Lets everybody through who comes from now on.
    pub fn open(&self) {
        *self.shuts.lock().unwrap() = None;
        self.waiting.store(false, Ordering::SeqCst);
    }

    /// One question a connection.
    fn pass(&self, mut desk: TcpStream) {
        desk.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut received = Vec::new();
        let (head, body) = loop {
            if let Some(end) = received.windows(4).position(|end| end == b"\r\n\r\n") {
                let head = String::from_utf8(received[..end].to_vec()).unwrap();
                let length = head
                    .lines()
                    .filter_map(|line| line.split_once(':'))
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                    .map_or(0, |(_, value)| value.trim().parse().unwrap());
                if received.len() >= end + 4 + length {
                    break (head, received[end + 4..].to_vec());
                }
            }
            let mut piece = [0; 4096];
            match desk.read(&mut piece) {
                Ok(count) if count > 0 => received.extend_from_slice(&piece[..count]),
                _ => return,
            }
        };
        let (lets_in, lets_out) = match &mut *self.shuts.lock().unwrap() {
            None => (true, true),
            Some((0, half)) => (std::mem::take(half), false),
            Some((left, _)) => {
                *left -= 1;
                (true, true)
            }
        };
        let answer = if lets_in { self.answer(&head, &body) } else { Vec::new() };
        if !lets_out {
            self.waiting.store(true, Ordering::SeqCst);
            let _ = desk.read(&mut [0; 1]);
            return;
        }
        let _ = desk.write_all(&answer);
    }

    fn answer(&self, head: &str, body: &[u8]) -> Vec<u8> {
        if head.contains("/_matrix/federation/v1/version") {
            let (name, version) = self.release;
            let json = json!({"server": {"name": name, "version": version}}).to_string();
            return format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{json}",
                json.len()
            )
            .into_bytes();
        }
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap();
        let first = first.replace("%23admins%3A", &format!("%23{}%3A", escaped(&self.alias)));
        let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head = std::iter::once(first.as_str()).chain(kept).collect::<Vec<_>>().join("\r\n");
        let mut homeserver = TcpStream::connect(synapse().url.trim_start_matches("http://")).unwrap();
        homeserver.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut answer = Vec::new();
        homeserver.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        homeserver.write_all(body).unwrap();
        let _ = homeserver.read_to_end(&mut answer);
        answer
    }
}
