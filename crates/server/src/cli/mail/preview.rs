//! `rest-auth mail preview`

use std::io::{self, Write as _};

use anyhow::Context as _;
use rest_auth_flows::auth::Environment;
use rest_auth_http::config::Settings;
use rest_auth_http::open;
use rest_auth_mail::Mailer;

use super::command::{OutputFormat, Previewing};

/// The recipient of previews.
const RECIPIENT: &str = "ada@example.com";

/// Prints a sample mail.
pub(super) fn run(
    settings: &Settings,
    mailer: &Mailer,
    previewing: &Previewing,
) -> anyhow::Result<()> {
    let Previewing { kind, language, form } = previewing;
    let language = language.as_deref().unwrap_or(&settings.i18n.language_code);
    let mail = open::sample_mail(settings, *kind, RECIPIENT, language);
    let mut out = io::stdout().lock();
    if form.eml {
        let now = Environment::default().clock.now();
        out.write_all(mailer.compose(&mail, "sample", now)?.bytes())?;
        return Ok(());
    }
    let rendered = mailer.preview(&mail)?;
    match form {
        OutputFormat { html: true, .. } => {
            let html = rendered.html.context(
                "this mail has no HTML text: `email.template_dir` has a plain text for it, and \
                 neither its HTML text nor account/email/base_message.html",
            )?;
            out.write_all(html.as_bytes())?;
        }
        OutputFormat { text: true, .. } => out.write_all(rendered.text.as_bytes())?,
        OutputFormat { .. } => write!(out, "Subject: {}\n\n{}", rendered.subject, rendered.text)?,
    }
    Ok(())
}
