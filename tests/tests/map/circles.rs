//! No modules use one another in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

use super::{Member, code, collect, members, root};

/// The modules of a crate by their paths, such as `login::checks`, each with those that it uses.
struct Modules(BTreeMap<String, BTreeSet<String>>);

impl Modules {
    fn of(member: &str) -> Self {
        let folder = root().join(member).join("src");
        let mut files = Vec::new();
        collect(&folder, &mut files);
        let name = |file: &Path| {
            let path = file.strip_prefix(&folder).expect("within").with_extension("");
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            parts.join("::").trim_end_matches("::mod").to_owned()
        };
        let texts: BTreeMap<_, _> = files.iter().map(|file| (name(file), code(file))).collect();
        let known: BTreeSet<String> = texts.keys().cloned().collect();
        let exported = Exports::of(&texts, &known);
        let declared = Regex::new(r"(?m)^(?:pub(?:\(\w+\))? )?mod (\w+);").expect("a pattern");
        let uses = |(name, text): (&String, &String)| {
            let children = declared.captures_iter(text).map(|m| format!("{name}::{}", &m[1]));
            let used = paths(text).into_iter().map(|path| exported.home(&path));
            let used = used.filter_map(|path| longest(&known, &path));
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

/// What modules hand on of those below them, by the path under which others name it.
struct Exports(BTreeMap<String, String>);

impl Exports {
    fn of(texts: &BTreeMap<String, String>, known: &BTreeSet<String>) -> Self {
        let handed_on = Regex::new(r"(?m)^\s*pub(?:\([^)]*\))? use ([^;]+);").expect("a pattern");
        let mut exports = BTreeMap::new();
        for (name, text) in texts {
            let above = if name == "lib" { String::new() } else { format!("{name}::") };
            for found in handed_on.captures_iter(text) {
                let mut paths = Vec::new();
                tree(found[1].trim_start_matches("self::"), &above, &mut paths);
                for path in paths.into_iter().filter(|path| longest(known, path).is_some()) {
                    let last = path.rsplit("::").next().unwrap_or_default();
                    exports.insert(format!("{above}{last}"), path);
                }
            }
        }
        Self(exports)
    }

    /// The path of something where it is defined.
    fn home(&self, path: &str) -> String {
        let ends = path.match_indices("::").map(|(end, _)| end).chain([path.len()]);
        let handed_on = ends.filter_map(|end| {
            let named = &path[..end];
            // A module may hand on a function of its own name, which is below it.
            let is_below = |defined: &&String| {
                defined
                    .strip_prefix(named)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            };
            let defined = self.0.get(named).filter(|defined| !is_below(defined))?;
            Some([defined, &path[end..]].concat())
        });
        handed_on.last().map_or_else(|| path.to_owned(), |defined| self.home(&defined))
    }
}

/// The longest beginning of a path that is a module.
fn longest(known: &BTreeSet<String>, path: &str) -> Option<String> {
    let ends = path.match_indices("::").map(|(end, _)| end).chain([path.len()]);
    let beginnings = ends.map(|end| path[..end].to_owned());
    beginnings.filter(|beginning| known.contains(beginning)).last()
}

/// Every path below `crate::` that a text names, with groups taken apart. What a macro names counts
/// where the macro is used, and a visibility is no use.
fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        if !text[..start].ends_with(['$']) && !text[..start].ends_with("(in ") {
            tree(&text[start + "crate::".len()..], "", &mut paths);
        }
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

#[test]
fn what_is_handed_on_belongs_to_the_module_that_defines_it() {
    let texts =
        [("lib", "mod a;\npub use a::{C, b::D};"), ("a", "pub(crate) use b::E;"), ("a::b", "")];
    let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let known = ["lib", "a", "a::b"].map(str::to_owned).into();
    let exports = Exports::of(&texts, &known);
    for (named, home) in
        [("C", "a::C"), ("D", "a::b::D"), ("a::E::new", "a::b::E::new"), ("X", "X")]
    {
        assert_eq!(exports.home(named), home);
    }
    assert_eq!(paths("pub(in crate::a) x; $crate::b::C; crate::d"), ["d"]);
}

/// A file may use `super`: it and those of its folder are one feature.
#[test]
fn no_modules_use_one_another_in_a_circle() {
    let members = members().into_iter().filter(|member| !member.is_outside());
    for Member { folder, .. } in members {
        let modules = Modules::of(&folder);
        let mut done = BTreeSet::new();
        for name in modules.0.keys() {
            let circle = modules.circle(&mut vec![name.clone()], &mut done);
            assert_eq!(circle, None, "{folder}: untie it by moving what both need");
        }
        assert!(done.len() > 10, "{folder}: only {} modules were found", done.len());
    }
}

#[test]
fn the_handle_of_flows_rests_on_what_does_not_know_it() {
    let modules = Modules::of("crates/flows");
    assert!(modules.uses("auth").count() > 5, "the handle uses nothing");
    for part in modules.uses("auth") {
        assert!(modules.uses(part).all(|used| used != "auth"), "{part} uses auth");
    }
}
