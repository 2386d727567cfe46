//! The map of the code is true: README names every crate, and dependencies point down only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use toml::Table;

/// How long a file may get.
const LINES: usize = 400;

/// Each crate with the crates of this workspace that its code may use, itself below them all.
const LAYERS: [(&str, &[&str]); 9] = [
    ("rest-auth-domain", &[]),
    ("rest-auth-settings", &[]),
    ("rest-auth-migration", &[]),
    ("rest-auth-store", &["rest-auth-domain", "rest-auth-settings", "rest-auth-migration"]),
    ("rest-auth-mail", &["rest-auth-domain", "rest-auth-settings"]),
    ("rest-auth-social", &["rest-auth-domain", "rest-auth-settings"]),
    (
        "rest-auth-flows",
        &[
            "rest-auth-domain",
            "rest-auth-settings",
            "rest-auth-store",
            "rest-auth-mail",
            "rest-auth-social",
        ],
    ),
    ("rest-auth-http", &["rest-auth-domain", "rest-auth-settings", "rest-auth-flows"]),
    (
        "rest-auth",
        &[
            "rest-auth-domain",
            "rest-auth-settings",
            "rest-auth-store",
            "rest-auth-mail",
            "rest-auth-social",
            "rest-auth-flows",
            "rest-auth-http",
        ],
    ),
];

/// The crates that each heavy dependency is kept in.
const HEAVY: [(&[&str], &[&str]); 10] = [
    (&["argon2", "jsonwebtoken", "bcrypt", "scrypt"], &["rest-auth-domain"]),
    (&["sea-orm", "sqlx"], &["rest-auth-store", "rest-auth-migration"]),
    (&["sea-orm-migration"], &["rest-auth-migration"]),
    (&["redis"], &["rest-auth-store"]),
    (&["lettre", "minijinja"], &["rest-auth-mail"]),
    (&["oauth2", "reqwest"], &["rest-auth-social"]),
    (&["utoipa"], &["rest-auth-http"]),
    (&["toml", "strsim"], &["rest-auth-settings"]),
    (&["validator"], &["rest-auth-settings", "rest-auth-flows", "rest-auth-http"]),
    (&["clap"], &["rest-auth"]),
];

