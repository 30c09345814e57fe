//! An IMAP server for what no real one does on demand: go away in the middle, speak rubbish, have no room, give new numbers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// In a mail: the server goes away whenever it is to hand it out, as dovecot does with a file that it may not read.
pub const UNREADABLE: &str = "X-Unreadable: yes";

/// What it does once, at a command that begins so.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is gone; nothing was done.
    CutBefore,
    /// It was done; nobody is told.
    CutAfter,
    /// It says goodbye.
    Bye,
    /// Bytes that mean nothing.
    Rubbish,
    /// A line that belongs to something else, then the answer.
    LineBefore,
    /// A literal of a gigabyte, of which much is sent.
    HugeLiteral,
    /// While it obeys, this mail comes; it is told of with the answer, and never again.
    ComesMeanwhile(&'static str),
}

/// What it does all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Every answer tells of new mails, and there are none.
    Chatters,
    /// It keeps the connections, and says nothing.
    IsSilent,
    /// It says that it takes mails out, and does not.
    KeepsEverything,
}

#[derive(Debug, Clone)]
struct Mail {
    text: String,
    deleted: bool,
}

#[derive(Debug, Default)]
struct State {
    folders: BTreeMap<String, BTreeMap<u32, Mail>>,
    capabilities: &'static str,
    last_uid: u32,
    validity: u32,
    fault: Option<(String, Fault)>,
    /// Commands that are refused, as long as it stands here, and in which words.
    refused: Option<(String, String)>,
    habit: Option<Habit>,
    /// Whether anybody has waited for mails.
    was_idle: bool,
}

#[derive(Debug)]
pub struct FakeImap {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl FakeImap {
    pub fn start() -> Self {
        Self::that_can("IDLE MOVE UIDPLUS")
    }

    pub fn that_can(capabilities: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut first = State { validity: 1, capabilities, ..State::default() };
        first.folders.insert("INBOX".into(), BTreeMap::new());
        let state = Arc::new(Mutex::new(first));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                // Whoever goes away in the middle ends the conversation.
                std::thread::spawn(move || drop(serve(&stream.unwrap(), &shared)));
            }
        });
        Self { port, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The `imap:` section for a desk.
    pub fn config(&self) -> String {
        format!(
            "imap: {{host: localhost, port: {}, tls: none, username: register@desk.test, password: secret}}\n",
            self.port
        )
    }

    pub fn deliver(&self, mail: &str) {
        deliver(&mut self.state(), mail);
    }

    pub fn count(&self, folder: &str) -> usize {
        self.state().folders.get(folder).map_or(0, BTreeMap::len)
    }

    /// Once, at the next such command.
    pub fn at(&self, command: &str, fault: Fault) {
        self.state().fault = Some((command.to_owned(), fault));
    }

    pub fn has_struck(&self) -> bool {
        self.state().fault.is_none()
    }

    /// From now on.
    pub fn refuse(&self, command: &str, words: &str) {
        self.state().refused = Some((command.to_owned(), words.to_owned()));
    }

    pub fn take_again(&self) {
        let mut state = self.state();
        (state.refused, state.habit) = (None, None);
    }

    /// From now on.
    pub fn gets_into(&self, habit: Habit) {
        let mut state = self.state();
        (state.habit, state.was_idle) = (Some(habit), false);
    }

    pub fn was_idle(&self) -> bool {
        self.state().was_idle
    }

    /// As after a restore: every mail has another number.
    pub fn renumber(&self) {
        let mut state = self.state();
        state.validity += 1;
        for mails in state.folders.values_mut() {
            *mails = std::mem::take(mails).into_iter().map(|(uid, mail)| (uid + 1000, mail)).collect();
        }
        state.last_uid += 1000;
    }
}

/// How many there are now.
fn deliver(state: &mut State, mail: &str) -> usize {
    state.last_uid += 1;
    let uid = state.last_uid;
    let inbox = state.folders.get_mut("INBOX").unwrap();
    inbox.insert(uid, Mail { text: mail.to_owned(), deleted: false });
    inbox.len()
}

