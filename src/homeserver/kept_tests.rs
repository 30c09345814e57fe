use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::clock::ManualClock;

use super::*;

const AMPLE: Duration = Duration::from_secs(20);
const HOLDS: Duration = Duration::from_secs(30);

fn far() -> Instant {
    Instant::now() + AMPLE
}

fn kept() -> (Kept<&'static str, u32>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at("2026-11-23T12:00:00Z"));
    (Kept::new(Arc::clone(&clock) as Arc<dyn Clock>), clock)
}

#[test]
fn an_answer_holds_for_its_time_and_no_longer() {
    let (kept, clock) = kept();
    assert_eq!(kept.answer(&"a", far(), || Asked::Answer(1, HOLDS)), Some(1));
    clock.advance(Duration::from_secs(29));
    assert_eq!(kept.answer(&"a", far(), || panic!("asked again")), Some(1));
    assert_eq!(kept.answer(&"b", far(), || Asked::Answer(2, HOLDS)), Some(2));
    clock.advance(Duration::from_secs(1));
    assert_eq!(kept.answer(&"a", far(), || Asked::Answer(3, HOLDS)), Some(3));
    kept.forget(&"a");
    assert_eq!(kept.answer(&"a", far(), || Asked::Answer(4, HOLDS)), Some(4));
}

#[test]
fn what_does_not_hold_is_asked_anew() {
    let (kept, _clock) = kept();
    assert_eq!(kept.answer(&"a", far(), || Asked::Answer(1, Duration::ZERO)), Some(1));
    assert_eq!(kept.answer(&"a", far(), || Asked::RanOut(2)), Some(2));
    assert_eq!(kept.answer(&"a", far(), || Asked::Answer(3, HOLDS)), Some(3));
}

/// Starts a question that waits until `others` are waiting for its answer, then brings `first`; the others bring 9
/// when they have to ask.
fn asked_together(first: Asked<u32>, others: usize) -> (Vec<Option<u32>>, usize) {
    let (kept, _clock) = kept();
    let asked_by_others = AtomicUsize::new(0);
    let begun = Barrier::new(others + 1);
    let answers = std::thread::scope(|scope| {
        let mut asking = vec![scope.spawn(|| {
            kept.answer(&"a", far(), || {
                begun.wait();
                let waits = || match kept.entries().get(&"a") {
                    // The table's, the asker's, and one for each who waits.
                    Some(Entry::Asking(shared)) => Arc::strong_count(shared) == others + 2,
                    _ => false,
                };
                while !waits() {
                    std::thread::yield_now();
                }
                first
            })
        })];
        for _ in 0..others {
            asking.push(scope.spawn(|| {
                begun.wait();
                kept.answer(&"a", far(), || {
                    asked_by_others.fetch_add(1, Ordering::SeqCst);
                    Asked::Answer(9, HOLDS)
                })
            }));
        }
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    (answers, asked_by_others.into_inner())
}

#[test]
fn equal_questions_at_once_share_one_answer_even_if_it_does_not_hold() {
    assert_eq!(asked_together(Asked::Answer(1, HOLDS), 20), (vec![Some(1); 21], 0));
    assert_eq!(asked_together(Asked::Answer(1, Duration::ZERO), 20), (vec![Some(1); 21], 0));
}

#[test]
fn one_of_those_with_time_left_asks_anew_when_the_askers_time_was_up() {
    let (answers, asked) = asked_together(Asked::RanOut(1), 20);
    assert_eq!(answers[0], Some(1));
    assert_eq!(&answers[1..], vec![Some(9); 20]);
    assert_eq!(asked, 1);
}

#[test]
fn a_panic_while_asking_leaves_nobody_waiting() {
    let (kept, _clock) = kept();
    let asking = std::panic::AssertUnwindSafe(|| kept.answer(&"a", far(), || panic!("as planned")));
    assert!(std::panic::catch_unwind(asking).is_err());
    assert_eq!(kept.answer(&"a", far(), || Asked::Answer(1, HOLDS)), Some(1));
}

#[test]
fn nobody_waits_for_anothers_answer_beyond_the_deadline() {
    let (kept, _clock) = kept();
    let answer = kept.answer(&"a", far(), || {
        assert_eq!(kept.answer(&"a", Instant::now(), || panic!("asked twice")), None);
        Asked::Answer(1, HOLDS)
    });
    assert_eq!(answer, Some(1));
}

#[test]
fn a_flood_of_different_questions_does_not_fill_the_memory() {
    let clock = Arc::new(ManualClock::at("2026-11-23T12:00:00Z"));
    let kept: Kept<usize, u32> = Kept::new(clock);
    for number in 0..2 * AT_MOST {
        kept.answer(&number, far(), || Asked::Answer(1, HOLDS));
        assert!(kept.entries().len() <= AT_MOST + 1);
    }
}
