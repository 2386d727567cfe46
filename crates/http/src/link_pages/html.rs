//! Pages as HTML. What users wrote and what sentences say is escaped here, and nowhere else.

use std::fmt::Write as _;

use rest_auth_domain::encoding::base64url;
use rest_auth_domain::field_errors::{FieldErrors, NON_FIELD_ERRORS};
use rest_auth_domain::language::Language;
use rest_auth_domain::opaque_token::sha256;

use super::words::Words;
use crate::form::FieldKind;
use crate::pages::escaped;

const STYLE: &str = include_str!("style.css");

/// How the policy of a page names its style (CSP level 3, section 2.3.1).
pub(super) fn digest_of_style() -> String {
    let digest = base64url(sha256(STYLE)).replace('-', "+").replace('_', "/");
    format!("sha256-{digest}=")
}

/// A whole page.
pub(super) struct HtmlPage<'p> {
    /// The code of its language.
    pub(super) language: &'p str,
    /// The title, which is its heading, too.
    pub(super) title: &'p str,
    /// What is below, as HTML.
    pub(super) content: &'p str,
}

impl HtmlPage<'_> {
    pub(super) fn written(&self) -> String {
        let Self { language, title, content } = self;
        let title = escaped(title);
        format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n\
             </body>\n</html>\n"
        )
    }
}

/// A paragraph; nothing of an empty text.
pub(super) fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p>{}</p>\n", escaped(text)) }
}

/// A form that posts to the page it is on.
pub(super) struct HtmlForm<'f> {
    /// What is asked.
    pub(super) fields: &'f [Field],
    /// What is wrong with the whole of it.
    pub(super) problems: &'f [String],
    /// The text of its button.
    pub(super) button: &'f str,
    /// The sentences of the page.
    pub(super) words: &'f Words,
}

impl HtmlForm<'_> {
    pub(super) fn written(&self) -> String {
        let mut html = String::from("<form method=\"post\">\n");
        let is_wrong = !self.problems.is_empty() || self.fields.iter().any(Field::is_wrong);
        if is_wrong {
            html.push_str("<div role=\"alert\">\n");
            let told = match self.problems {
                [] => paragraph(self.words.check_fields),
                problems => problems.iter().map(|problem| paragraph(problem)).collect(),
            };
            html.push_str(&told);
            html.push_str("</div>\n");
        }
        for field in self.fields {
            field.write(&mut html);
        }
        let button = escaped(self.button);
        // Writing to a text cannot fail.
        let _ = writeln!(html, "<button type=\"submit\">{button}</button>\n</form>");
        html
    }
}

/// What is wrong with the form as a whole.
pub(super) fn problems(errors: &FieldErrors, language: &Language) -> Vec<String> {
    of_field(errors, NON_FIELD_ERRORS, language)
}

fn of_field(errors: &FieldErrors, name: &str, language: &Language) -> Vec<String> {
    let found = errors.iter().find(|(wrong, _)| *wrong == name);
    let messages = found.map(|(_, messages)| messages).unwrap_or_default();
    messages.iter().map(|message| message.text(language).into_owned()).collect()
}

/// The first letter as a capital, as labels begin.
pub(super) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

/// One field.
pub(super) struct Field {
    name: String,
    label: String,
    kind: &'static str,
    /// What browsers and password managers fill in (HTML, section 4.10.18.7.1).
    autocomplete: Option<&'static str>,
    required: bool,
    value: String,
    problems: Vec<String>,
}

impl Field {
    fn new(name: String, label: String, kind: &'static str) -> Self {
        let (value, problems) = (String::new(), Vec::new());
        Self { name, label, kind, autocomplete: None, required: true, value, problems }
    }

    pub(super) fn text(name: String, label: String, autocomplete: &'static str) -> Self {
        Self { autocomplete: Some(autocomplete), ..Self::new(name, label, "text") }
    }

    pub(super) fn email(name: String, label: String) -> Self {
        Self { autocomplete: Some("email"), ..Self::new(name, label, "email") }
    }

    /// A password that is chosen.
    pub(super) fn password(name: &str, label: &str) -> Self {
        let field = Self::new(name.to_owned(), label.to_owned(), "password");
        Self { autocomplete: Some("new-password"), ..field }
    }

