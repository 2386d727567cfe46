//! The threads that hash, and how flows ask them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rest_auth_domain::message::Message;
use rest_auth_domain::password::{EncodedPassword, Hashers, Password, Verdict};
use rest_auth_domain::random::RandomSource;
use tokio::sync::oneshot;

use super::priority;
use super::queue::{Priority, Requester, Waiting};
use super::work::{HashResult, Work, Worker};
use crate::error::AuthError;

/// What the hashing threads may use.
#[derive(Clone, Copy, Debug)]
pub struct HashingLimits {
    /// How many hashes run at the same time.
    pub threads: usize,
    /// How many more may wait.
    pub queue: usize,
    /// How long one may wait before it is refused.
    pub max_wait: Duration,
    /// The longest password in bytes; a longer one is wrong without any work.
    pub max_bytes: usize,
    /// Whether passwords are normalised first, so that they work on every keyboard.
    pub normalize: bool,
}

/// The threads that hash and the queue before them. Clones share them; they end with the last.
#[derive(Clone)]
pub struct HashingPool {
    queue: Arc<Queue>,
    closer: Arc<Closer>,
}

struct Queue {
    hashers: Hashers,
    random: Arc<dyn RandomSource>,
    limits: HashingLimits,
    state: Mutex<State>,
    ready: Condvar,
}

struct State {
    waiting: Waiting<Job>,
    closed: bool,
}

struct Job {
    work: Work,
    deadline: Instant,
    answer: oneshot::Sender<HashResult>,
}

impl Job {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed() && self.deadline >= Instant::now()
    }
}

/// Tells the workers to end when the last handle is dropped.
struct Closer(Arc<Queue>);

impl HashingPool {
    /// Starts the threads and allocates their memory.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub fn start(
        hashers: Hashers,
        limits: HashingLimits,
        random: Arc<dyn RandomSource>,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue {
            hashers,
            random,
            limits,
            state: Mutex::new(State {
                waiting: Waiting::new(limits.queue, Job::is_wanted),
                closed: false,
            }),
            ready: Condvar::new(),
        });
        for number in 0..limits.threads.max(1) {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("hashing-{number}")).spawn(move || queue.work())?;
        }
        Ok(Self { closer: Arc::new(Closer(Arc::clone(&queue))), queue })
    }

    /// The longest password in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        self.queue.limits.max_bytes
    }

    /// Checks a password against a stored hash, or does the same work for nobody.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] if it would have to wait too long.
    pub async fn verify(
        &self,
        priority: Priority,
        requester: Requester,
        password: Password,
        stored: Option<EncodedPassword>,
    ) -> Result<Verdict, AuthError> {
        if password.as_str().len() > self.queue.limits.max_bytes {
            return Ok(Verdict { matches: false, must_update: false });
        }
        let work = match stored {
            Some(stored) => Work::Verify(password, stored),
            None => Work::VerifyNobody(password),
        };
        match self.submit(priority, requester, work).await? {
            HashResult::Verdict(verdict) => Ok(verdict),
            HashResult::Encoded(_) => Err(self.busy()),
        }
    }

    /// Hashes a new password with the preferred algorithm.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] if it is longer than [`max_bytes`](Self::max_bytes), since no login
    /// would accept it; [`AuthError::Overloaded`] if it would have to wait too long;
    /// [`AuthError::Internal`] if the preferred algorithm cannot take this password (plain bcrypt,
    /// over 72 bytes).
    pub async fn encode(
        &self,
        priority: Priority,
        requester: Requester,
        password: Password,
    ) -> Result<EncodedPassword, AuthError> {
        let max_length = self.max_bytes();
        if password.as_str().len() > max_length {
            return Err(AuthError::form(Message::MaxLength { max_length }));
        }
        match self.submit(priority, requester, Work::Encode(password)).await? {
            HashResult::Encoded(encoded) => encoded.map_err(AuthError::internal),
            HashResult::Verdict(_) => Err(self.busy()),
        }
    }

    async fn submit(
        &self,
        priority: Priority,
        requester: Requester,
        work: Work,
    ) -> Result<HashResult, AuthError> {
        let (answer, coming) = oneshot::channel();
        let deadline = Instant::now() + self.queue.limits.max_wait;
        self.queue.push(priority, requester, Job { work, deadline, answer });
        // A dropped sender means that there was no place for the job, that another one took it, or
        // that the job outlived its deadline in the queue.
        coming.await.map_err(|_| self.busy())
    }

    /// "Busy", with a jittered delay so that refused clients do not all come back together.
    fn busy(&self) -> AuthError {
        let mut byte = [0u8; 1];
        self.queue.random.fill(&mut byte);
        AuthError::Overloaded { retry_in: Duration::from_secs(1 + u64::from(byte[0] % 5)) }
    }
}

impl std::fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashingPool")
            .field("limits", &self.queue.limits)
            .field("handles", &Arc::strong_count(&self.closer))
            .finish_non_exhaustive()
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.ready.notify_all();
    }
}

impl Queue {
    /// A panic in a worker cannot leave the queue half-changed, so a poisoned lock is still good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a job wait, or refuses it or another one by dropping it.
    fn push(&self, priority: Priority, requester: Requester, job: Job) {
        let refused = self.state().waiting.push(priority, requester, job);
        self.ready.notify_one();
        // Whoever waits for it is woken, for which the lock is not needed.
        drop(refused);
    }

    fn work(&self) {
        priority::lower();
        let mut worker = Worker {
            hashers: &self.hashers,
            random: &*self.random,
            normalize: self.limits.normalize,
            scratch: self.hashers.scratch(),
        };
        while let Some(job) = self.next() {
            if !job.is_wanted() {
                continue;
            }
            let answer = worker.run(job.work);
            // The caller may have gone meanwhile; then nobody needs the answer.
            let _ = job.answer.send(answer);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.waiting.take() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
