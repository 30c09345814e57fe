//! Who does what must not hold up those that serve pages: threads that come with need, and go again.

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// So many jobs at once, and so many in all, those that wait included.
#[derive(Debug)]
pub struct Crew {
    places: Semaphore,
    in_all: Semaphore,
}

impl Crew {
    /// `threads` at most, and at most `waiting` jobs before them.
    pub fn new(threads: usize, waiting: usize) -> Self {
        Self { places: Semaphore::new(threads), in_all: Semaphore::new(threads + waiting) }
    }

    /// Has the job done. None: too many wait already, and it is not done; or it panicked, which the hook has logged.
    pub async fn have_done<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _wait = self.in_all.try_acquire().ok()?;
        let _place = self.places.acquire().await.ok()?;
        spawn_blocking(job).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use tokio::runtime::Builder;
    use tokio::task::{LocalSet, spawn_local, yield_now};

    use super::*;

    #[test]
    fn a_job_that_panics_costs_no_thread() {
        let crew = Crew::new(1, 10);
        Builder::new_current_thread().build().unwrap().block_on(async {
            assert_eq!(crew.have_done(|| panic!("on purpose")).await, None::<()>);
            assert_eq!(crew.have_done(|| 7).await, Some(7));
        });
    }

    #[test]
    fn a_full_queue_says_so() {
        let crew = std::rc::Rc::new(Crew::new(1, 1));
        let runtime = Builder::new_current_thread().build().unwrap();
        LocalSet::new().block_on(&runtime, async {
            let (go, wait) = channel::<()>();
            let working = std::rc::Rc::clone(&crew);
            let first = spawn_local(async move { working.have_done(move || wait.recv().is_ok()).await });
            let working = std::rc::Rc::clone(&crew);
            let second = spawn_local(async move { working.have_done(|| true).await });
            yield_now().await;
            assert_eq!(crew.have_done(|| true).await, None);
            go.send(()).unwrap();
            assert_eq!((first.await.unwrap(), second.await.unwrap()), (Some(true), Some(true)));
        });
    }
}
