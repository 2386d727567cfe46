//! The secret key of a server without a configured one: it is made once and stored.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rest_auth_domain::encoding::base64url;
use rest_auth_domain::random::{OsRandom, RandomSource as _};
use rest_auth_settings::Secret;

use crate::settings::{DatabaseSettings, SigningSettings};

/// The fewest bytes of a kept key, as HS256 asks for (RFC 7518, section 3.2).
const SHORTEST: usize = 32;

/// Sets `server.secret_key` from the file beside the database, which is made if it is missing, and
/// returns its path. A configured key is kept.
///
/// # Errors
/// When the file can neither be read nor made, or holds a key that is too short.
pub fn ensure(
    signing: &mut SigningSettings,
    database: &DatabaseSettings,
) -> io::Result<Option<PathBuf>> {
    if signing.secret_key.is_some() {
        return Ok(None);
    }
    let path = path(database);
    let key = match kept(&path)? {
        Some(key) => key,
        None => make(&path)?,
    };
    signing.secret_key = Some(Secret::new(key));
    Ok(Some(path))
}

/// The key in a file, if there is one. Refused is what somebody has put in its place and can be
/// guessed.
fn kept(path: &Path) -> io::Result<Option<String>> {
    let content = match fs::read_to_string(path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let key = content.trim_end();
    if key.len() >= SHORTEST {
        return Ok(Some(key.to_owned()));
    }
    let problem = format!(
        "the secret key in {} is shorter than {SHORTEST} bytes: write a longer one (openssl rand \
         -base64 48), or remove the file and a key is made",
        path.display()
    );
    Err(io::Error::new(io::ErrorKind::InvalidData, problem))
}

/// Sets `server.secret_key` from the file beside the database, and makes none. A configured key is
/// kept. Returns the path where the file is missing.
///
/// # Errors
/// When the file cannot be read, or its key is too short.
pub fn find(
    signing: &mut SigningSettings,
    database: &DatabaseSettings,
) -> io::Result<Option<PathBuf>> {
    if signing.secret_key.is_some() {
        return Ok(None);
    }
    let path = path(database);
    let Some(key) = kept(&path)? else { return Ok(Some(path)) };
    signing.secret_key = Some(Secret::new(key));
    Ok(None)
}

/// Beside the file of an SQLite database; otherwise in the working directory.
fn path(database: &DatabaseSettings) -> PathBuf {
    let url = database.url.expose();
    let file = url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    match file.and_then(|file| file.split('?').next()).filter(|file| !file.is_empty()) {
        Some(file) => PathBuf::from(format!("{file}.secret-key")),
        None => PathBuf::from("rest-auth.secret-key"),
    }
}

/// Writes the key under another name first, so that two servers that start at once use the same
/// key.
fn make(path: &Path) -> io::Result<String> {
    let mut bytes = [0; 48];
    OsRandom.fill(&mut bytes);
    let key = base64url(bytes);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".secret-key-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    writeln!(file, "{key}")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(key),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            kept(path)?.ok_or(error.error)
        }
        Err(error) => Err(error.error),
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::{ConnectionUrl, Profile};

    use super::*;

    fn database(folder: &Path) -> DatabaseSettings {
        let mut settings = DatabaseSettings::defaults(Profile::Strict);
        let url = format!("sqlite://{}/accounts.sqlite3?mode=rwc", folder.display());
        settings.url = ConnectionUrl::new(url);
        settings
    }

    fn no_key() -> SigningSettings {
        SigningSettings::defaults(Profile::Strict)
    }

    #[test]
    fn is_made_once_and_kept_where_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut first, mut second) = (no_key(), no_key());
        let path = ensure(&mut first, &database(folder.path())).unwrap().unwrap();
        assert_eq!(path, folder.path().join("accounts.sqlite3.secret-key"));
        ensure(&mut second, &database(folder.path())).unwrap();
        let key =
            |signing: &SigningSettings| signing.secret_key.as_ref().unwrap().expose().to_owned();
        assert_eq!(key(&first), key(&second));
        assert_eq!(key(&first).len(), 64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_kept_key_that_can_be_guessed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.sqlite3.secret-key");
        for short in ["", "abc\n", &"x".repeat(31)] {
            fs::write(&path, short).unwrap();
            let refusal = ensure(&mut no_key(), &database(folder.path())).unwrap_err().to_string();
            assert!(refusal.contains("accounts.sqlite3.secret-key"), "{refusal}");
        }
        fs::write(&path, "x".repeat(32)).unwrap();
        ensure(&mut no_key(), &database(folder.path())).unwrap();
    }

    #[test]
    fn a_configured_key_stays() {
        let mut signing = no_key();
        signing.secret_key = Some(Secret::new("configured"));
        assert_eq!(ensure(&mut signing, &database(Path::new("/nowhere"))).unwrap(), None);
    }
}
