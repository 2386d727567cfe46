//! `rest-auth user invite` and `rest-auth user create --send-invite`

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Folder, PATIENCE};

const CONFIG: &str = r#"
[server]
secret_key = "a-secret-key-that-is-long-enough-for-every-test"
public_url = "https://auth.example"

[email]
backend = "file"
file_path = "mails"

[account]
email_verification = "mandatory"

[rest_auth]
register = "invite"
invitation_url = "https://app.example/join/{code}"

[user.extra_fields]
company = { type = "text", max_length = 20 }
"#;

/// The text of the mail that a running server delivers, as soon as it is there.
fn mail(folder: &Folder) -> String {
    let begun = std::time::Instant::now();
    loop {
        let files = fs::read_dir(folder.path().join("mails")).into_iter().flatten().flatten();
        let files: Vec<_> =
            files.map(|file| file.path()).filter(|path| path.extension().is_some()).collect();
        if let Some(path) = files.iter().find(|path| path.extension().unwrap() == "eml") {
            let text = fs::read_to_string(path).unwrap();
            return text.replace("=\r\n", "").replace("=3D", "=");
        }
        assert!(begun.elapsed() < PATIENCE, "no mail");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The end of the link in a mail that begins like this.
fn link<'m>(mail: &'m str, begin: &str) -> &'m str {
    let word = mail.split_whitespace().find_map(|word| word.strip_prefix(begin));
    word.unwrap_or_else(|| panic!("no link in {mail}"))
}

#[test]
fn a_code_is_printed_listed_and_revoked() {
    let folder = Folder::configured(CONFIG);
    folder.run(&["migrate"], "").ok();
    let issued = folder.run(&["user", "invite"], "").ok().json().remove(0);
    let code = issued["code"].as_str().unwrap();
    assert_eq!(code.len(), 32);
    assert_eq!(issued["url"], json!(format!("https://app.example/join/{code}")));
    let bound = folder.run(&["user", "invite", "--email", "Bob@Example.com", "--print"], "").ok();
    assert_eq!(bound.json()[0]["email"], "bob@example.com");
    let listed = folder.run(&["user", "invitations"], "").ok();
    assert!(!listed.stdout.contains(code), "{}", listed.stdout);
    let listed = listed.json();
    assert_eq!((listed.len(), &listed[1]["email"]), (2, &json!("bob@example.com")));
    let number = issued["invitation"].to_string();
    folder.run(&["user", "revoke-invitation", &number], "").ok();
    let again = folder.run(&["user", "revoke-invitation", &number], "");
    assert_eq!(again.status, 1);
    assert!(again.stderr.contains("user invitations"), "{}", again.stderr);
    assert_eq!(folder.run(&["user", "invitations"], "").ok().json().len(), 1);
}

#[test]
fn a_mailed_code_is_not_printed_and_opens_an_account() {
    let folder = Folder::configured(CONFIG);
    folder.run(&["migrate"], "").ok();
    let line = ["user", "invite", "--email", "bob@example.com", "--expires", "12h"];
    let issued = folder.run(&line, "").ok().json().remove(0);
    assert_eq!((&issued["mailed"], issued.get("code")), (&json!(true), None));
    let server = folder.serve();
    let mail = mail(&folder);
    let code = link(&mail, "https://app.example/join/");
    let form = json!({"username": "bob", "password1": "correct-horse-9",
        "password2": "correct-horse-9", "company": "A", "invitation_code": code});
    let answer = server.post("registration/", &form);
    assert_eq!(answer.status, 201, "{}", answer.body);
    let shown = folder.run(&["user", "show", "bob"], "").ok().json().remove(0);
    assert_eq!(shown["extra"], json!({"company": "A"}));
    let address = json!({"email": "bob@example.com", "verified": true, "primary": true});
    assert_eq!(shown["addresses"], json!([address]));
}

#[test]
fn what_an_invitation_lacks_is_named() {
    let closed = Folder::prepared("");
    let refused = closed.run(&["user", "invite"], "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("`rest_auth.register`"), "{}", refused.stderr);
    let without_page =
        Folder::prepared("[account]\nlink_pages = false\n[rest_auth]\nregister = \"invite\"\n");
    let refused = without_page.run(&["user", "invite", "--email", "bob@example.com"], "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("rest_auth.invitation_url"), "{}", refused.stderr);
    let no_address = without_page.run(&["user", "invite", "--email", "bob"], "");
    assert!(no_address.stderr.contains("--email"), "{}", no_address.stderr);
    let no_time = without_page.run(&["user", "invite", "--expires", "soon"], "");
    assert_eq!(no_time.status, 2);
    assert!(no_time.stderr.contains("--expires"), "{}", no_time.stderr);
}

#[test]
fn an_owner_chooses_a_password_by_the_link_in_the_mail() {
    let folder = Folder::configured(CONFIG);
    folder.run(&["migrate"], "").ok();
    let lines = [
        json!({"username": "bob", "email": "bob@example.com", "extra": {"company": "A"}}),
        json!({"username": "eve"}),
        json!({"username": "ada", "password": "correct-horse-9"}),
        json!({"username": "joe", "email": "joe@example.com", "extra": {"colour": "red"}}),
    ];
    let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
    let outcome = folder.run(&["user", "create", "--send-invite"], &lines.join("\n"));
    assert_eq!(outcome.status, 1);
    let answers = outcome.json();
    assert_eq!(answers[0]["extra"], json!({"company": "A"}));
    assert!(answers[1]["error"].as_str().unwrap().starts_with("email: "), "{}", answers[1]);
    assert_eq!(answers[2]["username"], "ada");
    assert!(answers[3]["error"].as_str().unwrap().contains("colour"), "{}", answers[3]);
    let server = folder.serve();
    let mail = mail(&folder);
    assert!(mail.contains("To: bob@example.com"), "{mail}");
    let rest = link(&mail, "https://auth.example/password-reset/confirm/");
    let mut parts = rest.trim_end_matches('/').split('/');
    let form = json!({"uid": parts.next(), "token": parts.next(),
        "new_password1": "another-horse-9", "new_password2": "another-horse-9"});
    let answer = server.post("password/reset/confirm/", &form);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let login = json!({"username": "bob", "password": "another-horse-9"});
    assert_eq!(server.post("login/", &login).status, 200);
}

#[test]
fn a_link_that_would_lead_nowhere_names_the_keys() {
    let folder =
        Folder::configured("profile = \"django\"\n[server]\nsecret_key = \"a long key\"\n");
    folder.run(&["migrate"], "");
    let bob = json!({"username": "bob", "email": "bob@example.com"}).to_string();
    let refused = folder.run(&["user", "create", "--send-invite"], &bob);
    assert_eq!(refused.status, 1);
    for key in ["`rest_auth.password_reset_url`", "`server.public_url`"] {
        assert!(refused.stderr.contains(key), "{}", refused.stderr);
    }
    assert_eq!(folder.run(&["user", "list"], "").ok().stdout, "");
}
