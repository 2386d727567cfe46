//! What is wrong with the address of a database, before anybody connects to it.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::{Backend, DatabaseSettings};

/// What an address looks like.
const FORMS: &str = "write sqlite://FILE, postgres://USER:PASSWORD@HOST/NAME or \
                     mysql://USER:PASSWORD@HOST/NAME";

/// Something that is wrong with `database.url`, in words that follow the name of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlProblem {
    /// What is wrong. It contains neither user name nor password.
    pub message: String,
    /// What to write.
    pub cure: String,
    /// Whether nobody can connect like this. Otherwise it is probably not what was meant.
    pub is_fatal: bool,
}

impl DatabaseSettings {
    /// What is wrong with the address. The file system is looked at, because SQLite makes a file
    /// but no folder.
    #[must_use]
    pub fn problem(&self) -> Option<UrlProblem> {
        problem(self.url.expose())
    }

    /// Whether the address says that a missing SQLite file is to be made, by `mode=rwc`.
    #[must_use]
    pub fn makes_file(&self) -> bool {
        let parameters = self.url.expose().split_once('?').map_or("", |(_, parameters)| parameters);
        parameters.split('&').any(|parameter| parameter == "mode=rwc")
    }

    /// The file of a SQLite database; `None` for the others and for an address that is none.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.url.expose();
        let is_sqlite = Backend::of(url).is_ok_and(|backend| backend == Backend::Sqlite);
        let options = is_sqlite.then(|| SqliteConnectOptions::from_str(url).ok()).flatten()?;
        Some(options.get_filename().to_owned())
    }
}

fn problem(url: &str) -> Option<UrlProblem> {
    if url.starts_with(['"', '\'']) {
        return Some(fatal("begins with a quotation mark", "remove the quotation marks"));
    }
    match Backend::of(url) {
        Err(_) => Some(unknown(url.split(':').next().unwrap_or_default())),
        Ok(Backend::Sqlite) => of_sqlite(url),
        Ok(backend) => of_server(url, backend),
    }
}

/// Names that Django, its packages and other tools of Python have for the three databases.
fn unknown(scheme: &str) -> UrlProblem {
    let meant = match scheme.split('+').next().unwrap_or_default() {
        "pgsql" | "postgis" | "postgres" | "postgresql" | "psql" => Some("postgres"),
        "mariadb" | "mysql" | "mysql2" | "mysqlgis" => Some("mysql"),
        "spatialite" | "sqlite" | "sqlite3" => Some("sqlite"),
        _ => None,
    };
    match meant {
        Some(name) => fatal(format!("begins with `{scheme}:`"), format!("write {name}://...")),
        None => fatal("names no kind of database that is supported", FORMS),
    }
}

fn of_sqlite(url: &str) -> Option<UrlProblem> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        let message = "is a database in memory, and every connection would have its own";
        return Some(fatal(message, "name a file: sqlite://rest-auth.sqlite3"));
    }
    let file = match SqliteConnectOptions::from_str(url) {
        Ok(options) => options.get_filename().to_owned(),
        Err(error) => return Some(fatal(words(&error), "write sqlite://FILE")),
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if file.is_dir() {
        return Some(fatal(format!("names the folder {}", file.display()), "name a file in it"));
    }
    if !folder.is_dir() {
        return Some(fatal(
            format!("names a file in {}, and there is no such folder", folder.display()),
            "make the folder, or correct the path: after `sqlite://` it begins in the working \
             directory, after `sqlite:///` at the root",
        ));
    }
    let beside = Path::new(file.file_name().unwrap_or_default());
    if folder == Path::new("/") && (!file.exists() || beside.exists()) {
        return Some(UrlProblem {
            message: format!("names {}, at the root of the file system", file.display()),
            cure: format!(
                "write sqlite://{} for a file in the working directory",
                beside.display()
            ),
            is_fatal: false,
        });
    }
    None
}

fn of_server(url: &str, backend: Backend) -> Option<UrlProblem> {
    let Some((_, rest)) = url.split_once("://") else {
        return Some(fatal("has no `//` behind its beginning", FORMS));
    };
    if let Some(mark) = unescaped(rest) {
        let message = format!("has a `{mark}` in its user name or password");
        return Some(fatal(message, format!("write it as %{:02X}", u32::from(mark))));
    }
    if rest.contains('#') {
        return Some(fatal("has a `#`, behind which nothing is read", "write it as %23"));
    }
    let read = match backend {
        Backend::Mysql => {
            MySqlConnectOptions::from_str(&url.replacen("mariadb:", "mysql:", 1)).map(drop)
        }
        _ => PgConnectOptions::from_str(url).map(drop),
    };
    if let Err(error) = read {
        return Some(fatal(words(&error), FORMS));
    }
    let login = authority(rest).rsplit_once('@').map_or("", |(login, _)| login);
    has_bare_percent(login).then(|| UrlProblem {
        message: "has a `%` in its user name or password that begins no escape".to_owned(),
        cure: "write it as %25".to_owned(),
        is_fatal: false,
    })
}

/// Login, host and port.
fn authority(rest: &str) -> &str {
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}

