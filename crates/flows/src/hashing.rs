//! Password hashing on threads of its own.
//!
//! A hash costs tens of milliseconds and megabytes, so it never runs on the runtime's threads: as
//! many workers as configured each own one block of memory and take work from a bounded queue.
//! When the queue is full the answer is "busy" at once, before any work is done; a job whose
//! caller has gone or whose deadline has passed is dropped without hashing.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rest_auth_domain::password::{
    EncodeError, EncodedPassword, Hashers, Password, Scratch, Verdict,
};
use rest_auth_domain::random::RandomSource;
use tokio::sync::oneshot;

use crate::client::{IPV6_PREFIX, network_of};
use crate::error::AuthError;

/// Of four jobs taken while both lanes wait, how many are logins: a flood of registrations
/// must not keep people out.
const LOGIN_TURNS: u8 = 3;

/// How far the hashing threads step back, of 19: a third of the weight of other threads.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

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

/// Which kind of request waits for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody logs in.
    Login,
    /// Registration, password change and reset.
    Change,
}

/// Who causes the work, so that nobody can take the whole queue.
#[derive(Clone, Debug, Default)]
pub struct Requester {
    /// The client's address, if it is known.
    pub address: Option<IpAddr>,
    /// The account whose password is tried or set.
    pub account: Option<Account>,
}

/// An account, as far as its turn in the queue is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// What was typed at a login, as a digest. It may be nobody's name: who is turned away because
    /// of it must not learn whether it is.
    Typed(String),
    /// Somebody who is known to the one who asks.
    Id(i64),
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
    waiting: Mutex<Waiting>,
    ready: Condvar,
}

#[derive(Default)]
struct Waiting {
    logins: VecDeque<Job>,
    changes: VecDeque<Job>,
    by_network: HashMap<IpAddr, usize>,
    by_account: HashMap<Account, usize>,
    turn: u8,
    closed: bool,
}

struct Job {
    work: Work,
    requester: Requester,
    deadline: Instant,
    answer: oneshot::Sender<Answer>,
}

enum Work {
    Verify(Password, EncodedPassword),
    VerifyNobody(Password),
    Encode(Password),
}

enum Answer {
    Verdict(Verdict),
    Encoded(Result<EncodedPassword, EncodeError>),
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
            waiting: Mutex::default(),
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
            Answer::Verdict(verdict) => Ok(verdict),
            Answer::Encoded(_) => Err(self.busy()),
        }
    }

    /// Hashes a new password with the preferred algorithm.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] if it would have to wait too long; [`AuthError::Internal`] if the
    /// preferred algorithm cannot take this password (plain bcrypt, over 72 bytes).
    pub async fn encode(
        &self,
        priority: Priority,
        requester: Requester,
        password: Password,
    ) -> Result<EncodedPassword, AuthError> {
        match self.submit(priority, requester, Work::Encode(password)).await? {
            Answer::Encoded(encoded) => encoded.map_err(AuthError::internal),
            Answer::Verdict(_) => Err(self.busy()),
        }
    }

    async fn submit(
        &self,
        priority: Priority,
        requester: Requester,
        work: Work,
    ) -> Result<Answer, AuthError> {
        let (answer, coming) = oneshot::channel();
        let deadline = Instant::now() + self.queue.limits.max_wait;
        let job = Job { work, requester, deadline, answer };
        if !self.queue.push(priority, job) {
            return Err(self.busy());
        }
        // A dropped sender means that the job outlived its deadline in the queue.
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
        self.0.waiting().closed = true;
        self.0.ready.notify_all();
    }
}

