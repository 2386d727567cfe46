//! Renders a mail, builds the message and sends it.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::TlsParameters;
use rest_auth_domain::random::{self, OsRandom};
use rest_auth_settings::Secret;

use crate::content::MailContent;
use crate::message::{Message, MessageMeta, Sender};
use crate::settings::{EmailBackend, EmailSettings};
use crate::templates::{Rendered, Templates, one_line};
use crate::transport::file::Folder;
use crate::transport::memory::Inbox;
use crate::transport::send_slot::{Receipt, SendSlot};
use crate::transport::smtp::{Encryption, Relay};
use crate::transport::{MailError, Transport, chain};

/// The time limit for sending one mail if `email.timeout` is not set. Django has none then, but a
/// server that never answers must not hold up all other mails.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);
/// The shortest time limit for the server's answer to the whole mail. A server whose connection
/// is closed earlier may have accepted the mail, and would get it again with every attempt (RFC
/// 5321, section 4.5.3.2.6).
const SHORTEST_ANSWER_TIMEOUT: Duration = Duration::from_mins(5);

/// What a mailer needs: the settings `email.*` and the name of the site.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// How mails are sent.
    pub backend: EmailBackend,
    /// The mail server's name or address.
    pub host: String,
    /// The mail server's port: 25, 587 with `use_tls`, 465 with `use_ssl` are customary.
    pub port: u16,
    /// The user name at the mail server; empty to send without authentication.
    pub host_user: String,
    /// The password at the mail server.
    pub host_password: Secret,
    /// Encrypts by STARTTLS; nothing is sent if the server does not offer it.
    pub use_tls: bool,
    /// Encrypts from the first byte. Excludes `use_tls`.
    pub use_ssl: bool,
    /// The time limit for one mail, from connecting until the server asks for its text; a minute
    /// if it is not set.
    pub timeout: Option<Duration>,
    /// The time limit for the server's answer to the text of a mail.
    pub answer_timeout: Duration,
    /// The folder of [`EmailBackend::File`], made if it does not exist.
    pub file_path: Option<PathBuf>,
    /// The sender, an address that may have a display name: `Support <support@example.org>`.
    pub default_from_email: String,
    /// What every subject begins with; `None` means the name of the site in brackets. This is
    /// allauth's `ACCOUNT_EMAIL_SUBJECT_PREFIX`.
    pub subject_prefix: Option<String>,
    /// The name of the site in mails.
    pub site_name: String,
    /// A folder whose templates take precedence over the built-in ones.
    pub template_dir: Option<PathBuf>,
}

impl MailSettings {
    /// Takes the settings from the configuration. `subject_prefix` is
    /// `account.email_subject_prefix`.
    #[must_use]
    pub fn new(email: &EmailSettings, subject_prefix: Option<&str>, site_name: &str) -> Self {
        Self {
            backend: email.backend,
            host: email.host.clone(),
            port: email.port,
            host_user: email.host_user.clone(),
            host_password: email.host_password.clone(),
            use_tls: email.use_tls,
            use_ssl: email.use_ssl,
            timeout: email.timeout,
            answer_timeout: email.timeout.unwrap_or(DEFAULT_TIMEOUT).max(SHORTEST_ANSWER_TIMEOUT),
            file_path: email.file_path.clone(),
            default_from_email: email.default_from_email.clone(),
            subject_prefix: subject_prefix.map(str::to_owned),
            site_name: site_name.to_owned(),
            template_dir: email.template_dir.clone(),
        }
    }
}

/// Mails are printed, from `webmaster@localhost` at `example.com`.
impl Default for MailSettings {
    fn default() -> Self {
        Self {
            backend: EmailBackend::Console,
            host: "localhost".to_owned(),
            port: 25,
            host_user: String::new(),
            host_password: Secret::new(""),
            use_tls: false,
            use_ssl: false,
            timeout: None,
            answer_timeout: SHORTEST_ANSWER_TIMEOUT,
            file_path: None,
            default_from_email: "webmaster@localhost".to_owned(),
            subject_prefix: None,
            site_name: "example.com".to_owned(),
            template_dir: None,
        }
    }
}

