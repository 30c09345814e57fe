use serde_json::{Value, json};

use crate::clock::ManualClock;
use crate::net::http::scripted_server::{Act, Question, ScriptedServer};

use super::*;

const ISSUED: &str = "New registration token issued: `aaaabbbbccccdddd` . Expires after 2 uses.";
const FAILED: &str = "Command failed with error:\n```\nthe database is shut\n```";

/// What is said in the room after a command, each a sender and a content in which `OURS` is our message, `LAST` the one
/// before.
type Bot = Box<dyn Fn(&str) -> Vec<(&'static str, Value)> + Send>;

struct Room {
    events: Vec<Value>,
    transactions: HashMap<String, String>,
    bot: Bot,
    /// How often somebody has to look before the bot's words are there.
    looks: usize,
    held_back: Vec<Value>,
    is_member: bool,
    live: Vec<&'static str>,
    version: (&'static str, &'static str),
    /// What it does not serve.
    unserved: &'static [&'static str],
}

struct Bench {
    server: ScriptedServer,
    room: Arc<Mutex<Room>>,
    clock: Arc<ManualClock>,
    api: AdminRoom,
}

fn reply(body: &str) -> (&'static str, Value) {
    let content = json!({
        "msgtype": "m.notice", "body": body, "m.relates_to": {"m.in_reply_to": {"event_id": "OURS"}}
    });
    ("@conduit:your.server", content)
}

fn bot_that_says(body: &'static str) -> Bot {
    Box::new(move |_| vec![reply(body)])
}

impl Bench {
    fn with(bot: Bot) -> Self {
        let room = Arc::new(Mutex::new(Room {
            events: Vec::new(),
            transactions: HashMap::new(),
            bot,
            looks: 0,
            held_back: Vec::new(),
            is_member: true,
            live: vec!["aaaabbbbccccdddd"],
            version: ("continuwuity", "26.8.0"),
            unserved: &[],
        }));
        let its = Arc::clone(&room);
        let server = ScriptedServer::start(move |question| its.lock().unwrap().answer(question));
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
        let api = Self::restarted(&server, &clock);
        Self { server, room, clock, api }
    }

    fn restarted(server: &ScriptedServer, clock: &Arc<ManualClock>) -> AdminRoom {
        let name = crate::domain::ServerName::parse("your.server").unwrap();
        let homeserver = Arc::new(Homeserver::new(name, Some(server.url.clone())));
        let mut api = AdminRoom::new(homeserver, Secret::new("syt_secret"), clock.clone());
        api.budget = Duration::from_millis(700);
        api
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap()
    }

    fn make(&self, uses_allowed: Option<u32>) -> Result<String, ApiFault> {
        let ends_at = self.clock.now() + Duration::from_secs(3600);
        let order = Order { id: 1, token: &noted(), ends_at, uses_allowed };
        self.api.make(&order).map(|made| made.token.reveal().to_owned())
    }

    /// What the desk has said so far.
    fn commands(&self) -> Vec<String> {
        let room = self.room();
        let own = room.events.iter().filter(|event| event["sender"] == "@desk:your.server");
        own.map(|event| event["content"]["body"].as_str().unwrap().to_owned()).collect()
    }
}

fn noted() -> RegistrationToken {
    RegistrationToken::parse("noted-before-anything-was-said").unwrap()
}

fn known(token: &RegistrationToken, is_made: bool) -> Known<'_> {
    Known { id: 1, token, remote_id: None, uses_allowed: Some(2), is_made }
}

impl Room {
    fn append(&mut self, sender: &str, content: &Value) -> String {
        let id = format!("$event{}", self.events.len());
        self.events.push(json!({
            "event_id": id, "type": "m.room.message", "sender": sender, "content": content
        }));
        id
    }

