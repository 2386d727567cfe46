//! Delivery to a mail server, played by a few lines of this file.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use rest_auth_mail::{EmailBackend, MailContent, MailError, MailKind, MailSettings, Mailer};
use rest_auth_settings::Secret;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server says where it differs from agreeing to everything: the beginning of a command
/// and the answer, which is nothing to hang up.
type Script = &'static [(&'static str, &'static str)];

struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, script, log.clone()));
            }
        });
        Self { port, heard }
    }

    /// The commands and message lines so far, with a line `CONNECT` for each connection.
    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("the log").clone()
    }

    fn count(&self, line: &str) -> usize {
        self.heard().iter().filter(|heard| *heard == line).count()
    }

    fn settings(&self) -> MailSettings {
        MailSettings {
            backend: EmailBackend::Smtp,
            host: "127.0.0.1".to_owned(),
            port: self.port,
            timeout: Some(Duration::from_secs(5)),
            ..MailSettings::default()
        }
    }

    fn mailer(&self) -> Mailer {
        Mailer::new(&self.settings()).expect("a mailer")
    }
}

async fn converse(stream: TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) {
    let hear = |line: &str| log.lock().expect("the log").push(line.to_owned());
    let answer = |command: &str| {
        let scripted = script.iter().find(|(start, _)| command.starts_with(start));
        scripted.map_or_else(|| agree(command), |(_, answer)| answer)
    };
    let mut stream = BufReader::new(stream);
    let mut in_text = false;
    let mut command = "CONNECT".to_owned();
    loop {
        hear(&command);
        let said = if in_text && command != "." { None } else { Some(answer(&command)) };
        match said {
            Some("") => return,
            Some("WAIT") => {
                tokio::time::sleep(Duration::from_millis(600)).await;
                in_text = false;
                if stream.write_all(b"250 fine\r\n").await.is_err() {
                    return;
                }
            }
            Some(said) if stream.write_all(format!("{said}\r\n").as_bytes()).await.is_err() => {
                return;
            }
            Some(said) => in_text = said.starts_with("354"),
            None => {}
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        command = line.trim_end().to_owned();
    }
}

fn agree(command: &str) -> &'static str {
    match command.split(' ').next().unwrap_or_default() {
        "CONNECT" => "220 mail.example.org",
        "EHLO" => "250-mail.example.org\r\n250 AUTH PLAIN",
        "DATA" => "354 go on",
        "AUTH" => "235 welcome",
        "QUIT" => "221 bye",
        _ => "250 fine",
    }
}

fn mail() -> MailContent {
    MailContent::new(MailKind::EmailConfirmation, "ada@example.com", "en")
        .with("activate_url", "https://example.com/account-confirm-email/MQ:abc/")
}

