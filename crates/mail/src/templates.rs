//! The templates of mails.
//!
//! Templates are Jinja. Each mail has a subject and a plain text, and may have an HTML text.
//! Where it has none of its own, the layout `account/email/base_message.html` shows the paragraphs
//! of the plain text, so that both parts always say the same.
//!
//! A template is looked for in the administrator's folder first (in the folder of the language, of
//! the language without its region, and at the root), then among the built-in ones in the same
//! order. An administrator's plain text is sent without HTML, as with allauth, unless the folder
//! also has the HTML text or the layout.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use rest_auth_domain::one_line::one_line;
use serde_json::{Map, Value, json};

use crate::content::{MailContent, MailKind};
use crate::{builtin, html, paragraphs};

pub(crate) const LAYOUT: &str = "account/email/base_message.html";

/// The folders of templates, at the root or in the folder of a language.
const PARTS: [&str; 3] = ["account/email", "mfa/email", "socialaccount/email"];

/// The variables that every mail has; the last two only its HTML part.
const COMMON: [&str; 6] =
    ["email", "language", "site_name", "current_site", "subject", "paragraphs"];

/// The variables that any mail may have.
pub(crate) const VARIABLES: [&str; 21] = [
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
    "from_username",
    "to_username",
    "timestamp",
    "ip",
    "user_agent",
    "inviter",
    "provider",
    "invitation_url",
    "remaining",
    "sessions_url",
];

/// A rendered mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same in HTML, if the mail has such a part.
    pub html: Option<String>,
}

/// Prints the subject only, because the texts hold links and codes.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// All templates, compiled, and which of them each mail uses in each language.
pub(crate) struct Templates {
    environment: Environment<'static>,
    /// By language code in lower case; `""` is English, or what the administrator put at the root.
    languages: HashMap<String, HashMap<MailKind, TemplateNames>>,
    site_name: String,
}

/// The names of a mail's templates.
struct TemplateNames {
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

/// A folder in which templates are looked for.
struct Location {
    prefix: String,
    language: String,
    is_builtin: bool,
}

impl Templates {
    /// Compiles the built-in templates and those of the administrator's folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or a template in it is not valid Jinja or uses a variable,
    /// filter, function or template that does not exist.
    pub(crate) fn load(folder: Option<&Path>, site_name: &str) -> Result<Self, Error> {
        let folders = folder.map(language_folders).transpose()?;
        let mut codes: Vec<String> = vec![String::new()];
        codes.extend(builtin::LANGUAGES.map(str::to_owned));
        codes.extend(builtin::subject_languages().map(str::to_owned));
        codes.extend(folders.iter().flatten().map(|(code, _)| code.clone()));
        let mut templates = Self {
            environment: environment(folder)?,
            languages: HashMap::new(),
            site_name: one_line(site_name),
        };
        for code in codes {
            let locations = locations(&code, folders.as_ref());
            let mails = MailKind::ALL
                .into_iter()
                .map(|kind| Ok((kind, templates.names(kind, &locations)?)))
                .collect::<Result<_, Error>>()?;
            templates.languages.insert(code, mails);
        }
        if folder.is_some() {
            templates.try_all()?;
        }
        Ok(templates)
    }

    /// Renders a mail.
    ///
    /// # Errors
    ///
    /// If a template of the administrator's fails; the built-in ones do not.
    pub(crate) fn render(&self, mail: &MailContent) -> Result<Rendered, Error> {
        let names = ancestors(&mail.language)
            .iter()
            .find_map(|code| self.languages.get(code))
            .and_then(|mails| mails.get(&mail.kind))
            .ok_or_else(|| Error::new(ErrorKind::TemplateNotFound, mail.kind.template()))?;
        self.render_named(names, mail)
    }

