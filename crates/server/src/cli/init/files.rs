//! The files that are written: the configuration, and secrets beside it that their owner alone can
//! read.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rcgen::KeyPair;
use rest_auth_domain::encoding::base64url;
use rest_auth_domain::random::{OsRandom, RandomSource as _};

use super::command::SecretInput;

/// The configuration and the secrets that belong to it.
pub(super) struct Files {
    configuration: PathBuf,
    /// Django's key, if it must be that.
    pub(super) secret_key: Option<SecretInput>,
    /// The password of the mail server.
    pub(super) mail_password: Option<SecretInput>,
    secrets: Vec<PlannedFile>,
}

/// A file that was written, and what is in it.
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) about: &'static str,
}

/// A file that is to be written.
struct PlannedFile {
    path: PathBuf,
    content: String,
    about: &'static str,
    access: Access,
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Access {
    Owner,
    Everybody,
}

const SECRET_KEY: &str = "secret-key";
const DATABASE_URL: &str = "database-url";
const MAIL_PASSWORD: &str = "mail-password";
const JWT_KEY: &str = "jwt-key";
const PRIVATE_KEY: &str = "jwt-private.pem";
const PUBLIC_KEY: &str = "jwt-public.pem";

impl Files {
    /// The files beside a configuration.
    pub(super) fn beside(configuration: &Path) -> Self {
        let configuration = configuration.to_owned();
        Self { configuration, secret_key: None, mail_password: None, secrets: Vec::new() }
    }

    /// Refuses to go on where one of the files exists, before anything is asked.
    pub(super) fn refuse_existing(&self) -> anyhow::Result<()> {
        let names = [SECRET_KEY, DATABASE_URL, MAIL_PASSWORD, JWT_KEY, PRIVATE_KEY, PUBLIC_KEY];
        let secrets = names.into_iter().map(|name| self.path_of(name));
        let folder = self.configuration.parent().unwrap_or(Path::new(""));
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            bail!("--config: there is no folder {}; make it first", folder.display());
        }
        for path in std::iter::once(self.configuration.clone()).chain(secrets) {
            if path.exists() {
                bail!(
                    "{} exists, and nothing is overwritten; move it away, or name another file by \
                     --config",
                    path.display()
                );
            }
        }
        Ok(())
    }

    /// A new key for `server.secret_key_file`, or the one of Django. Returns what the file is called.
    pub(super) fn keep_secret_key(&mut self) -> String {
        match self.secret_key.take() {
            Some(SecretInput::In(path)) => path.display().to_string(),
            Some(SecretInput::Typed(key)) => {
                self.keep(SECRET_KEY, key, "SECRET_KEY of the project")
            }
            None => self.keep(SECRET_KEY, random_key(), "signs sessions and links; keep a copy"),
        }
    }

    /// A new key for `simple_jwt.signing_key_file`.
    pub(super) fn keep_jwt_key(&mut self) -> String {
        self.keep(JWT_KEY, random_key(), "signs JWTs; keep a copy")
    }

    /// A new pair of keys for ES256. Returns what the files of the private and the public one are
    /// called.
    pub(super) fn keep_jwt_key_pair(&mut self) -> anyhow::Result<(String, String)> {
        let pair = KeyPair::generate().context("a key cannot be made")?;
        let private = self.keep(PRIVATE_KEY, pair.serialize_pem(), "signs JWTs; keep a copy");
        let public =
            self.keep(PUBLIC_KEY, pair.public_key_pem(), "for the services that check JWTs");
        if let Some(public) = self.secrets.last_mut() {
            public.access = Access::Everybody;
        }
        Ok((private, public))
    }

    pub(super) fn keep_database_url(&mut self, url: &str) -> String {
        self.keep(DATABASE_URL, url.to_owned(), "the address of the database")
    }

    /// The password of the mail server; none without a user there.
    pub(super) fn keep_mail_password(&mut self) -> Option<String> {
        Some(match self.mail_password.take()? {
            SecretInput::In(path) => path.display().to_string(),
            SecretInput::Typed(password) => {
                self.keep(MAIL_PASSWORD, password, "for the mail server")
            }
        })
    }

    /// What the SQLite file is called, in the words of `database.url`.
    pub(super) fn database(&self) -> anyhow::Result<String> {
        let file = std::path::absolute(self.configuration.with_extension("sqlite3"))?;
        Ok(format!("sqlite://{}", file.display()))
    }

    /// Writes everything. The configuration comes last, so that it names nothing that is missing.
    pub(super) fn write(self, document: &str) -> anyhow::Result<Vec<Written>> {
        let mut all = self.secrets;
        all.push(PlannedFile {
            path: self.configuration,
            content: document.to_owned(),
            about: "the configuration",
            access: Access::Everybody,
        });
        let mut written = Vec::new();
        for PlannedFile { path, content, about, access } in all {
            create(&path, &content, access)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            written.push(Written { path, about });
        }
        Ok(written)
    }

    fn keep(&mut self, name: &str, content: String, about: &'static str) -> String {
        let path = self.path_of(name);
        let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.secrets.push(PlannedFile { path, content, about, access: Access::Owner });
        shown
    }

    /// `rest-auth.toml` has `rest-auth.secret-key` beside it.
    fn path_of(&self, name: &str) -> PathBuf {
        self.configuration.with_extension(name)
    }
}

fn random_key() -> String {
    let mut bytes = [0; 64];
    OsRandom.fill(&mut bytes);
    base64url(bytes)
}

fn create(path: &Path, content: &str, access: Access) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match access {
            Access::Owner => 0o600,
            Access::Everybody => 0o644,
        });
    }
    let mut file = options.open(path)?;
    let end = if content.ends_with('\n') { "" } else { "\n" };
    write!(file, "{content}{end}")?;
    file.sync_all()
}
