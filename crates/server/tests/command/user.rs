//! `rest-auth user`

use serde_json::{Value, json};

use crate::harness::{Folder, Outcome};

fn create(folder: &Folder, users: &[Value]) -> Outcome {
    let lines: Vec<_> = users.iter().map(ToString::to_string).collect();
    folder.run(&["user", "create"], &lines.join("\n"))
}

fn with_ada() -> Folder {
    let folder = Folder::new();
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
    let folder = Folder::new();
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
    let folder = Folder::new();
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
