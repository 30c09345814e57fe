//! What waits for the operator, told where they are: the digest's links, the Matrix room, the webhook.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::desk::{Desk, Folder, escaped, open_desk};
use crate::support::http::{Answer, exchange};
use crate::support::json_server::{NO_ANSWER, serve};
use crate::support::synapse::{Synapse, synapse};
use crate::support::wait_until;

const DIGEST: &str = "approval: manual\nprove_address: false\npublic_url: https://desk.test/join\n\
     notify: {email: operator@desk.test}\nemail_cooldown: 0\n";

/// The paths of the links in the digest, as they stand in it.
fn links(folder: &Folder) -> Option<Vec<String>> {
    let digest = folder.letters().into_iter().find(|letter| letter.contains("needs you"))?;
    let text = digest.split("Content-Type: text/html").next()?;
    let links = text.split("https://desk.test/join/decide/").skip(1);
    Some(links.filter_map(|rest| Some(format!("/decide/{}", rest.split_whitespace().next()?))).collect())
}

fn send(desk: &Desk, path: &str, headers: &str, fields: &[(&str, &str)]) -> Answer {
    let pairs = fields.iter().map(|(name, text)| format!("{name}={}", escaped(text)));
    let body = pairs.collect::<Vec<_>>().join("&");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(&desk.address, request.as_bytes())
}

fn verdict(folder: &Folder, username: &str) -> (Value, Value) {
    let listed = folder.json(&["requests", "--json"]);
    let row = listed.as_array().unwrap().iter().find(|row| row["username"] == username).unwrap();
    (row["verdict"].clone(), row["reason"].clone())
}

#[test]
fn a_link_in_the_digest_shows_its_request_and_decides_it_once() {
    let (_homeserver, folder, desk) = open_desk(DIGEST);
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    let path = wait_until("the digest", || links(&folder)?.pop());
    let secret = path.rsplit('/').next().unwrap();
    assert_eq!(secret.len(), 32, "160 bits");
    assert!(!folder.read("doorman.db").contains(secret) && !folder.read("doorman.db-wal").contains(secret));
    let page = desk.get(&path);
    assert!(page.status == 200 && page.body.contains("alice@example.org"), "{page:?}");
    assert_eq!(page.body.matches("<button").count(), 2, "{page:?}");
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
    {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    assert_eq!(verdict(&folder, "alice").0, "held", "looking decides nothing");
    let approve = [("act", "approve")];
    assert_eq!(send(&desk, &path, "Sec-Fetch-Site: cross-site\r\n", &approve).status, 403);
    assert_eq!(send(&desk, &path, "", &[("act", "perhaps")]).status, 400);
    assert_eq!(send(&desk, "/decide/23456789abcdefghijkmnpqrstuvwxyz", "", &approve).status, 404);
    assert_eq!(verdict(&folder, "alice").0, "held");
    let done = send(&desk, &path, "", &approve);
    assert!(done.status == 200 && done.body.contains("Approved: the email for alice goes to"), "{done:?}");
    assert_eq!(verdict(&folder, "alice").0, "accepted");
    let line = &folder.json(&["log", "--json"])[0];
    assert_eq!((&line["what"], &line["who"]), (&"approve".into(), &"operator@desk.test".into()), "{line}");
    assert_eq!(line["whence"], "link in the digest");
    let again = send(&desk, &path, "", &[("act", "refuse")]);
    assert!(again.status == 409 && again.body.contains("nothing is changed"), "{again:?}");
    assert!(again.body.contains("by operator@desk.test (link in the digest)"), "{again:?}");
    assert_eq!(verdict(&folder, "alice").0, "accepted");
    assert!(!desk.log().contains(secret));
}

#[test]
fn of_two_who_decide_at_once_one_does() {
    let (_homeserver, folder, desk) = open_desk(DIGEST);
    for name in ["alice", "bob", "carol"] {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "held");
    }
    // There is one digest an hour: it has at least the first of them.
    let path = wait_until("the digest", || links(&folder)?.pop());
    let (by_link, by_command) = std::thread::scope(|scope| {
        let by_link = scope.spawn(|| send(&desk, &path, "", &[("act", "refuse")]).status == 200);
        let by_command = folder.command(&["approve", "1"]).status.success();
        (by_link.join().unwrap(), by_command)
    });
    assert!(by_link ^ by_command, "{by_link} {by_command}");
    let log = folder.json(&["log", "--json"]);
    let decided = log.as_array().unwrap().iter().filter(|line| line["subject"] == "1").count();
    assert_eq!(decided, 1, "{log}");
    let expected = if by_link { "refused" } else { "accepted" };
    assert_eq!(verdict(&folder, "alice").0, expected);
}

