//! `rest-auth user`

use serde_json::{Value, json};

use crate::harness::{Finished, Folder, PATIENCE};

fn create(folder: &Folder, users: &[Value]) -> Finished {
    let lines: Vec<_> = users.iter().map(ToString::to_string).collect();
    folder.run(&["user", "create"], &lines.join("\n"))
}

fn with_ada() -> Folder {
    let folder = Folder::prepared("");
    create(
        &folder,
        &[json!({"username": "ada", "email": "ada@example.com",
        "password": "correct-horse-9", "email_verified": true})],
    )
    .ok();
    folder
}

fn show(folder: &Folder, name: &str) -> Value {
    folder.run(&["user", "show", name], "").ok().json().remove(0)
}

#[test]
fn a_bad_line_keeps_no_other_from_being_made() {
    let folder = Folder::prepared("");
    let lines = "{\"username\": \"ada\"}\nnonsense\n{\"username\": \"ada\"}\n\
                 {\"username\": \"bob\", \"colour\": \"red\"}\n{\"username\": \"eve\"}\n";
    let outcome = folder.run(&["user", "create"], lines);
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("3 of 5 lines failed"), "{}", outcome.stderr);
    let answers = outcome.json();
    assert_eq!((&answers[0]["id"], &answers[0]["username"]), (&json!(1), &json!("ada")));
    assert_eq!((&answers[1]["line"], &answers[1]["username"]), (&json!(2), &Value::Null));
    assert_eq!(answers[2]["error"], "username: \"ada\" is taken");
    assert_eq!((&answers[3]["line"], &answers[3]["username"]), (&json!(4), &json!("bob")));
    assert!(answers[3]["error"].as_str().unwrap().contains("colour"));
    assert_eq!(answers[4]["username"], "eve");
}

#[test]
fn updates_change_and_delete() {
    let folder = with_ada();
    let change = json!({"username": "ada", "set": {"first_name": "Ada", "is_staff": true}});
    let delete = json!({"username": "ada@example.com", "delete": true});
    let neither = json!({"username": "ada"});
    let input = format!("{change}\n{neither}\n{delete}\n{delete}\n");
    let outcome = folder.run(&["user", "update"], &input);
    assert_eq!(outcome.status, 1);
    let answers = outcome.json();
    assert_eq!((&answers[0]["first_name"], &answers[0]["is_staff"]), (&json!("Ada"), &json!(true)));
    assert!(answers[1]["error"].as_str().unwrap().contains("\"set\""));
    assert_eq!(answers[2], json!({"id": 1, "username": "ada", "deleted": true}));
    assert_eq!(answers[3]["line"], 4);
}

#[test]
fn a_list_has_everybody_in_the_order_of_ids() {
    let folder = Folder::prepared("");
    // More than one page.
    let users: Vec<_> =
        (1..=501).map(|n| json!({"username": format!("user{n}"), "password_hash": "!"})).collect();
    create(&folder, &users).ok();
    let listed = folder.run(&["user", "list"], "").ok().json();
    assert_eq!(listed.len(), 501);
    assert!(listed.iter().zip(1..).all(|(user, id)| user["id"] == json!(id)));
    assert!(listed[0].get("password").is_none());
}

#[test]
fn shows_addresses_and_credentials_but_no_secret() {
    let folder = with_ada();
    for name in ["ada", "ada@example.com", "1"] {
        let ada = show(&folder, name);
        let address = json!({"email": "ada@example.com", "verified": true, "primary": true});
        assert_eq!(ada["addresses"], json!([address]));
        assert_eq!(ada["credentials"]["password"], true);
        assert!(!ada.to_string().contains("argon2"));
    }
    let missing = folder.run(&["user", "show", "nobody"], "");
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("nobody"), "{}", missing.stderr);
}

#[test]
fn a_password_must_please_the_validators_unless_they_are_not_asked() {
    let folder = with_ada();
    let refused = folder.run(&["user", "set-password", "ada"], "12345\n");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("too short"), "{}", refused.stderr);
    folder.run(&["user", "set-password", "ada"], "another-horse-9\n").ok();
    folder.run(&["user", "set-password", "ada", "--unchecked"], "12345").ok();
    assert_eq!(folder.run(&["user", "set-password", "ada"], "\n").status, 1);
    let server = folder.serve();
    let login = |password: &str| {
        server.post("login/", &json!({"username": "ada", "password": password})).status
    };
    assert_eq!(login("12345"), 200);
    assert_eq!(login("another-horse-9"), 400);
}