    fn answer(&mut self, question: &Question) -> Act {
        let json = |value: Value| Act::Json(200, value.to_string());
        let line = percent_encoding::percent_decode_str(&question.line).decode_utf8().unwrap().into_owned();
        if line.contains("/federation/v1/version") {
            let (name, version) = self.version;
            return json(json!({"server": {"name": name, "version": version}}));
        }
        if let Some((_, token)) = line.split_once("/validity?token=") {
            return json(json!({"valid": self.live.contains(&token)}));
        }
        if !question.head.contains("Bearer syt_secret") {
            return Act::Json(401, json!({"errcode": "M_UNKNOWN_TOKEN"}).to_string());
        }
        if self.unserved.iter().any(|part| line.contains(part)) {
            return Act::Json(404, json!({"errcode": "M_UNRECOGNIZED"}).to_string());
        }
        if line.ends_with("/directory/room/#admins:your.server") {
            return json(json!({"room_id": "!admins:your.server"}));
        }
        if line.contains("/join/!admins:your.server") {
            let status = if self.is_member { 200 } else { 403 };
            return Act::Json(status, json!({"errcode": "M_FORBIDDEN"}).to_string());
        }
        if let Some((_, transaction)) = line.split_once("/send/m.room.message/") {
            if let Some(id) = self.transactions.get(transaction) {
                return json(json!({"event_id": id}));
            }
            let content: Value = serde_json::from_str(&question.body).unwrap();
            let command = content["body"].as_str().unwrap().to_owned();
            let ours = self.append("@desk:your.server", &content);
            self.transactions.insert(transaction.to_owned(), ours.clone());
            for (sender, content) in (self.bot)(&command) {
                let last = format!("$event{}", self.events.len() - 1);
                let content = content.to_string().replace("OURS", &ours).replace("LAST", &last);
                self.append(sender, &serde_json::from_str(&content).unwrap());
            }
            if self.looks > 0 {
                let position = self.events.iter().position(|event| event["event_id"] == *ours).unwrap();
                self.held_back = self.events.split_off(position + 1);
            }
            return json(json!({"event_id": ours}));
        }
        self.page(&line)
    }

    fn page(&mut self, line: &str) -> Act {
        let json = |value: Value| Act::Json(200, value.to_string());
        if let Some((_, rest)) = line.split_once("/context/") {
            self.looks = self.looks.saturating_sub(1);
            if self.looks == 0 {
                self.events.append(&mut self.held_back);
            }
            let id = rest.split('?').next().unwrap();
            let position = self.events.iter().position(|event| event["event_id"] == id).unwrap();
            let after: Vec<&Value> = self.events.iter().skip(position + 1).take(2).collect();
            return json(json!({
                "event": self.events[position], "events_after": after, "end": format!("t{}", position + 1 + after.len())
            }));
        }
        if line.contains("dir=b") {
            self.events.append(&mut self.held_back);
            let from = line.split("from=t").nth(1).map(|rest| rest.split('&').next().unwrap());
            let from = from.map_or(self.events.len(), |from| from.parse().unwrap());
            let chunk: Vec<&Value> = self.events[..from].iter().rev().take(10).collect();
            let end = (from > chunk.len()).then(|| format!("t{}", from - chunk.len()));
            return json(json!({"chunk": chunk, "end": end}));
        }
        let from: usize = line.split("from=t").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
        let chunk: Vec<&Value> = self.events.iter().skip(from).take(10).collect();
        let end = (!chunk.is_empty()).then(|| format!("t{}", from + chunk.len()));
        json(json!({"chunk": chunk, "end": end}))
    }
}

#[test]
fn an_order_makes_one_token_however_often_it_is_given() {
    let bench = Bench::with(bot_that_says(ISSUED));
    assert_eq!(bench.make(Some(2)).unwrap(), "aaaabbbbccccdddd");
    assert_eq!(bench.make(Some(2)).unwrap(), "aaaabbbbccccdddd");
    let restarted = Bench::restarted(&bench.server, &bench.clock);
    let order = Order { id: 1, token: &noted(), ends_at: bench.clock.now(), uses_allowed: Some(2) };
    assert_eq!(restarted.make(&order).unwrap().token.reveal(), "aaaabbbbccccdddd");
    assert_eq!(bench.commands(), ["!admin token issue --max-uses 2"]);
}

#[test]
fn where_the_surroundings_of_a_message_are_not_served_the_room_is_read_back_from_its_end() {
    let bench = Bench::with(Box::new(|_| {
        let mut said = vec![reply("Hm."), reply(ISSUED)];
        for _ in 0..15 {
            said.push(("@mallory:your.server", json!({"msgtype": "m.text", "body": "hello"})));
        }
        said
    }));
    bench.room().unserved = &["/context/", "/join/"];
    bench.api.try_out().unwrap();
    assert_eq!(bench.make(None).unwrap(), "aaaabbbbccccdddd");
    let restarted = Bench::restarted(&bench.server, &bench.clock);
    let order = Order { id: 1, token: &noted(), ends_at: bench.clock.now(), uses_allowed: None };
    assert_eq!(restarted.make(&order).unwrap().token.reveal(), "aaaabbbbccccdddd");
    assert_eq!(bench.commands().len(), 1);
}

