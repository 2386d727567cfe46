//! `[email]`: Django's `EMAIL_*` and `DEFAULT_FROM_EMAIL`.

use std::path::PathBuf;
use std::time::Duration;

use rest_auth_settings::rules::is_email;
use rest_auth_settings::{Secret, ValueError, seconds};
use rest_auth_settings::{choices, settings};

choices! {
    /// Where mails go.
    pub enum EmailBackend {
        /// To an SMTP server.
        Smtp = "smtp",
        /// To the standard output.
        Console = "console",
        /// To a folder, one `.eml` file per mail.
        File = "file",
        /// To memory, for tests.
        Memory = "memory",
        /// Nowhere.
        None = "none",
    }
}

settings! {
    /// Mails and their delivery.
    pub struct EmailSettings = "email" {
        /// Where mails go: `smtp`, `console`, `file`, `memory` or `none`.
        backend: EmailBackend => { strict: EmailBackend::Console, django: EmailBackend::Smtp },
        /// Sender, as `Name <address>` or an address.
        #[rule(sender)]
        default_from_email: String = "webmaster@localhost".to_owned(),
        /// Host of the SMTP server.
        host: String = "localhost".to_owned(),
        /// Port of the SMTP server.
        #[range(1.0, 65_535.0)]
        port: u16 = 25,
        /// User of the SMTP server. Empty: no login.
        host_user: String = String::new(),
        /// Password of the SMTP server.
        host_password: Secret = Secret::new(""),
        /// TLS from the first byte, usually at port 465.
        use_ssl: bool = false,
        /// STARTTLS, usually at port 587. A server that does not offer it gets no mail.
        use_tls: bool = false,
        /// File with certificates in PEM of authorities that may have signed the certificate of the
        /// SMTP server, beside those of the system.
        ssl_cafile: Option<PathBuf> = None,
        /// What this server calls itself to the SMTP server (EHLO). None: the name of the machine.
        helo_name: Option<String> = None,
        /// How long the SMTP server may take before it asks for the message. None: a minute.
        #[range(0.1, 3_600.0)]
        timeout: Option<Duration> => { strict: Some(seconds(10)), django: None },
        /// Folder of the `file` backend.
        file_path: Option<PathBuf> = None,
        /// Client certificate, in PEM.
        #[unbuilt = "is not offered: log in with host_user and host_password"]
        ssl_certfile: Option<PathBuf> = None,
        /// Key of that certificate.
        #[unbuilt = "is not offered: log in with host_user and host_password"]
        ssl_keyfile: Option<PathBuf> = None,
        /// Folder with templates that replace the built-in ones.
        template_dir: Option<PathBuf> = None,
        /// Write the Date header in local time.
        #[unbuilt = "cannot be changed: the Date header is in UTC"]
        use_localtime: bool = false,
    }
    instead {
        "subject_prefix": "has no meaning here: use `account.email_subject_prefix`",
        "server_email": "has no meaning here: errors go to the log",
        "mailers": "set the keys of `[email]`",
    }
}

/// An address, alone or behind a name. Django's own default is an address at localhost.
fn sender(sender: &str) -> Result<(), ValueError> {
    let address = sender.rsplit_once('<').map_or(sender, |(_, rest)| rest);
    let address = address.trim_end_matches('>').trim();
    let local = address.strip_suffix("@localhost").is_some_and(|name| !name.is_empty());
    if (is_email(address) || local) && !sender.contains(['\r', '\n']) {
        return Ok(());
    }
    Err(ValueError::rule(
        "is no address",
        "write \"accounts@example.com\" or \"Example <accounts@example.com>\"",
    ))
}
