//! The letter box, with a real dovecot.

use std::time::{Duration, Instant};

use crate::desk::Desk;
use crate::dovecot::Dovecot;
use crate::mail_server::MailServer;
use crate::nginx::Nginx;
use crate::wait_until;

pub struct Letters {
    /// From a mail's delivery to its answer at the mail server; the median.
    pub answer: Duration,
    /// From the start to the last answer of 200.
    pub waiting: Duration,
    /// What a mail of 50 MB adds to the desk's peak memory, in MB.
    pub large_mail: u64,
    /// Processor time of a desk with nothing to do, in 10 s.
    pub idle: Duration,
}

fn mail(name: &str, more: &str) -> String {
    format!(
        "From: <{name}@example.org>\nTo: register@desk.test\nSubject: x y\nMessage-ID: <{name}@example.org>\n\n\
         Username: {name}\n{more}"
    )
}

pub fn measure(nginx: &Nginx) -> Letters {
    let server = &MailServer::start(Duration::ZERO);
    let dovecot = Dovecot::start();
    for number in 0..200 {
        dovecot.deliver(&mail(&format!("w{number}"), ""));
    }
    let started = Instant::now();
    let desk = Desk::with_letter_box(nginx, server, &dovecot.config("none", ""));
    for _ in 0..200 {
        server.when_came("w");
    }
    let waiting = started.elapsed();
    wait_until("all are moved", || (dovecot.count("Done") == 200).then_some(()));

    let mut times: Vec<Duration> = (0..21)
        .map(|number| {
            let name = format!("one{number}");
            dovecot.deliver(&mail(&name, ""));
            let delivered = Instant::now();
            let took = server.when_came(&format!("{name}@")).saturating_duration_since(delivered);
            wait_until("it is moved", || (dovecot.count("INBOX") == 0).then_some(()));
            took
        })
        .collect();
    times.sort();

    let before = desk.peak_memory();
    dovecot.deliver(&mail("large", &"no more than this\n".repeat(50 * 1024 * 1024 / 18)));
    // Nobody asks for an account in so many words: it is filed.
    wait_until("it is moved", || (dovecot.count("INBOX") == 0).then_some(()));
    let large_mail = desk.peak_memory() - before;

    let used = desk.processor_time();
    std::thread::park_timeout(Duration::from_secs(10));
    let idle = desk.processor_time().saturating_sub(used);
    Letters { answer: times[times.len() / 2], waiting, large_mail, idle }
}
