//! Named threads that do what must not hold up those that serve pages.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

type Job = Box<dyn FnOnce() + Send>;

/// Some threads and the queue before them.
#[derive(Debug)]
pub struct Crew {
    queue: Sender<Job>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Crew {
    /// `threads` threads called `name-1`, `name-2` …, and at most `waiting` jobs before them.
    pub fn hire(name: &str, threads: usize, waiting: usize) -> std::io::Result<Self> {
        let (queue, jobs) = bounded::<Job>(waiting);
        let threads = (1..=threads)
            .map(|number| {
                let jobs = jobs.clone();
                std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&jobs))
            })
            .collect::<std::io::Result<_>>()?;
        Ok(Self { queue, threads: Mutex::new(threads) })
    }

    /// Has the job done by whoever is free next. False: too many wait already, and it is not done.
    pub fn take_on(&self, job: impl FnOnce() + Send + 'static) -> bool {
        self.queue.try_send(Box::new(job)).is_ok()
    }

    /// What was taken on is done, then all go home. Nobody may hold another handle to the crew.
    pub fn dismiss(self) {
        drop(self.queue);
        for thread in self.threads.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // A job's panic was caught: the thread itself has none.
            let _ = thread.join();
        }
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
        crew.dismiss();
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
        crew.dismiss();
    }
}
