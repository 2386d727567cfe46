//! Delivery by a real mail server: what arrives, whose fault stops whom, and an outage.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Folder, PATIENCE, Server};
use crate::mail_server::{MailServer, Received};
use crate::tls::certify;
use crate::visitor::{PASSWORD, Visitor};

/// How long the mail server is away, in seconds, unless `REST_AUTH_TEST_OUTAGE` says so.
const OUTAGE: u64 = 10;
/// How many visitors come at once.
const VISITORS: usize = 3;

/// One whose mails are in German, with all that could go wrong in a header.
fn german(mail_server: &MailServer) -> Folder {
    let configuration = mail_server
        .configuration()
        .replace("[account]", "[account]\nemail_subject_prefix = \"[Größe 🦀] \"")
        .replace(
            "[email]",
            "[i18n]\nlanguage_code = \"de\"\n[email]\n\
             default_from_email = '\"Ada \\\"the\\\" Shop, Käthe\" <shop@shop.example>'",
        );
    Folder::configured(&configuration)
}

fn is_well_made(mail: &Received, subject: &str) {
    assert_eq!(mail.fact("type"), "multipart/alternative");
    assert_eq!(mail.fact("defects"), &json!([]));
    assert_eq!(mail.header("Subject"), subject);
    assert_eq!(mail.header("From"), "\"Ada \\\"the\\\" Shop, Käthe\" <shop@shop.example>");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.fact("mail_from"), "shop@shop.example");
    assert!(mail.fact("raw_head").as_str().unwrap().is_ascii());
    assert!(mail.part("text/html").contains("<html lang=\"de\">"));
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn arrive_as_text_and_html_and_their_links_work() {
    let mail_server = MailServer::start();
    let folder = german(&mail_server);
    let server = folder.serve();
    let visitor = Visitor { number: 1, server: server.address() };
    assert_eq!(visitor.register().status, 201);
    let mail = mail_server.wait_for(1, PATIENCE).remove(0);
    is_well_made(&mail, "[Größe 🦀] Bitte bestätige deine E-Mail-Adresse");
    assert_eq!(mail.fact("rcpt_tos"), &json!([visitor.address()]));
    let key = mail.link("verify").unwrap();
    let html = mail.part("text/html");
    assert!(html.contains(&format!("<a href=\"https://app.example/verify/{key}\">")), "{html}");
    let verified = server.post("registration/verify-email/", &json!({"key": key}));
    assert_eq!(verified.status, 200, "{}", verified.body);

    assert_eq!(visitor.forget().status, 200);
    let mail = mail_server.wait_for(2, PATIENCE).remove(1);
    is_well_made(&mail, "[Größe 🦀] E-Mail zum Zurücksetzen des Passworts");
    choose(&server, &mail, "another-horse-9");
    assert_eq!(visitor.log_in("another-horse-9").status, 200);
    assert_eq!(visitor.log_in(PASSWORD).status, 400);
    let mail = mail_server.wait_for(3, PATIENCE).remove(2);
    is_well_made(&mail, "[Größe 🦀] Ihr Passwort wurde geändert");
    assert_eq!(mail_server.received().len(), 3);
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn arrive_at_a_relay_whose_certificate_an_authority_of_ones_own_has_signed() {
    let certificates = Folder::new();
    certify(&certificates);
    let file = |name| certificates.path().join(name);
    let mail_server = MailServer::certified(&file("certificate.pem"), &file("key.pem"));
    let plain = "backend = \"smtp\"\nhost = \"127.0.0.1\"";
    let over_tls = "backend = \"smtp\"\nhost = \"localhost\"\nuse_ssl = true";
    let configuration = mail_server.configuration().replace(plain, over_tls);

    let folder = Folder::configured(&configuration);
    let mut server = folder.serve();
    let visitor = Visitor { number: 1, server: server.address() };
    assert_eq!(visitor.register().status, 201);
    server.wait_for("email.ssl_cafile");
    drop(server);

    let cafile = format!("{over_tls}\nssl_cafile = \"{}\"", file("certificate.pem").display());
    folder.write("auth.toml", &configuration.replace(over_tls, &cafile));
    let _server = folder.serve();
    let mail = mail_server.wait_for(1, PATIENCE).remove(0);
    assert_eq!(mail.to(), visitor.address());
}

/// Chooses a new password by the link of a mail.
fn choose(server: &Server, mail: &Received, password: &str) {
    let (uid, token) = mail.link("reset").unwrap().split_once('/').unwrap();
    let form = json!({"uid": uid, "token": token,
        "new_password1": password, "new_password2": password});
    let done = server.post("password/reset/confirm/", &form);
    assert_eq!(done.status, 200, "{}", done.body);
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn that_nobody_takes_hold_up_no_others_and_are_shown_to_the_administrator() {
    let mail_server = MailServer::start();
    let folder = Folder::configured(&mail_server.configuration());
    let mut server = folder.serve();
    let to = |domain: &str, number: usize| {
        let name = format!("{}{number}", domain.split('.').next().unwrap());
        let form = json!({"username": name, "email": format!("{name}@{domain}"),
            "password1": PASSWORD, "password2": PASSWORD});
        assert_eq!(server.post("registration/", &form).status, 201);
    };
    for number in 0..3 {
        to("stalled.example", number);
        to("refused.example", number);
    }
    to("busy.example", 0);
    let begun = Instant::now();
    (0..20).for_each(|number| to("example.org", number));
    mail_server.wait_for(20, PATIENCE);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let mails = mail_server.wait_for(21, PATIENCE);
    assert_eq!(mails[20].to(), "busy0@busy.example");

    let dead = folder.run(&["mail", "list", "--state", "dead"], "").ok();
    assert!(!dead.stdout.contains("https://"), "{}", dead.stdout);
    let dead = dead.json();
    assert_eq!(dead.len(), 3);
    for mail in &dead {
        assert_eq!((&mail["kind"], &mail["attempts"]), (&json!("email_confirmation"), &json!(1)));
        let error = mail["last_error"].as_str().unwrap();
        assert!(error.contains("5.1.1 There is no such person"), "{error}");
    }
    let line = server.wait_for("give_up=true");
    assert!(line.contains("WARN") && line.contains("There is no such person"), "{line}");
    let waiting = folder.run(&["mail", "list", "--state", "waiting"], "").ok().json();
    assert!(
        waiting.iter().all(|mail| { mail["to"].as_str().unwrap().ends_with("@stalled.example") })
    );
    assert_eq!(waiting.len(), 3);
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn wait_for_a_mail_server_that_is_gone() {
    outage("down");
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn wait_for_a_mail_server_that_says_nothing() {
    outage("hang");
}

/// Lets visitors come while the mail server is there and while it is not: they notice nothing, and
/// every mail arrives exactly once.
fn outage(order: &str) {
    let seconds = std::env::var_os("REST_AUTH_TEST_OUTAGE")
        .map_or(OUTAGE, |text| text.into_string().unwrap().parse().unwrap());
    let mut mail_server = MailServer::start();
    let folder = Folder::configured(&mail_server.configuration());
    let server = folder.serve();
    let crowd = Crowd::new(&server);
    let before = crowd.come(Duration::from_secs(4));
    mail_server.order(order);
    let during = crowd.come(Duration::from_secs(seconds));
    let there = mail_server.received().len();
    let missing = crowd.promised() - there;
    mail_server.order("up");
    let back = Instant::now();
    mail_server.wait_for(there + 1, PATIENCE);
    let recovery = back.elapsed();
    let mails = mail_server.wait_for(crowd.promised(), 10 * PATIENCE);
    let all_there = back.elapsed();
    // A second one would come soon.
    std::thread::sleep(Duration::from_secs(1));
    let mut copies: BTreeMap<(String, String), usize> = BTreeMap::new();
    for mail in mail_server.received() {
        let key = (mail.to().to_owned(), mail.header("Subject").to_owned());
        *copies.entry(key).or_default() += 1;
    }
    let (calm, slow) = (p95(before), p95(during));
    println!(
        "{order} for {seconds} s: {} mails promised, {missing} of them waited; p95 of answers \
         {calm:?} before and {slow:?} during; the first came {recovery:?} after and the last \
         {all_there:?}",
        crowd.promised()
    );
    assert!(missing > 0, "nobody came during the outage");
    assert_eq!(mails.len(), crowd.promised());
    assert_eq!(copies.len(), crowd.promised(), "some mails are missing");
    assert!(copies.values().all(|count| *count == 1), "some mails came twice");
    assert!(slow < calm * 3 + Duration::from_millis(100), "{slow:?} after {calm:?}");
    // The longest pause, and a busy machine.
    assert!(recovery < Duration::from_secs(25), "{recovery:?}");
    let waiting = folder.run(&["mail", "list", "--state", "waiting"], "").ok();
    assert_eq!(waiting.stdout, "");
}

/// Visitors who register and forget their passwords at once.
struct Crowd {
    server: std::net::SocketAddr,
    next: AtomicUsize,
    promised: AtomicUsize,
}

impl Crowd {
    fn new(server: &Server) -> Self {
        Self { server: server.address(), next: AtomicUsize::new(0), promised: AtomicUsize::new(0) }
    }

    /// How many mails were promised.
    fn promised(&self) -> usize {
        self.promised.load(Ordering::SeqCst)
    }

    /// Comes for a while and tells how long each answer took.
    fn come(&self, time: Duration) -> Vec<Duration> {
        let (times, over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for _ in 0..VISITORS {
                scope.spawn(|| {
                    while !over.load(Ordering::SeqCst) {
                        let number = self.next.fetch_add(1, Ordering::SeqCst);
                        let visitor = Visitor { number, server: self.server };
                        for (answer, status) in [(visitor.register(), 201), (visitor.forget(), 200)]
                        {
                            assert_eq!(
                                (answer.status, answer.tries),
                                (status, 1),
                                "{}",
                                answer.body
                            );
                            self.promised.fetch_add(1, Ordering::SeqCst);
                            times.lock().unwrap().push(answer.took);
                        }
                        // People take their time, and the machine has other tests to run.
                        std::thread::sleep(Duration::from_millis(50));
                    }
                });
            }
            std::thread::sleep(time);
            over.store(true, Ordering::SeqCst);
        });
        times.into_inner().unwrap()
    }
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 95 / 100]
}

#[test]
#[cfg_attr(not(smtp), ignore = "REST_AUTH_TEST_SMTP names no mail server")]
fn can_be_tried_by_an_administrator() {
    let mut mail_server = MailServer::start();
    let folder = Folder::prepared(&mail_server.configuration());
    let sent = folder.run(&["mail", "test", "ada@example.org"], "").ok().json();
    assert_eq!(sent[0]["answer"], "250 2.0.0 Kept");
    let mail = mail_server.wait_for(1, PATIENCE).remove(0);
    assert_eq!(mail.header("Message-ID"), format!("<{}>", sent[0]["message_id"].as_str().unwrap()));
    let refused = folder.run(&["mail", "test", "ada@refused.example"], "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("There is no such person"), "{}", refused.stderr);
    mail_server.order("down");
    let away = folder.run(&["mail", "test", "ada@example.org"], "");
    assert_eq!(away.status, 1);
    assert!(away.stderr.contains("cannot be used now"), "{}", away.stderr);
    let none: Vec<Value> = folder.run(&["mail", "list"], "").ok().json();
    assert!(none.is_empty(), "it went through the outbox");
}