fn serve(stream: &TcpStream, shared: &Mutex<State>) -> std::io::Result<()> {
    let mut out = stream;
    stream.set_read_timeout(Some(Duration::from_secs(200)))?;
    let mut lines = BufReader::new(stream);
    if strikes(shared, "greeting", out)?.is_some() {
        return stream.shutdown(Shutdown::Both);
    }
    out.write_all(b"* OK here\r\n")?;
    // How many mails the client has heard of: others are told of as soon as it waits, as every server does.
    let (mut folder, mut told) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let Some((tag, command)) = line.trim_end().split_once(' ') else { return Ok(()) };
        if shared.lock().unwrap().habit == Some(Habit::IsSilent) {
            continue;
        }
        let fault = strikes(shared, command, out)?;
        let refused = shared.lock().unwrap().refused.clone();
        if let Some((_, words)) = refused.filter(|(refused, _)| command.starts_with(refused.as_str())) {
            out.write_all(format!("{tag} NO {words}\r\n").as_bytes())?;
            continue;
        }
        match fault {
            None | Some(Fault::LineBefore) => {}
            Some(Fault::ComesMeanwhile(mail)) => {
                let said = obey(command, &mut folder, &mut told, shared, &mut lines, out)?;
                let count = deliver(&mut shared.lock().unwrap(), mail);
                told = count;
                out.write_all(format!("{}* {count} EXISTS\r\n{tag} {}\r\n", said.0, said.1).as_bytes())?;
                continue;
            }
            Some(Fault::CutAfter) => {
                let _ = obey(command, &mut folder, &mut told, shared, &mut lines, out)?;
                return stream.shutdown(Shutdown::Both);
            }
            Some(_) => return stream.shutdown(Shutdown::Both),
        }
        if is_broken(command, &folder, shared) {
            return stream.shutdown(Shutdown::Both);
        }
        let mut said = obey(command, &mut folder, &mut told, shared, &mut lines, out)?;
        if shared.lock().unwrap().habit == Some(Habit::Chatters) && command.starts_with("UID") {
            said.0.push_str("* 1 EXISTS\r\n");
        }
        if shared.lock().unwrap().habit != Some(Habit::IsSilent) {
            out.write_all(format!("{}{tag} {}\r\n", said.0, said.1).as_bytes())?;
        }
    }
}

/// Whether a mail is to be fetched that it always goes away at.
fn is_broken(command: &str, folder: &str, shared: &Mutex<State>) -> bool {
    let wanted =
        command.strip_prefix("UID FETCH ").and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    let state = shared.lock().unwrap();
    let mail = wanted.and_then(|uid| state.folders.get(folder)?.get(&uid));
    mail.is_some_and(|mail| mail.text.contains(UNREADABLE))
}

/// What goes wrong at this command; what of it can be said is said.
fn strikes(shared: &Mutex<State>, command: &str, mut out: &TcpStream) -> std::io::Result<Option<Fault>> {
    let fault = {
        let mut state = shared.lock().unwrap();
        let meant = state.fault.as_ref().is_some_and(|(word, _)| command.starts_with(word.as_str()));
        if meant { state.fault.take() } else { None }
    };
    let Some((_, fault)) = fault else { return Ok(None) };
    match fault {
        Fault::Bye => out.write_all(b"* BYE going down\r\n")?,
        Fault::Rubbish => out.write_all(b"\x00\xff )) {12 rubbish\r\n")?,
        Fault::LineBefore => out.write_all(b"* 1 RECENT\r\n")?,
        Fault::HugeLiteral => {
            out.write_all(b"* 1 FETCH (UID 1 BODY[]<0> {1073741824}\r\n")?;
            for _ in 0..200 {
                out.write_all(&vec![b'x'; 1 << 20])?;
            }
        }
        Fault::CutBefore | Fault::CutAfter | Fault::ComesMeanwhile(_) => {}
    }
    Ok(Some(fault))
}

