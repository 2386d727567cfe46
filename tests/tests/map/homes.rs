//! What only some files may say: texts of SQL, proofs of a login, hashes of passwords.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use super::{code, collect, read, root};

/// What runs SQL that is text.
const SQL_TEXT: &str = r"(?x) Statement::from_ | \bStatement\s\{\s*(sql|values|db_backend)
    | execute_unprepared | (execute|query_one|query_all)_raw\( | Expr::cust
    | sqlx::query | \braw_sql\(";

/// The files that may: the one that holds the texts, and the wrapper that all statements pass, with
/// what it tells and asks of each connection.
const SQL_HOMES: [&str; 5] = [
    "crates/store/src/statements.rs",
    "crates/store/src/connection.rs",
    "crates/store/src/connection/session.rs",
    "crates/store/src/connection/transaction.rs",
    "crates/store/src/connection/warm.rs",
];

/// How many statements may be text.
const STATEMENTS: usize = 20;

/// The files that may name a user together with the hash of their password: they define it, find
/// it, or verify or change the password, or issue what ends with the password.
const WITH_PASSWORD: [&str; 25] = [
    "crates/flows/src/challenges.rs",
    "crates/flows/src/credentials/jwt.rs",
    "crates/flows/src/credentials/session.rs",
    "crates/flows/src/login/mailed_code.rs",
    "crates/flows/src/login/password.rs",
    "crates/flows/src/login/proven.rs",
    "crates/flows/src/login/second_step.rs",
    "crates/flows/src/login/set_up.rs",
    "crates/flows/src/login/set_up_passkey.rs",
    "crates/flows/src/lookup.rs",
    "crates/flows/src/mailed_secret.rs",
    "crates/flows/src/password_change.rs",
    "crates/flows/src/password_reset.rs",
    "crates/flows/src/password_reset/owners.rs",
    "crates/flows/src/reset_link.rs",
    "crates/flows/src/social/account.rs",
    "crates/flows/src/social/browser/departure.rs",
    "crates/flows/src/social/connecting.rs",
    "crates/flows/src/social/hand_over.rs",
    "crates/flows/src/social/new_account.rs",
    "crates/store/src/family_user.rs",
    "crates/store/src/lib.rs",
    "crates/store/src/sessions.rs",
    "crates/store/src/user.rs",
    "crates/store/src/users.rs",
];

/// The other files that may name a hash alone: they make or write one, or hand it on to what ends
/// with it.
const HASHES: [&str; 13] = [
    "crates/flows/src/accounts.rs",
    "crates/flows/src/accounts/password.rs",
    "crates/flows/src/credentials/continuing.rs",
    "crates/flows/src/hashing/pool.rs",
    "crates/flows/src/hashing/work.rs",
    "crates/flows/src/login/admitted.rs",
    "crates/flows/src/reauthentication/confirm.rs",
    "crates/flows/src/registration/account.rs",
    "crates/flows/src/trusted_browsers.rs",
    "crates/store/src/accounts.rs",
    "crates/store/src/passwords.rs",
    "crates/store/src/reclaim.rs",
    "crates/store/src/social_accounts.rs",
];

/// The name of a file below the root.
fn name(file: &Path) -> String {
    file.strip_prefix(root()).expect("below the root").display().to_string()
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.contains("/src/testing")
}

/// The files of the server, from the database up, whose production code a pattern matches.
fn files_that_say(pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let mut files = Vec::new();
    collect(&root().join("crates"), &mut files);
    let names = files.iter().filter(|file| pattern.is_match(&code(file))).map(|file| name(file));
    names.filter(|name| !is_test(name) && !name.starts_with("crates/domain/")).collect()
}

#[test]
fn sql_text_has_one_home() {
    let text = Regex::new(SQL_TEXT).expect("a pattern");
    let mut files = Vec::new();
    collect(&root().join("crates"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let name = name(&file);
        if !is_test(&name) && text.is_match(&read(&file)) {
            found.insert(name);
        }
    }
    assert_eq!(found, SQL_HOMES.map(str::to_owned).into());
}

#[test]
fn statements_that_are_text_are_few_and_give_their_reasons() {
    let statements = read(&root().join(SQL_HOMES[0]));
    let lines: Vec<_> = statements.lines().collect();
    let is_statement = |line: &&str| line.contains("const ") && line.contains(": &str");
    let with_line_before = lines.windows(2).filter(|pair| is_statement(&pair[1]));
    let before: Vec<_> = with_line_before.map(|pair| pair[0].trim_start()).collect();
    assert!((1..=STATEMENTS).contains(&before.len()), "{} statements", before.len());
    assert!(before.iter().all(|line| line.starts_with("///")), "a statement without a reason");
}

#[test]
fn nothing_panics_because_standard_error_cannot_be_written() {
    let mut found = files_that_say(r"\b(e?println!|e?print!|dbg!)");
    found.retain(|name| !name.ends_with("build.rs"));
    assert!(found.is_empty(), "use `log::tell`, or `writeln!` where a failure counts: {found:?}");
}

#[test]
fn only_login_makes_what_credentials_are_issued_for() {
    let made = Regex::new(r"\b(Proven|Admitted) ?[({]").expect("a pattern");
    let (mut files, mut homes) = (Vec::new(), 0);
    collect(&root().join("crates"), &mut files);
    for file in files {
        let is_home = file.to_string_lossy().contains("/crates/flows/src/login/");
        let found = made.find(&code(&file)).map(|found| found.as_str().to_owned());
        homes += usize::from(is_home && found.is_some());
        assert!(is_home || found.is_none(), "{} says {found:?}", file.display());
    }
    assert!(homes >= 2, "the pattern finds nothing");
}

#[test]
fn few_modules_name_a_user_with_the_hash_of_their_password() {
    let found = files_that_say(r"\bUserWithPassword\b");
    assert_eq!(found, WITH_PASSWORD.map(str::to_owned).into());
}

#[test]
fn no_struct_carries_a_hash_beyond_what_verifies_or_changes_it() {
    let mut allowed: BTreeSet<_> = WITH_PASSWORD.map(str::to_owned).into();
    allowed.extend(HASHES.map(str::to_owned));
    let found = files_that_say(r"\bEncodedPassword\b");
    let beyond: Vec<_> = found.difference(&allowed).collect();
    assert!(beyond.is_empty(), "{beyond:?}");
    for writer in HASHES {
        assert!(found.contains(writer), "{writer} names no hash any more");
    }
}