/// A mark inside the password that ends the part of the address with login, host and port: an `@`
/// follows it, and what stands before it is no host, or the `@` would be in the name of the
/// database.
fn unescaped(rest: &str) -> Option<char> {
    let authority = authority(rest);
    let after = &rest[authority.len()..];
    let mark = after.chars().next()?;
    let port = authority.rsplit_once(':').filter(|_| !authority.ends_with(']'));
    let is_no_host = port.is_some_and(|(_, port)| port.parse::<u16>().is_err());
    let name = if mark == '?' { "" } else { after.split('?').next().unwrap_or_default() };
    (after.contains('@') && (is_no_host || name.contains('@'))).then_some(mark)
}

fn has_bare_percent(text: &str) -> bool {
    let is_escape = |after: &str| {
        after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
    };
    text.match_indices('%').any(|(at, _)| !is_escape(&text[at + 1..]))
}

/// What a driver says about an address, without its own preface.
fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(cause) => format!("cannot be read: {cause}"),
        other => format!("cannot be read: {other}"),
    }
}

fn fatal(message: impl Into<String>, cure: impl Into<String>) -> UrlProblem {
    UrlProblem { message: message.into(), cure: cure.into(), is_fatal: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_work_are_passed() {
        for url in [
            "sqlite://rest-auth.sqlite3",
            "sqlite:a.sqlite3?mode=rwc",
            "postgres://ada:secret@db.example.com:5432/auth?sslmode=verify-full",
            "postgresql://ada:p%23s%2Fs@localhost/auth",
            "postgres://ada@[::1]/auth?application_name=a@b",
            "postgres:///auth?host=/var/run/postgresql",
            "postgres://ada:p@ss@localhost/auth",
            "mysql://ada:secret@127.0.0.1:3306/auth",
            "mariadb://localhost/auth",
        ] {
            assert_eq!(problem(url), None, "{url}");
        }
    }

    #[test]
    fn what_nobody_can_connect_with_is_told_with_what_to_write() {
        for (url, cure) in [
            ("\"postgres://u:p@localhost/x\"", "remove the quotation marks"),
            ("psql://u:p@localhost/x", "write postgres://..."),
            ("postgis://u:p@localhost/x", "write postgres://..."),
            ("postgresql+psycopg2://u:p@localhost/x", "write postgres://..."),
            ("mysql+pymysql://u:p@localhost/x", "write mysql://..."),
            ("sqlite3:///a.db", "write sqlite://..."),
            ("oracle://u:p@localhost/x", FORMS),
            ("postgres:localhost/x", FORMS),
            ("postgres://localhost:port/x", FORMS),
            ("postgres://user:p#ss@localhost/n", "write it as %23"),
            ("postgres://user:12#ss@localhost/n", "write it as %23"),
            ("postgres://user:p/w@localhost/n", "write it as %2F"),
            ("mysql://user:p?w@localhost/n", "write it as %3F"),
            ("mysql://user@localhost/n#1", "write it as %23"),
            ("sqlite://:memory:", "name a file: sqlite://rest-auth.sqlite3"),
            ("sqlite://a.db?mode=nonsense", "write sqlite://FILE"),
            ("sqlite://.", "name a file in it"),
        ] {
            let found = problem(url).unwrap_or_else(|| panic!("{url}"));
            assert!(found.is_fatal, "{url}");
            assert_eq!(found.cure, cure, "{url}");
            assert!(!found.message.contains("p#ss") && !found.message.contains("user:"), "{url}");
        }
        let missing = problem("sqlite:///no/such/folder/db.sqlite3").unwrap();
        assert!(missing.is_fatal && missing.message.contains("/no/such/folder"));
    }

    #[test]
    fn what_is_probably_not_meant_is_told_and_works() {
        let percent = problem("postgres://user:50%off@localhost/n").unwrap();
        assert!(!percent.is_fatal);
        assert_eq!(percent.cure, "write it as %25");
        let root = problem("sqlite:///no-such-file.sqlite3").unwrap();
        assert!(!root.is_fatal);
        assert!(root.cure.contains("sqlite://no-such-file.sqlite3"), "{}", root.cure);
    }

    fn at(url: &str) -> DatabaseSettings {
        let url = rest_auth_settings::ConnectionUrl::new(url);
        let defaults = DatabaseSettings::defaults(rest_auth_settings::Profile::Strict);
        DatabaseSettings { url, ..defaults }
    }

    #[test]
    fn only_sqlite_has_a_file() {
        let file = |url| at(url).sqlite_file();
        assert_eq!(file("sqlite://a%20b.db?mode=rwc"), Some(PathBuf::from("a b.db")));
        assert_eq!(file("sqlite:///a.db"), Some(PathBuf::from("/a.db")));
        assert_eq!(file("postgres://localhost/a"), None);
    }

    #[test]
    fn an_address_may_ask_for_a_new_file() {
        let makes = |url| at(url).makes_file();
        assert!(makes("sqlite://a.db?cache=private&mode=rwc"));
        assert!(!makes("sqlite://a.db?mode=rw") && !makes("sqlite://mode=rwc"));
    }
}