#[test]
fn closing_logging_out_and_deleting_work_beside_a_running_server() {
    let folder = with_ada();
    let server = folder.serve();
    let login = || {
        let ada = json!({"username": "ada", "password": "correct-horse-9"});
        server.post("login/", &ada).status
    };
    assert_eq!(login(), 200);
    let closed = folder.run(&["user", "disable", "ada"], "").ok();
    assert_eq!(closed.json()[0]["is_active"], false);
    assert_eq!(login(), 400);
    folder.run(&["user", "enable", "1"], "").ok();
    assert_eq!(login(), 200);
    folder.run(&["user", "logout", "ada"], "").ok();
    let ada = show(&folder, "ada");
    assert_eq!(ada["credentials"]["token"], false);
    assert_eq!(ada["credentials"]["device_tokens"], 0);
    assert_eq!(ada["credentials"]["device_sessions"], 0);
    folder.run(&["user", "delete", "ada", "--yes"], "").ok();
    assert_eq!(login(), 400);
    assert_eq!(folder.run(&["user", "list"], "").ok().stdout, "");
}

#[test]
fn second_factors_are_listed_and_reset_for_who_has_lost_them() {
    let folder = Folder::prepared("");
    let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    create(
        &folder,
        &[json!({"username": "ada", "password": "correct-horse-9", "totp_secret": secret})],
    )
    .ok();
    let listed = folder.run(&["user", "mfa", "ada", "list"], "").ok();
    let kinds: Vec<_> = listed.json().iter().map(|factor| factor["type"].clone()).collect();
    assert_eq!(kinds, ["totp", "recovery_codes"]);
    assert!(!listed.stdout.contains(secret), "{}", listed.stdout);
    let refused = folder.run(&["user", "mfa", "ada", "reset"], "yes\n");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let reset = folder.run(&["user", "mfa", "ada", "reset", "--yes"], "").ok();
    assert_eq!(reset.json()[0]["removed"], 2);
    assert_eq!(folder.run(&["user", "mfa", "ada", "list"], "").ok().stdout, "");
}

#[test]
fn a_check_counts_the_second_factors_that_are_there() {
    let folder = Folder::prepared("");
    let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    create(
        &folder,
        &[json!({"username": "ada", "password": "correct-horse-9", "totp_secret": secret})],
    )
    .ok();
    let sound = folder.run(&["check"], "").ok().stdout;
    assert!(sound.contains("second factors of dj_rest_auth, totp: 1"), "{sound}");
    assert!(!sound.contains("does not read the secrets"), "{sound}");
    let other = "another-secret-key-that-is-long-enough-for-every-test";
    folder.write("auth.toml", &format!("server = {{ secret_key = \"{other}\" }}\n"));
    let moved = folder.run(&["check"], "").ok().stdout;
    for told in [
        "`server.secret_key` does not read the secrets of 1 authenticator apps",
        "`server.secret_key` does not know the recovery codes of 1 users",
        "add the key that they were written with to `server.secret_key_fallbacks`",
    ] {
        assert!(moved.contains(told), "{told}: {moved}");
    }
    folder.write("auth.toml", "apps = { mfa = false }\n");
    let ignored = folder.run(&["check"], "").ok().stdout;
    assert!(ignored.contains("`apps.mfa` is false: 1 authenticator apps"), "{ignored}");
}

#[test]
fn nothing_is_deleted_where_nobody_can_be_asked() {
    let folder = with_ada();
    let refused = folder.run(&["user", "delete", "ada"], "yes\n");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(show(&folder, "ada")["id"], 1);
}