impl Queue {
    /// A panic in a worker cannot leave the queue half-changed, so a poisoned lock is still good.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, priority: Priority, job: Job) -> bool {
        let mut waiting = self.waiting();
        if waiting.len() >= self.limits.queue || !waiting.admit(&job.requester, self.limits.queue) {
            return false;
        }
        match priority {
            Priority::Login => waiting.logins.push_back(job),
            Priority::Change => waiting.changes.push_back(job),
        }
        drop(waiting);
        self.ready.notify_one();
        true
    }

    fn work(&self) {
        step_back();
        let mut scratch = self.hashers.scratch();
        while let Some(job) = self.next() {
            if job.answer.is_closed() || job.deadline < Instant::now() {
                continue;
            }
            let answer = self.run(job.work, &mut scratch);
            // The caller may have gone meanwhile; then nobody needs the answer.
            let _ = job.answer.send(answer);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting();
        loop {
            if let Some(job) = waiting.take() {
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn run(&self, work: Work, scratch: &mut Scratch) -> Answer {
        match work {
            Work::Verify(password, stored) => {
                Answer::Verdict(self.verify(&password, &stored, scratch))
            }
            Work::VerifyNobody(password) => {
                // As often as for somebody, or the time would tell.
                if let Some(normalized) = self.normalized(&password) {
                    self.hashers.verify_nobody(&normalized, scratch);
                }
                self.hashers.verify_nobody(&password, scratch);
                Answer::Verdict(Verdict { matches: false, must_update: false })
            }
            Work::Encode(password) => {
                let normalized = self.normalized(&password);
                let password = normalized.as_ref().unwrap_or(&password);
                Answer::Encoded(self.hashers.encode(password, &*self.random, scratch))
            }
        }
    }

    /// A hash of before passwords were normalised matches only what was typed then.
    fn verify(
        &self,
        password: &Password,
        stored: &EncodedPassword,
        scratch: &mut Scratch,
    ) -> Verdict {
        if let Some(normalized) = self.normalized(password) {
            let verdict = self.hashers.verify(&normalized, stored, scratch);
            if verdict.matches {
                return verdict;
            }
        }
        self.hashers.verify(password, stored, scratch)
    }

    /// The password in normal form, where that is asked for and it is in another.
    fn normalized(&self, password: &Password) -> Option<Password> {
        if self.limits.normalize { password.normalized() } else { None }
    }
}

/// Lets the threads that answer requests go first: a hash takes as long as hundreds of them.
fn step_back() {
    // On Linux niceness belongs to a thread; elsewhere it would slow the whole process down.
    #[cfg(target_os = "linux")]
    {
        // Refused at worst, and then the scheduler is as fair as ever.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
    }
}

impl Waiting {
    fn len(&self) -> usize {
        self.logins.len() + self.changes.len()
    }

    /// Counts the cause in, unless its network holds a quarter of the queue or its account has
    /// two jobs waiting already.
    fn admit(&mut self, requester: &Requester, queue: usize) -> bool {
        let network = requester.address.map(|address| network_of(address, IPV6_PREFIX));
        let full = network
            .is_some_and(|n| self.by_network.get(&n).copied() >= Some(queue.div_ceil(4)))
            || requester
                .account
                .as_ref()
                .is_some_and(|a| self.by_account.get(a).copied() >= Some(2));
        if full {
            return false;
        }
        if let Some(network) = network {
            *self.by_network.entry(network).or_default() += 1;
        }
        if let Some(account) = &requester.account {
            *self.by_account.entry(account.clone()).or_default() += 1;
        }
        true
    }

    fn take(&mut self) -> Option<Job> {
        let login_first = self.turn < LOGIN_TURNS;
        self.turn = (self.turn + 1) % (LOGIN_TURNS + 1);
        let (first, second) = if login_first {
            (&mut self.logins, &mut self.changes)
        } else {
            (&mut self.changes, &mut self.logins)
        };
        let job = first.pop_front().or_else(|| second.pop_front())?;
        if let Some(network) = job.requester.address.map(|address| network_of(address, IPV6_PREFIX))
        {
            discount(&mut self.by_network, &network);
        }
        if let Some(account) = &job.requester.account {
            discount(&mut self.by_account, account);
        }
        Some(job)
    }
}

fn discount<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
