//! The map of the code is true: README names every crate, and dependencies point down only.

mod circles;
mod homes;
mod signatures;

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
    (&["argon2", "aws-lc-rs", "jsonwebtoken", "bcrypt", "scrypt"], &["rest-auth-domain"]),
    (&["sea-orm", "sqlx", "sqlx-core"], &["rest-auth-store", "rest-auth-migration"]),
    (&["sea-orm-migration"], &["rest-auth-migration"]),
    (&["redis"], &["rest-auth-store"]),
    (&["lettre", "minijinja"], &["rest-auth-mail"]),
    (&["oauth2", "reqwest"], &["rest-auth-social"]),
    (&["utoipa"], &["rest-auth-http"]),
    (&["toml", "strsim"], &["rest-auth-settings"]),
    (&["validator"], &["rest-auth-settings", "rest-auth-flows", "rest-auth-http"]),
    (&["clap", "clap_complete", "clap_mangen"], &["rest-auth"]),
];

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
    let mut members: BTreeSet<_> = members().into_iter().map(|member| member.folder).collect();
    let outside = ["examples/phone", "examples/spa"];
    members.extend(outside.map(str::to_owned));
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
    let folder = root().join("crates/http/src/routes");
    collect(&folder, &mut routes);
    let names = routes.iter().map(|route| route.strip_prefix(&folder).expect("within"));
    let names: Vec<_> = names.collect();
    assert!(names.len() >= 10, "only {names:?} were found");
    for name in names {
        let tests = root().join("tests/tests/api").join(name);
        assert!(tests.is_file(), "there is no {}", tests.display());
    }
}

/// A module that has a folder is the file beside it.
#[test]
fn modules_are_files_under_their_own_names() {
    let mut files = Vec::new();
    for folder in ["crates", "migration", "openapi", "tests", "examples"] {
        collect(&root().join(folder), &mut files);
    }
    let others: Vec<_> = files.iter().filter(|file| file.ends_with("mod.rs")).collect();
    assert!(others.is_empty(), "to be named after the folder: {others:?}");
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

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_rust = path.extension().is_some_and(|end| end == "rs");
        let is_made = ["target", "node_modules"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_made {
            collect(&path, files);
        } else if is_rust {
            files.push(path);
        }
    }
}

/// The production code of a file: no comments, and nothing from its tests on.
fn code(path: &Path) -> String {
    let text = read(path);
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}
