//! Renders a mail, builds the message and sends it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rest_auth_domain::one_line::{chain, one_line};
use rest_auth_domain::random::{self, OsRandom};

use crate::content::MailContent;
use crate::error::MailError;
use crate::message::{MailMessage, MessageMeta, Sender};
use crate::setup::{self, MailSettings, MailSetupError, wrong};
use crate::templates::{Rendered, Templates};
use crate::transport::Transport;
use crate::transport::memory::Inbox;
use crate::transport::send_slot::{Receipt, SendSlot};

/// Delivers mails. Clones share templates and connections.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    templates: Templates,
    prefix: String,
    sender: Sender,
    transport: Transport,
    slot: SendSlot,
}

impl Mailer {
    /// Prepares delivery: compiles the templates and checks what can be checked offline.
    ///
    /// # Errors
    ///
    /// [`MailSetupError`] names the setting that cannot work.
    pub fn new(settings: &MailSettings) -> Result<Self, MailSetupError> {
        Self::with_transport(settings, setup::transport(settings)?)
    }

    /// Checks what can be checked without connecting and without writing anything.
    ///
    /// # Errors
    ///
    /// As [`Mailer::new`].
    pub fn check(settings: &MailSettings) -> Result<(), MailSetupError> {
        setup::check(settings)?;
        Self::memory(settings).map(drop)
    }

    /// Delivers into an inbox, whatever the backend.
    ///
    /// # Errors
    ///
    /// As [`Mailer::new`].
    pub fn memory(settings: &MailSettings) -> Result<(Self, Inbox), MailSetupError> {
        let inbox = Inbox::default();
        let mailer = Self::with_transport(settings, Transport::Memory(inbox.clone()))?;
        Ok((mailer, inbox))
    }

    /// The inbox of [`EmailBackend::Memory`](crate::settings::EmailBackend::Memory).
    #[must_use]
    pub fn inbox(&self) -> Option<&Inbox> {
        match &self.0.transport {
            Transport::Memory(inbox) => Some(inbox),
            _ => None,
        }
    }

    /// Renders a mail and sends it. When this returns, the mail server or the disk has it.
    ///
    /// # Errors
    ///
    /// [`MailError`]; [`MailError::is_permanent`] says whether to try again.
    pub async fn deliver(&self, mail: &MailContent, now: DateTime<Utc>) -> Result<(), MailError> {
        let message = self.compose(mail, &random::hex(&OsRandom, 16), now)?;
        self.send(&message).await.map(drop)
    }

    /// Renders a mail and builds its message. Attempts to deliver one mail have the same `id`, so
    /// that a mail program can recognise a mail that arrives twice.
    ///
    /// # Errors
    ///
    /// [`MailError::Refused`] if the recipient has no address that mail can be sent to,
    /// [`MailError::Unrenderable`] if a template of `email.template_dir` fails.
    pub fn compose(
        &self,
        mail: &MailContent,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<MailMessage, MailError> {
        let rendered = self.preview(mail)?;
        self.0.sender.compose(&mail.to, rendered, MessageMeta { id, date: now }, &OsRandom)
    }

    /// A test message for an administrator.
    ///
    /// # Errors
    ///
    /// [`MailError::Refused`] if `to` is no address that mail can be sent to.
    pub fn trial(&self, to: &str, now: DateTime<Utc>) -> Result<MailMessage, MailError> {
        let rendered = Rendered {
            subject: format!("{}Test", self.0.prefix),
            text: "This message was sent to see whether mail arrives. It does.\n".to_owned(),
            html: None,
        };
        let id = random::hex(&OsRandom, 16);
        self.0.sender.compose(to, rendered, MessageMeta { id: &id, date: now }, &OsRandom)
    }

    /// Sends a message. When this returns, the mail server or the disk has it. Hold the receipt until
    /// the delivery is recorded.
    ///
    /// # Errors
    ///
    /// [`MailError`]; [`MailError::is_permanent`] says whether to try again.
    pub async fn send(&self, message: &MailMessage) -> Result<Receipt, MailError> {
        let receipt = self.0.transport.send(message, &self.0.slot).await?;
        tracing::debug!(message_id = message.id(), "mail sent");
        Ok(receipt)
    }

    /// The subject and texts of a mail, without sending it.
    ///
    /// # Errors
    ///
    /// [`MailError::Unrenderable`] if a template of `email.template_dir` fails.
    pub fn preview(&self, mail: &MailContent) -> Result<Rendered, MailError> {
        let rendered =
            self.0.templates.render(mail).map_err(|error| MailError::Unrenderable(error.into()))?;
        let subject = one_line(&format!("{}{}", self.0.prefix, rendered.subject));
        Ok(Rendered { subject, ..rendered })
    }

    fn with_transport(
        settings: &MailSettings,
        transport: Transport,
    ) -> Result<Self, MailSetupError> {
        let sender = Sender::parse(&settings.default_from_email).map_err(|error| {
            wrong(
                "email.default_from_email",
                format!("`{}` is {error}", one_line(&settings.default_from_email)),
                "write an address, or a name with the address in angle brackets",
            )
        })?;
        if let Some(folder) = settings.template_dir.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(wrong(
                "email.template_dir",
                format!("`{}` is no folder", folder.display()),
                "make it, or correct the path",
            ));
        }
        let templates = Templates::load(settings.template_dir.as_deref(), &settings.site_name)
            .map_err(|error| {
                wrong(
                    "email.template_dir",
                    chain(&error),
                    "mend the template, which is in Jinja's syntax without Django's `{% load %}`",
                )
            })?;
        let prefix = match &settings.subject_prefix {
            Some(prefix) => prefix.clone(),
            None => format!("[{}] ", settings.site_name),
        };
        Ok(Self(Arc::new(Inner {
            templates,
            prefix,
            sender,
            transport,
            slot: SendSlot::default(),
        })))
    }
}

/// Prints no field, because one is the password of the mail server.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