#[test]
fn what_was_taken_back_unsaid_is_known_by_reading_back_too() {
    let bench = Bench::with(Box::new(|_| Vec::new()));
    bench.room().unserved = &["/context/"];
    bench.api.withdraw(&known(&noted(), false)).unwrap();
    assert_eq!(bench.commands(), [NEVER_MIND]);
}

#[test]
fn another_order_of_the_same_number_makes_another_token() {
    let bench = Bench::with(bot_that_says(ISSUED));
    bench.make(None).unwrap();
    // The store was restored from a backup, and counts on from there.
    let noted = RegistrationToken::parse("noted-after-the-restoration").unwrap();
    let order = Order { id: 1, token: &noted, ends_at: bench.clock.now(), uses_allowed: None };
    bench.api.make(&order).unwrap();
    assert_eq!(bench.commands().len(), 2);
}

#[test]
fn each_family_is_asked_as_it_understands() {
    for (version, uses, command) in [
        (("continuwuity", "0.5.2"), None, "!admin token issue --max-age 3600s"),
        (("continuwuity", "0.5.2"), Some(3), "!admin token issue --max-uses 3"),
        (("Tuwunel", "1.5.0"), None, "!admin token issue --max-age 3600s"),
        (("Tuwunel", "1.5.0"), Some(3), "!admin token issue --max-uses 3 --max-age 3600s"),
    ] {
        let bench = Bench::with(bot_that_says(ISSUED));
        bench.room().version = version;
        bench.make(uses).unwrap();
        assert_eq!(bench.commands(), [command]);
    }
    for version in
        [("continuwuity", "0.5.1"), ("Tuwunel", "1.4.9"), ("conduwuit", "0.5.0"), ("Synapse", "1.157.1")]
    {
        let bench = Bench::with(bot_that_says(ISSUED));
        bench.room().version = version;
        for fault in [bench.make(None).unwrap_err(), bench.api.try_out().unwrap_err()] {
            assert!(fault.words.contains("continuwuity 0.5.2 or tuwunel 1.5.0"), "{fault}");
        }
        assert!(bench.commands().is_empty());
    }
}

#[test]
fn a_token_that_opens_nothing_is_given_to_nobody_and_another_asked_for_after_a_time() {
    let bench = Bench::with(bot_that_says(ISSUED));
    bench.room().live = vec!["eeeeffffgggghhhh"];
    for _ in 0..3 {
        let fault = bench.make(Some(2)).unwrap_err();
        assert!(fault.words.contains("does not take it"), "{fault}");
    }
    assert_eq!(bench.commands().len(), 1);
    bench.clock.advance(AFTER_REFUSAL);
    bench.room().bot =
        bot_that_says("New registration token issued: `eeeeffffgggghhhh` . Expires after 2 uses.");
    assert_eq!(bench.make(Some(2)).unwrap(), "eeeeffffgggghhhh");
    assert_eq!(bench.commands().len(), 2);
}

#[test]
fn what_others_say_is_not_taken_for_the_reply() {
    const FALSE: &str = "New registration token issued: `ffffffffffffffff` . Never expires.";
    let of = |sender: &'static str, relates: Value| {
        (sender, json!({"msgtype": "m.notice", "body": FALSE, "m.relates_to": relates}))
    };
    let bench = Bench::with(Box::new(move |_| {
        let mut said = vec![
            of("@mallory:your.server", json!({"m.in_reply_to": {"event_id": "OURS"}})),
            of("@conduit:evil.example", json!({"m.in_reply_to": {"event_id": "OURS"}})),
            of("@conduit:your.server", json!({"m.in_reply_to": {"event_id": "$anothers"}})),
            of("@conduit:your.server", Value::Null),
            of("@mallory:your.server", json!({"rel_type": "m.thread", "event_id": "OURS"})),
        ];
        for _ in 0..30 {
            said.push(of("@mallory:your.server", json!({"m.in_reply_to": {"event_id": "OURS"}})));
        }
        said.push(reply(ISSUED));
        // Nobody else can edit it.
        let mut edit = of("@mallory:your.server", json!({"rel_type": "m.replace", "event_id": "LAST"}));
        edit.1["m.new_content"] = json!({"msgtype": "m.notice", "body": FALSE});
        said.push(edit);
        said
    }));
    assert_eq!(bench.make(None).unwrap(), "aaaabbbbccccdddd");
}