#[test]
fn who_comes_second_by_a_digest_is_told_who_was_first() {
    let (_homeserver, folder, desk) =
        open_desk(&format!("{DIGEST}question: {{text: Why?, min_length: 0}}\n"));
    let form = [
        ("requested_username", "mallory"),
        ("email", "mallory@example.org"),
        ("answer", "\u{1}7\u{1} <b>https://evil.test</b>"),
    ];
    assert_eq!(send(&desk, "/register", "Accept: application/json\r\n", &form).status, 202);
    let path = wait_until("the digest", || {
        let mut links = links(&folder)?;
        assert_eq!(links.len(), 1, "an applicant makes no link");
        links.pop()
    });
    let page = desk.get(&path);
    assert!(page.body.contains("&#60;b&#62;") && !page.body.contains("<b>https"), "{page:?}");
    folder.ok(&["refuse", "1", "--because", "no \"spam\" <here>"]);
    let shown = desk.get(&path);
    assert!(shown.status == 200 && !shown.body.contains("<button"), "{shown:?}");
    assert!(shown.body.contains("Refused by ") && shown.body.contains("(command)"), "{shown:?}");
    assert_eq!(send(&desk, &path, "", &[("act", "approve")]).status, 409);
    assert_eq!(verdict(&folder, "mallory"), ("refused".into(), "refused_by_operator".into()));
    folder.ok(&["forget", "mallory@example.org"]);
    assert!([404, 410].contains(&desk.get(&path).status), "it is erased");
}

/// A receiver of webhooks that answers with the status that is set.
struct Receiver {
    url: String,
    status: Arc<AtomicU16>,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    fn start() -> Self {
        let (status, taken) = (Arc::new(AtomicU16::new(200)), Arc::new(Mutex::new(Vec::new())));
        let (set, kept) = (Arc::clone(&status), Arc::clone(&taken));
        let url = serve(move |question| {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"hush").unwrap();
            mac.update(question.body.as_bytes());
            let bytes = mac.finalize().into_bytes();
            let signature =
                bytes.iter().fold(String::from("sha256="), |hex, byte| format!("{hex}{byte:02x}"));
            assert_eq!(question.header("x-doorman-signature"), Some(signature.as_str()));
            let status = set.load(Ordering::SeqCst);
            if status == 200 {
                kept.lock().unwrap().push(question.json().unwrap());
            }
            (status, Value::Null)
        });
        Self { url, status, taken }
    }

    fn config(&self) -> String {
        format!("notify: {{webhook: {{url: \"{}/hook\", secret_file: hook}}}}\n", self.url)
    }

    /// The events of this kind about this name, or alarm.
    fn told(&self, event: &str, whom: &str) -> Vec<Value> {
        let taken = self.taken.lock().unwrap();
        let is = |one: &&Value| {
            one["event"] == event && (one["request"]["username"] == whom || one["alarm"]["fault"] == whom)
        };
        taken.iter().filter(is).cloned().collect()
    }
}

/// What this channel is owed, as `status` says.
fn owed(folder: &Folder, channel: &str) -> u64 {
    let told = folder.command(&["status", "--json"]).stdout;
    let told: Value = serde_json::from_slice(&told).unwrap();
    told["notify"][channel]["owed"].as_u64().unwrap()
}

fn desk_with(more: &str, secrets: &[(&str, &str)]) -> (Folder, Desk) {
    let folder = Folder::new(more);
    for (file, secret) in secrets {
        folder.write(file, secret);
    }
    let desk = folder.start();
    desk.wait_until_open();
    (folder, desk)
}