/// What it says before the tagged line, and in it.
fn obey(
    command: &str,
    folder: &mut String,
    told: &mut usize,
    shared: &Mutex<State>,
    lines: &mut impl BufRead,
    mut out: &TcpStream,
) -> std::io::Result<(String, String)> {
    let mut words = command.split_whitespace().map(|word| word.trim_matches('"'));
    let mut verb = words.next().unwrap_or_default().to_owned();
    if verb == "UID" {
        verb = format!("UID {}", words.next().unwrap_or_default());
    }
    let first = words.next().unwrap_or_default().to_owned();
    let last = words.next_back().unwrap_or_default().to_owned();
    let fine = |said: String| Ok((said, "OK done".to_owned()));
    let no = |words: &str| Ok((String::new(), format!("NO {words}")));
    if verb == "AUTHENTICATE" {
        out.write_all(b"+ \r\n")?;
        lines.read_line(&mut String::new())?;
    }
    if verb == "IDLE" {
        return idle(folder, told, shared, lines, out);
    }
    let mut literal = Vec::new();
    if verb == "APPEND" {
        let length: usize = last.trim_matches(['{', '}', '+']).parse().unwrap();
        out.write_all(b"+ go on\r\n")?;
        literal.resize(length, 0);
        lines.read_exact(&mut literal)?;
        lines.read_line(&mut String::new())?;
    }
    let mut state = shared.lock().unwrap();
    let here = state.folders.get(folder.as_str()).cloned().unwrap_or_default();
    match verb.as_str() {
        "CAPABILITY" => fine(format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN {}\r\n", state.capabilities)),
        "SELECT" => match state.folders.get(&first) {
            None => no("[NONEXISTENT] no such folder"),
            Some(mails) => {
                *folder = first;
                *told = mails.len();
                fine(format!(
                    "* FLAGS ()\r\n* {} EXISTS\r\n* OK [UIDVALIDITY {}] x\r\n",
                    mails.len(),
                    state.validity
                ))
            }
        },
        "LIST" => fine("* LIST (\\Noselect) \"/\" \"\"\r\n".into()),
        "STATUS" => match state.folders.get(&first) {
            None => no("[NONEXISTENT] no such folder"),
            Some(mails) => fine(format!("* STATUS \"{first}\" (MESSAGES {})\r\n", mails.len())),
        },
        "CREATE" => {
            state.folders.entry(first).or_default();
            fine(String::new())
        }
        "APPEND" => {
            state.last_uid += 1;
            let uid = state.last_uid;
            let mail = Mail { text: String::from_utf8_lossy(&literal).into_owned(), deleted: false };
            match state.folders.get_mut(&first) {
                None => no("[TRYCREATE] no such folder"),
                Some(mails) => {
                    mails.insert(uid, mail);
                    fine(String::new())
                }
            }
        }
        "UID SEARCH" => {
            let one = command.strip_prefix("UID SEARCH UID ").and_then(|uid| uid.parse::<u32>().ok());
            if one.is_none() {
                *told = here.len();
            }
            let wanted = |uid: &&u32| one.is_none_or(|one| one == **uid);
            let uids: Vec<String> = here.keys().filter(wanted).map(u32::to_string).collect();
            fine(format!("* SEARCH {}\r\n", uids.join(" ")))
        }
        "UID FETCH" => {
            let wanted: Option<u32> = first.parse().ok();
            let said =
                here.iter().enumerate().filter(|(_, (uid, _))| wanted.is_none_or(|wanted| wanted == **uid));
            fine(said.map(|(at, (uid, mail))| fetched(at + 1, *uid, mail, command)).collect())
        }
        "UID MOVE" | "UID COPY" | "UID STORE" | "EXPUNGE" | "UID EXPUNGE" => {
            let set = if verb == "EXPUNGE" { "" } else { &first };
            Ok((String::new(), change(command, &verb, set, folder, told, &mut state).to_owned()))
        }
        _ => fine(String::new()),
    }
}

/// Moves, copies, marks, takes out.
fn change(
    command: &str,
    verb: &str,
    set: &str,
    folder: &str,
    told: &mut usize,
    state: &mut State,
) -> &'static str {
    let target = command.rsplit(' ').next().unwrap_or_default().trim_matches('"');
    let uids: Vec<u32> = set.split(',').filter_map(|uid| uid.parse().ok()).collect();
    let chosen = |uid: &u32| set.is_empty() || uids.contains(uid);
    if matches!(verb, "UID MOVE" | "UID COPY") && !state.folders.contains_key(target) {
        return "NO [TRYCREATE] no such folder";
    }
    let keeps_everything = state.habit == Some(Habit::KeepsEverything);
    let Some(mails) = state.folders.get_mut(folder) else { return "NO nothing is selected" };
    let before = mails.len();
    let handed_over: Vec<Mail> =
        mails.iter().filter(|(uid, _)| chosen(uid)).map(|(_, mail)| mail.clone()).collect();
    match verb {
        "UID STORE" if command.contains("Deleted") => {
            for (_, mail) in mails.iter_mut().filter(|(uid, _)| chosen(uid)) {
                mail.deleted = command.contains("+FLAGS");
            }
        }
        "EXPUNGE" | "UID EXPUNGE" if !keeps_everything => {
            mails.retain(|uid, mail| !mail.deleted || !chosen(uid));
            *told = told.saturating_sub(before - mails.len());
        }
        "UID MOVE" | "UID COPY" => {
            mails.retain(|uid, _| verb == "UID COPY" || !chosen(uid));
            *told = told.saturating_sub(before - mails.len());
            for mail in handed_over {
                state.last_uid += 1;
                state.folders.get_mut(target).unwrap().insert(state.last_uid, mail);
            }
        }
        _ => {}
    }
    "OK done"
}

fn fetched(at: usize, uid: u32, mail: &Mail, command: &str) -> String {
    let Mail { text, deleted } = mail;
    let (what, body) = if command.contains("SUBJECT") {
        let subject = text.lines().find(|line| line.starts_with("Subject:")).unwrap_or_default();
        ("BODY[HEADER.FIELDS (SUBJECT)]", format!("{}\r\n\r\n", subject.trim_end()))
    } else {
        ("BODY[]<0>", text.to_owned())
    };
    let flags = if *deleted { "\\Deleted" } else { "" };
    format!("* {at} FETCH (UID {uid} FLAGS ({flags}) {what} {{{}}}\r\n{body})\r\n", body.len())
}

/// Until the client has enough; new mails are told.
fn idle(
    folder: &str,
    told: &mut usize,
    shared: &Mutex<State>,
    lines: &mut impl BufRead,
    mut out: &TcpStream,
) -> std::io::Result<(String, String)> {
    let count = || shared.lock().unwrap().folders.get(folder).map_or(0, BTreeMap::len);
    shared.lock().unwrap().was_idle = true;
    out.write_all(b"+ idling\r\n")?;
    out.set_read_timeout(Some(Duration::from_millis(20)))?;
    let mut line = String::new();
    let ended = loop {
        match lines.read_line(&mut line) {
            Ok(_) => break Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => break Err(error),
        }
        let now = count();
        if now != *told {
            *told = now;
            out.write_all(format!("* {now} EXISTS\r\n").as_bytes())?;
        }
    };
    out.set_read_timeout(Some(Duration::from_secs(200)))?;
    ended.map(|()| (String::new(), "OK done".to_owned()))
}