    /// A field that the configuration adds.
    pub(super) fn of_kind(kind: FieldKind, name: String, label: String) -> Self {
        let kind = match kind {
            FieldKind::Integer => "number",
            FieldKind::Boolean => "checkbox",
            FieldKind::Date => "date",
            FieldKind::Text | FieldKind::Email | FieldKind::List | FieldKind::Json => "text",
        };
        Self::new(name, label, kind)
    }

    pub(super) fn required(self, required: bool) -> Self {
        Self { required, ..self }
    }

    /// With what was typed before. Passwords are not sent back.
    pub(super) fn holding(self, typed: Option<&str>) -> Self {
        let typed = typed.filter(|_| self.kind != "password").unwrap_or_default();
        Self { value: typed.to_owned(), ..self }
    }

    pub(super) fn with_errors(self, errors: &FieldErrors, language: &Language) -> Self {
        Self { problems: of_field(errors, &self.name, language), ..self }
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn write(&self, html: &mut String) {
        let (name, label) = (escaped(&self.name), escaped(&self.label));
        let input = self.input(&name);
        // Writing to a text cannot fail.
        let _ =
            write!(html, "<div class=\"field\">\n<label for=\"{name}\">{label}</label>\n{input}");
        if self.is_wrong() {
            let items: String = self
                .problems
                .iter()
                .flat_map(|text| ["<li>".into(), escaped(text), "</li>".into()])
                .collect();
            let _ = writeln!(html, "<ul id=\"{name}-problems\">{items}</ul>");
        }
        html.push_str("</div>\n");
    }

    fn input(&self, name: &str) -> String {
        let is_box = self.kind == "checkbox";
        let mut input = String::new();
        if is_box {
            // An empty box sends nothing: this says that it is empty.
            let _ = writeln!(input, "<input type=\"hidden\" name=\"{name}\" value=\"false\">");
        }
        let _ = write!(input, "<input id=\"{name}\" name=\"{name}\" type=\"{}\"", self.kind);
        if is_box {
            let checked = if self.value == "true" { " checked" } else { "" };
            let _ = write!(input, " value=\"true\"{checked}");
        } else if !self.value.is_empty() {
            let _ = write!(input, " value=\"{}\"", escaped(&self.value));
        }
        if let Some(autocomplete) = self.autocomplete {
            let _ = write!(input, " autocomplete=\"{autocomplete}\"");
        }
        if self.required && !is_box {
            input.push_str(" required");
        }
        if self.is_wrong() {
            let _ = write!(input, " aria-invalid=\"true\" aria-describedby=\"{name}-problems\"");
        }
        input.push_str(">\n");
        input
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_domain::language::ENGLISH;
    use rest_auth_domain::message::Message;

    use super::*;
    use crate::link_pages::words;

    #[test]
    fn what_was_typed_is_escaped_and_passwords_are_not_sent_back() {
        let name = Field::text("username".to_owned(), "User <b>".to_owned(), "username");
        let typed = name.holding(Some("\"><script>"));
        let secret = Field::password("password1", "Password").holding(Some("a secret"));
        let form = HtmlForm {
            fields: &[typed, secret],
            problems: &[],
            button: "Go",
            words: words::english(),
        };
        let html = form.written();
        assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;\""), "{html}");
        assert!(html.contains("User &lt;b&gt;") && !html.contains("<script>"), "{html}");
        assert!(!html.contains("a secret") && !html.contains("role=\"alert\""), "{html}");
    }

    #[test]
    fn an_error_is_told_at_its_field_and_above_the_form() {
        let errors = FieldErrors::of("email", Message::Required);
        let field = Field::email("email".to_owned(), "Address".to_owned());
        let field = field.with_errors(&errors, &ENGLISH);
        let words = words::english();
        let html = HtmlForm { fields: &[field], problems: &[], button: "Go", words }.written();
        assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"email-problems\""));
        assert!(html.contains("<ul id=\"email-problems\"><li>This field is required.</li></ul>"));
        assert!(html.contains("<div role=\"alert\">"), "{html}");
    }

    #[test]
    fn a_box_says_that_it_is_empty() {
        let field = Field::of_kind(FieldKind::Boolean, "news".to_owned(), "News".to_owned());
        let mut html = String::new();
        field.holding(Some("true")).write(&mut html);
        assert!(html.contains("type=\"hidden\" name=\"news\" value=\"false\""), "{html}");
        assert!(html.contains("value=\"true\" checked"), "{html}");
    }
}
