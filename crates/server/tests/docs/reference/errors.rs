//! The codes and sentences of refusals, from the table of sentences.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::Regex;

use super::cell;
use crate::page::read;

const HEAD: &str = "# Errors\n\nWhat is wrong with a request is told in sentences: `{\"field\": [\"...\"]}` with \
                    400, `non_field_errors` for the whole form, or `{\"detail\": \"...\"}`. They are in the \
                    language that the request asks for; here they stand in English, and what is in braces is \
                    filled in. Where `code` stands beside `detail`, programs go by it.\n\n\
                    This page is made from the code.\n";

const CODES: &str = "\n## Codes\n\nWhere JWTs are used (`rest_auth.use_jwt`), `code` stands beside these \
                     sentences.\n\n| `code` | sentences |\n| --- | --- |\n";

const SENTENCES: &str = "\n## Sentences\n";

struct Sentence {
    variant: String,
    about: String,
    text: String,
}

pub(super) fn page() -> String {
    let chapters = chapters();
    let texts: BTreeMap<_, _> = chapters
        .iter()
        .flat_map(|(_, sentences)| sentences)
        .map(|sentence| (sentence.variant.as_str(), sentence.text.as_str()))
        .collect();
    assert!(texts.len() > 100, "only {} sentences were found", texts.len());
    let mut page = format!("{HEAD}{CODES}");
    for (code, variants) in codes() {
        let texts: Vec<_> = variants.iter().map(|variant| cell(texts[variant.as_str()])).collect();
        let _ = writeln!(page, "| `{code}` | {} |", texts.join("<br>"));
    }
    page.push_str(SENTENCES);
    for (chapter, sentences) in &chapters {
        let _ = write!(page, "\n### {chapter}\n\n| sentence | when |\n| --- | --- |\n");
        for Sentence { about, text, .. } in sentences {
            let _ = writeln!(page, "| {} | {about} |", cell(text));
        }
    }
    page
}

/// The sentences by chapter, which the table begins with a comment of its own.
fn chapters() -> Vec<(String, Vec<Sentence>)> {
    let source = read("crates/domain/src/message/sentences.rs");
    let table = source.split("\nsentences! {\n").nth(1).unwrap();
    let entry = Regex::new(
        r#"(?ms)^    // (?<chapter>[^\n]+)\.$|^(?<docs>(?:    /// [^\n]*\n)+)    (?<name>\w+)[^=]*?= "(?<text>(?:[^"\\]|\\.)*)";"#,
    )
    .unwrap();
    let mut chapters: Vec<(String, Vec<Sentence>)> = Vec::new();
    let folded = Regex::new(r"\\\n\s*").unwrap();
    for found in entry.captures_iter(table) {
        if let Some(chapter) = found.name("chapter") {
            chapters.push((chapter.as_str().to_owned(), Vec::new()));
            continue;
        }
        let text = folded.replace_all(&found["text"], "").replace("\\\"", "\"");
        let about = cell(&found["docs"].replace("///", " "));
        let sentence = Sentence { variant: found["name"].to_owned(), about, text };
        chapters.last_mut().unwrap().1.push(sentence);
    }
    chapters
}

/// The codes, each with the variants that have it.
fn codes() -> BTreeMap<String, Vec<String>> {
    let source = read("crates/domain/src/message/code.rs");
    let arm =
        Regex::new(r#"(?s)((?:\|?\s*Self::\w+(?: \{ \.\. \})?\s*)+)=> Some\("(\w+)"\)"#).unwrap();
    let variant = Regex::new(r"Self::(\w+)").unwrap();
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in arm.captures_iter(&source) {
        let variants = variant.captures_iter(&found[1]).map(|name| name[1].to_owned());
        codes.entry(found[2].to_owned()).or_default().extend(variants);
    }
    assert!(codes.len() >= 5, "{codes:?}");
    codes
}
