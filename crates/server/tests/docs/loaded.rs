//! Blocks of TOML are configurations that load.

use std::fs;
use std::path::Path;

use regex::Regex;
use rest_auth_http::config::{self, ConfigFile, Finding, Severity};

use crate::page::{Block, Page, pages};

/// Folders that a server has, and the machine of the tests lacks.
const FOLDERS: [&str; 3] =
    ["/run/secrets/", "/etc/rest-auth/", "/run/credentials/rest-auth.service/"];

#[test]
fn every_configuration_loads() {
    let (mut problems, mut tried) = (Vec::new(), 0);
    for page in pages() {
        for block in page.blocks.iter().filter(|block| block.language == "toml") {
            tried += 1;
            for finding in errors(&whole(&page, block)) {
                problems.push(format!("{}:{}: {finding}", page.name, block.line));
            }
        }
    }
    assert!(tried > 30, "only {tried} blocks were found");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The text of a block, behind that of the block that it continues.
pub(crate) fn whole(page: &Page, block: &Block) -> String {
    let number = block.words.iter().find_map(|word| word.parse::<usize>().ok());
    let base = number.map(|number| {
        let tables = page.blocks.iter().filter(|block| block.language == "toml").nth(number - 1);
        tables.unwrap_or_else(|| panic!("{} has no table {number}", page.name)).text.clone()
    });
    base.unwrap_or_default() + &block.text
}

fn errors(text: &str) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let text = with_files(text, folder.path());
    let path = folder.path().join("rest-auth.toml");
    let loaded = config::load(Some(ConfigFile { path: &path, content: &text }), std::iter::empty());
    let mut findings = loaded.findings;
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

/// The same with the files that it names, made up.
fn with_files(text: &str, folder: &Path) -> String {
    let here = format!("{}/", folder.display());
    let text = FOLDERS.iter().fold(text.to_owned(), |text, other| text.replace(other, &here));
    fs::create_dir(folder.join("templates")).unwrap();
    let named = Regex::new(r#"(?m)^(\w+)_file = "([^"]+)""#).unwrap();
    for file in named.captures_iter(&text) {
        let key = rcgen::KeyPair::generate().unwrap();
        let content = match (&file[1], &file[2]) {
            ("url", _) => "postgres://user:password@localhost/name".to_owned(),
            ("verifying_key", _) => key.public_key_pem(),
            (_, name) if matches!(name.rsplit('.').next(), Some("pem" | "p8")) => {
                key.serialize_pem()
            }
            _ => "a secret that is long enough for every algorithm of signatures, whichever".into(),
        };
        fs::write(folder.join(&file[2]), content).unwrap();
    }
    // Those of providers are looked for in the working directory.
    named
        .replace_all(&text, format!("${{1}}_file = \"{here}${{2}}\""))
        .replace(&here.repeat(2), &here)
}