#[test]
fn a_webhook_that_fails_hangs_and_is_gone_for_a_while_is_told_everything_in_the_end() {
    let receiver = Receiver::start();
    let homeserver = crate::support::homeserver::FakeHomeserver::start();
    let config = format!(
        "base_url: {}\napproval: manual\nprove_address: false\nemail_cooldown: 0\n{}",
        homeserver.url,
        receiver.config()
    );
    let (folder, desk) = desk_with(&config, &[("hook", "hush")]);
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    let held = wait_until("it is told", || receiver.told("held", "alice").pop());
    assert_eq!(held["request"]["email"], "alice@example.org");
    assert!(held["outcome"].is_null() && held["homeserver"] == "desk.test", "{held}");
    receiver.status.store(500, Ordering::SeqCst);
    folder.ok(&["approve", "1"]);
    wait_until("the alarm", || desk.get("/healthz").body.contains("\"webhook\"").then_some(()));
    assert!(owed(&folder, "webhook") >= 1);
    receiver.status.store(NO_ANSWER, Ordering::SeqCst);
    let started = Instant::now();
    assert_eq!(desk.verdict("bob", "bob@example.org"), "held");
    assert!(started.elapsed().as_secs() < 5, "a receiver that hangs holds nobody up");
    // As a power cut would end it, with both owed.
    desk.kill();
    receiver.status.store(200, Ordering::SeqCst);
    let desk = folder.start();
    let decided = wait_until("the decision", || receiver.told("decided", "alice").pop());
    assert!(decided["outcome"].as_str().unwrap().starts_with("Approved by "), "{decided}");
    assert_eq!(decided["request"]["verdict"], "accepted");
    wait_until("what came while it hung", || receiver.told("held", "bob").pop());
    wait_until("nothing is owed", || (owed(&folder, "webhook") == 0).then_some(()));
    assert!(!desk.get("/healthz").body.contains("\"webhook\""));
    // A ban list that is lost is an alarm, which begins and ends.
    folder.write("banned_ips.txt", "[\n");
    wait_until("an alarm begins", || receiver.told("alarm", "bans").pop());
    folder.write("banned_ips.txt", "\n");
    wait_until("and ends", || receiver.told("alarm_over", "bans").pop());
    let all = receiver.taken.lock().unwrap().iter().map(ToString::to_string).collect::<String>();
    assert!(!all.contains("token\"") && !all.contains("hush"), "{all}");
}

/// A room of the operator's, with the account `desk…` invited, and a guest in it.
struct OwnRoom {
    synapse: &'static Synapse,
    id: String,
    operator: String,
    guest: String,
    desk: String,
}

impl OwnRoom {
    fn make(tag: &str, of_old: bool) -> Self {
        let synapse = synapse();
        let operator = std::fs::read_to_string(synapse.access_token_file()).unwrap();
        let (guest, desk) =
            (synapse.make_account(&format!("guest-{tag}")), synapse.make_account(&format!("desk-{tag}")));
        let mut made = json!({
            "preset": "private_chat", "room_alias_name": tag,
            "invite": [format!("@desk-{tag}:synapse.test"), format!("@guest-{tag}:synapse.test")],
        });
        // Younger rooms have creators, who stand above all levels.
        if of_old {
            made["room_version"] = "11".into();
            let levels = json!({"@operator:synapse.test": 100, format!("@guest-{tag}:synapse.test"): 49});
            made["power_level_content_override"] = json!({ "users": levels });
        }
        let (status, answer) = synapse.ask_as(&operator, "POST", "/_matrix/client/v3/createRoom", &made);
        assert_eq!(status, 200, "{answer}");
        let id = answer["room_id"].as_str().unwrap().to_owned();
        let room = Self { synapse, id, operator, guest, desk };
        let joined = room.synapse.ask_as(
            &room.guest,
            "POST",
            &format!("/_matrix/client/v3/join/{}", escaped(&room.id)),
            &json!({}),
        );
        assert_eq!(joined.0, 200, "{joined:?}");
        room
    }

    fn config(&self, tag: &str) -> String {
        format!(
            "{}approval: manual\nprove_address: false\nemail_cooldown: 0\n\
             notify: {{matrix: {{room: \"#{tag}:synapse.test\", access_token_file: room-token}}}}\n",
            self.synapse.config_by_api("")
        )
    }

