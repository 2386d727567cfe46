use std::path::PathBuf;
use std::time::Duration;

use rest_auth_settings::{Profile, Secret};

use super::*;
use crate::content::MailKind;
use crate::settings::{EmailBackend, EmailSettings};

fn reset(username: &str) -> MailContent {
    MailContent::new(MailKind::PasswordReset, "ada@example.com", "en")
        .with("password_reset_url", "https://example.com/password-reset/confirm/1/token/")
        .with("username", username)
}

fn error(change: impl FnOnce(&mut MailSettings)) -> MailSetupError {
    let mut settings = MailSettings::default();
    change(&mut settings);
    Mailer::new(&settings).expect_err("settings that cannot work")
}

#[test]
fn the_subject_begins_with_the_site_or_with_what_is_set() {
    let subject = |prefix: Option<&str>| {
        let settings =
            MailSettings { subject_prefix: prefix.map(str::to_owned), ..MailSettings::default() };
        let mailer = Mailer::new(&settings).expect("a mailer");
        mailer.preview(&reset("ada")).expect("rendered").subject
    };
    assert_eq!(subject(None), "[example.com] Password Reset Email");
    assert_eq!(subject(Some("[Shop] ")), "[Shop] Password Reset Email");
    assert_eq!(subject(Some("")), "Password Reset Email");
    assert_eq!(subject(Some("a\r\nBcc: b")), "a Bcc: bPassword Reset Email");
}

#[test]
fn setup_errors_name_the_setting() {
    let smtp = |settings: &mut MailSettings| settings.backend = EmailBackend::Smtp;
    let keys = [
        error(|s| (smtp(s), s.host.clear()).1).key,
        error(|s| (smtp(s), s.port = 0).1).key,
        error(|s| (smtp(s), s.timeout = Some(Duration::ZERO)).1).key,
        error(|s| (smtp(s), s.host_password = Secret::new("x")).1).key,
        error(|s| (smtp(s), (s.use_tls, s.use_ssl) = (true, true)).1).key,
        error(|s| s.backend = EmailBackend::File).key,
        error(|s| s.default_from_email = "nobody".to_owned()).key,
        error(|s| s.template_dir = Some("/nowhere/at/all".into())).key,
        error(|s| (smtp(s), s.host = "smtp.example.com:587".to_owned()).1).key,
        error(|s| (smtp(s), s.host = "smtps://smtp.example.com".to_owned()).1).key,
        error(|s| (smtp(s), s.host = "\"smtp.example.com\"".to_owned()).1).key,
        error(|s| (smtp(s), s.helo_name = Some("two words".to_owned())).1).key,
        error(|s| (smtp(s), s.use_tls = true, s.ca_file = Some("/nowhere/ca".into())).2).key,
    ];
    assert_eq!(
        keys,
        [
            "email.host",
            "email.port",
            "email.timeout",
            "email.host_user",
            "email.use_ssl",
            "email.file_path",
            "email.default_from_email",
            "email.template_dir",
            "email.host",
            "email.host",
            "email.host",
            "email.helo_name",
            "email.ssl_cafile",
        ]
    );
    for host in ["smtp.example.com", "localhost", "192.0.2.1", "::1", "mail_1"] {
        let settings = MailSettings {
            backend: EmailBackend::Smtp,
            host: host.to_owned(),
            ..MailSettings::default()
        };
        assert_eq!(Mailer::check(&settings), Ok(()), "{host}");
    }
    assert_eq!(
        error(|s| (smtp(s), s.host.clear()).1).to_string(),
        "email.host: is empty; name the mail server, or choose another email.backend"
    );
}

#[test]
fn what_the_configuration_says_reaches_the_mailer() {
    let mut email = EmailSettings::defaults(Profile::Strict);
    email.default_from_email = "Support <support@example.org>".to_owned();
    email.port = 587;
    let settings = MailSettings::new(&email, Some("[Shop] "), "shop.example");
    assert_eq!((settings.port, settings.timeout), (587, email.timeout));
    let (mailer, _) = Mailer::memory(&settings).expect("a mailer");
    let rendered = mailer.preview(&reset("ada")).expect("rendered");
    assert_eq!(rendered.subject, "[Shop] Password Reset Email");
    assert!(rendered.text.contains("your account at shop.example."));
    let wrong = EmailSettings { port: 0, backend: EmailBackend::Smtp, ..email };
    let error = Mailer::new(&MailSettings::new(&wrong, None, "shop.example")).expect_err("no port");
    assert_eq!(error.key, "email.port");
}