#[test]
fn what_is_odd_about_an_imported_account_is_told_in_its_line() {
    let folder = with_ada();
    let bcrypt = "$2y$10$wisIVhmjWjm/lkujDJVAXuuYDXiGU/c9HK3mMzqFbfk45PXA527ui";
    let hashes = [
        ("pbkdf2_sha256$260000$saltsalt".to_owned(), "pbkdf2_sha256"),
        (bcrypt.to_owned(), "name of an algorithm"),
        ("md5$salt$67a1e09bb1f83f5007dc119c14d663aa".to_owned(), "`auth.password_hashers`"),
        ("{SSHA}abcdef".to_owned(), "name of an algorithm"),
        (format!("bcrypt${bcrypt}"), "`auth.password_hashers`"),
    ];
    let users: Vec<_> = hashes
        .iter()
        .enumerate()
        .map(|(n, (hash, _))| json!({"username": format!("u{n}"), "password_hash": hash}))
        .collect();
    let made = create(&folder, &users).ok().json();
    for (record, (_, reason)) in made.iter().zip(&hashes) {
        let warning = record["warnings"][0].as_str().unwrap();
        assert!(warning.starts_with("password_hash: ") && warning.contains(reason), "{warning}");
    }
    let others = [
        (json!({"username": "ADA"}), "username: "),
        (json!({"username": "eve", "email": "ADA@Example.com"}), "email: "),
    ];
    for (user, start) in others {
        let made = create(&folder, &[user]).ok().json().remove(0);
        let warning = made["warnings"][0].as_str().unwrap().to_owned();
        assert!(warning.starts_with(start), "{warning}");
    }
    let copied = create(&folder, &[json!({"username": "mallory", "password": "..."})]);
    assert!(copied.json()[0]["error"].as_str().unwrap().contains("stands for a password"));
    let refused = create(&folder, &[json!({"username": "mallory", "email": "not-an-address"})]);
    assert!(refused.json()[0]["error"].as_str().unwrap().starts_with("email: "));
    let fine = json!({"username": "bob", "password_hash": "!", "email": "bob@example.com"});
    assert_eq!(create(&folder, &[fine]).ok().json()[0].get("warnings"), None);
}

#[test]
fn a_login_with_a_hash_that_nothing_reads_is_explained_in_the_log() {
    let folder = Folder::prepared("");
    let user =
        json!({"username": "ada", "password_hash": "md5$salt$67a1e09bb1f83f5007dc119c14d663aa"});
    create(&folder, &[user]).ok();
    let mut server = folder.serve();
    server.post("login/", &json!({"username": "ada", "password": "whatever-it-was"}));
    let line = server.wait_for("no password can match");
    assert!(line.contains("auth.password_hashers") && !line.contains("67a1e"), "{line}");
}

#[test]
fn nobody_is_locked_out_by_mandatory_verification_who_was_made_here() {
    let folder = Folder::prepared(
        "[account]\nemail_verification = \"mandatory\"\n\
         email_confirmation_url = \"http://localhost/v/{key}\"\n\
         [rest_auth]\npassword_reset_url = \"http://localhost/r/{uid}/{token}\"\n\
         [email]\nbackend = \"file\"\nfile_path = \"mails\"\n",
    );
    let password = "some-good-password";
    let administrator = json!({"username": "bob", "password": password, "is_superuser": true});
    let eve = json!({"username": "eve", "email": "eve@example.com", "password": password});
    let nobody = json!({"username": "ned", "password": password});
    let made = create(&folder, &[administrator, eve, nobody]).ok().json();
    assert_eq!(made[0].get("warnings"), None);
    assert!(
        made[1]["warnings"][0].as_str().unwrap().contains("before eve@example.com is verified")
    );
    let server = folder.serve();
    let login =
        |name: &str| server.post("login/", &json!({"username": name, "password": password})).status;
    assert_eq!((login("bob"), login("eve"), login("ned")), (200, 400, 400));
    let asked = server.post("registration/resend-email/", &json!({"email": "eve@example.com"}));
    assert_eq!(asked.status, 200);
    let mail = mail(&folder);
    let key = mail.split("http://localhost/v/").nth(1).unwrap();
    let key = key.split(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c)).next().unwrap();
    let verified = server.post("registration/verify-email/", &json!({"key": key}));
    assert_eq!(verified.status, 200, "{}", verified.body);
    assert_eq!(login("eve"), 200);
}

/// The first mail that a running server writes.
fn mail(folder: &Folder) -> String {
    let begun = std::time::Instant::now();
    loop {
        let files = std::fs::read_dir(folder.path().join("mails")).into_iter().flatten().flatten();
        let mut mails = files.map(|file| file.path());
        if let Some(path) = mails.find(|path| path.extension().is_some_and(|end| end == "eml")) {
            let text = std::fs::read_to_string(path).unwrap();
            return text.replace("=\r\n", "").replace("=3D", "=");
        }
        assert!(begun.elapsed() < PATIENCE, "no mail");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