    /// Sends an event in this member's name; its ID.
    fn send(&self, who: &str, kind: &str, content: &Value) -> String {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let path = format!(
            "/_matrix/client/v3/rooms/{}/send/{kind}/t{}",
            escaped(&self.id),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        let (status, answer) = self.synapse.ask_as(who, "PUT", &path, content);
        assert_eq!(status, 200, "{answer}");
        answer["event_id"].as_str().unwrap().to_owned()
    }

    fn react(&self, who: &str, to: &str, key: &str) -> String {
        let relates = json!({"rel_type": "m.annotation", "event_id": to, "key": key});
        self.send(who, "m.reaction", &json!({ "m.relates_to": relates }))
    }

    fn reply(&self, who: &str, to: &str, body: &str) -> String {
        let relates = json!({"m.in_reply_to": {"event_id": to}});
        self.send(who, "m.room.message", &json!({"msgtype": "m.text", "body": body, "m.relates_to": relates}))
    }

    /// What the desk has said, oldest first.
    fn said(&self) -> Vec<Value> {
        let path = format!(
            "/_matrix/client/v3/rooms/{}/messages?dir=b&limit=500&filter={}",
            escaped(&self.id),
            escaped("{\"types\":[\"m.room.message\"]}")
        );
        let (_, answer) = self.synapse.ask_as(&self.operator, "GET", &path, &Value::Null);
        let mut said: Vec<Value> = answer["chunk"].as_array().unwrap().clone();
        said.retain(|event| event["sender"].as_str().unwrap().starts_with("@desk-"));
        said.reverse();
        said
    }

    /// The message that tells of this name's request.
    fn message_of(&self, name: &str) -> Value {
        wait_until("the message in the room", || {
            self.said().into_iter().find(|event| {
                event["content"]["m.relates_to"].is_null()
                    && event["content"]["body"]
                        .as_str()
                        .is_some_and(|body| body.contains(&format!(": {name}\n")))
            })
        })
    }

    /// What the message says since it was edited.
    fn edit_of(&self, message: &str, says: &str) -> Value {
        wait_until(&format!("the message says {says}"), || {
            self.said().into_iter().find(|event| {
                event["content"]["m.relates_to"]["event_id"] == message
                    && event["content"]["m.new_content"]["body"]
                        .as_str()
                        .is_some_and(|body| body.contains(says))
            })
        })
    }
}

fn id(event: &Value) -> &str {
    event["event_id"].as_str().unwrap()
}

#[test]
fn a_request_is_decided_in_the_room_by_a_reaction_or_a_reply_of_who_has_the_power() {
    let room = OwnRoom::make("decides", true);
    let config =
        format!("{}question: {{text: Why?, min_length: 0, required: false}}\n", room.config("decides"));
    let (folder, desk) = desk_with(&config, &[("room-token", &room.desk)]);
    let form = [
        ("requested_username", "mallory"),
        ("email", "mallory@example.org"),
        ("answer", "@room @operator:synapse.test <b>let me in</b>"),
    ];
    assert_eq!(send(&desk, "/register", "Accept: application/json\r\n", &form).status, 202);
    let message = room.message_of("mallory");
    let content = &message["content"];
    assert_eq!(content["m.mentions"], json!({}), "nobody is called by what an applicant typed");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.contains("&#60;b&#62;let me in") && !html.contains("<b>"), "{html}");
    for part in ["mallory@example.org", "held for: approval", "@room", "React with"] {
        assert!(content["body"].as_str().unwrap().contains(part), "{part}: {content}");
    }
    // Somebody without the power, a reaction that means nothing, and words that are no decision come first.
    room.react(&room.guest, id(&message), "✅");
    room.reply(&room.guest, id(&message), "approve");
    room.react(&room.operator, id(&message), "👍");
    room.reply(&room.operator, id(&message), "shall we approve?");
    let began = Instant::now();
    room.react(&room.operator, id(&message), "❌");
    let edit = room.edit_of(id(&message), "Refused by @operator:synapse.test (Matrix room)");
    println!("decided and told in {} ms", began.elapsed().as_millis());
    assert_eq!(edit["content"]["m.mentions"], json!({}));
    assert_eq!(verdict(&folder, "mallory"), ("refused".into(), "refused_by_operator".into()));

    assert_eq!(desk.verdict("bob", "bob@example.org"), "held");
    let message = room.message_of("bob");
    room.reply(
        &room.operator,
        id(&message),
        "> <@desk-decides:synapse.test> Request 2: bob\n\nrefuse because we are full",
    );
    room.edit_of(id(&message), "we are full");
    wait_until("the applicant is told", || {
        folder
            .letters()
            .into_iter()
            .find(|letter| letter.contains("bob@example.org") && letter.contains("we are full"))
    });

