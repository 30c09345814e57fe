//! The account itself: noted, asked for, proved, noted.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::{LinkSecret, Localpart, Password, Refusal, RegistrationToken};
use crate::homeserver::{AccountAnswer, AccountWay, Homeserver, NameAnswer, NewAccount, Proof};
use crate::store::{Begun, Guest, Link, StoreError};
use crate::tokens::TokensError;

use super::{Asked, Judge, Led, Opened, Outcome, SignUps, WhyNot};

/// So long somebody waits before the page: for their turn, and for the homeserver. Proxies give up after a minute.
pub const PATIENCE: Duration = Duration::from_secs(35);

/// Of that, so much is kept for finding out what became of a question that was not answered.
const PROOF: Duration = Duration::from_secs(8);

/// MAS may take so long for a user, and for its password.
const MAKING: Duration = Duration::from_secs(12);

/// So long for adding the address.
const ATTACHING: Duration = Duration::from_secs(5);

/// Before the homeserver is asked whether a name is taken.
const NAME: Duration = Duration::from_secs(5);

/// One try.
struct Try<'a> {
    secret: &'a LinkSecret,
    opened: Box<Opened>,
    link: Link,
    asked: &'a Asked,
    password: &'a Password,
    homeserver: Option<Arc<Homeserver>>,
    deadline: Instant,
}

impl SignUps {
    /// Makes the account, or finds that it was made.
    pub fn make(&self, secret: &LinkSecret, asked: &Asked, judge: &Judge<'_>) -> Result<Outcome, StoreError> {
        let deadline = self.clock.monotonic() + PATIENCE;
        let found = self.premises.store.read(|store| store.guest(secret))?;
        let Some((_, Some(guest))) = found else { return Ok(Outcome::Led(self.led(secret)?)) };
        let Some(_turn) = self.turns.take(guest.request_id, deadline) else {
            return Ok(Outcome::Led(self.led(secret)?));
        };
        // Whoever was before may have changed it.
        let led = self.led(secret)?;
        let found = self.premises.store.read(|store| store.guest(secret))?;
        let Some((link, Some(guest))) = found else { return Ok(Outcome::Led(led)) };
        let terms = if let Led::Open(opened) = &led { opened.terms.clone() } else { Vec::new() };
        let opened = Box::new(Opened { guest, terms });
        if matches!(led, Led::Expired | Led::Unknown) {
            return Ok(Outcome::Led(led));
        }
        let (id, now) = (opened.guest.request_id, self.clock.monotonic());
        let too_many = self.tries.lock().unwrap_or_else(PoisonError::into_inner).count(id, now);
        if let Some(wait) = too_many {
            return Ok(Outcome::Not(opened, WhyNot::TooMany(wait)));
        }
        let Some(password) = &asked.password else { return Ok(Outcome::Not(opened, WhyNot::NoPassword)) };
        let homeserver = self.premises.homeserver.load_full();
        let this = Try { secret, opened, link, asked, password, homeserver, deadline };
        let outcome = match led {
            Led::Used(mxid) => {
                // The answer may have been lost on its way.
                let proof = proof(&this, &mxid.localpart);
                if proof == Proof::Yes { Outcome::Created(mxid) } else { Outcome::Led(Led::Used(mxid)) }
            }
            Led::Open(_) | Led::Expired | Led::Unknown => self.one_try(&this, judge)?,
        };
        if let Outcome::Not(_, WhyNot::Waits(_) | WhyNot::Unreachable) = &outcome {
            self.tries.lock().unwrap_or_else(PoisonError::into_inner).uncount(id);
        }
        Ok(outcome)
    }