#[test]
fn smtp_needs_no_runtime_to_be_set_up_or_dropped() {
    let settings = MailSettings { backend: EmailBackend::Smtp, ..MailSettings::default() };
    drop(Mailer::new(&settings).expect("a mailer"));
}

#[test]
fn debug_output_hides_the_password() {
    let settings =
        MailSettings { host_password: Secret::new("hunter2"), ..MailSettings::default() };
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_inbox_holds_what_was_sent_until_it_is_taken() {
    let (mailer, inbox) = Mailer::memory(&MailSettings::default()).expect("a mailer");
    let clone = mailer.clone();
    mailer.deliver(&reset("ada"), DateTime::UNIX_EPOCH).await.expect("delivered");
    clone.deliver(&reset("bob"), DateTime::UNIX_EPOCH).await.expect("delivered");
    assert_eq!((inbox.len(), mailer.inbox().map(Inbox::len)), (2, Some(2)));
    let texts: Vec<String> = inbox.take().iter().map(|m| m.text().to_owned()).collect();
    assert!(texts[0].contains("ada") && texts[1].contains("bob"));
    assert!(inbox.is_empty());
}

#[tokio::test]
async fn the_inbox_forgets_the_oldest_before_it_grows_without_end() {
    let settings = MailSettings { backend: EmailBackend::Memory, ..MailSettings::default() };
    let mailer = Mailer::new(&settings).expect("a mailer");
    for number in 0..1001 {
        let mail = reset(&format!("user-{number}-"));
        mailer.deliver(&mail, DateTime::UNIX_EPOCH).await.expect("delivered");
    }
    let messages = mailer.inbox().expect("an inbox").take();
    assert_eq!(messages.len(), 1000);
    assert!(messages[0].text().contains("user-1-"));
}

#[tokio::test]
async fn files_are_whole_private_and_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made/by/us");
    let settings = MailSettings {
        backend: EmailBackend::File,
        file_path: Some(path.clone()),
        ..MailSettings::default()
    };
    let mailer = Mailer::new(&settings).expect("a mailer");
    for (user, second) in [("ada", 1), ("bob", 1), ("eve", 2)] {
        let now = DateTime::from_timestamp(second, 5000).expect("a date");
        mailer.deliver(&reset(user), now).await.expect("delivered");
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(&path)
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 3);
    for (file, user) in files.iter().zip(["ada", "bob", "eve"]) {
        let text = std::fs::read_to_string(file).expect("a message");
        assert!(text.contains(&format!("Your user name is {user}.\r\n")), "{text}");
        assert!(text.starts_with("Date: Thu, 01 Jan 1970 00:00:0"));
        assert_eq!(file.extension().and_then(|end| end.to_str()), Some("eml"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(file).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    assert!(files[0].to_string_lossy().contains("/19700101T000001.000005Z-000000-"));
}

#[tokio::test]
async fn a_folder_that_vanished_is_no_reason_to_give_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = MailSettings {
        backend: EmailBackend::File,
        file_path: Some(folder.path().to_owned()),
        ..MailSettings::default()
    };
    let mailer = Mailer::new(&settings).expect("a mailer");
    drop(folder);
    let error = mailer.deliver(&reset("ada"), DateTime::UNIX_EPOCH).await.expect_err("no folder");
    assert!(matches!(error, MailError::Unwritable(_)) && !error.is_permanent());
}

#[tokio::test]
async fn a_bad_address_is_refused_whatever_the_backend() {
    for backend in
        [EmailBackend::Smtp, EmailBackend::Console, EmailBackend::Memory, EmailBackend::None]
    {
        let settings = MailSettings { backend, ..MailSettings::default() };
        let mailer = Mailer::new(&settings).expect("a mailer");
        let mail =
            MailContent { to: "ada@example.com\r\nBcc: eve@example.com".into(), ..reset("a") };
        let error = mailer.deliver(&mail, DateTime::UNIX_EPOCH).await.expect_err("refused");
        assert!(error.is_permanent(), "{backend:?}");
    }
}
