//! Watches the mailbox, decides each mail once, and moves it away.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::rand_core::{Rng, UnwrapErr};
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::{Imap, Settings, UnverifiedSenders};
use crate::desk::{Desk, Knock, Looked, PATIENCE};
use crate::domain::{
    Channel, EmailAddress, Localpart, MessageId, Refusal, RequestMail, TokenRequest, Verdict, printable,
};
use crate::stop::Stop;
use crate::store::{AnswerLetter, MailKey, MailOutcome, Record, StoreError};

use super::authentication::Proof;
use super::lease::{self, Lease};
use super::meaning::{LetterBox, Meaning, Understood, understand};
use super::session::{Fault, Kind, Mark, Patience, Plug, Session};

/// Pauses after a fault: the first, the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// After a refused login: more tries would lock the account, or the address out.
const LOGIN_PAUSE: Duration = Duration::from_secs(15 * 60);

/// A session that has held so long was a good one: the pauses begin anew.
const GOOD_SESSION: Duration = Duration::from_secs(60);

/// IDLE is begun anew after so long (RFC 2177 allows 29 minutes; middle boxes forget sooner).
const IDLE: Duration = Duration::from_secs(100);

/// Without IDLE it is looked so often.
const POLL: Duration = Duration::from_secs(60);

/// A mail whose time has not come is looked at again after this; where only the desk is closed, it is looked so often
/// whether it is open, without fetching any.
const DEFER: Duration = Duration::from_secs(20);
const DEFER_CLOSED: Duration = Duration::from_secs(2);

/// A mail that could not be moved away is tried again after this.
const STUCK: Duration = Duration::from_secs(60);

/// One that this server cannot let go of is not fetched again for so long.
const LEFT: Duration = Duration::from_secs(24 * 3600);

/// A mail at whose fetching so many sessions have ended is left alone for so long: the others are not to wait for it.
const STUMBLES: u32 = 3;
const UNREADABLE: Duration = Duration::from_secs(5 * 60);

/// A server that tells of new mails where there are none is asked no more often.
const TOLD_IN_VAIN: Duration = Duration::from_secs(1);

/// When the desk stops, or has other settings, a session has so long to end by itself.
const PARTING: Duration = Duration::from_secs(2);

/// While nothing is configured, or a pause lasts, settings and the stop signal are looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A mail that could not be read so often goes to `Failed`.
const ATTEMPTS: u32 = 3;

/// Answers without a token: to an address and to a domain in a day, to all in an hour.
const TO_ADDRESS: u64 = 3;
const TO_DOMAIN: u64 = 20;
const TO_ALL: u64 = 60;