    fn one_try(&self, this: &Try<'_>, judge: &Judge<'_>) -> Result<Outcome, StoreError> {
        let guest = &this.opened.guest;
        let not = |why| Ok(Outcome::Not(this.opened.clone(), why));
        let has_lost_name = self.premises.store.read(|store| store.has_lost_name(guest))?;
        let (name, chosen) = match self.name(this, has_lost_name) {
            Ok(name) => name,
            Err(why) => return not(why),
        };
        if let Some(refusal) = judge(guest, &name, chosen)? {
            return not(match refusal {
                Refusal::UsernameUnavailable(_) if this.opened.chooses() => WhyNot::NameTaken,
                Refusal::HomeserverUnreachable { .. } => WhyNot::Unreachable,
                refusal => WhyNot::Refused(refusal),
            });
        }
        if !this.opened.terms.is_empty() && !this.asked.agreed {
            return not(WhyNot::TermsMissing);
        }
        let Some(homeserver) = &this.homeserver else {
            // A trial makes nothing, and shows how it goes on.
            return self.finish(this, name);
        };
        let (secret, noted, now) = (this.secret.clone(), name.clone(), self.clock.now());
        let settings = self.premises.settings.load();
        let one_account = (!settings.multiple_users_per_email).then_some(settings.email_identity);
        let begun =
            self.premises.store.write(move |store| store.begin_account(&secret, &noted, one_account, now))?;
        match begun {
            Begun::Yes => {}
            Begun::AddressHeld(by) => {
                return not(WhyNot::Refused(Refusal::EmailInUse { by: by.to_string() }));
            }
            Begun::NameHeld => return not(WhyNot::NameTaken),
            Begun::Ended => return Ok(Outcome::Led(self.led(this.secret)?)),
        }
        let token = match self.token(this, homeserver) {
            Ok(token) => token,
            Err(TokensError::Store(error)) => return Err(error),
            Err(error) => {
                return self.settle(this, name, AccountAnswer::Refused { words: error.to_string() });
            }
        };
        let account = account(this, &name, token.as_ref());
        let answer = if homeserver.account_way() == AccountWay::Mas {
            self.make_at_mas(guest, homeserver, account)?
        } else {
            homeserver.make_account(account, self.left(this, PROOF))
        };
        self.settle(this, name, answer)
    }

    /// What the homeserver's answer means, and what is written down of it.
    fn settle(&self, this: &Try<'_>, name: Localpart, answer: AccountAnswer) -> Result<Outcome, StoreError> {
        let guest = &this.opened.guest;
        let id = guest.request_id;
        // What is not known of an earlier try is not known by a later one either.
        let not_made = |taken: bool| {
            if guest.is_unsure && !taken {
                return Ok(());
            }
            self.premises.store.write(move |store| store.account_not_made(id, taken))
        };
        let is_mas =
            this.homeserver.as_ref().is_some_and(|homeserver| homeserver.account_way() == AccountWay::Mas);
        let tell = |words: &str| tracing::warn!(request = id, "an account cannot be made: {words}");
        let why = match answer {
            AccountAnswer::Made => return self.finish(this, name),
            AccountAnswer::Taken { .. } if guest.is_unsure => match proof(this, &name) {
                Proof::Yes => return self.finish(this, name),
                // One that MAS has without a password is nobody's account.
                Proof::No | Proof::NoAnswer(_) if is_mas => {
                    not_made(true)?;
                    WhyNot::NameTaken
                }
                Proof::No => WhyNot::PerhapsYours,
                Proof::NoAnswer(words) => {
                    tell(&words);
                    WhyNot::Unreachable
                }
            },
            AccountAnswer::Unsure { words } => {
                tell(&words);
                if proof(this, &name) == Proof::Yes {
                    return self.finish(this, name);
                }
                WhyNot::Unreachable
            }
            AccountAnswer::Taken { .. } | AccountAnswer::NameRefused { .. } => {
                not_made(true)?;
                WhyNot::NameTaken
            }
            AccountAnswer::Weak { words } => {
                not_made(false)?;
                WhyNot::WeakPassword(words)
            }
            AccountAnswer::TermsMissing => {
                not_made(false)?;
                if let Some(homeserver) = &this.homeserver {
                    homeserver.forget_sign_up_way();
                }
                WhyNot::TermsMissing
            }
            AccountAnswer::TooOften(wait) => {
                not_made(false)?;
                WhyNot::Waits(wait)
            }
            AccountAnswer::Refused { words } | AccountAnswer::NotAsked { words } => {
                tell(&words);
                not_made(false)?;
                WhyNot::Unreachable
            }
        };
        let terms = match &why {
            WhyNot::TermsMissing => self.way().terms,
            _ => this.opened.terms.clone(),
        };
        let guest = self.premises.store.read(|store| store.guest_of(id))?.unwrap_or_else(|| guest.clone());
        Ok(Outcome::Not(Box::new(Opened { guest, terms }), why))
    }

    /// It is there: noted, and the address added to it.
    fn finish(&self, this: &Try<'_>, name: Localpart) -> Result<Outcome, StoreError> {
        let guest = &this.opened.guest;
        let (id, noted, now) = (guest.request_id, name.clone(), self.clock.now());
        let Some(homeserver) = &this.homeserver else { return Ok(Outcome::Created(self.mxid(name))) };
        self.premises.store.write(move |store| store.account_made(id, &noted, now))?;
        tracing::info!(request = id, "account made");
        if let Some(email) = guest.address() {
            let guest = self.premises.store.read(|store| store.guest_of(id))?;
            let attached = match guest.and_then(|guest| guest.remote_id) {
                Some(remote) => homeserver.attach_email_at_mas(&remote, &email, ATTACHING),
                None => homeserver.attach_email(&name, &email, ATTACHING),
            };
            if let Err(words) = attached {
                tracing::warn!(request = id, "the address could not be added to the account: {words}");
            }
        }
        Ok(Outcome::Created(self.mxid(name)))
    }

