//! What `rest-auth check` tells of a configuration beside a Django project.

use serde_json::json;

use crate::harness::Folder;

const KEY: &str = "the-key-of-a-project-that-is-long-enough-for-every-test";

/// A folder whose database has a user with this hash, and the configuration of a Django project.
fn project(hash: &str, more: &str) -> Folder {
    let folder = Folder::prepared("");
    let ada = json!({"username": "ada", "password_hash": hash}).to_string();
    folder.run(&["user", "create"], &format!("{ada}\n")).ok();
    let server = format!("server = {{ secret_key = \"{KEY}\" }}");
    folder.write("auth.toml", &format!("profile = \"django\"\n{server}\n{more}"));
    folder
}

/// A hash of nothing that anybody could type.
fn pbkdf2(iterations: u32) -> String {
    format!("pbkdf2_sha256${iterations}$abcdefghijklmnopqrstuv${}=", "A".repeat(43))
}

#[test]
fn passwords_that_a_login_would_hash_anew_are_told() {
    let checked = |hash: &str, more: &str| project(hash, more).run(&["check"], "").ok().stdout;
    let other = checked(&pbkdf2(720_000), "");
    for told in [
        "warning: `auth.pbkdf2_iterations` is 1500000, and 1 of the 1 newest passwords have 720000",
        "ends the user's sessions in Django; set it to 720000",
    ] {
        assert!(other.contains(told), "{told}: {other}");
    }
    let iterations = "[auth]\npbkdf2_iterations = 720000\n";
    let same = checked(&pbkdf2(720_000), iterations);
    assert!(!same.contains("newest passwords"), "{same}");
    let argon2 = "[auth]\npassword_hashers = [\"argon2\", \"pbkdf2_sha256\"]\n";
    let preferred = checked(&pbkdf2(720_000), argon2);
    assert!(preferred.contains("list \"pbkdf2_sha256\" first"), "{preferred}");
    let unusable = checked("!nobody", "");
    assert!(!unusable.contains("newest passwords"), "{unusable}");
}

#[test]
fn a_file_that_is_not_there_is_not_made_for_a_project() {
    let at = |url: &str| {
        let folder = Folder::configured(&format!(
            "profile = \"django\"\nserver = {{ secret_key = \"{KEY}\" }}\n\
             database = {{ url = \"{url}\" }}\n"
        ));
        let file = folder.path().join("project.sqlite3");
        (folder, file)
    };
    let (folder, file) = at("sqlite://project.sqlite3");
    for command in [&["check"][..], &["migrate"], &["migrate", "--status"], &["serve"]] {
        let outcome = folder.run(command, "");
        assert_eq!(outcome.status, 1, "{command:?}: {}", outcome.stderr);
        for told in ["`database.url` names no database of the project", "?mode=rwc"] {
            assert!(outcome.stderr.contains(told), "{command:?}: {}", outcome.stderr);
        }
        assert!(!file.exists(), "{command:?}");
    }
    let (folder, file) = at("sqlite://project.sqlite3?mode=rwc");
    folder.run(&["migrate"], "").ok();
    assert!(file.exists());
}

#[test]
fn a_project_without_its_key_is_told() {
    let folder = Folder::configured("profile = \"django\"\n");
    let outcome = folder.run(&["check"], "").ok();
    let told = "set it, or `server.secret_key_file`, to the SECRET_KEY of the project";
    assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
}
