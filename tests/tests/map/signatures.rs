//! No function hides several parameters in one tuple.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::{code, collect, root};

static FUNCTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bfn \w+").expect("a pattern"));

static TUPLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\(\s*\w|:\s*&?('\w+\s+)?(mut\s+)?\(\s*[\w&]").expect("a pattern")
});

/// The parameters of every function in a text, each with its name.
fn parameters(text: &str) -> Vec<String> {
    FUNCTION.find_iter(text).flat_map(|found| parameters_after(&text[found.end()..])).collect()
}

/// The parameters in the list that comes next, behind generic ones.
fn parameters_after(text: &str) -> Vec<String> {
    let (mut parameters, mut depth, mut generic) = (vec![String::new()], 0, 0);
    let mut before = ' ';
    for character in text.chars() {
        match character {
            '<' => generic += 1,
            // The arrow of a function that is a parameter.
            '>' if before != '-' => generic -= 1,
            '(' | '[' | '{' if generic == 0 || depth > 0 => depth += 1,
            ')' | ']' | '}' if generic == 0 || depth > 0 => depth -= 1,
            _ => {}
        }
        if depth == 0 && character == ')' && generic <= 0 {
            break;
        }
        let begins = depth == 1 && character == '(' && parameters == [""];
        match character {
            ',' if depth == 1 && generic == 0 => parameters.push(String::new()),
            _ if depth > 0 && !begins => {
                parameters.last_mut().expect("there is one").push(character);
            }
            _ => {}
        }
        before = character;
    }
    let parameters = parameters.into_iter().map(|parameter| parameter.trim().to_owned());
    parameters.filter(|parameter| !parameter.is_empty()).collect()
}

/// Whether a parameter is a tuple, by its pattern or its type.
fn is_tuple(parameter: &str) -> bool {
    TUPLE.is_match(parameter) && !parameter.contains("&(dyn ")
}

#[test]
fn tuples_among_parameters_are_recognised() {
    let text = "fn a<T: Fn(u8) -> (u8, u8)>(b: T, (c, d): (u8, u8), e: &'x (u8, u8)) -> (u8, u8) {}
        pub fn f(g: &(dyn Error + 'static), h: impl Fn((u8, u8)), i: [u8; 2], j: ()) {}";
    let found = parameters(text);
    assert_eq!(found.len(), 7, "{found:?}");
    let tuples: Vec<_> = found.iter().filter(|parameter| is_tuple(parameter)).collect();
    assert_eq!(tuples, ["(c, d): (u8, u8)", "e: &'x (u8, u8)"]);
}

#[test]
fn no_parameter_is_a_tuple() {
    let (mut files, mut count) = (Vec::new(), 0);
    for folder in ["crates", "migration"] {
        collect(&root().join(folder), &mut files);
    }
    let is_test = |file: &Path| {
        let below = file.strip_prefix(root()).expect("below the root");
        below.components().any(|part| part.as_os_str() == "tests")
    };
    for file in files.iter().filter(|file| !is_test(file)) {
        let found = parameters(&code(file));
        count += found.len();
        let tuples: Vec<_> = found.iter().filter(|parameter| is_tuple(parameter)).collect();
        assert!(tuples.is_empty(), "{}: {tuples:?}", file.display());
    }
    assert!(count > 2000, "only {count} parameters were found");
}
