//! `rest-auth mail preview`

use std::io::{self, Write as _};

use anyhow::Context as _;
use rest_auth_flows::auth::Auth;
use rest_auth_mail::MailContent;

use super::command::{Form, Previewing};

/// The recipient of previews.
const RECIPIENT: &str = "ada@example.com";

/// Prints a sample mail.
pub(super) fn run(auth: &Auth, previewing: &Previewing) -> anyhow::Result<()> {
    let Previewing { kind, language, form } = previewing;
    let language = language.as_deref().unwrap_or(&auth.settings().i18n.language_code);
    let mail = MailContent::sample(*kind, RECIPIENT, language);
    let mut out = io::stdout().lock();
    if form.eml {
        out.write_all(auth.mailer().compose(&mail, "sample", auth.now())?.bytes())?;
        return Ok(());
    }
    let rendered = auth.mailer().preview(&mail)?;
    match form {
        Form { html: true, .. } => {
            let html = rendered.html.context(
                "this mail has no HTML text: `email.template_dir` has a plain text for it, and \
                 neither its HTML text nor account/email/base_message.html",
            )?;
            out.write_all(html.as_bytes())?;
        }
        Form { text: true, .. } => out.write_all(rendered.text.as_bytes())?,
        Form { .. } => write!(out, "Subject: {}\n\n{}", rendered.subject, rendered.text)?,
    }
    Ok(())
}