#[test]
fn a_reply_may_come_late_twice_in_a_thread_after_rubbish_or_by_an_edit() {
    let late = Bench::with(bot_that_says(ISSUED));
    late.room().looks = 3;
    assert_eq!(late.make(None).unwrap(), "aaaabbbbccccdddd");
    let twice = Bench::with(Box::new(|_| vec![reply("Hm."), reply(ISSUED), reply(ISSUED)]));
    assert_eq!(twice.make(None).unwrap(), "aaaabbbbccccdddd");
    let thread = Bench::with(Box::new(|_| {
        let relates = json!({"rel_type": "m.thread", "event_id": "OURS"});
        let content = json!({"msgtype": "m.notice", "body": ISSUED, "m.relates_to": relates});
        vec![("@conduit:your.server", content)]
    }));
    assert_eq!(thread.make(None).unwrap(), "aaaabbbbccccdddd");
    let edited = Bench::with(Box::new(|_| {
        let edit = json!({
            "msgtype": "m.notice", "body": "* …", "m.new_content": {"msgtype": "m.notice", "body": ISSUED},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "LAST"}
        });
        vec![reply("Wait …"), ("@conduit:your.server", edit)]
    }));
    assert_eq!(edited.make(None).unwrap(), "aaaabbbbccccdddd");
    for bench in [late, twice, thread, edited] {
        assert_eq!(bench.commands().len(), 1);
    }
}

#[test]
fn a_lost_command_is_said_again_after_a_time_and_not_before() {
    let bench = Bench::with(Box::new(|_| Vec::new()));
    for _ in 0..2 {
        assert!(bench.make(None).unwrap_err().words.contains("nobody replies"));
    }
    assert_eq!(bench.commands().len(), 1, "it is waited for");
    bench.clock.advance(AFTER_SILENCE);
    bench.room().bot = bot_that_says(ISSUED);
    assert_eq!(bench.make(None).unwrap(), "aaaabbbbccccdddd");
    assert_eq!(bench.commands().len(), 2);
}

#[test]
fn a_refused_command_is_told_and_not_said_again_and_again() {
    let bench = Bench::with(bot_that_says(FAILED));
    for _ in 0..3 {
        let fault = bench.make(None).unwrap_err();
        assert!(fault.words.contains("the database is shut"), "{fault}");
    }
    assert_eq!(bench.commands().len(), 1);
    bench.clock.advance(AFTER_REFUSAL);
    bench.make(None).unwrap_err();
    bench.clock.advance(AFTER_REFUSAL);
    bench.make(None).unwrap_err();
    assert_eq!(bench.commands().len(), 2, "it waits twice as long each time");
}

#[test]
fn what_is_no_token_is_none() {
    let bench = Bench::with(bot_that_says("New registration token issued: `<img src=x>`"));
    let fault = bench.make(None).unwrap_err();
    assert!(fault.words.contains("not understood") && !fault.words.contains("img"), "{fault}");
}

#[test]
fn a_token_that_was_perhaps_made_is_revoked_if_it_was() {
    let bench = Bench::with(Box::new(|command| {
        vec![reply(if command.contains("issue") { ISSUED } else { "Token revoked successfully." })]
    }));
    // The desk was killed while it waited: only the room knows what came of it.
    bench.make(None).unwrap();
    let restarted = Bench::restarted(&bench.server, &bench.clock);
    restarted.withdraw(&known(&noted(), false)).unwrap();
    let revoked = "!admin token revoke aaaabbbbccccdddd";
    assert_eq!(bench.commands(), ["!admin token issue --max-age 3600s", revoked]);

    let never_said = Bench::with(Box::new(|_| Vec::new()));
    never_said.api.withdraw(&known(&noted(), false)).unwrap();
    assert_eq!(never_said.commands(), [NEVER_MIND], "no command is said to take it back");
    let looks =
        never_said.server.questions().iter().filter(|question| question.line.contains("/context/")).count();
    assert_eq!(looks, 1, "nobody replies to that, and nobody waits for it");
}

