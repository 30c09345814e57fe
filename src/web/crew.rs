//! Named threads that do what must not hold up those that serve pages.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};

type Job = Box<dyn FnOnce() + Send>;

/// Some threads and the queue before them. They end when it is dropped and what was taken on is done.
#[derive(Debug)]
pub struct Crew {
    queue: Sender<Job>,
}

impl Crew {
    /// `threads` threads called `name-1`, `name-2` …, and at most `waiting` jobs before them.
    pub fn hire(name: &str, threads: usize, waiting: usize) -> std::io::Result<Self> {
        let (queue, jobs) = bounded::<Job>(waiting);
        for number in 1..=threads {
            let jobs = jobs.clone();
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&jobs))?;
        }
        Ok(Self { queue })
    }

    /// Has the job done by whoever is free next. False: too many wait already, and it is not done.
    pub fn take_on(&self, job: impl FnOnce() + Send + 'static) -> bool {
        self.queue.try_send(Box::new(job)).is_ok()
    }
}

fn work(jobs: &Receiver<Job>) {
    for job in jobs {
        // One applicant's misfortune must not cost the others a thread; the panic hook has logged it.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_panics_costs_no_thread() {
        let crew = Crew::hire("test", 1, 10).unwrap();
        let (done, result) = bounded(1);
        assert!(crew.take_on(|| panic!("on purpose")));
        assert!(crew.take_on(move || done.send(7).unwrap()));
        assert_eq!(result.recv().unwrap(), 7);
    }

    #[test]
    fn a_full_queue_says_so() {
        let crew = Crew::hire("test", 1, 1).unwrap();
        let (started, has_started) = bounded(1);
        let (go, wait) = bounded::<()>(0);
        assert!(crew.take_on(move || {
            started.send(()).unwrap();
            let _ = wait.recv();
        }));
        has_started.recv().unwrap();
        assert!(crew.take_on(|| {}));
        assert!(!crew.take_on(|| {}));
        drop(go);
    }
}
