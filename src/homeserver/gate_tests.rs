use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

/// More than any of this takes.
const AMPLE: Duration = Duration::from_secs(20);

fn far() -> Instant {
    Instant::now() + AMPLE
}

fn queue_of(tickets: &[u64]) -> Queue {
    let mut queue = Queue::default();
    for ticket in tickets {
        queue.waiting.insert(*ticket, Arc::default());
    }
    queue
}

#[test]
fn eight_ask_at_once_and_the_first_to_come_is_the_next() {
    let now = Instant::now();
    let mut queue = queue_of(&[4, 5]);
    queue.asking = WIDE - 1;
    assert_eq!(queue.turn(4, now), Goes::Now);
    assert_eq!(queue.turn(5, now), Goes::Later);
    queue.asking = WIDE;
    assert_eq!(queue.turn(4, now), Goes::Later);
}

#[test]
fn after_a_complaint_there_is_a_pause_and_then_one_at_a_time_for_a_while() {
    let now = Instant::now();
    let mut queue = queue_of(&[4]);
    queue.asked_too_often(Duration::from_secs(2), now);
    queue.asked_too_often(Duration::from_secs(1), now);
    let again = now + Duration::from_secs(2);
    assert_eq!(queue.turn(4, now), Goes::At(again));
    assert_eq!(queue.turn(4, again), Goes::Now);
    queue.asking = 1;
    assert_eq!(queue.turn(4, again), Goes::Later);
    assert_eq!(queue.turn(4, again + NARROW_FOR), Goes::Now);
}

#[test]
fn no_more_than_eight_are_ever_asking() {
    let gate = Gate::default();
    let (asking, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let answer = gate.ask(Turn::InOrder, far(), |_| {
                        most.fetch_max(asking.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        asking.fetch_sub(1, Ordering::SeqCst);
                        Heard::Answer(7)
                    });
                    assert_eq!(answer, Ok(7));
                }
            });
        }
    });
    assert!((1..=WIDE).contains(&most.into_inner()));
    assert_eq!(gate.queue().asking, 0);
    assert!(gate.queue().waiting.is_empty());
}

#[test]
fn whoever_was_sent_away_asks_again_before_the_others() {
    let gate = Gate::default();
    let mut tries = 0;
    let answer = gate.ask(Turn::InOrder, far(), |left| {
        assert!(left <= AMPLE);
        tries += 1;
        if tries < 4 { Heard::TooOften(Duration::ZERO) } else { Heard::Answer("free") }
    });
    assert_eq!((answer, tries), (Ok("free"), 4));

    // The second comes while the first is asking, and is not heard before it has its answer.
    let order = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let (arrive, arrived) = mpsc::channel();
        scope.spawn(|| {
            let mut arrive = Some(arrive);
            gate.ask(Turn::InOrder, far(), |_| {
                order.lock().unwrap().push(1);
                match arrive.take() {
                    Some(arrive) => {
                        arrive.send(()).unwrap();
                        while gate.queue().waiting.is_empty() {
                            std::thread::yield_now();
                        }
                        Heard::TooOften(Duration::ZERO)
                    }
                    None => Heard::Answer(()),
                }
            })
        });
        arrived.recv().unwrap();
        gate.ask(Turn::InOrder, far(), |_| {
            order.lock().unwrap().push(2);
            Heard::Answer(())
        })
        .unwrap();
    });
    assert_eq!(order.into_inner().unwrap(), [1, 1, 2]);
}

#[test]
fn nobody_waits_for_a_homeserver_that_wants_more_time_than_there_is() {
    let gate = Gate::default();
    let mut tries = 0;
    let answer: Result<(), _> = gate.ask(Turn::InOrder, far(), |_| {
        tries += 1;
        Heard::TooOften(Duration::from_secs(3600))
    });
    assert_eq!(answer, Err(GaveUp::TooOften));
    assert_eq!(tries, 1);
    // The next one does not even ask.
    let answer: Result<(), _> = gate.ask(Turn::InOrder, far(), |_| panic!("asked"));
    assert_eq!(answer, Err(GaveUp::TooOften));
    assert!(gate.queue().waiting.is_empty());
}

#[test]
fn a_deadline_in_the_past_asks_nothing() {
    let gate = Gate::default();
    let answer: Result<(), _> = gate.ask(Turn::InOrder, Instant::now(), |_| panic!("asked"));
    assert_eq!(answer, Err(GaveUp::InTheQueue));
}

#[test]
fn who_gives_up_in_the_queue_does_not_hold_up_those_behind() {
    let gate = Gate::default();
    gate.queue().narrow_until = Some(far());
    std::thread::scope(|scope| {
        let (under_way, wait_for_it) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let gate = &gate;
        scope.spawn(move || {
            gate.ask(Turn::InOrder, far(), |_| {
                under_way.send(()).unwrap();
                ended.recv().unwrap();
                Heard::Answer(())
            })
        });
        wait_for_it.recv().unwrap();
        let short: Result<(), _> =
            gate.ask(Turn::InOrder, Instant::now() + Duration::from_millis(20), |_| panic!("asked"));
        // It goes slowly because the homeserver wants it so.
        assert_eq!(short, Err(GaveUp::TooOften));
        end.send(()).unwrap();
        assert_eq!(gate.ask(Turn::InOrder, far(), |_| Heard::Answer(5)), Ok(5));
    });
}

#[test]
fn a_panic_while_asking_gives_the_turn_back() {
    let gate = Gate::default();
    let asking = std::panic::AssertUnwindSafe(|| {
        gate.ask(Turn::InOrder, far(), |_| -> Heard<()> { panic!("as planned") })
    });
    assert!(std::panic::catch_unwind(asking).is_err());
    assert_eq!(gate.queue().asking, 0);
}

#[test]
fn who_only_types_comes_after_all_who_have_sent_their_request() {
    let gate = Gate::default();
    gate.queue().asked_too_often(Duration::ZERO, Instant::now());
    let (order, ordered) = mpsc::channel();
    std::thread::scope(|scope| {
        let gate = &gate;
        let queued = |turn: Turn, name: &'static str, before: usize| {
            let order = order.clone();
            scope.spawn(move || {
                gate.ask(turn, far(), |_| {
                    order.send(name).unwrap();
                    Heard::Answer(())
                })
            });
            while gate.queue().waiting.len() <= before {
                std::thread::yield_now();
            }
        };
        gate.ask(Turn::InOrder, far(), |_| {
            queued(Turn::Last, "typed", 0);
            queued(Turn::InOrder, "sent", 1);
            queued(Turn::InOrder, "sent later", 2);
            Heard::Answer(())
        })
        .unwrap();
    });
    drop(order);
    assert_eq!(ordered.iter().collect::<Vec<_>>(), ["sent", "sent later", "typed"]);
}
