//! `rest-auth mail preview`

use std::io::{self, Write as _};

use anyhow::Context as _;
use rest_auth_flows::auth::Auth;
use rest_auth_mail::Letter;

use super::command::{Form, Previewing};

/// To whom previews are addressed.
const RECIPIENT: &str = "ada@example.com";

/// Prints a letter about nobody.
pub(super) fn run(auth: &Auth, previewing: &Previewing) -> anyhow::Result<()> {
    let Previewing { kind, language, form } = previewing;
    let language = language.as_deref().unwrap_or(&auth.settings().i18n.language_code);
    let letter = Letter::sample(*kind, RECIPIENT, language);
    let mut out = io::stdout().lock();
    if form.eml {
        out.write_all(auth.mailer().compose(&letter, "sample", auth.now())?.bytes())?;
        return Ok(());
    }
    let rendered = auth.mailer().preview(&letter)?;
    match form {
        Form { html: true, .. } => {
            let html = rendered.html.context(
                "this letter has no HTML text: `email.template_dir` has a plain text for it, and \
                 neither its HTML text nor account/email/base_message.html",
            )?;
            out.write_all(html.as_bytes())?;
        }
        Form { text: true, .. } => out.write_all(rendered.text.as_bytes())?,
        Form { .. } => write!(out, "Subject: {}\n\n{}", rendered.subject, rendered.text)?,
    }
    Ok(())
}