    // A slip of the keyboard that is mended afterwards.
    assert_eq!(desk.verdict("carol", "carol@example.org"), "held");
    let message = room.message_of("carol");
    let slip = room.reply(&room.operator, id(&message), "aprove");
    let mended = json!({
        "msgtype": "m.text", "body": "* approve", "m.new_content": {"msgtype": "m.text", "body": "approve"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": slip},
    });
    room.send(&room.operator, "m.room.message", &mended);
    room.edit_of(id(&message), "Approved by @operator:synapse.test");
    let line = &folder.json(&["log", "--json"])[0];
    assert_eq!((&line["who"], &line["whence"]), (&"@operator:synapse.test".into(), &"Matrix room".into()));

    // The console, or a command, is first: the message says so, and a reaction changes nothing.
    assert_eq!(desk.verdict("dave", "dave@example.org"), "held");
    let message = room.message_of("dave");
    folder.ok(&["approve", "4"]);
    room.edit_of(id(&message), "(command)");
    room.react(&room.operator, id(&message), "❌");
    // What is said later was heard later.
    assert_eq!(desk.verdict("eve", "eve@example.org"), "held");
    let last = room.message_of("eve");
    room.react(&room.operator, id(&last), "✅\u{fe0f}");
    room.edit_of(id(&last), "Approved by @operator");
    assert_eq!(verdict(&folder, "dave").0, "accepted");
    // What is forgotten goes out of the room, too.
    folder.ok(&["forget", "eve@example.org"]);
    wait_until("the message is taken out", || {
        let path = format!("/_matrix/client/v3/rooms/{}/event/{}", escaped(&room.id), escaped(id(&last)));
        let (_, event) = room.synapse.ask_as(&room.operator, "GET", &path, &Value::Null);
        event["content"]["body"].is_null().then_some(())
    });
    assert!(!desk.log().contains(&room.desk), "its access token is told nobody");
}

#[test]
fn a_desk_that_was_away_catches_up_and_decides_nothing_twice() {
    let room = OwnRoom::make("away", false);
    let (folder, desk) = desk_with(&room.config("away"), &[("room-token", &room.desk)]);
    for name in ["alice", "bob", "carol"] {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "held");
    }
    let messages = ["alice", "bob", "carol"].map(|name| room.message_of(name));
    desk.kill();
    room.react(&room.operator, id(&messages[0]), "✅");
    let taken_back = room.react(&room.operator, id(&messages[1]), "✅");
    let path = format!("/_matrix/client/v3/rooms/{}/redact/{}/away", escaped(&room.id), escaped(&taken_back));
    assert_eq!(room.synapse.ask_as(&room.operator, "PUT", &path, &json!({})).0, 200);
    // More is said than is brought at once.
    for number in 0..45 {
        room.send(&room.guest, "m.room.message", &json!({"msgtype": "m.text", "body": format!("{number}")}));
    }
    room.react(&room.operator, id(&messages[2]), "❌");
    let desk = folder.start();
    room.edit_of(id(&messages[0]), "Approved by @operator");
    room.edit_of(id(&messages[2]), "Refused by @operator");
    assert_eq!(verdict(&folder, "bob").0, "held", "a reaction that was taken back decides nothing");
    // Killed again and again, whatever it is at.
    desk.kill();
    for round in 0..6 {
        let desk = folder.start();
        desk.wait_until_open();
        assert_eq!(desk.verdict(&format!("user{round}"), &format!("user{round}@example.org")), "held");
        desk.kill();
    }
    let _desk = folder.start();
    for round in 0..6 {
        room.message_of(&format!("user{round}"));
    }
    wait_until("nothing is owed", || (owed(&folder, "matrix") == 0).then_some(()));
    let said = room.said();
    let first: Vec<&Value> = said.iter().filter(|event| event["content"]["m.relates_to"].is_null()).collect();
    assert_eq!(first.len(), 9, "one message a request: {first:?}");
    let log = folder.json(&["log", "--json"]);
    let decided = log.as_array().unwrap().iter().filter(|line| line["whence"] == "Matrix room").count();
    assert_eq!(decided, 2, "{log}");
}

#[test]
fn a_room_that_cannot_be_used_is_told_in_words() {
    let room = OwnRoom::make("locked", false);
    let (folder, desk) = desk_with(&room.config("locked"), &[("room-token", "no such token")]);
    let alarm = wait_until("the alarm", || {
        let health = desk.get("/healthz").body;
        health.contains("matrix_room").then_some(health)
    });
    assert!(alarm.contains("notify.matrix.access_token_file"), "{alarm}");
    let doctor = String::from_utf8(folder.command(&["doctor"]).stdout).unwrap();
    assert!(
        doctor.contains("WRONG  Matrix room  the homeserver") || doctor.contains("WRONG  Matrix room"),
        "{doctor}"
    );
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    folder.write("room-token", &room.desk);
    desk.signal("-HUP");
    room.message_of("alice");
    wait_until("it is right again", || (!desk.get("/healthz").body.contains("matrix_room")).then_some(()));
    let doctor = String::from_utf8(folder.command(&["doctor"]).stdout).unwrap();
    assert!(doctor.contains("ok     Matrix room"), "{doctor}");
    let path = format!("/_matrix/client/v3/rooms/{}/state/m.room.encryption", escaped(&room.id));
    let encrypted = json!({"algorithm": "m.megolm.v1.aes-sha2"});
    assert_eq!(room.synapse.ask_as(&room.operator, "PUT", &path, &encrypted).0, 200);
    wait_until("that is told", || desk.get("/healthz").body.contains("is encrypted").then_some(()));
    assert_eq!(room.said().len(), 1, "nothing is said there any more");
}