async fn outcome(script: Script) -> Result<(), MailError> {
    Server::start(script).await.mailer().deliver(&mail(), DateTime::UNIX_EPOCH).await
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let server = Server::start(&[]).await;
    let mailer = server.mailer();
    // The future must be `Send`: workers spawn it.
    tokio::spawn(async move { mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await })
        .await
        .expect("no panic")
        .expect("delivered");
    for line in [
        "MAIL FROM:<webmaster@localhost>",
        "RCPT TO:<ada@example.com>",
        "Subject: [example.com] Please Confirm Your Email Address",
        "Auto-Submitted: auto-generated",
        "https://example.com/account-confirm-email/MQ:abc/",
    ] {
        assert_eq!(server.count(line), 1, "{line}: {:#?}", server.heard());
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::start(&[]).await;
    let mailer = server.mailer();
    for _ in 0..3 {
        mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect("delivered");
    }
    assert_eq!(server.count("CONNECT"), 1);
    assert_eq!(server.count("DATA"), 3);
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced() {
    let server = Server::start(&[("NOOP", "")]).await;
    let mailer = server.mailer();
    for _ in 0..2 {
        mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect("delivered");
    }
    assert_eq!(server.count("CONNECT"), 2);
}

#[tokio::test]
async fn a_refusal_of_the_mail_is_permanent() {
    for script in [
        &[("RCPT", "550 5.1.1 no such user")][..],
        &[("DATA", "554 5.7.1 no")],
        &[(".", "552 5.3.4 too big")],
    ] {
        let error = outcome(script).await.expect_err("refused");
        assert!(error.is_permanent(), "{script:?}: {error:?}");
        let answer = script[0].1.split_once(' ').expect("a code").1;
        assert!(error.to_string().ends_with(answer), "{error}");
    }
}

#[tokio::test]
async fn trouble_with_the_server_is_temporary_and_concerns_every_mail() {
    for script in [
        &[("CONNECT", "")][..],
        &[("CONNECT", "554 go away")],
        &[("EHLO", "")],
        &[("MAIL", "")],
        &[("MAIL", "550 5.7.1 sender not allowed")],
        &[("RCPT", "530 5.7.0 authentication required")],
        &[("EHLO", "550 5.7.1 bad name"), ("HELO", "550 5.7.1 bad name")],
        &[("RCPT", "504 5.5.2 <me>: Helo command rejected: need fully-qualified hostname")],
        &[("RCPT", "550 5.1.8 <a@b>: Sender address rejected: Domain not found")],
        &[("RCPT", "554 5.7.1 <ada@example.com>: Relay access denied")],
        &[("DATA", "550 5.7.1 Authentication required")],
        &[(".", "550 5.1.7 sender unknown")],
    ] {
        let error = outcome(script).await.expect_err("not delivered");
        assert!(matches!(error, MailError::Unreachable(_)), "{script:?}: {error:?}");
        assert!(error.concerns_all() && !error.is_permanent());
        assert!(error.to_string().contains("127.0.0.1:"), "{error}");
    }
}

#[tokio::test]
async fn what_a_server_repeats_of_an_address_says_nothing_about_this_server() {
    let script: Script = &[("RCPT", "550 5.1.1 <relay access denied@example.com>: no such user")];
    let mail = MailContent { to: "\"relay access denied\"@example.com".to_owned(), ..mail() };
    let server = Server::start(script).await;
    let outcome = server.mailer().deliver(&mail, DateTime::UNIX_EPOCH).await;
    assert!(outcome.is_err_and(|error| error.is_permanent()));
}

#[tokio::test]
async fn an_error_of_the_configuration_says_what_to_set() {
    let words = async |script: Script, change: fn(&mut MailSettings)| {
        let mut settings = Server::start(script).await.settings();
        settings.timeout = Some(Duration::from_millis(500));
        change(&mut settings);
        let mailer = Mailer::new(&settings).expect("a mailer");
        mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect_err("not delivered").to_string()
    };
    let silent: Script = &[("CONNECT", "220-wait")];
    let starttls = words(silent, |settings| settings.use_tls = true).await;
    assert!(starttls.contains("no answer") && starttls.contains("`email.use_ssl`"), "{starttls}");
    let plain = words(&[], |settings| settings.use_ssl = true).await;
    assert!(plain.contains("`email.use_tls`"), "{plain}");
    let missing = words(&[], |settings| settings.use_tls = true).await;
    assert!(missing.contains("no STARTTLS") && missing.contains("`email.use_ssl`"), "{missing}");
    let helo = words(&[("EHLO", "550 bad name"), ("HELO", "550 bad name")], |_| {}).await;
    assert!(helo.contains("`email.helo_name`"), "{helo}");
    let login = |settings: &mut MailSettings| {
        settings.host_user = "ada".to_owned();
        settings.host_password = Secret::new("hunter2");
    };
    let wrong = words(&[("AUTH", "535 5.7.8 wrong password")], login).await;
    assert!(wrong.contains("`email.host_password`") && !wrong.contains("hunter2"), "{wrong}");
}

#[tokio::test]
async fn this_server_has_the_name_that_is_set() {
    for (name, said) in [
        ("auth.example.com", "EHLO auth.example.com"),
        ("192.0.2.1", "EHLO [192.0.2.1]"),
        ("2001:db8::1", "EHLO [IPv6:2001:db8::1]"),
    ] {
        let server = Server::start(&[]).await;
        let settings = MailSettings { helo_name: Some(name.to_owned()), ..server.settings() };
        let mailer = Mailer::new(&settings).expect("a mailer");
        mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect("delivered");
        assert_eq!(server.count(said), 1, "{:?}", server.heard());
    }
}

#[tokio::test]
async fn trouble_with_the_mail_is_temporary_and_concerns_no_other() {
    for script in [
        &[("RCPT", "")][..],
        &[("RCPT", "451 4.7.1 greylisted")],
        &[("DATA", "421 closing")],
        &[(".", "452 4.3.1 disk full")],
        &[(".", "")],
        &[(".", "nonsense")],
    ] {
        let error = outcome(script).await.expect_err("not delivered");
        assert!(matches!(error, MailError::Deferred(_)), "{script:?}: {error:?}");
        assert!(!error.concerns_all() && !error.is_permanent());
    }
}

#[tokio::test]
async fn nobody_listening_is_temporary() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let settings = MailSettings { port, ..Server { port, heard: Arc::default() }.settings() };
    let mailer = Mailer::new(&settings).expect("a mailer");
    let error = mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect_err("not delivered");
    assert!(matches!(error, MailError::Unreachable(_)));
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let soon = Duration::from_millis(300);
    for (command, concerns_all) in [("CONNECT", true), ("RCPT", false), (".", false)] {
        // The answer has no end.
        let script: Script = Box::leak(Box::new([(command, "250-wait")]));
        let server = Server::start(script).await;
        let settings =
            MailSettings { timeout: Some(soon), answer_timeout: soon, ..server.settings() };
        let mailer = Mailer::new(&settings).expect("a mailer");
        for _ in 0..2 {
            let error =
                mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect_err("not delivered");
            assert!(!error.is_permanent());
            assert_eq!(error.concerns_all(), concerns_all, "{command}: {error}");
        }
        assert_eq!(server.count("CONNECT"), 2);
    }
}

#[tokio::test]
async fn a_server_may_think_about_a_mail_for_longer_than_about_anything_else() {
    let server = Server::start(&[(".", "WAIT")]).await;
    let settings = MailSettings { timeout: Some(Duration::from_millis(300)), ..server.settings() };
    let mailer = Mailer::new(&settings).expect("a mailer");
    mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect("delivered");
}

#[tokio::test]
async fn mails_are_handed_over_one_by_one() {
    let server = Server::start(&[]).await;
    let mailer = server.mailer();
    let message = |id| mailer.compose(&mail(), id, DateTime::UNIX_EPOCH).expect("composed");
    let (first, second) = (message("1"), message("2"));
    let receipt = mailer.send(&first).await.expect("delivered");
    let next = mailer.send(&second);
    let early = tokio::time::timeout(Duration::from_millis(100), next).await;
    assert!(early.is_err(), "the first one is not written down yet");
    assert_eq!(server.count("Message-ID: <1@localhost>"), 1);
    assert_eq!(server.count("Message-ID: <2@localhost>"), 0);
    // A server that is slow to answer must not make this wait for ever.
    let late = mailer.send(&second).await.expect("delivered");
    drop((receipt, late));
}

#[tokio::test]
async fn a_refusal_stands_even_if_the_server_does_not_say_goodbye() {
    let server = Server::start(&[("RCPT", "550 no such user"), ("QUIT", "221-wait")]).await;
    let mailer = server.mailer();
    let error = mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect_err("refused");
    assert!(error.is_permanent());
}

#[tokio::test]
async fn logs_in_where_a_user_is_set() {
    let log_in = |server: &Server| {
        let settings = MailSettings {
            host_user: "ada".to_owned(),
            host_password: Secret::new("hunter2"),
            ..server.settings()
        };
        Mailer::new(&settings).expect("a mailer")
    };
    let server = Server::start(&[]).await;
    log_in(&server).deliver(&mail(), DateTime::UNIX_EPOCH).await.expect("delivered");
    // "\0ada\0hunter2" in base64.
    assert_eq!(server.count("AUTH PLAIN AGFkYQBodW50ZXIy"), 1, "{:#?}", server.heard());

    let server = Server::start(&[("AUTH", "535 5.7.8 wrong password")]).await;
    let refused = log_in(&server).deliver(&mail(), DateTime::UNIX_EPOCH).await;
    assert!(matches!(refused, Err(MailError::Unreachable(_))));
    assert_eq!(server.count("DATA"), 0);
}

#[tokio::test]
async fn sends_nothing_if_encryption_is_asked_for_and_not_offered() {
    let server = Server::start(&[]).await;
    let settings = MailSettings {
        use_tls: true,
        host_user: "ada".to_owned(),
        host_password: Secret::new("hunter2"),
        ..server.settings()
    };
    let mailer = Mailer::new(&settings).expect("a mailer");
    let error = mailer.deliver(&mail(), DateTime::UNIX_EPOCH).await.expect_err("not delivered");
    assert!(matches!(error, MailError::Unreachable(_)));
    assert!(server.heard().iter().all(|line| !line.starts_with("AUTH") && line != "DATA"));
}

#[tokio::test]
async fn a_local_part_beyond_ascii_needs_a_server_that_takes_it() {
    let mail = MailContent { to: "jürgen@example.com".to_owned(), ..mail() };
    let server = Server::start(&[]).await;
    let error = server.mailer().deliver(&mail, DateTime::UNIX_EPOCH).await.expect_err("refused");
    assert!(error.is_permanent());

    let able = "250-mail.example.org\r\n250-8BITMIME\r\n250 SMTPUTF8";
    let server = Server::start(Box::leak(Box::new([("EHLO", able)]))).await;
    server.mailer().deliver(&mail, DateTime::UNIX_EPOCH).await.expect("delivered");
    assert_eq!(server.count("RCPT TO:<jürgen@example.com>"), 1);
    assert!(server.heard().iter().any(|line| line.contains("SMTPUTF8")));
}
