//! `kill -9`, again and again, while people register and forget their passwords.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rest_auth_domain::random::{OsRandom, RandomSource as _};
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{Backend, User};
use tokio::runtime::Runtime;

use crate::harness::{Folder, Server};
use crate::mail_server::{MailServer, Received};
use crate::visitor::{PASSWORD, Visitor};

/// How many people come, unless `REST_AUTH_TEST_CRASH_USERS` says so.
const PEOPLE: usize = 500;
/// How many come at once.
const AT_ONCE: usize = 4;
/// How often the server is killed.
const KILLS: usize = 6;
/// How long mails may take after the last crash: a lease and a poll interval, on a very busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn on_sqlite_loses_nothing_that_was_promised() {
    loses_nothing_that_was_promised(Backend::Sqlite);
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
#[cfg_attr(all(smtp, not(postgres)), ignore = "REST_AUTH_TEST_POSTGRES_URL names no server")]
fn on_postgres_loses_nothing_that_was_promised() {
    loses_nothing_that_was_promised(Backend::Postgres);
}

fn loses_nothing_that_was_promised(backend: Backend) {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::fresh(backend)).unwrap();
    let mail_server = MailServer::start();
    let folder = Folder::configured(&format!(
        "{}[server]\nsecret_key = \"a key for one test, which nobody else uses anywhere\"\n\
         [database]\nurl = \"{}\"\nmigrate_on_start = true\n",
        mail_server.configuration(),
        database.url()
    ));
    let address = free_address();
    let people = std::env::var_os("REST_AUTH_TEST_CRASH_USERS")
        .map_or(PEOPLE, |text| text.into_string().unwrap().parse().unwrap());
    let run = Run::new(people, address);
    let begun = Instant::now();
    let server = run.with_crashes(&folder);
    let crowded = begun.elapsed();
    wait_until_sent(&folder);
    let mails = mail_server.received();

    let store = runtime.block_on(database.store()).unwrap();
    let users = runtime.block_on(store.list_users(0, u64::MAX >> 1)).unwrap();
    assert_eq!(users.len(), people, "somebody is missing, or there twice");
    for user in &users {
        let addresses = runtime.block_on(store.addresses_of(user.id)).unwrap();
        let addresses: Vec<_> = addresses.iter().map(|address| &address.email).collect();
        assert_eq!(addresses, [&user.email], "{} is half made", user.username);
    }
    let twice = count_copies(&mails);
    println!(
        "{backend:?}: {people} people in {crowded:?} with {KILLS} crashes, {} promises, {} \
         mails, {twice} of them twice",
        run.promises(),
        mails.len() - twice
    );
    assert!(twice <= KILLS, "{twice} mails came twice in {KILLS} crashes");
    run.check_promises(&users, &mails);
    run.log_everybody_in(&server, &mails);
}

/// What happened to the people.
struct Run {
    address: SocketAddr,
    people: usize,
    next: AtomicUsize,
    registered: Mutex<BTreeSet<usize>>,
    /// Who asked for a link to choose a new password by, and how often.
    forgot: Mutex<BTreeMap<usize, usize>>,
}

impl Run {
    fn new(people: usize, address: SocketAddr) -> Self {
        Self {
            address,
            people,
            next: AtomicUsize::new(0),
            registered: Mutex::default(),
            forgot: Mutex::default(),
        }
    }

    fn visitor(&self, number: usize) -> Visitor {
        Visitor { number, server: self.address }
    }

    /// How many 2xx were heard.
    fn promises(&self) -> usize {
        self.registered.lock().unwrap().len() + self.forgot.lock().unwrap().len()
    }