/// Keeps the letter box.
pub struct Keeper {
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    /// Mails whose time has not come, by number, and when they are looked at again.
    deferred: HashMap<u32, Instant>,
    /// Mails that are dealt with and cannot be moved away, and why.
    stuck: HashMap<u32, String>,
    /// The mail that is being fetched: the mailbox's validity, its number.
    fetching: Option<(u32, u32)>,
    /// Mails at whose fetching sessions have ended: how many, and when they are looked at again.
    stumbles: HashMap<(u32, u32), (u32, Instant)>,
    lease: Option<Lease>,
    /// Whether this session has moved a mail: then it was of some use.
    useful: bool,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

/// Why a session ended.
enum End {
    Fault(Fault),
    Store(StoreError),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Keeper {
    /// Of this desk's letter box.
    pub fn new(desk: Arc<Desk>, clock: Arc<dyn Clock>) -> Self {
        Self {
            desk,
            clock,
            deferred: HashMap::new(),
            stuck: HashMap::new(),
            fetching: None,
            stumbles: HashMap::new(),
            lease: None,
            useful: false,
        }
    }

    /// Watches until the stop signal comes.
    pub fn run(mut self, stop: &Stop) {
        let plug = Arc::new(Mutex::new(None));
        let _puller = Puller::start(stop.clone(), Arc::clone(&self.desk), Arc::clone(&plug));
        let mut pause = FIRST_PAUSE;
        while !stop.is_given() {
            let settings = self.desk.premises().settings.load_full();
            let Some(imap) = settings.imap.clone() else {
                self.desk.premises().alarms.clear(Trouble::LetterBox);
                stop.wait(LOOK_EVERY);
                continue;
            };
            let began = self.clock.monotonic();
            self.deferred.clear();
            self.stuck.clear();
            self.useful = false;
            let end = catch_unwind(AssertUnwindSafe(|| self.session(&imap, &settings, &plug, stop)));
            *plug.lock().unwrap_or_else(PoisonError::into_inner) = None;
            self.desk.premises().letter_box_is_open.store(false, Ordering::Relaxed);
            if stop.is_given() {
                return;
            }
            if !self.is_current(&settings) {
                pause = FIRST_PAUSE;
                continue;
            }
            if let (Some(mail), Err(_) | Ok(Err(End::Fault(_)))) = (self.fetching.take(), &end) {
                self.stumbled(mail);
            }
            if self.useful || self.clock.monotonic().saturating_duration_since(began) >= GOOD_SESSION {
                pause = FIRST_PAUSE;
            }
            let (words, rest) = match end {
                Ok(Ok(())) => continue,
                Ok(Err(End::Store(error))) => {
                    self.desk.premises().alarms.raise(Trouble::Store, error.to_string());
                    (None, pause)
                }
                Ok(Err(End::Fault(fault))) => {
                    let rest = match fault.kind {
                        Kind::Login => LOGIN_PAUSE,
                        Kind::Occupied => lease::LOOK_AGAIN,
                        Kind::Stuck | Kind::Other => pause,
                    };
                    (Some(fault.to_string()), rest)
                }
                Err(_) => (Some("the mail server says what nobody understands".to_owned()), pause),
            };
            if let Some(words) = words {
                self.desk.premises().alarms.raise(Trouble::LetterBox, format!("the letter box: {words}"));
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            let until = self.clock.monotonic() + rest;
            while self.clock.monotonic() < until && !stop.is_given() && self.is_current(&settings) {
                stop.wait(LOOK_EVERY);
            }
        }
    }

    /// The session has ended at this mail: once may be chance.
    fn stumbled(&mut self, mail: (u32, u32)) {
        let now = self.clock.monotonic();
        let (count, again) = self.stumbles.entry(mail).or_insert((0, now));
        *count += 1;
        if *count >= STUMBLES {
            *again = now + UNREADABLE;
        }
    }

    fn is_current(&self, settings: &Arc<Settings>) -> bool {
        Arc::ptr_eq(settings, &self.desk.premises().settings.load())
    }

    /// From the connection to its end. Ok: the settings have changed, or the desk stops.
    fn session(
        &mut self,
        imap: &Imap,
        settings: &Arc<Settings>,
        plug: &Mutex<Option<Plugged>>,
        stop: &Stop,
    ) -> Result<(), End> {
        let mut lease = match self.lease.take() {
            Some(lease) => lease,
            None => Lease::new(self.identity()?),
        };
        lease.begin();
        let held = self.session_with(&mut lease, imap, settings, plug, stop);
        self.lease = Some(lease);
        held
    }

    /// Tells this desk from every other.
    fn identity(&self) -> Result<String, StoreError> {
        let mut fresh = [0; 16];
        UnwrapErr(SysRng).fill_bytes(&mut fresh);
        let store = &self.desk.premises().store;
        let own = store.write(move |store| store.desk_id(u128::from_be_bytes(fresh)))?;
        Ok(self.desk.premises().folder.identity(&own))
    }

    fn session_with(
        &mut self,
        lease: &mut Lease,
        imap: &Imap,
        settings: &Arc<Settings>,
        plug: &Mutex<Option<Plugged>>,
        stop: &Stop,
    ) -> Result<(), End> {
        let mut session = Session::open(imap, Patience::default(), |new| {
            *plug.lock().unwrap_or_else(PoisonError::into_inner) = Some((new, Arc::clone(settings)));
        })?;
        let (mut connected, mut told_in_vain) = (false, false);
        while !stop.is_given() && self.is_current(settings) {
            lease.hold(&mut session, imap, self.clock.monotonic())?;
            let did_something = self.scan(&mut session, lease, imap, settings, stop)?;
            self.tell_of_those_that_stay();
            if !connected {
                tracing::info!("the letter box is open: {}", imap.address.to_ascii());
                connected = true;
                self.desk.premises().letter_box_is_open.store(true, Ordering::Relaxed);
            }
            // Some answers are not looked through for what they tell beside: what came meanwhile has to be listed.
            let told = session.has_told_of_more();
            if did_something || (told && !told_in_vain) {
                told_in_vain = !did_something;
                continue;
            }
            told_in_vain &= told;
            let now = self.clock.monotonic();
            let next = self.deferred.values().min().map(|at| at.saturating_duration_since(now));
            let longest = if told { TOLD_IN_VAIN } else { IDLE };
            let next = next.unwrap_or(IDLE).min(lease.left(now)).min(longest);
            if !session.wait(next.clamp(Duration::from_millis(100), IDLE))? {
                stop.wait(next.min(POLL));
            }
        }
        if stop.is_given() || !self.reads_still(imap) {
            lease.release(&mut session, self.clock.monotonic())?;
        }
        session.close();
        Ok(())
    }

    /// Whether the settings in force are of the same mailbox.
    fn reads_still(&self, mailbox: &Imap) -> bool {
        let place = |imap: &Imap| (imap.host.clone(), imap.port, imap.username.clone(), imap.mailbox.clone());
        self.desk.premises().settings.load().imap.as_ref().map(place) == Some(place(mailbox))
    }

    fn tell_of_those_that_stay(&self) {
        let alarms = &self.desk.premises().alarms;
        if let Some(why) = self.stuck.values().next() {
            let count = self.stuck.len();
            alarms.raise(
                Trouble::LetterBox,
                format!("the letter box: {count} mails are dealt with and stay where they are: {why}"),
            );
        } else if let Some(((_, uid), _)) = self.stumbles.iter().find(|(_, (count, _))| *count >= STUMBLES) {
            alarms.raise(
                Trouble::LetterBox,
                format!(
                    "the letter box: the mail server does not hand out the mail with the UID {uid}: see its log, and move \
                     that mail away"
                ),
            );
        } else {
            alarms.clear(Trouble::LetterBox);
        }
    }

    /// Goes through everything that lies in the mailbox. False: there was nothing to do. True: there may be more.
    fn scan(
        &mut self,
        session: &mut Session,
        lease: &Lease,
        imap: &Imap,
        settings: &Arc<Settings>,
        stop: &Stop,
    ) -> Result<bool, End> {
        let mut did_something = false;
        let mut uids = session.uids()?;
        let validity = session.uid_validity;
        self.stumbles.retain(|(of, uid), _| *of == validity && uids.binary_search(uid).is_ok());
        self.deferred.retain(|uid, _| uids.binary_search(uid).is_ok());
        self.stuck.retain(|uid, _| uids.binary_search(uid).is_ok());
        uids.sort_by_key(|uid| self.stumbles.get(&(validity, *uid)).map_or(0, |(count, _)| *count));
        for uid in uids {
            let now = self.clock.monotonic();
            // However many mails lie there, no other desk is to think that this one is gone.
            if stop.is_given() || lease.left(now).is_zero() || !self.is_current(settings) {
                return Ok(true);
            }
            if let Some((_, again)) = self.stumbles.get(&(validity, uid))
                && now < *again
            {
                self.deferred.insert(uid, *again);
                continue;
            }
            let closed = self.desk.closed(self.clock.now()).is_some();
            if let Some(at) = self.deferred.get_mut(&uid)
                && (now < *at || (closed && !self.stuck.contains_key(&uid)))
            {
                *at = (*at).max(now + if closed { DEFER_CLOSED } else { Duration::ZERO });
                continue;
            }
            self.fetching = Some((validity, uid));
            let fetched = session.fetch(uid)?;
            self.fetching = None;
            self.stumbles.remove(&(validity, uid));
            let Some(mail) = fetched else { continue };
            did_something = true;
            let key = MailKey { mailbox: imap.mailbox.clone(), uid_validity: validity, uid };
            if let Some(decided) = self.decide(&mail.bytes, &key, imap, settings)? {
                let mark = match (mail.deleted, decided.before) {
                    (false, _) => Mark::Plain,
                    (true, false) => Mark::Deleted,
                    (true, true) => Mark::Copied,
                };
                match session.move_to(uid, folder(decided.outcome), mark) {
                    Ok(gone) => {
                        self.stuck.remove(&uid);
                        self.useful = true;
                        // One that is said to be gone, and is listed again, is no reason to hurry either.
                        let again = if gone { STUCK } else { LEFT };
                        self.deferred.insert(uid, self.clock.monotonic() + again);
                    }
                    Err(fault) if fault.kind == Kind::Stuck => {
                        self.stuck.insert(uid, fault.to_string());
                        self.deferred.insert(uid, self.clock.monotonic() + STUCK);
                    }
                    Err(fault) => return Err(fault.into()),
                }
            } else {
                let pause = if closed { DEFER_CLOSED } else { DEFER };
                self.deferred.insert(uid, self.clock.monotonic() + pause);
            }
        }
        Ok(did_something)
    }

    /// Decides a mail. When this returns, what was decided is on disk, its answer included. None: its time has not come.
    fn decide(
        &self,
        bytes: &[u8],
        key: &MailKey,
        imap: &Imap,
        settings: &Arc<Settings>,
    ) -> Result<Option<Decided>, StoreError> {
        let now = self.clock.now();
        let (digest, noted_key) = (Sha256::digest(bytes).to_vec(), key.clone());
        let store = &self.desk.premises().store;
        let noted = store.write(move |store| store.note_mail(&noted_key, &digest, now))?;
        if let Some(outcome) = noted.outcome {
            return Ok(Some(Decided { outcome, before: true }));
        }
        let fresh = |outcome| Decided { outcome, before: false };
        let nothing_known =
            RequestMail { id: noted.id, message_id: None, references: Vec::new(), hold: None };
        if noted.attempts > ATTEMPTS {
            tracing::warn!(mail = key.uid, "a mail cannot be read: it is moved to Failed");
            return self.file(nothing_known, None, MailOutcome::Failed).map(fresh).map(Some);
        }
        let letter_box = LetterBox {
            address: imap.address.clone(),
            own: EmailAddress::parse(&settings.from.address).into_iter().collect(),
            server: settings.homeserver.clone(),
            trusted_authserv_ids: imap.trusted_authserv_ids.clone(),
        };
        let Ok(understood) = catch_unwind(AssertUnwindSafe(|| understand(bytes, &letter_box))) else {
            return Ok(None);
        };
        let mail = RequestMail {
            message_id: understood.mail.message_id.clone(),
            references: understood.mail.references.clone(),
            ..nothing_known
        };
        Ok(self.act(&understood, mail, imap, settings)?.map(fresh))
    }

    fn act(
        &self,
        understood: &Understood,
        mail: RequestMail,
        imap: &Imap,
        settings: &Settings,
    ) -> Result<Option<MailOutcome>, StoreError> {
        let from = match (&understood.meaning, &understood.mail.from) {
            (Meaning::Failed(failure), _) => {
                let (failure, now) = (failure.clone(), self.clock.now());
                return self.desk.premises().store.write(move |store| {
                    let mut ours = false;
                    for letter in &failure.letters {
                        ours |= store.letter_bounced(letter, &failure.words, now)?;
                    }
                    let outcome = if ours { MailOutcome::Done } else { MailOutcome::Ignored };
                    store.mail_decided(&mail, None, outcome, None)?;
                    Ok(Some(outcome))
                });
            }
            (Meaning::Ignored(why), from) => {
                tracing::info!("a mail is not answered: {why}");
                return self.file(mail, from.as_ref().ok(), MailOutcome::Ignored).map(Some);
            }
            (_, Ok(from)) => from,
            (_, Err(_)) => return self.file(mail, None, MailOutcome::Ignored).map(Some),
        };
        let store = &self.desk.premises().store;
        let came_before = match &mail.message_id {
            Some(id) => store.read(|store| store.mail_came_before(mail.id, id, from, self.clock.now()))?,
            None => false,
        };
        if came_before {
            tracing::info!("a mail is not answered: it came before");
            return self.file(mail, Some(from), MailOutcome::Ignored).map(Some);
        }
        let verified = understood.proof == Proof::Verified;
        if !verified && imap.unverified_senders == UnverifiedSenders::Ignore {
            tracing::info!("a mail is not answered: nobody has verified its sender");
            return self.file(mail, Some(from), MailOutcome::Ignored).map(Some);
        }
        match &understood.meaning {
            Meaning::Held(why, Some(name)) => {
                let mail = RequestMail { hold: Some((*why).to_owned()), ..mail };
                self.request(name, from, mail, verified, settings)
            }
            Meaning::Held(why, None) => self.hold(mail, from, "", why).map(Some),
            Meaning::Request(name) if !verified && imap.unverified_senders == UnverifiedSenders::Hold => {
                let mail = RequestMail { hold: Some("nobody has verified its sender".into()), ..mail };
                self.request(name, from, mail, verified, settings)
            }
            Meaning::Request(name) => self.request(name, from, mail, verified, settings),
            Meaning::Unclear(names, problem) => {
                let words = names.join(", ");
                if verified {
                    let answer = Answer { kind: "help", words: help(problem, imap, settings) };
                    self.refuse(mail, from, &words, "malformed", problem, Some(answer), settings).map(Some)
                } else {
                    self.hold(mail, from, &words, problem).map(Some)
                }
            }
            Meaning::Failed(_) | Meaning::Ignored(_) => Ok(None),
        }
    }

    fn request(
        &self,
        name: &Localpart,
        from: &EmailAddress,
        mail: RequestMail,
        verified: bool,
        settings: &Settings,
    ) -> Result<Option<MailOutcome>, StoreError> {
        let request = TokenRequest {
            username: name.clone(),
            email: from.clone(),
            channel: Channel::Email,
            ip: None,
            received_at: self.clock.now(),
            mail: Some(mail.clone()),
        };
        let verdict = match self.desk.look(request, &Knock::default())? {
            Looked::Decided(verdict) => verdict,
            Looked::Ask(case) => self.desk.decide(case, self.clock.monotonic() + PATIENCE)?,
        };
        match verdict {
            Verdict::Accepted => Ok(Some(MailOutcome::Done)),
            Verdict::Held => Ok(Some(MailOutcome::Held)),
            Verdict::Refused(
                Refusal::Closed(..) | Refusal::HomeserverUnreachable { .. } | Refusal::RateLimited { .. },
            ) => {
                self.desk.premises().store.write(move |store| store.mail_deferred(mail.id))?;
                Ok(None)
            }
            Verdict::Refused(refusal) => {
                let answer = verified.then(|| Answer { kind: "refusal", words: refused(&refusal, settings) });
                let (code, detail) = (refusal.code(), refusal.operator_text());
                self.refuse(mail, from, name.as_str(), code, &detail, answer, settings).map(Some)
            }
        }
    }

    /// One transaction: the refusal, its answer where one may go out, and that the mail is dealt with.
    #[expect(clippy::too_many_arguments, reason = "all of it is one row and its letter")]
    fn refuse(
        &self,
        mail: RequestMail,
        from: &EmailAddress,
        name: &str,
        reason: &'static str,
        detail: &str,
        answer: Option<Answer>,
        settings: &Settings,
    ) -> Result<MailOutcome, StoreError> {
        let now = self.clock.now();
        let record = self.record(from, name, reason, detail);
        let from = from.clone();
        let message_id =
            MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver);
        tracing::info!(reason, channel = Channel::Email.word(), "refused");
        self.desk.premises().store.write(move |store| {
            let request_id = store.record_refusal(&record)?;
            if let Some(answer) = answer {
                let lately = store.answers_lately(&from, now)?;
                let may = lately.to_address < TO_ADDRESS
                    && lately.to_domain < TO_DOMAIN
                    && lately.to_all < TO_ALL
                    && (answer.kind != "help" || lately.help_to_address == 0);
                if may {
                    let letter =
                        AnswerLetter { kind: answer.kind, to: from.clone(), message_id, words: answer.words };
                    store.queue_answer(request_id, &letter, Some(&mail), now)?;
                }
            }
            store.mail_decided(&mail, Some(&from), MailOutcome::Done, Some(request_id))?;
            Ok(MailOutcome::Done)
        })
    }

    /// For the operator: a request without a name that is clear, whose mail lies in the folder `Held`.
    fn hold(
        &self,
        mail: RequestMail,
        from: &EmailAddress,
        name: &str,
        why: &str,
    ) -> Result<MailOutcome, StoreError> {
        let why = why.trim_end_matches('.');
        let detail = format!("{why}: answer its mail in Held by hand, and refuse this");
        let record = self.record(from, name, "malformed", &detail);
        let from = from.clone();
        tracing::info!("a mail waits for the operator in Held: {why}");
        self.desk.premises().store.write(move |store| {
            let request_id = store.hold_without_name(&record)?;
            store.mail_decided(&mail, Some(&from), MailOutcome::Held, Some(request_id))?;
            Ok(MailOutcome::Held)
        })
    }

    fn file(
        &self,
        mail: RequestMail,
        from: Option<&EmailAddress>,
        outcome: MailOutcome,
    ) -> Result<MailOutcome, StoreError> {
        let from = from.cloned();
        self.desk.premises().store.write(move |store| {
            store.mail_decided(&mail, from.as_ref(), outcome, None)?;
            Ok(outcome)
        })
    }

    fn record(&self, from: &EmailAddress, name: &str, reason: &'static str, detail: &str) -> Record {
        Record {
            received_at: self.clock.now(),
            channel: Channel::Email,
            username: printable(name, 300),
            email: printable(from.as_typed(), 300),
            parsed_email: Some(from.clone()),
            ip: None,
            reason,
            detail: printable(detail, 300),
            stands_for: 1,
        }
    }
}

/// What became of a mail.
struct Decided {
    outcome: MailOutcome,
    /// Not only now.
    before: bool,
}

/// A letter without a token.
struct Answer {
    kind: &'static str,
    words: String,
}

fn folder(outcome: MailOutcome) -> &'static str {
    match outcome {
        MailOutcome::Done => "Done",
        MailOutcome::Ignored => "Ignored",
        MailOutcome::Held => "Held",
        MailOutcome::Failed => "Failed",
    }
}

fn refused(refusal: &Refusal, settings: &Settings) -> String {
    format!(
        "Hello,\n\nyou asked for an account on {} by e-mail.\n\n{}\n{}",
        settings.homeserver,
        refusal.applicant_text(),
        again(settings)
    )
}

fn help(problem: &str, imap: &Imap, settings: &Settings) -> String {
    format!(
        "Hello,\n\nyou wrote to the registration desk of {}, and it could not understand which username you want.\n\n\
         {problem}\n\nPlease write to {} again, with just one line:\n\nUsername: the-name-you-want\n{}",
        settings.homeserver,
        imap.address.to_ascii(),
        again(settings)
    )
}

fn again(settings: &Settings) -> String {
    settings.public_url.as_ref().map_or_else(String::new, |url| format!("\nThere is a form, too: {url}\n"))
}

/// An open session, and the settings that it was opened by.
type Plugged = (Plug, Arc<Settings>);

/// Ends the session's waiting when the desk stops, or has other settings.
struct Puller(Stop);

impl Puller {
    fn start(stop: Stop, desk: Arc<Desk>, plug: Arc<Mutex<Option<Plugged>>>) -> Self {
        let over = Stop::new();
        let ended = over.clone();
        let spawned = std::thread::Builder::new().name("inbox-stop".into()).spawn(move || {
            let mut called_at = None;
            while !ended.is_given() {
                let stopping = stop.wait(LOOK_EVERY);
                let settings = desk.premises().settings.load();
                let plugged = plug.lock().unwrap_or_else(PoisonError::into_inner);
                match &*plugged {
                    Some((plug, opened_by)) if stopping || !Arc::ptr_eq(opened_by, &settings) => {
                        plug.call_away();
                        if called_at.get_or_insert_with(Instant::now).elapsed() >= PARTING {
                            plug.pull();
                        }
                    }
                    _ => called_at = None,
                }
                drop(plugged);
                if stopping {
                    ended.wait(LOOK_EVERY);
                }
            }
        });
        if let Err(error) = spawned {
            tracing::warn!("the letter box will take a while to close: {error}");
        }
        Self(over)
    }
}

impl Drop for Puller {
    fn drop(&mut self) {
        self.0.give();
    }
}
