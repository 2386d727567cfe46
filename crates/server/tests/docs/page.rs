//! The pages of the documentation, and the blocks of code in them.
//!
//! The words behind the language of a block say how it is tried:
//!
//! | block | words |
//! | --- | --- |
//! | `toml` | none: it loads as a configuration. `serve`: the server goes on with it. `after NUMBER`: it continues another table of the page, counted from 1. |
//! | `sh` | none: it runs. `server`: its last line is a server, which runs from then on. One of [`REASONS`]: it is not run. |

use std::fs;
use std::path::{Path, PathBuf};

/// Why a block is not run by the tests.
pub(crate) const REASONS: [(&str, &str); 8] = [
    ("builds", "it compiles for minutes; `.ci/run` and the image do the same"),
    ("by-hand", "a person types what an app or an answer shows"),
    ("django", "it needs a Django project; tests/tests/takeover has one"),
    ("docker", "no engine for containers is here"),
    ("installs", "it writes outside the working directory"),
    ("mail-server", "it needs a mail server; crates/server/tests/command has one"),
    ("network", "it asks other machines, or installs from a registry"),
    ("systemd", "it needs systemd"),
];

/// A page.
pub(crate) struct Page {
    /// Its path from the root of the repository.
    pub(crate) name: String,
    pub(crate) blocks: Vec<Block>,
}

/// A block of code.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The line of its fence.
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) words: Vec<String>,
    pub(crate) text: String,
}

impl Block {
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    /// Why it is not run, if it is not.
    pub(crate) fn reason(&self) -> Option<&str> {
        let known = |word: &&String| REASONS.iter().any(|(reason, _)| reason == word);
        self.words.iter().find(known).map(String::as_str)
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The production code of all crates.
pub(crate) fn sources() -> Vec<String> {
    let mut files = Vec::new();
    collect(&root().join("crates"), "rs", &mut files);
    files.retain(|file| !file.to_string_lossy().contains("/tests/"));
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The pages that people read, but for what is made from the code.
pub(crate) fn pages() -> Vec<Page> {
    let mut files = vec![root().join("README.md")];
    for folder in ["docs", "docker", "examples"] {
        collect(&root().join(folder), "md", &mut files);
    }
    let name = |file: &PathBuf| file.strip_prefix(root()).unwrap().display().to_string();
    let mut names: Vec<_> = files.iter().map(name).collect();
    names.retain(|name| !name.starts_with("docs/reference/"));
    names.sort();
    assert!(names.len() > 15, "only {names:?} were found");
    let page = |name: String| Page { blocks: blocks(&read(&name)), name };
    names.into_iter().map(page).collect()
}

fn collect(folder: &Path, end: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_other = |name: &std::ffi::OsStr| name == "target" || name == "node_modules";
        if path.is_dir() {
            if !path.file_name().is_some_and(is_other) {
                collect(&path, end, files);
            }
        } else if path.extension().is_some_and(|own| own == end) {
            files.push(path);
        }
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, usize)> = None;
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let Some(info) = trimmed.strip_prefix("```") else {
            if let Some((block, indent)) = &mut open {
                block.text.push_str(line.get(*indent..).unwrap_or(line.trim_start()));
                block.text.push('\n');
            }
            continue;
        };
        if let Some((block, _)) = open.take() {
            blocks.push(block);
        } else {
            let mut words = info.split_whitespace().map(str::to_owned);
            let language = words.next().unwrap_or_default();
            let (line_number, words) = (number + 1, words.collect());
            let block = Block { line: line_number, language, words, text: String::new() };
            open = Some((block, line.len() - trimmed.len()));
        }
    }
    assert!(open.is_none(), "a block has no end");
    blocks
}

#[test]
fn every_word_behind_a_language_is_a_known_one() {
    for page in pages() {
        for block in &page.blocks {
            let known: &[&str] = match &*block.language {
                "sh" => &["server"],
                "toml" => &["serve", "after"],
                _ => &[],
            };
            let is_known = |word: &&String| {
                let is_number = word.parse::<usize>().is_ok();
                known.contains(&word.as_str()) || (is_number && block.has("after"))
            };
            let others = block.words.iter().filter(|word| !is_known(word));
            let others: Vec<_> = others.filter(|_| block.reason().is_none()).collect();
            assert!(others.is_empty(), "{}:{}: {others:?}", page.name, block.line);
        }
    }
}

#[test]
fn blocks_are_found_with_their_words_and_without_their_indent() {
    let text = "a\n```sh server\nrun\n```\n- b\n\n  ```toml\n  [x]\n  y = 1\n  ```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 2);
    assert!(found[0].language == "sh" && found[0].has("server") && found[0].line == 2);
    assert_eq!((&*found[1].language, &*found[1].text), ("toml", "[x]\ny = 1\n"));
}