/// Settings that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}; {cure}")]
pub struct MailSetupError {
    /// The key of the setting.
    pub key: &'static str,
    /// What is wrong with it.
    pub problem: String,
    /// How to correct it.
    pub cure: &'static str,
}

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
        Self::with_transport(settings, transport(settings)?)
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

    /// The inbox of [`EmailBackend::Memory`].
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
    ) -> Result<Message, MailError> {
        let rendered = self.preview(mail)?;
        self.0.sender.compose(&mail.to, rendered, MessageMeta { id, date: now }, &OsRandom)
    }

    /// A test message for an administrator.
    ///
    /// # Errors
    ///
    /// [`MailError::Refused`] if `to` is no address that mail can be sent to.
    pub fn trial(&self, to: &str, now: DateTime<Utc>) -> Result<Message, MailError> {
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
    pub async fn send(&self, message: &Message) -> Result<Receipt, MailError> {
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

fn transport(settings: &MailSettings) -> Result<Transport, MailSetupError> {
    Ok(match settings.backend {
        EmailBackend::Smtp => Transport::Smtp(relay(settings)?),
        EmailBackend::File => Transport::File(folder(settings)?),
        EmailBackend::Console => Transport::Console,
        EmailBackend::Memory => Transport::Memory(Inbox::default()),
        EmailBackend::None => Transport::None,
    })
}

fn folder(settings: &MailSettings) -> Result<Folder, MailSetupError> {
    const KEY: &str = "email.file_path";
    let cure = "name a folder that the server may write to";
    let Some(path) = &settings.file_path else {
        return Err(wrong(KEY, "is not set, and email.backend is `file`".to_owned(), cure));
    };
    Folder::open(path)
        .map_err(|error| wrong(KEY, format!("cannot make {}: {error}", path.display()), cure))
}

fn relay(settings: &MailSettings) -> Result<Relay, MailSetupError> {
    if settings.host.is_empty() {
        let cure = "name the mail server, or choose another email.backend";
        return Err(wrong("email.host", "is empty".to_owned(), cure));
    }
    if settings.port == 0 {
        let cure = "use 25, 587 with email.use_tls or 465 with email.use_ssl";
        return Err(wrong("email.port", "is 0".to_owned(), cure));
    }
    if settings.timeout.is_some_and(|timeout| timeout.is_zero()) {
        let cure = "allow some seconds";
        return Err(wrong("email.timeout", "leaves no time at all".to_owned(), cure));
    }
    if settings.host_user.is_empty() && !settings.host_password.is_empty() {
        let cure = "name the user as well, or remove the password";
        let problem = "is empty, but email.host_password is set".to_owned();
        return Err(wrong("email.host_user", problem, cure));
    }
    let credentials = (!settings.host_user.is_empty()).then(|| {
        Credentials::new(settings.host_user.clone(), settings.host_password.expose().to_owned())
    });
    Ok(Relay {
        host: settings.host.clone(),
        port: settings.port,
        encryption: encryption(settings)?,
        credentials,
        timeout: settings.timeout.unwrap_or(DEFAULT_TIMEOUT),
        answer_timeout: settings.answer_timeout,
        idle: Mutex::default(),
    })
}

fn encryption(settings: &MailSettings) -> Result<Encryption, MailSetupError> {
    let tls = |key| {
        TlsParameters::new(settings.host.clone())
            .map_err(|error| wrong(key, chain(&error), "install the system's CA certificates"))
    };
    match (settings.use_tls, settings.use_ssl) {
        (false, false) => Ok(Encryption::None),
        (true, false) => Ok(Encryption::StartTls(tls("email.use_tls")?)),
        (false, true) => Ok(Encryption::Implicit(tls("email.use_ssl")?)),
        (true, true) => Err(wrong(
            "email.use_ssl",
            "is set together with email.use_tls".to_owned(),
            "choose one: use_tls for STARTTLS, use_ssl for TLS from the start",
        )),
    }
}

fn wrong(key: &'static str, problem: String, cure: &'static str) -> MailSetupError {
    MailSetupError { key, problem, cure }
}

#[cfg(test)]
mod tests;
