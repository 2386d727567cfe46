//! The words of the project: names that were replaced by those of the field, and how texts speak of
//! the user.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Names that code must not use again, because the names of the field say the same.
const NAMES: &str = r"(?x)\b(
    Visit | Turned | Surroundings | Lane | Cause | Bell | Line | Way | Fate | PATROL | GATHER
    | Office | Posting | Turn | Who | Acquaintance | Held | Room | Ticket | Whole | Fine
    | gate | look | spend | spend_\w+ | forgive | guesser | bury | judge | judge_\w+ | take_over
    | take_as_proof | rehearse_user | pretend | all_fine | fn\srest
    | Letters? | LetterKind | KeptLetter | letters? | letter_to | (enqueue|insert)_letters
)\b";

/// The user is "the user" or "they", and dj-rest-auth is called by its name.
const PHRASES: &str = r"(?i)\b(he|his|him|himself|the original)\b";

/// In these files letters are those of an alphabet.
const ALPHABETS: [&str; 2] = ["crates/domain/", "crates/flows/src/settings/extra_fields.rs"];

/// The language code of Hebrew is no pronoun.
const HEBREW: [&str; 3] = ["\"he\"", "\"he-il\"", "catalog/he"];

/// Texts of others: translations, Swagger UI, lists of passwords, and of packages.
const FOREIGN: [&str; 5] =
    ["/catalog/", "/assets/", "/templates/", "common-passwords", "package-lock.json"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below `folders` whose names end as given, each with its name from the root and its
/// text.
fn texts(folders: &[&str], ends: &[&str]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut files);
    }
    let name = |file: &Path| file.strip_prefix(root()).expect("below the root").to_path_buf();
    let named = files.iter().map(|file| (name(file).display().to_string(), file));
    let wanted = |name: &str| {
        ends.iter().any(|end| name.ends_with(end)) && !FOREIGN.iter().any(|f| name.contains(f))
    };
    let named = named.filter(|(name, _)| wanted(name) && !name.ends_with("tests/words.rs"));
    named.map(|(name, file)| (name, fs::read_to_string(file).expect("a text"))).collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        return files.push(path.to_path_buf());
    }
    for entry in fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_none_or(|name| name != "target" && name != "node_modules") {
            collect(&path, files);
        }
    }
}

/// Where a pattern is found, as `file:line: what`.
fn found<'a>(pattern: &Regex, name: &str, lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let hits = lines.enumerate().flat_map(|(number, line)| {
        pattern.find_iter(line).map(move |hit| (number + 1, hit.as_str().to_owned()))
    });
    let is_alphabet = |hit: &str| {
        ALPHABETS.iter().any(|file| name.starts_with(file))
            && ["Letter", "letter", "letters"].contains(&hit)
    };
    let hits = hits.filter(|(_, hit)| !is_alphabet(hit));
    hits.map(|(number, hit)| format!("{name}:{number}: {hit}")).collect()
}

#[test]
fn replaced_names_do_not_come_back() {
    let pattern = Regex::new(NAMES).expect("a pattern");
    let literal = Regex::new(r#""[^"]*""#).expect("a pattern");
    let code = |line: &str| {
        let line = literal.replace_all(line, "\"\"");
        line.split("//").next().unwrap_or_default().to_owned()
    };
    let folders = ["crates", "migration", "tests/load", "tests/src", "tests/tests", "examples"];
    let texts = texts(&folders, &[".rs"]);
    assert!(texts.len() > 200, "only {} files were found", texts.len());
    let mut hits = Vec::new();
    for (name, text) in &texts {
        let lines: Vec<_> = text.lines().map(code).collect();
        hits.extend(found(&pattern, name, lines.iter().map(String::as_str)));
    }
    assert_eq!(hits, [""; 0]);
}

#[test]
fn the_handle_of_the_api_is_not_called_a_site() {
    let pattern = Regex::new(r"\bSite\b").expect("a pattern");
    for (name, text) in texts(&["crates/http/src"], &[".rs"]) {
        assert_eq!(found(&pattern, &name, text.lines()), [""; 0]);
    }
}

#[test]
fn texts_call_the_user_they_and_dj_rest_auth_by_its_name() {
    let pattern = Regex::new(PHRASES).expect("a pattern");
    let folders = [
        "README.md",
        "crates",
        "docker",
        "docs",
        "examples",
        "migration",
        "openapi",
        "tests/django",
        "tests/galera",
        "tests/load",
        "tests/smtp",
        "tests/src",
        "tests/tests",
        "tools",
        ".ci/run",
    ];
    let ends = [".rs", ".md", ".toml", ".json", ".yml", ".yaml", ".py", ".sh", "/run", "/compare"];
    let texts = texts(&folders, &ends);
    assert!(texts.len() > 220, "only {} files were found", texts.len());
    let mut hits = Vec::new();
    for (name, text) in &texts {
        let text = HEBREW.iter().fold(text.clone(), |text, code| text.replace(code, ""));
        hits.extend(found(&pattern, name, text.lines()));
    }
    assert_eq!(hits, [""; 0]);
}

#[test]
fn the_patterns_find_what_they_name() {
    let names = Regex::new(NAMES).expect("a pattern");
    for code in ["struct Visit;", "store.spend_attempt(id)", "fn rest(line)", "&letters"] {
        assert!(names.is_match(code), "{code}");
    }
    for code in ["struct Site;", "let rest = text;", "newsletter", "look_up(key)"] {
        assert!(!names.is_match(code), "{code}");
    }
    let phrases = Regex::new(PHRASES).expect("a pattern");
    assert!(phrases.is_match("He logs in.") && phrases.is_match("as the original does"));
    assert!(!phrases.is_match("The user and their history"));
}
