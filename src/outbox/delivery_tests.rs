use crate::clock::ManualClock;
use crate::domain::{Channel, Localpart, TokenRequest};
use crate::store::Live;

use super::*;

/// Ends when all that it handed over has been answered.
fn round(delivery: &mut Delivery) {
    let stop = Stop::new();
    thread::scope(|scope| delivery.round(scope, &stop)).unwrap();
}

#[test]
fn a_ban_that_hits_many_letters_keeps_no_other_waiting() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("banned_emails.txt"), "bots.example\n").unwrap();
    let settings = Settings { letters_per_hour: 0, ..Settings::trial() };
    let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
    let premises = Arc::new(Premises::for_tests(dir.path(), settings.clone()));
    let tokens = Arc::new(Tokens::new(
        premises.folder.clone(),
        Arc::clone(&premises.store),
        clock.clone(),
        &settings,
        None,
    ));
    let current = tokens.settle(&settings.schedule).unwrap().unwrap();
    let (server, now) = (settings.homeserver.clone(), clock.now());
    let bots = 3 * BATCH;
    premises
        .store
        .write(move |store| {
            store.note_live(current.id, Live::Yes)?;
            for number in 0..=bots {
                let (name, domain) =
                    if number < bots { ("bot", "bots.example") } else { ("one", "example.org") };
                let name = format!("{name}{number}");
                let request = TokenRequest {
                    username: Localpart::parse(&name, &server).unwrap(),
                    email: EmailAddress::parse(&format!("{name}@{domain}")).unwrap(),
                    channel: Channel::Web,
                    ip: None,
                    received_at: now,
                    mail: None,
                };
                store.record_accepted(&request, None, Some(&format!("<{number}@your.server>")))?;
            }
            Ok(())
        })
        .unwrap();
    let mut delivery = Delivery::new(Arc::clone(&premises), tokens, clock.clone());
    let owed = || usize::try_from(premises.store.read(|store| store.outbox_counts()).unwrap().owed).unwrap();
    for _ in 0..4 {
        round(&mut delivery);
    }
    assert_eq!(
        owed(),
        bots,
        "the one that nobody has banned is sent, and of the others each can be taken back"
    );
    clock.advance(UNDO_TIME);
    round(&mut delivery);
    assert_eq!(owed(), 0);
    round(&mut delivery);
    assert!(delivery.banned_since.is_empty());
}