    /// The name, and whether it is chosen now.
    fn name(&self, this: &Try<'_>, has_lost_name: bool) -> Result<(Localpart, bool), WhyNot> {
        let guest = &this.opened.guest;
        let server = self.premises.settings.load().homeserver.clone();
        let own = Localpart::from_stored(guest.name.clone());
        let typed = this.asked.username.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
        let typed = typed.map(|typed| Localpart::parse(typed, &server)).transpose().map_err(WhyNot::Name)?;
        match typed {
            // What an earlier try may have made is found out first: there are never two.
            Some(typed) if guest.is_unsure && guest.is_reserved && typed != own => Err(WhyNot::PerhapsYours),
            // That user was made for them, and needs a password only: it is not taken, and no other is made.
            _ if guest.is_reserved && guest.remote_id.is_some() => Ok((own, false)),
            Some(typed) if !guest.is_reserved => Ok((typed, true)),
            Some(typed) if typed != own && (guest.is_taken || has_lost_name || is_taken(this, &own)) => {
                Ok((typed, true))
            }
            None if !guest.is_reserved => Err(WhyNot::Name(crate::domain::LocalpartProblem::Empty)),
            Some(_) | None => Ok((own, false)),
        }
    }

    /// What opens the homeserver's door, where it is gone by the client-server API.
    fn token(
        &self,
        this: &Try<'_>,
        homeserver: &Homeserver,
    ) -> Result<Option<RegistrationToken>, TokensError> {
        if homeserver.account_way() != AccountWay::ClientApi {
            return Ok(None);
        }
        if self.tokens.are_personal() {
            let letter = this.link.letter_id.unwrap_or(-this.opened.guest.request_id);
            return self.tokens.for_letter(letter).map(|record| Some(record.token));
        }
        let current = self.premises.store.read(|store| store.current_token())?;
        Ok(current.map(|current| current.token))
    }

    /// The user, then its password. Whether the first is ours is known by its ID alone.
    fn make_at_mas(
        &self,
        guest: &Guest,
        homeserver: &Homeserver,
        account: NewAccount<'_>,
    ) -> Result<AccountAnswer, StoreError> {
        let id = guest.request_id;
        let remote = match &guest.remote_id {
            Some(remote) => remote.clone(),
            None => match homeserver.make_user_at_mas(account.name, MAKING) {
                Ok(remote) => {
                    let noted = remote.clone();
                    self.premises.store.write(move |store| store.note_remote_user(id, &noted))?;
                    remote
                }
                Err(answer) => {
                    if guest.is_unsure && matches!(answer, AccountAnswer::Taken { .. }) {
                        tracing::warn!(
                            request = id,
                            username = account.name.as_str(),
                            "the Matrix Authentication Service has a user of this name, which the desk may have made and cannot \
                             prove to have: set its password there, or delete it"
                        );
                    }
                    return Ok(answer);
                }
            },
        };
        Ok(homeserver.set_password_at_mas(&remote, account.password, MAKING))
    }

    /// What is left of somebody's time when so much is kept.
    fn left(&self, this: &Try<'_>, keep: Duration) -> Duration {
        this.deadline.saturating_duration_since(self.clock.monotonic()).saturating_sub(keep)
    }
}

fn account<'a>(
    this: &'a Try<'_>,
    name: &'a Localpart,
    token: Option<&'a RegistrationToken>,
) -> NewAccount<'a> {
    NewAccount {
        name,
        password: this.password,
        token,
        agreed: this.asked.agreed,
        client: Some(this.asked.ip),
    }
}

/// Whether the homeserver says that somebody has this name.
fn is_taken(this: &Try<'_>, name: &Localpart) -> bool {
    this.homeserver.as_ref().is_some_and(|homeserver| {
        matches!(homeserver.name(name, NAME), NameAnswer::InUse { .. } | NameAnswer::Reserved { .. })
    })
}

/// Whether the account of this name is theirs, as far as their password tells.
fn proof(this: &Try<'_>, name: &Localpart) -> Proof {
    let Some(homeserver) = &this.homeserver else { return Proof::Yes };
    homeserver.password_opens(account(this, name, None), PROOF)
}