    fn render_named(&self, names: &TemplateNames, mail: &MailContent) -> Result<Rendered, Error> {
        let mut context = self.context(mail, &names.language);
        let subject = one_line(&self.fill(&names.subject, &context)?).trim().to_owned();
        let text = self.fill(&names.text, &context)?.trim().to_owned() + "\n";
        context.insert("subject".to_owned(), Value::from(subject.as_str()));
        let html = match &names.html {
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

    /// The variables of the mail, each text on one line: a line break in a name must begin
    /// neither a header nor a paragraph.
    fn context(&self, mail: &MailContent, language: &str) -> Map<String, Value> {
        let mut context: Map<String, Value> =
            mail.context.iter().map(|(name, value)| (name.clone(), flattened(value))).collect();
        let site = json!({"name": self.site_name, "domain": self.site_name});
        for (name, value) in [
            ("email", Value::from(one_line(&mail.to))),
            ("language", Value::from(language)),
            ("site_name", Value::from(self.site_name.as_str())),
            ("current_site", site),
        ] {
            context.entry(name).or_insert(value);
        }
        context
    }

    fn names(&self, kind: MailKind, locations: &[Location]) -> Result<TemplateNames, Error> {
        let prefix = kind.template();
        let (_, subject) = self.required(locations, &format!("{prefix}_subject.txt"))?;
        let (text_at, text) = self.required(locations, &format!("{prefix}_message.txt"))?;
        let (layout_at, layout) = self.required(locations, LAYOUT)?;
        let html = match self.find(locations, &format!("{prefix}_message.html"))? {
            // An HTML text of a less specific folder may say something else than the plain text.
            Some((at, name)) if at <= text_at => Html::Own(name),
            _ if locations[text_at].is_builtin || !locations[layout_at].is_builtin => {
                Html::Layout(layout)
            }
            _ => Html::None,
        };
        Ok(TemplateNames { subject, text, html, language: locations[text_at].language.clone() })
    }

    fn required(&self, locations: &[Location], file: &str) -> Result<(usize, String), Error> {
        self.find(locations, file)?
            .ok_or_else(|| Error::new(ErrorKind::TemplateNotFound, file.to_owned()))
    }

    /// The first location that has the file, and the template's full name.
    fn find(&self, locations: &[Location], file: &str) -> Result<Option<(usize, String)>, Error> {
        for (index, location) in locations.iter().enumerate() {
            let name = format!("{}{file}", location.prefix);
            match self.environment.get_template(&name) {
                Ok(_) => return Ok(Some((index, name))),
                Err(error) if error.kind() == ErrorKind::TemplateNotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Renders every mail with all variables and with none, because an unknown filter is an error
    /// only when it is used.
    fn try_all(&self) -> Result<(), Error> {
        for mails in self.languages.values() {
            for (kind, names) in mails {
                let full = MailContent::sample(*kind, "ada@example.com", &names.language);
                let empty = MailContent::new(*kind, "ada@example.com", names.language.as_str());
                self.render_named(names, &full)?;
                self.render_named(names, &empty)?;
                self.knows_variables(&names.subject)?;
                self.knows_variables(&names.text)?;
                if let Html::Own(name) | Html::Layout(name) = &names.html {
                    self.knows_variables(name)?;
                }
            }
        }
        Ok(())
    }

    /// A variable that no mail has is empty in all of them: a link by its misspelt name is none.
    fn knows_variables(&self, template: &str) -> Result<(), Error> {
        let known = |name: &str| {
            VARIABLES.contains(&name)
                || COMMON.contains(&name)
                || self.environment.globals().any(|(global, _)| global == name)
        };
        let found = self.environment.get_template(template)?.undeclared_variables(false);
        let mut unknown: Vec<_> = found.into_iter().filter(|name| !known(name)).collect();
        unknown.sort();
        let Some(unknown) = unknown.first() else { return Ok(()) };
        let text =
            format!("there is no variable `{unknown}` (in {template}); docs/mail.md has all");
        Err(Error::new(ErrorKind::UndefinedError, text))
    }
}

fn environment(folder: Option<&Path>) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    // Error messages must not quote the variables, which are secrets.
    environment.set_debug(false);
    environment.set_auto_reload(false);
    // A missing variable is empty, as in Django.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_formatter(html::format);
    for name in ["escape", "e"] {
        environment.add_filter(name, html::escape);
    }
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
    for (name, subject) in builtin::subjects() {
        environment.add_template_owned(name, subject)?;
    }
    Ok(environment)
}

/// The locations for a language, the most specific first.
fn locations(code: &str, folders: Option<&BTreeMap<String, String>>) -> Vec<Location> {
    let location = |prefix: String, language: &str, is_builtin| {
        let language = if language.is_empty() { "en" } else { language }.to_owned();
        Location { prefix, language, is_builtin }
    };
    let mut locations = Vec::new();
    if let Some(folders) = folders {
        for code in ancestors(code).iter().filter(|code| !code.is_empty()) {
            if let Some(folder) = folders.get(code) {
                locations.push(location(format!("{folder}/"), code, false));
            }
        }
        // One text for all languages; it may use the variable `language`.
        locations.push(location(String::new(), code, false));
    }
    for code in ancestors(code) {
        if code.is_empty() {
            locations.push(location(builtin::ROOT.to_owned(), "en", true));
        } else if builtin::LANGUAGES.contains(&code.as_str())
            || builtin::subject_languages().any(|known| known == code)
        {
            locations.push(location(format!("{}{code}/", builtin::ROOT), &code, true));
        }
    }
    locations
}

/// A code in lower case, the code without its last subtags one by one, and `""`.
fn ancestors(code: &str) -> Vec<String> {
    let code = code.to_lowercase().replace('_', "-");
    let shorter = code.rmatch_indices('-').map(|(end, _)| code[..end].to_owned());
    let mut codes: Vec<String> = std::iter::once(code.clone()).chain(shorter).collect();
    codes.push(String::new());
    codes
}

/// The folders that hold mails in one language, by its code in lower case.
fn language_folders(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::InvalidOperation, format!("cannot read {}", folder.display()))
            .with_source(error)
    };
    let mut folders = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_of_language = PARTS.iter().any(|part| entry.path().join(part).is_dir());
        if is_of_language && let Ok(name) = entry.file_name().into_string() {
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

#[cfg(test)]
mod tests;
