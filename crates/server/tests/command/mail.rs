//! `rest-auth mail`, and the templates of `email.template_dir`.

use std::fs;

use serde_json::json;

use crate::harness::{Folder, PATIENCE};
use crate::visitor::Visitor;

const TEMPLATES: &str = "[email]\ntemplate_dir = \"mails\"\n";

/// One with templates of its own.
fn with_templates(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::configured(TEMPLATES);
    for (name, content) in files {
        let path = folder.path().join("mails").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn preview(folder: &Folder, arguments: &[&str]) -> String {
    folder.run(&[&["mail", "preview"], arguments].concat(), "").ok().stdout
}

#[test]
fn a_preview_shows_every_mail_in_every_language_and_form() {
    let folder = Folder::new();
    let plain = preview(&folder, &["password_reset"]);
    assert!(plain.starts_with("Subject: [example.com] Password Reset Email\n\nHello,"), "{plain}");
    let german = preview(&folder, &["password_reset", "--language", "de-at", "--text"]);
    let link = "http://localhost:8000/password-reset/confirm/uid/sample/";
    assert!(german.contains(link), "{german}");
    let html = preview(&folder, &["password_reset", "--html", "--language", "de"]);
    assert!(html.contains("<html lang=\"de\">"), "{html}");
    let eml = preview(&folder, &["email_confirmation_code", "--eml"]);
    assert!(eml.contains("Content-Type: multipart/alternative") && eml.contains("VFMC-PBWF"));
    for arguments in [&["love_mail"][..], &[], &["invitation", "--html", "--eml"]] {
        let outcome = folder.run(&[&["mail", "preview"], arguments].concat(), "");
        assert_eq!(outcome.status, 2, "{arguments:?}");
    }
}

#[test]
fn a_preview_shows_what_an_administrator_wrote() {
    let folder = with_templates(&[
        ("account/email/password_reset_key_message.txt", "Here: {{ password_reset_url }}"),
        ("de/account/email/email_confirmation_subject.txt", "Nur ein Klick, {{ user }}"),
        ("account/email/invitation_message.html", "<b>{{ inviter }} & co</b>"),
    ]);
    let reset = preview(&folder, &["password_reset", "--text"]);
    assert_eq!(reset, "Here: http://localhost:8000/password-reset/confirm/uid/sample/\n");
    let bare = folder.run(&["mail", "preview", "password_reset", "--html"], "");
    assert_eq!(bare.status, 1);
    assert!(bare.stderr.contains("no HTML text"), "{}", bare.stderr);
    let german = preview(&folder, &["email_confirmation", "--language", "de"]);
    assert!(german.starts_with("Subject: [example.com] Nur ein Klick, ada\n"), "{german}");
    let english = preview(&folder, &["email_confirmation"]);
    assert!(english.contains("Please Confirm Your Email Address"), "{english}");
    assert_eq!(preview(&folder, &["invitation", "--html"]), "<b>ada & co</b>");
}

#[test]
fn a_server_sends_what_an_administrator_wrote() {
    let folder = with_templates(&[
        ("account/email/email_confirmation_subject.txt", "Welcome,\n{{ user }}"),
        ("account/email/email_confirmation_message.txt", "Hi {{ user }}: {{ activate_url }}"),
        ("account/email/email_confirmation_message.html", "<p>Hi {{ user }}</p>"),
    ]);
    let kept = format!("{TEMPLATES}backend = \"file\"\nfile_path = \"sent\"\n");
    folder.write("auth.toml", &kept);
    let server = folder.serve();
    let visitor = Visitor { number: 1, server: server.address() };
    assert_eq!(visitor.register().status, 201);
    let begun = std::time::Instant::now();
    let eml = loop {
        let sent = folder.path().join("sent");
        let files = fs::read_dir(sent).unwrap().map(|file| file.unwrap().path());
        let mut whole = files.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        if let Some(path) = whole.next() {
            break fs::read_to_string(path).unwrap();
        }
        assert!(begun.elapsed() < PATIENCE);
    };
    assert!(eml.contains("Subject: [example.com] Welcome, visitor1\r\n"), "{eml}");
    assert!(eml.contains("Hi visitor1: http://localhost:8000/"), "{eml}");
    assert!(eml.contains("<p>Hi visitor1</p>"), "{eml}");
}

#[test]
fn a_broken_template_is_told_by_file_and_line_before_anything_starts() {
    for (text, line) in
        [("a\n\n{% load i18n %}", 3), ("a\n{{ user|nonsense }}", 2), ("{% include 'x' %}", 1)]
    {
        let folder = with_templates(&[("fr/account/email/invitation_message.txt", text)]);
        for command in [&["serve"][..], &["check"], &["mail", "preview", "invitation"]] {
            let outcome = folder.run(command, "");
            assert_eq!(outcome.status, 1, "{command:?}");
            let place = format!("fr/account/email/invitation_message.txt:{line}");
            for part in [place.as_str(), "email.template_dir", "auth.toml:2:1"] {
                assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
            }
        }
    }
    let missing = Folder::configured(TEMPLATES).run(&["check"], "");
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("`mails` is no folder"), "{}", missing.stderr);
}

#[test]
fn mails_are_listed_without_what_they_say_and_sent_again() {
    // Nobody listens at this port.
    let folder = Folder::prepared("[email]\nbackend = \"smtp\"\nhost = \"localhost\"\nport = 1\n");
    let list = |arguments: &[&str]| {
        let outcome = folder.run(&[&["mail", "list"], arguments].concat(), "").ok();
        assert!(!outcome.stdout.contains("http"), "{}", outcome.stdout);
        outcome.json()
    };
    assert!(list(&[]).is_empty());
    let mut server = folder.serve();
    for number in 1..=2 {
        let visitor = Visitor { number, server: server.address() };
        assert_eq!(visitor.register().status, 201);
    }
    server.wait_for("mail_stopped");
    drop(server);
    let waiting = list(&["--state", "waiting"]);
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[0]["kind"], "email_confirmation");
    assert_eq!((&waiting[0]["state"], &waiting[0]["attempts"]), (&json!("waiting"), &json!(0)));
    assert!(waiting[0]["last_error"].as_str().unwrap().contains("cannot be used now"));
    let found = list(&["--to", "Visitor2@example.org"]);
    assert_eq!((found.len(), &found[0]["to"]), (1, &json!("visitor2@example.org")));
    assert_eq!(list(&["--limit", "1"]).len(), 1);
    assert!(list(&["--state", "sent"]).is_empty() && list(&["--state", "dead"]).is_empty());

    assert_eq!(folder.run(&["mail", "retry"], "").status, 2);
    assert_eq!(folder.run(&["mail", "retry", "1", "--all-dead"], "").status, 2);
    let retried = folder.run(&["mail", "retry", "1", "4711"], "");
    assert_eq!(retried.status, 1);
    assert_eq!(retried.json()[0], json!({"id": 1, "retried": true}));
    assert!(retried.json()[1]["error"].as_str().unwrap().contains("no such mail"));
    let none = folder.run(&["mail", "retry", "--all-dead"], "").ok();
    assert_eq!(none.json(), [json!({"retried": 0})]);
}

#[test]
fn a_preview_has_the_links_that_are_configured() {
    let folder = Folder::configured(
        "[account]\nemail_confirmation_url = \"https://app.example/verify?key={key}&a=1\"\n\
         [rest_auth]\npassword_reset_url = \"https://app.example/reset/{uid}/{token}\"\n",
    );
    let text = preview(&folder, &["password_reset", "--text"]);
    assert!(text.contains("https://app.example/reset/uid/sample\n"), "{text}");
    let html = preview(&folder, &["email_confirmation", "--html"]);
    assert!(html.contains("href=\"https://app.example/verify?key=sample&amp;a=1\""), "{html}");
    let made: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(made.len(), 1, "a preview needs no database: {made:?}");
}

#[test]
fn a_mail_server_that_cannot_be_used_is_named_with_what_to_set() {
    let folder =
        Folder::configured("[email]\nbackend = \"smtp\"\nhost = \"localhost\"\nport = 1\n");
    let refused = folder.run(&["mail", "test", "ada@example.com"], "");
    assert_eq!(refused.status, 1);
    let line = refused.stderr.lines().last().unwrap();
    assert!(line.contains("localhost:1: ") && line.contains("refused"), "{line}");
}