#[test]
fn a_command_that_was_redacted_since_is_known_by_its_reply() {
    let bench = Bench::with(bot_that_says(ISSUED));
    bench.make(None).unwrap();
    bench.room().events[0]["content"] = json!({});
    bench.room().bot = bot_that_says("Token revoked successfully.");
    bench.api.withdraw(&known(&noted(), false)).unwrap();
    assert!(
        bench
            .room()
            .events
            .iter()
            .any(|event| event["content"]["body"] == "!admin token revoke aaaabbbbccccdddd")
    );
}

#[test]
fn a_token_that_has_ended_is_not_talked_about_and_one_that_is_gone_is_fine() {
    let token = RegistrationToken::parse("aaaabbbbccccdddd").unwrap();
    let bench = Bench::with(bot_that_says(
        "Command failed with error:\n```\nThis token does not exist or has already expired.\n```",
    ));
    bench.api.withdraw(&known(&token, true)).unwrap();
    assert_eq!(bench.commands(), ["!admin token revoke aaaabbbbccccdddd"]);
    bench.room().live.clear();
    bench.api.withdraw(&known(&token, true)).unwrap();
    assert_eq!(bench.commands().len(), 1);

    let refused = Bench::with(bot_that_says("error: unexpected argument 'aaaabbbbccccdddd' found"));
    let fault = refused.api.withdraw(&known(&token, true)).unwrap_err();
    assert!(fault.words.contains("unexpected argument '[token]'"), "{fault}");
}

#[test]
fn uses_of_all_tokens_are_asked_for_at_once_and_rarely() {
    let list = "Found 2 registration tokens:\n\
                - `aaaabbbbccccdddd` --- Token created by @desk:your.server and used 1 times. Expires after 2 uses.\n\
                - `eeeeffffgggghhhh` --- Token created by @desk:your.server and used 2 times. Expires after 3 uses.\n";
    let bench = Bench::with(Box::new(move |_| vec![reply(list)]));
    bench.room().live.push("eeeeffffgggghhhh");
    let look = |token: &str| {
        let token = RegistrationToken::parse(token).unwrap();
        bench.api.look(&known(&token, true), bench.clock.now()).unwrap()
    };
    assert_eq!(look("aaaabbbbccccdddd"), Some(Found { opens: true, uses: Some(1) }));
    assert_eq!(look("eeeeffffgggghhhh"), Some(Found { opens: true, uses: Some(2) }));
    assert_eq!(look("iiiijjjjkkkkllll"), Some(Found { opens: false, uses: None }));
    assert_eq!(bench.commands(), ["!admin token list"]);
    bench.clock.advance(LIST_EVERY);
    look("aaaabbbbccccdddd");
    assert_eq!(bench.commands().len(), 2);

    // One that everybody shares is nobody's, and a list that came as a file tells nothing.
    let token = RegistrationToken::parse("aaaabbbbccccdddd").unwrap();
    let shared = Known { uses_allowed: None, ..known(&token, true) };
    let found = bench.api.look(&shared, bench.clock.now()).unwrap();
    assert_eq!((found, bench.commands().len()), (Some(Found { opens: true, uses: None }), 2));
    bench.clock.advance(LIST_EVERY);
    bench.room().bot = Box::new(|_| {
        let (sender, mut content) = reply("Output was too large to send as text.");
        content["msgtype"] = "m.file".into();
        vec![(sender, content)]
    });
    assert_eq!(look("aaaabbbbccccdddd"), Some(Found { opens: true, uses: None }));
}

#[test]
fn who_is_not_in_the_room_is_told_what_to_do() {
    let bench = Bench::with(bot_that_says(ISSUED));
    bench.room().is_member = false;
    let fault = bench.api.try_out().unwrap_err();
    assert!(fault.words.contains("#admins:your.server") && fault.words.contains("/invite"), "{fault}");
    bench.room().is_member = true;
    bench.api.try_out().unwrap();
}

#[test]
fn the_access_token_is_in_no_words() {
    let bench = Bench::with(bot_that_says(ISSUED));
    let name = crate::domain::ServerName::parse("your.server").unwrap();
    let homeserver = Arc::new(Homeserver::new(name, Some(bench.server.url.clone())));
    let api = AdminRoom::new(homeserver, Secret::new("syt_wrong"), bench.clock.clone());
    let fault = api.try_out().unwrap_err();
    assert!(fault.words.contains("tokens.access_token_file"), "{fault}");
    assert!(!format!("{fault} {api:?} {:?}", bench.api).contains("syt_"));
}
