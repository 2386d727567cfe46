//! How letters are worded.
//!
//! Templates are Jinja. Each letter has a subject and a plain text, and may have an HTML text.
//! Where it has none of its own, the layout `account/email/base_message.html` shows the paragraphs
//! of the plain text, so that both parts always say the same.
//!
//! A template is looked for in the operator's folder first, in the folder of the language, of the
//! language without its region, and at the root; then among the program's own, likewise. An
//! operator's plain text goes out without HTML, as with allauth, unless the folder also has the
//! HTML text or the layout.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value, json};

use crate::letter::{Letter, LetterKind};
use crate::{builtin, paragraphs};

const LAYOUT: &str = "account/email/base_message.html";

/// The variables that any letter may have.
pub(crate) const VARIABLES: [&str; 16] = [
    "user",
    "username",
    "key",
    "activate_url",
    "password_reset_url",
    "signup_url",
    "uid",
    "token",
    "code",
    "from_email",
    "to_email",
    "timestamp",
    "ip",
    "user_agent",
    "inviter",
    "invitation_url",
];

/// A letter in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same in HTML, if the letter has such a part.
    pub html: Option<String>,
}

/// Shows the subject only: the texts hold links and codes.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// All templates, compiled, and which of them each letter uses in each language.
pub(crate) struct Templates {
    environment: Environment<'static>,
    /// By language code in lower case; English, or what the operator put at the root, by `""`.
    languages: HashMap<String, HashMap<LetterKind, Parts>>,
    site_name: String,
}

/// The names of a letter's templates.
struct Parts {
    subject: String,
    text: String,
    html: Html,
    /// The language of the text.
    language: String,
}

enum Html {
    None,
    Own(String),
    Layout(String),
}

/// A place where templates are looked for.
struct Place {
    prefix: String,
    language: String,
    is_builtin: bool,
}

impl Templates {
    /// Compiles the program's templates and those that the operator's folder puts in their place.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or a template in it is not valid Jinja or uses a filter,
    /// function or template that does not exist.
    pub(crate) fn load(folder: Option<&Path>, site_name: &str) -> Result<Self, Error> {
        let folders = folder.map(language_folders).transpose()?;
        let mut codes: Vec<String> = vec![String::new()];
        codes.extend(builtin::LANGUAGES.map(str::to_owned));
        codes.extend(folders.iter().flatten().map(|(code, _)| code.clone()));
        let mut templates = Self {
            environment: environment(folder)?,
            languages: HashMap::new(),
            site_name: one_line(site_name),
        };
        for code in codes {
            let places = places(&code, folders.as_ref());
            let letters = LetterKind::ALL
                .into_iter()
                .map(|kind| Ok((kind, templates.parts(kind, &places)?)))
                .collect::<Result<_, Error>>()?;
            templates.languages.insert(code, letters);
        }
        if folder.is_some() {
            templates.rehearse()?;
        }
        Ok(templates)
    }

    /// Words a letter.
    ///
    /// # Errors
    ///
    /// If a template fails, which takes one of an operator's.
    pub(crate) fn render(&self, letter: &Letter) -> Result<Rendered, Error> {
        let parts = ancestors(&letter.language)
            .iter()
            .find_map(|code| self.languages.get(code))
            .and_then(|letters| letters.get(&letter.kind))
            .ok_or_else(|| Error::new(ErrorKind::TemplateNotFound, letter.kind.template()))?;
        self.render_parts(parts, letter)
    }

    fn render_parts(&self, parts: &Parts, letter: &Letter) -> Result<Rendered, Error> {
        let mut context = self.context(letter, &parts.language);
        let subject = one_line(&self.fill(&parts.subject, &context)?).trim().to_owned();
        let text = self.fill(&parts.text, &context)?.trim().to_owned() + "\n";
        context.insert("subject".to_owned(), Value::from(subject.as_str()));
        let html = match &parts.html {
            Html::None => None,
            Html::Own(name) => Some(self.fill(name, &context)?),
            Html::Layout(name) => {
                let paragraphs = json!(paragraphs::split(&text, &context));
                context.insert("paragraphs".to_owned(), paragraphs);
                Some(self.fill(name, &context)?)
            }
        };
        Ok(Rendered { subject, text, html })
    }

    fn fill(&self, name: &str, context: &Map<String, Value>) -> Result<String, Error> {
        self.environment.get_template(name)?.render(minijinja::Value::from(Serde(context)))
    }