    /// Lets everybody come while the server is killed and started again; tells the last one.
    fn with_crashes(&self, folder: &Folder) -> Server {
        let mut points: Vec<_> = (0..KILLS).map(|_| below(self.people)).collect();
        points.sort_unstable();
        println!("killed at {points:?}");
        let address = self.address.to_string();
        let mut server = folder.serve_at(&address);
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| self.come());
            }
            for point in points {
                while self.next.load(Ordering::SeqCst) <= point {
                    std::thread::sleep(Duration::from_millis(1));
                }
                // Anywhere within a request.
                std::thread::sleep(Duration::from_micros(below(30_000) as u64));
                server.signal("KILL");
                server.end();
                server = folder.serve_at(&address);
            }
        });
        server
    }

    fn come(&self) {
        loop {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            if number >= self.people {
                return;
            }
            let visitor = self.visitor(number);
            let registered = visitor.register();
            // Whose answer got lost is told that the name is taken: nothing was promised then.
            let lost = registered.tries > 1 && registered.status == 400;
            assert!(registered.status == 201 || lost, "{}", registered.body);
            if !lost {
                self.registered.lock().unwrap().insert(number);
            }
            if number.is_multiple_of(2) {
                let answer = visitor.forget();
                assert_eq!(answer.status, 200, "{}", answer.body);
                self.forgot.lock().unwrap().insert(number, answer.tries);
            }
        }
    }

    /// Everybody has one mail to verify the address, promised or not, because it is written with
    /// the account; and who asked for a link has one for each time, save for answers that got lost.
    fn check_promises(&self, users: &[User], mails: &[Received]) {
        let mut ids: BTreeMap<(&str, bool), BTreeSet<&str>> = BTreeMap::new();
        for mail in mails {
            let key = (mail.to(), mail.link("verify").is_some());
            ids.entry(key).or_default().insert(mail.header("Message-ID"));
        }
        for user in users {
            let found = ids.get(&(user.email.as_str(), true)).map_or(0, BTreeSet::len);
            assert_eq!(found, 1, "mails to verify {}", user.email);
        }
        for (number, tries) in &*self.forgot.lock().unwrap() {
            let address = self.visitor(*number).address();
            let found = ids.get(&(address.as_str(), false)).map_or(0, BTreeSet::len);
            assert!((1..=*tries).contains(&found), "{found} links for {address} in {tries} tries");
        }
    }

    /// Everybody can log in, those who forgot the password with the one chosen by the link.
    fn log_everybody_in(&self, server: &Server, mails: &[Received]) {
        let links: BTreeMap<&str, &str> = mails
            .iter()
            .filter_map(|mail| mail.link("reset").map(|link| (mail.to(), link)))
            .collect();
        for number in 0..self.people {
            let visitor = self.visitor(number);
            let address = visitor.address();
            let password = match links.get(address.as_str()) {
                None => PASSWORD,
                Some(link) => {
                    let (uid, token) = link.split_once('/').unwrap();
                    let chosen = "another-horse-9";
                    let form = serde_json::json!({"uid": uid, "token": token,
                        "new_password1": chosen, "new_password2": chosen});
                    let done = server.post("password/reset/confirm/", &form);
                    assert_eq!(done.status, 200, "{address}: {}", done.body);
                    chosen
                }
            };
            assert_eq!(visitor.log_in(password).status, 200, "{address} cannot log in");
        }
    }
}

/// How many mails came more often than once. A receiver can tell them by their `Message-ID`.
fn count_copies(mails: &[Received]) -> usize {
    let ids: BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    mails.len() - ids.len()
}

fn wait_until_sent(folder: &Folder) {
    let begun = Instant::now();
    loop {
        let waiting = folder.run(&["mail", "list", "--state", "waiting"], "").ok().stdout;
        if waiting.is_empty() {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "mails still wait: {waiting}");
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(folder.run(&["mail", "list", "--state", "dead"], "").ok().stdout, "");
}

/// An address at which nobody listens, to come back to after a crash.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn below(limit: usize) -> usize {
    let mut bytes = [0; 4];
    OsRandom.fill(&mut bytes);
    usize::try_from(u32::from_le_bytes(bytes)).unwrap() % limit
}
