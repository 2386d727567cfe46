//! From the settings to a way to send, with what is wrong with them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use rest_auth_domain::one_line::{chain, one_line};
use rest_auth_settings::Secret;

use crate::settings::{EmailBackend, EmailSettings};
use crate::transport::Transport;
use crate::transport::file::Folder;
use crate::transport::memory::Inbox;
use crate::transport::smtp::{Encryption, Relay};

/// The time limit for sending one mail if `email.timeout` is not set. Django has none then, but a
/// server that never answers must not hold up all other mails.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);
/// The shortest time limit for the server's answer to the whole mail. A server whose connection
/// is closed earlier may have accepted the mail, and would get it again with every attempt (RFC
/// 5321, section 4.5.3.2.6).
const SHORTEST_ANSWER_TIMEOUT: Duration = Duration::from_mins(5);

/// The cure for a wrong folder of mails.
const FOLDER: &str = "name a folder that the server may write to";

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
    /// What this server calls itself in `EHLO`; the name of the machine if it is not set.
    pub helo_name: Option<String>,
    /// Certificates in PEM of further authorities that the mail server's may be signed by.
    pub ca_file: Option<PathBuf>,
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
            helo_name: email.helo_name.clone(),
            ca_file: email.ssl_cafile.clone(),
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
            helo_name: None,
            ca_file: None,
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

/// Checks what can be checked without connecting and without writing anything.
///
/// # Errors
///
/// [`MailSetupError`] names the setting that cannot work.
pub(crate) fn check(settings: &MailSettings) -> Result<(), MailSetupError> {
    match settings.backend {
        EmailBackend::Smtp => relay(settings).map(drop),
        EmailBackend::File => folder_path(settings).map(drop),
        EmailBackend::Console | EmailBackend::Memory | EmailBackend::None => Ok(()),
    }
}

/// The way to send that the settings name.
///
/// # Errors
///
/// [`MailSetupError`] names the setting that cannot work.
pub(crate) fn transport(settings: &MailSettings) -> Result<Transport, MailSetupError> {
    Ok(match settings.backend {
        EmailBackend::Smtp => Transport::Smtp(relay(settings)?),
        EmailBackend::File => Transport::File(folder(settings)?),
        EmailBackend::Console => Transport::Console,
        EmailBackend::Memory => Transport::Memory(Inbox::default()),
        EmailBackend::None => Transport::None,
    })
}

fn folder(settings: &MailSettings) -> Result<Folder, MailSetupError> {
    let path = folder_path(settings)?;
    Folder::open(path).map_err(|error| {
        wrong("email.file_path", format!("cannot make {}: {error}", path.display()), FOLDER)
    })
}

/// The folder of the mails, which may be missing so far, where a folder can be.
fn folder_path(settings: &MailSettings) -> Result<&Path, MailSetupError> {
    const KEY: &str = "email.file_path";
    let Some(path) = &settings.file_path else {
        return Err(wrong(KEY, "is not set, and email.backend is `file`".to_owned(), FOLDER));
    };
    match path.ancestors().find(|ancestor| ancestor.exists()) {
        Some(existing) if !existing.is_dir() => {
            let problem = format!("{} is no folder", existing.display());
            Err(wrong(KEY, problem, FOLDER))
        }
        _ => Ok(path),
    }
}

fn relay(settings: &MailSettings) -> Result<Relay, MailSetupError> {
    check_host(&settings.host)?;
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
        client: client(settings)?,
        timeout: settings.timeout.unwrap_or(DEFAULT_TIMEOUT),
        answer_timeout: settings.answer_timeout,
        idle: Mutex::default(),
    })
}

/// A name or an address, without anything that belongs into other keys.
fn check_host(host: &str) -> Result<(), MailSetupError> {
    const KEY: &str = "email.host";
    if host.is_empty() {
        let cure = "name the mail server, or choose another email.backend";
        return Err(wrong(KEY, "is empty".to_owned(), cure));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.chars().all(plain) || host.parse::<Ipv6Addr>().is_ok() {
        return Ok(());
    }
    let cure = "write the name of the mail server alone, its port into email.port, and say \
                email.use_ssl or email.use_tls for smtps://";
    Err(wrong(KEY, format!("`{}` is no name of a host", one_line(host)), cure))
}

/// What this server calls itself.
fn client(settings: &MailSettings) -> Result<ClientId, MailSetupError> {
    let Some(name) = &settings.helo_name else { return Ok(ClientId::default()) };
    let bare = name.trim_start_matches('[').trim_start_matches("IPv6:").trim_end_matches(']');
    if let Ok(address) = bare.parse::<Ipv4Addr>() {
        return Ok(ClientId::Ipv4(address));
    }
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Ok(ClientId::Ipv6(address));
    }
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c)) {
        let cure = "write a name that the DNS has for this machine, such as auth.example.com";
        return Err(wrong("email.helo_name", format!("`{}` is no name", one_line(name)), cure));
    }
    Ok(ClientId::Domain(name.clone()))
}

/// The certificates of `email.ssl_cafile`.
fn authorities(settings: &MailSettings) -> Result<Option<Certificate>, MailSetupError> {
    const KEY: &str = "email.ssl_cafile";
    let cure = "name a file with certificates of authorities in PEM";
    let Some(path) = &settings.ca_file else { return Ok(None) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(KEY, format!("cannot read {}: {error}", path.display()), cure))?;
    let certificates = Certificate::from_pem(text.as_bytes());
    match certificates {
        Ok(certificates) if text.contains("-----BEGIN CERTIFICATE-----") => Ok(Some(certificates)),
        _ => Err(wrong(KEY, format!("{} has no certificate in it", path.display()), cure)),
    }
}

fn encryption(settings: &MailSettings) -> Result<Encryption, MailSetupError> {
    let authorities = authorities(settings)?;
    let tls = |key| {
        let builder = TlsParameters::builder(settings.host.clone());
        let builder = match authorities.clone() {
            Some(certificates) => builder.add_root_certificate(certificates),
            None => builder,
        };
        builder
            .build()
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

/// An error about a setting.
pub(crate) fn wrong(key: &'static str, problem: String, cure: &'static str) -> MailSetupError {
    MailSetupError { key, problem, cure }
}