    /// The variables of the letter, each text on one line: a line break in a name must begin
    /// neither a header nor a paragraph.
    fn context(&self, letter: &Letter, language: &str) -> Map<String, Value> {
        let mut context: Map<String, Value> =
            letter.context.iter().map(|(name, value)| (name.clone(), flattened(value))).collect();
        let site = json!({"name": self.site_name, "domain": self.site_name});
        for (name, value) in [
            ("email", Value::from(one_line(&letter.to))),
            ("language", Value::from(language)),
            ("site_name", Value::from(self.site_name.as_str())),
            ("current_site", site),
        ] {
            context.entry(name).or_insert(value);
        }
        context
    }

    fn parts(&self, kind: LetterKind, places: &[Place]) -> Result<Parts, Error> {
        let prefix = kind.template();
        let (_, subject) = self.required(places, &format!("{prefix}_subject.txt"))?;
        let (text_at, text) = self.required(places, &format!("{prefix}_message.txt"))?;
        let (layout_at, layout) = self.required(places, LAYOUT)?;
        let html = match self.find(places, &format!("{prefix}_message.html"))? {
            // An HTML text from farther away than the plain text may say something else.
            Some((at, name)) if at <= text_at => Html::Own(name),
            _ if places[text_at].is_builtin || !places[layout_at].is_builtin => {
                Html::Layout(layout)
            }
            _ => Html::None,
        };
        Ok(Parts { subject, text, html, language: places[text_at].language.clone() })
    }

    fn required(&self, places: &[Place], file: &str) -> Result<(usize, String), Error> {
        self.find(places, file)?
            .ok_or_else(|| Error::new(ErrorKind::TemplateNotFound, file.to_owned()))
    }

    /// The first place that has the file, and the template's full name.
    fn find(&self, places: &[Place], file: &str) -> Result<Option<(usize, String)>, Error> {
        for (index, place) in places.iter().enumerate() {
            let name = format!("{}{file}", place.prefix);
            match self.environment.get_template(&name) {
                Ok(_) => return Ok(Some((index, name))),
                Err(error) if error.kind() == ErrorKind::TemplateNotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Renders every letter with all variables and with none: an unknown filter shows only then.
    fn rehearse(&self) -> Result<(), Error> {
        for letters in self.languages.values() {
            for (kind, parts) in letters {
                let full = Letter::sample(*kind, "ada@example.com", &parts.language);
                let empty = Letter::new(*kind, "ada@example.com", parts.language.as_str());
                self.render_parts(parts, &full)?;
                self.render_parts(parts, &empty)?;
            }
        }
        Ok(())
    }
}

fn environment(folder: Option<&Path>) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    // Error messages must not quote the variables, which are secrets.
    environment.set_debug(false);
    environment.set_auto_reload(false);
    // As with Django, what is not there is empty.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    if let Some(folder) = folder {
        let load = minijinja::path_loader(folder);
        environment.set_loader(
            move |name: &str| {
                if name.starts_with(builtin::ROOT) { Ok(None) } else { load(name) }
            },
        );
    }
    for (name, source) in builtin::templates() {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// The places for a language, the most specific first.
fn places(code: &str, folders: Option<&BTreeMap<String, String>>) -> Vec<Place> {
    let place = |prefix: String, language: &str, is_builtin| {
        let language = if language.is_empty() { "en" } else { language }.to_owned();
        Place { prefix, language, is_builtin }
    };
    let mut places = Vec::new();
    if let Some(folders) = folders {
        for code in ancestors(code).iter().filter(|code| !code.is_empty()) {
            if let Some(folder) = folders.get(code) {
                places.push(place(format!("{folder}/"), code, false));
            }
        }
        // One text for all languages: it may even choose its words by `language`.
        places.push(place(String::new(), code, false));
    }
    for code in ancestors(code) {
        if code.is_empty() {
            places.push(place(builtin::ROOT.to_owned(), "en", true));
        } else if builtin::LANGUAGES.contains(&code.as_str()) {
            places.push(place(format!("{}{code}/", builtin::ROOT), &code, true));
        }
    }
    places
}

/// A code in lower case, the code without its last subtags one by one, and `""`.
fn ancestors(code: &str) -> Vec<String> {
    let code = code.to_lowercase().replace('_', "-");
    let shorter = code.rmatch_indices('-').map(|(end, _)| code[..end].to_owned());
    let mut codes: Vec<String> = std::iter::once(code.clone()).chain(shorter).collect();
    codes.push(String::new());
    codes
}

/// The folders that hold letters in one language, by its code in lower case.
fn language_folders(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::InvalidOperation, format!("cannot read {}", folder.display()))
            .with_source(error)
    };
    let mut folders = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.path().join("account/email").is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            folders.insert(name.to_lowercase().replace('_', "-"), name);
        }
    }
    Ok(folders)
}

fn flattened(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::from(one_line(text)),
        Value::Array(items) => items.iter().map(flattened).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(name, value)| (name.clone(), flattened(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The text with every run of line breaks and control characters as one space.
pub(crate) fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(is_break).filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