/// What runs SQL that is text.
const SQL_TEXT: &str = r"(?x) Statement::from_ | \bStatement\s\{\s*(sql|values|db_backend)
    | execute_unprepared | (execute|query_one|query_all)_raw\( | Expr::cust | sqlx::query";

/// The files that may: the one that holds the texts, and the wrapper that all statements pass.
const SQL_HOMES: [&str; 2] = ["crates/store/src/statements.rs", "crates/store/src/connection.rs"];

/// How many statements may be text.
const STATEMENTS: usize = 20;

struct Member {
    folder: String,
    manifest: Table,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(path: &Path) -> Table {
    read(path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The members of the workspace, as its manifest lists them.
fn members() -> Vec<Member> {
    let workspace = manifest(&root().join("Cargo.toml"));
    let patterns = workspace["workspace"]["members"].as_array().expect("a list of members");
    let mut folders = Vec::new();
    for pattern in patterns.iter().filter_map(|pattern| pattern.as_str()) {
        match pattern.strip_suffix("/*") {
            None => folders.push(pattern.to_owned()),
            Some(parent) => {
                let entries = fs::read_dir(root().join(parent)).expect("a folder");
                let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
                let names = names.filter_map(|name| name.into_string().ok());
                folders.extend(names.map(|name| format!("{parent}/{name}")));
            }
        }
    }
    let member = |folder: String| {
        let manifest = manifest(&root().join(&folder).join("Cargo.toml"));
        Member { folder, manifest }
    };
    folders.into_iter().map(member).collect()
}

impl Member {
    fn name(&self) -> &str {
        self.manifest["package"]["name"].as_str().unwrap_or_default()
    }

    /// Whether it is no part of the server, and may look at all of it.
    fn is_outside(&self) -> bool {
        self.folder.starts_with("tests") || self.folder.starts_with("examples/")
    }

    /// What its code depends on; what only its tests do does not count.
    fn dependencies(&self) -> BTreeSet<&str> {
        let table = self.manifest.get("dependencies").and_then(toml::Value::as_table);
        table.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }
}

#[test]
fn readme_names_every_member_and_no_other() {
    let rows = Regex::new(r"(?m)^\| `([a-z/_-]+)` \|").expect("a pattern");
    let readme = read(&root().join("README.md"));
    let named: BTreeSet<_> = rows.captures_iter(&readme).map(|row| row[1].to_owned()).collect();
    let members: BTreeSet<_> = members().into_iter().map(|member| member.folder).collect();
    assert_eq!(named, members);
}

#[test]
fn dependencies_point_down_only() {
    let layers: BTreeMap<_, _> = LAYERS.into();
    for member in members() {
        let name = member.name();
        let own = member.dependencies();
        let own = own.iter().filter(|name| name.starts_with("rest-auth"));
        let Some(allowed) = layers.get(name) else {
            assert!(member.is_outside(), "{name} has no place in the layers");
            continue;
        };
        for below in own {
            assert!(allowed.contains(below), "{name} must not depend on {below}");
        }
    }
}

#[test]
fn an_application_embeds_one_crate() {
    for member in members().iter().filter(|member| member.folder.starts_with("examples/")) {
        let own = member.dependencies();
        let ours: Vec<_> = own.iter().filter(|name| name.starts_with("rest-auth")).collect();
        assert_eq!(ours, [&"rest-auth-http"], "{}", member.folder);
    }
}

#[test]
fn every_layer_is_there() {
    let names: BTreeSet<_> = members().iter().map(|member| member.name().to_owned()).collect();
    for (layer, _) in LAYERS {
        assert!(names.contains(layer), "there is no {layer}");
    }
}

#[test]
fn heavy_dependencies_have_one_home() {
    for member in members().iter().filter(|member| !member.is_outside()) {
        let own = member.dependencies();
        for (heavy, homes) in HEAVY {
            for dependency in heavy.iter().filter(|_| !homes.contains(&member.name())) {
                assert!(!own.contains(dependency), "{} depends on {dependency}", member.name());
            }
        }
    }
}

#[test]
fn every_route_has_tests_under_its_name() {
    let mut routes = Vec::new();
    collect(&root().join("crates/http/src/routes"), &mut routes);
    let names = routes.iter().filter_map(|route| route.file_name());
    let names: Vec<_> = names.filter(|name| *name != "mod.rs").collect();
    assert!(names.len() >= 10, "only {names:?} were found");
    for name in names {
        let tests = root().join("tests/tests/api").join(name);
        assert!(tests.is_file(), "there is no {}", tests.display());
    }
}

#[test]
fn no_file_is_too_long() {
    let mut files = Vec::new();
    for folder in ["crates", "migration", "tests", "examples"] {
        collect(&root().join(folder), &mut files);
    }
    assert!(files.len() > 200, "only {} files were found", files.len());
    for file in files {
        let lines = read(&file).lines().count();
        assert!(lines <= LINES, "{} has {lines} lines", file.display());
    }
}

#[test]
fn sql_text_has_one_home() {
    let text = Regex::new(SQL_TEXT).expect("a pattern");
    let mut files = Vec::new();
    collect(&root().join("crates"), &mut files);
    let is_test = |file: &str| file.contains("/tests/") || file.contains("/src/testing");
    let mut found = BTreeSet::new();
    for file in files {
        let name = file.strip_prefix(root()).expect("below the root").display().to_string();
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

/// The production code of a file: no comments, and nothing from its tests on.
fn code(path: &Path) -> String {
    let text = read(path);
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
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

/// The modules of a crate by their paths, such as `login::checks`, each with those that it uses.
struct Modules(BTreeMap<String, BTreeSet<String>>);

impl Modules {
    fn of(package: &str) -> Self {
        let folder = root().join("crates").join(package).join("src");
        let mut files = Vec::new();
        collect(&folder, &mut files);
        let name = |file: &Path| {
            let path = file.strip_prefix(&folder).expect("within").with_extension("");
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            parts.join("::").trim_end_matches("::mod").to_owned()
        };
        let texts: BTreeMap<_, _> = files.iter().map(|file| (name(file), code(file))).collect();
        let known: BTreeSet<String> = texts.keys().cloned().collect();
        let declared = Regex::new(r"(?m)^(?:pub(?:\(\w+\))? )?mod (\w+);").expect("a pattern");
        let uses = |(name, text): (&String, &String)| {
            let children = declared.captures_iter(text).map(|m| format!("{name}::{}", &m[1]));
            let used = paths(text).into_iter().filter_map(|path| longest(&known, &path));
            let used = used.chain(children).filter(|used| used != name);
            (name.clone(), used.collect())
        };
        Self(texts.iter().filter(|(name, _)| *name != "lib").map(uses).collect())
    }

    fn uses(&self, name: &str) -> impl Iterator<Item = &String> {
        self.0.get(name).into_iter().flatten()
    }

    /// The first circle that is found behind a module, if there is one.
    fn circle(&self, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<Vec<String>> {
        let name = way.last()?.clone();
        for used in self.uses(&name).cloned().collect::<Vec<_>>() {
            if done.contains(&used) {
                continue;
            }
            if let Some(start) = way.iter().position(|before| *before == used) {
                return Some([&way[start..], &[used]].concat());
            }
            way.push(used);
            let found = self.circle(way, done);
            if found.is_some() {
                return found;
            }
            way.pop();
        }
        done.insert(name);
        None
    }
}

/// The longest beginning of a path that is a module.
fn longest(known: &BTreeSet<String>, path: &str) -> Option<String> {
    let ends = path.match_indices("::").map(|(end, _)| end).chain([path.len()]);
    let beginnings = ends.map(|end| path[..end].to_owned());
    beginnings.filter(|beginning| known.contains(beginning)).last()
}

/// Every path below `crate::` that a text names, with groups taken apart.
fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        tree(&text[start + "crate::".len()..], "", &mut paths);
    }
    paths
}

/// Reads one path or group, and tells where it ends.
fn tree(text: &str, before: &str, paths: &mut Vec<String>) -> usize {
    if let Some(group) = text.strip_prefix('{') {
        let mut at = 0;
        while let Some(next) = group[at..].find(|c: char| c == '}' || !is_between(c)) {
            at += next;
            if group[at..].starts_with('}') {
                return at + 2;
            }
            at += tree(&group[at..], before, paths).max(1);
        }
        return text.len();
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let path = [before, &text[..end]].concat();
    if let Some(rest) = text[end..].strip_prefix("::") {
        end + 2 + tree(rest, &format!("{path}::"), paths)
    } else {
        paths.push(path);
        end
    }
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || c == ','
}

#[test]
fn paths_are_read_as_rust_reads_them() {
    let text =
        "use crate::a::{self, b::{C, D as E}, f}; let x = crate::g::h(1); use crate::{i, j};";
    let found = paths(text);
    for path in ["a::self", "a::b::C", "a::b::D", "a::f", "g::h", "i", "j"] {
        assert!(found.contains(&path.to_owned()), "{path} is not among {found:?}");
    }
    let known = ["a", "a::b"].map(str::to_owned).into();
    assert_eq!(longest(&known, "a::b::C"), Some("a::b".to_owned()));
    assert_eq!(longest(&known, "a::self"), Some("a".to_owned()));
    assert_eq!(longest(&known, "g::h"), None);
}

/// A file may use `super`: it and those of its folder are one feature.
#[test]
fn no_modules_of_flows_use_one_another_in_a_circle() {
    let modules = Modules::of("flows");
    let mut done = BTreeSet::new();
    for name in modules.0.keys() {
        let circle = modules.circle(&mut vec![name.clone()], &mut done);
        assert_eq!(circle, None, "untie it by moving what both need");
    }
    assert!(done.len() > 50, "only {} modules were found", done.len());
}

#[test]
fn the_handle_of_flows_rests_on_what_does_not_know_it() {
    let modules = Modules::of("flows");
    assert!(modules.uses("auth").count() > 5, "the handle uses nothing");
    for part in modules.uses("auth") {
        assert!(modules.uses(part).all(|used| used != "auth"), "{part} uses auth");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_rust = path.extension().is_some_and(|end| end == "rs");
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            collect(&path, files);
        } else if is_rust {
            files.push(path);
        }
    }
}
