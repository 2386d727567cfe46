//! A database that can be read and not written: a read-only file or folder, and a full disk. A limit
//! on the size of files stands for the disk, and a small one in memory where a test may mount it.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};

use crate::harness::{Answer, Finished, Folder, Server};

/// A user without rights, as on every system.
const NOBODY: u32 = 65_534;

const DATABASE: &str = "accounts/auth.sqlite3";

/// A folder with a database, made by a server that ran there.
fn with_database() -> Folder {
    let folder = Folder::configured(
        "[database]\nurl = \"sqlite://accounts/auth.sqlite3\"\n[server]\nsecret_key = \
         \"not-so-secret-but-long-enough-for-this-test\"\n[account]\nrate_limits = false\n",
    );
    fs::create_dir(folder.path().join("accounts")).unwrap();
    folder.run(&["migrate"], "").ok();
    folder
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Starts a server that must not start, as a user whom permissions bind.
fn refused(folder: &Folder) -> Finished {
    let mut command = folder.command(&["serve", "--bind", "127.0.0.1:0"]);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY);
    }
    let outcome = Finished::of(command.spawn().unwrap());
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    outcome
}

fn register(server: &Server, name: &str) -> Answer {
    let password = "correct-horse-9";
    let email = format!("{name}@example.com");
    let form =
        json!({"username": name, "email": email, "password1": password, "password2": password});
    server.post("registration/", &form)
}

#[test]
fn a_file_or_folder_that_is_read_only_keeps_the_server_from_starting() {
    for (file, accounts) in [(0o444, 0o755), (0o666, 0o555), (0o444, 0o555)] {
        let folder = with_database();
        allow(folder.path(), 0o755);
        allow(&folder.path().join(DATABASE), file);
        allow(&folder.path().join("accounts"), accounts);
        let outcome = refused(&folder);
        allow(&folder.path().join("accounts"), 0o755);
        assert!(outcome.stderr.contains(DATABASE), "{file:o} {accounts:o}: {}", outcome.stderr);
        assert!(is_told(&outcome), "{file:o} {accounts:o}: {}", outcome.stderr);
    }
}

/// Whether the reason is told; SQLite does not even open a file without its log.
fn is_told(outcome: &Finished) -> bool {
    let reasons = ["cannot be written", "may this user read and write it"];
    reasons.iter().any(|reason| outcome.stderr.contains(reason))
}

#[test]
fn a_full_disk_keeps_the_server_from_starting() {
    let folder = with_database();
    let command = &["serve", "--bind", "127.0.0.1:0"];
    let outcome = Finished::of(folder.within("-f 1", command).spawn().unwrap());
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains(DATABASE) && is_told(&outcome), "{}", outcome.stderr);
}

#[test]
fn while_the_disk_is_full_writes_are_503_and_the_server_is_not_ready() {
    let folder = with_database();
    let server = folder.serve();
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(register(&server, "before").status, 201);
    let pid = Pid::from_raw(server.id().try_into().unwrap());
    let room = prlimit(pid, Resource::Fsize, Rlimit { current: None, maximum: None }).unwrap();
    let full = Rlimit { current: Some(1), ..room };
    prlimit(pid, Resource::Fsize, full).unwrap();
    for name in ["during", "meanwhile"] {
        let answer = register(&server, name);
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.head.to_ascii_lowercase().contains("retry-after: "), "{}", answer.head);
    }
    // What an earlier request proved stands for a second.
    std::thread::sleep(Duration::from_millis(1_100));
    let answer = server.get("/readyz");
    assert_eq!(answer.status, 503, "{}", answer.body);
    let reason = &answer.json()["reason"];
    assert_eq!(reason, &Value::from("the database cannot be written"));
    assert_eq!(server.get("/healthz").status, 200);
    prlimit(pid, Resource::Fsize, room).unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(server.get("/readyz").status, 200);
    let answer = register(&server, "after");
    assert_eq!(answer.status, 201, "{}", answer.body);
}

/// A server whose database is on a disk of 6 MiB that holds nothing else.
fn serve_on_small_disk(folder: &Folder) -> Server {
    let mount = "mount -t tmpfs -o size=6m tmpfs accounts && exec \"$0\" --bind 127.0.0.1:0";
    let command = folder.command(&[]);
    let mut within = std::process::Command::new("unshare");
    within.args(["-rm", "sh", "-c", mount]).arg(command.get_program());
    within.current_dir(folder.path()).env("REST_AUTH_CONFIG", "auth.toml");
    within.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    Server::of(within.spawn().unwrap())
}

#[test]
#[cfg_attr(not(own_mounts), ignore = "needs the right to mount, as unshare gives it")]
fn whoever_is_told_so_is_registered_before_and_after_a_disk_was_full() {
    let folder = with_database();
    let server = serve_on_small_disk(&folder);
    let inside = format!("/proc/{}/root{}/accounts", server.id(), folder.path().display());
    let filler = Path::new(&inside).join("filler");
    assert_eq!(register(&server, "before").status, 201);
    fill(&filler);
    let mut full = 0;
    for number in 0..200 {
        let answer = register(&server, &format!("during{number}"));
        assert!([201, 503].contains(&answer.status), "{}", answer.body);
        full = if answer.status == 503 { full + 1 } else { 0 };
        if full == 3 {
            break;
        }
    }
    assert_eq!(full, 3, "the disk is not full");
    fs::remove_file(&filler).unwrap();
    for number in 0..10 {
        let answer = register(&server, &format!("after{number}"));
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    for name in ["before", "after0", "after9"] {
        let form = json!({"username": name, "password": "correct-horse-9"});
        assert_eq!(server.post("login/", &form).status, 200, "{name}");
    }
}

/// Writes until there is no room left.
fn fill(file: &Path) {
    let mut file = fs::File::create(file).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}
