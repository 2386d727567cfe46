//! The recordings on disk.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One recorded scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The folder it lies in, for example `login`.
    pub area: String,
    /// The name of its file, without `.json`.
    pub name: String,
    /// The configuration of the server, over the base project's.
    pub config: Value,
    /// Users to create before the first step, in this order.
    pub users: Vec<Value>,
    /// Header names, in lower case, that are compared in this scenario too.
    pub extra_headers: Vec<String>,
    /// The first answers of the identity providers, if the scenario needs any.
    pub provider_stub: Option<Value>,
    /// Whether the whole scenario shows something not to copy.
    pub is_quirk: bool,
    /// The steps, run in order.
    pub steps: Vec<Value>,
}

impl Scenario {
    /// Reads a scenario from its JSON.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(area: &str, name: &str, json: &[u8]) -> Result<Self, String> {
        let table: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let list = |key: &str| table.get(key).and_then(Value::as_array).cloned();
        let extra_headers = list("extra_headers").unwrap_or_default();
        Ok(Self {
            area: area.to_owned(),
            name: name.to_owned(),
            config: table.get("config").cloned().unwrap_or_else(|| serde_json::json!({})),
            users: list("users").unwrap_or_default(),
            extra_headers: extra_headers
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_ascii_lowercase)
                .collect(),
            provider_stub: table.get("provider_stub").cloned(),
            is_quirk: table.get("quirk").is_some(),
            steps: list("steps").ok_or("the scenario has no steps")?,
        })
    }

    /// `area/name`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.area, self.name)
    }
}

/// A set of scenarios.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The scenarios, ordered by area and name.
    pub scenarios: Vec<Scenario>,
}

impl Suite {
    /// Reads every `<area>/<name>.json` of a folder. Files beside the areas are left alone.
    ///
    /// # Errors
    /// When the folder or a file cannot be read, a file is no scenario, or there is none at all.
    pub fn load(folder: &Path) -> Result<Self, SuiteError> {
        let mut scenarios = Vec::new();
        for area in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            let files = entries(&area)?.into_iter();
            for file in files.filter(|path| path.extension() == Some(OsStr::new("json"))) {
                let json = fs::read(&file).map_err(|error| SuiteError::new(&file, error))?;
                let scenario =
                    Scenario::parse(&name(area.file_name()), &name(file.file_stem()), &json);
                scenarios.push(scenario.map_err(|message| SuiteError::new(&file, message))?);
            }
        }
        if scenarios.is_empty() {
            return Err(SuiteError::new(folder, "there are no scenarios"));
        }
        Ok(Self { scenarios })
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut paths = read().map_err(|error| SuiteError::new(folder, error))?;
    paths.sort();
    Ok(paths)
}

fn name(part: Option<&OsStr>) -> String {
    part.unwrap_or_default().to_string_lossy().into_owned()
}

/// Recordings that cannot be used.
#[derive(Debug)]
pub struct SuiteError {
    path: PathBuf,
    message: String,
}

impl SuiteError {
    pub(crate) fn new(path: &Path, message: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), message: message.to_string() }
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl Error for SuiteError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_scenarios_of_all_areas_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("versions.json", "{}");
        write("user/b.json", r#"{"steps": [], "quirk": "why", "extra_headers": ["X-A"]}"#);
        write("user/a.json", r#"{"steps": [{"wait": 1}], "users": [{}], "config": {"k": 1}}"#);
        write("login/z.json", r#"{"steps": [], "provider_stub": []}"#);
        write("login/notes.txt", "none");
        let suite = Suite::load(folder.path()).unwrap();
        let paths: Vec<_> = suite.scenarios.iter().map(Scenario::path).collect();
        assert_eq!(paths, ["login/z", "user/a", "user/b"]);
        let [z, a, b] = suite.scenarios.as_slice() else { panic!() };
        assert!(z.provider_stub.is_some() && a.provider_stub.is_none());
        assert_eq!((a.users.len(), a.steps.len(), &a.config["k"]), (1, 1, &1.into()));
        assert!(b.is_quirk && !a.is_quirk && b.extra_headers == ["x-a"]);

        write("user/bad.json", "{}");
        let error = Suite::load(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("bad.json: the scenario has no steps"), "{error}");
    }

    #[test]
    fn an_empty_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Suite::load(folder.path()).is_err());
        assert!(Suite::load(&folder.path().join("none")).is_err());
    }
}
