//! The answers. Each says what is wrong with a text that is none.

use std::str::FromStr;

use clap::ValueEnum;
use rest_auth_settings::rules::is_email;
use rest_auth_settings::{ConnectionUrl, Profile};
use rest_auth_store::{DatabaseSettings, UrlProblem};
use url::Url;

/// Who uses the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FrontEnd {
    /// Pages on the same domain.
    OneDomain,
    /// Pages on another host of the same domain.
    Subdomains,
    /// An app.
    Phone,
    /// Other services.
    Services,
    /// The clients of a Django project.
    Django,
}

impl FromStr for FrontEnd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refusal = "answer one-domain, subdomains, phone, services or django";
        <Self as ValueEnum>::from_str(text, false).map_err(|_| refusal.to_owned())
    }
}

/// The address of the server.
#[derive(Clone, Debug)]
pub(super) struct PublicUrl(Url);

/// The address of the pages.
#[derive(Clone, Debug)]
pub(super) struct AppUrl(Url);

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        origin(text).map(Self)
    }
}

impl FromStr for AppUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        origin(text).map(Self)
    }
}

/// An address with nothing behind its host. http is for trying out on this machine.
fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "write the whole address, with https://".to_owned())?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("it must begin with https://, or http:// on this machine".to_owned());
    }
    let host = url.host_str().ok_or("it lacks a host")?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("leave out what comes after the host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("leave user and password out".to_owned());
    }
    if url.scheme() == "http" && !is_here(host) {
        return Err("passwords need https://; http:// is for localhost".to_owned());
    }
    Ok(url)
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

impl PublicUrl {
    pub(super) fn text(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }
}

impl AppUrl {
    pub(super) fn text(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The domain that both are below; none if they are one host.
    pub(super) fn domain_with(&self, api: &PublicUrl) -> Option<String> {
        let (own, other) = (self.0.host_str()?, api.0.host_str()?);
        if own == other {
            return None;
        }
        let pairs = own.rsplit('.').zip(other.rsplit('.'));
        let mut labels: Vec<_> =
            pairs.take_while(|(one, two)| one == two).map(|(label, _)| label).collect();
        labels.reverse();
        Some(labels.join("."))
    }

    /// Whether cookies of the server reach the pages.
    pub(super) fn is_beside(&self, api: &PublicUrl) -> Result<(), String> {
        if self.0.scheme() != api.0.scheme() {
            return Err(format!("it must begin with {}://, as the server", api.0.scheme()));
        }
        match self.domain_with(api) {
            Some(domain) if !domain.contains('.') => Err(format!(
                "it must be of the same domain as {}: browsers keep cookies from other sites",
                api.host()
            )),
            _ => Ok(()),
        }
    }
}

/// Where the data are.
#[derive(Clone, Debug)]
pub(super) enum Database {
    /// The file beside the configuration, or the one with this URL.
    Sqlite(Option<String>),
    /// A server.
    Server(String),
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "sqlite" {
            return Ok(Self::Sqlite(None));
        }
        let settings = with_url(text);
        if let Some(UrlProblem { message, cure, .. }) = settings.problem().filter(|p| p.is_fatal) {
            return Err(format!("it {message}; {cure}"));
        }
        if settings.sqlite_file().is_some() {
            return Ok(Self::Sqlite(Some(text.to_owned())));
        }
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let has_host = url.host_str().is_some_and(|host| !host.is_empty())
            || url.query_pairs().any(|(name, _)| name == "host");
        if !has_host || url.path().len() < 2 {
            return Err("it lacks the host or the name of the database".to_owned());
        }
        Ok(Self::Server(text.to_owned()))
    }
}

/// The settings of a database at an address, which `check` reads in the same way.
fn with_url(text: &str) -> DatabaseSettings {
    let url = ConnectionUrl::new(text);
    DatabaseSettings { url, ..DatabaseSettings::defaults(Profile::default()) }
}

impl Database {
    /// Whether it can be the one of a Django project, which has made it.
    pub(super) fn is_of(&self, front_end: FrontEnd) -> Result<(), String> {
        let file = match self {
            Self::Sqlite(url) if front_end == FrontEnd::Django => {
                url.as_deref().and_then(|url| with_url(url).sqlite_file())
            }
            _ => return Ok(()),
        };
        match file {
            Some(file) if file.exists() => Ok(()),
            Some(file) => {
                Err(format!("there is no {}: name the file of the project", file.display()))
            }
            None => {
                Err("name the file of the project: sqlite:///srv/project/db.sqlite3".to_owned())
            }
        }
    }

    /// Whether it is a file, which the server makes by itself.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

/// Who delivers mails.
#[derive(Clone, Debug)]
pub(super) enum MailDelivery {
    /// Nobody: they are printed.
    Console,
    /// A server.
    Smtp { host: String, port: u16, tls: MailTls, user: Option<String> },
}

/// How the mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MailTls {
    /// In the clear, on this machine.
    None,
    /// STARTTLS.
    Later,
    /// TLS from the start.
    AtOnce,
}

impl FromStr for MailDelivery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "console" {
            return Ok(Self::Console);
        }
        let example = "answer console, smtp://user@host:587 or smtps://user@host";
        let url = Url::parse(text).map_err(|_| example.to_owned())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(example)?;
        if url.password().is_some() {
            return Err("leave the password out: it is asked for".to_owned());
        }
        let (tls, port) = match url.scheme() {
            "smtps" => (MailTls::AtOnce, 465),
            "smtp" if is_here(host) => (MailTls::None, 25),
            "smtp" => (MailTls::Later, 587),
            _ => return Err(example.to_owned()),
        };
        // The user may be an address, whose @ is written %40 in a URL.
        let user = url.username().replace("%40", "@");
        Ok(Self::Smtp {
            host: host.to_owned(),
            port: url.port().unwrap_or(port),
            tls,
            user: Some(user).filter(|user| !user.is_empty()),
        })
    }
}

/// The sender of mails.
#[derive(Clone, Debug)]
pub(super) struct FromAddress(pub(super) String);

impl FromStr for FromAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
        let local = address.strip_suffix("@localhost").is_some_and(|name| !name.is_empty());
        if is_email(address.trim()) || local {
            return Ok(Self(text.to_owned()));
        }
        Err("write accounts@example.com or Example <accounts@example.com>".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(app: &str, api: &str) -> Option<String> {
        app.parse::<AppUrl>().unwrap().domain_with(&api.parse().unwrap())
    }

    fn is_beside(app: &str, api: &str) -> bool {
        app.parse::<AppUrl>().unwrap().is_beside(&api.parse().unwrap()).is_ok()
    }

    #[test]
    fn cookies_are_for_the_domain_that_both_are_below() {
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(
            domain("https://app.example.com", "https://auth.example.com"),
            own("example.com")
        );
        assert_eq!(domain("https://example.com:1", "https://api.example.com"), own("example.com"));
        assert_eq!(domain("http://localhost:3000", "http://localhost:8000"), None);
        assert!(is_beside("https://app.example.com", "https://auth.example.com"));
        assert!(is_beside("http://localhost:3000", "http://localhost:8000"));
        assert!(!is_beside("https://example.org", "https://example.com"));
        assert!(!is_beside("https://app.one.com", "https://auth.two.com"));
        assert!(!is_beside("http://localhost:3000", "https://localhost"));
    }

    #[test]
    fn an_address_has_no_more_than_a_host() {
        for text in ["https://auth.example.com", "http://localhost:8000", "https://[::1]:1/"] {
            assert!(text.parse::<PublicUrl>().is_ok(), "{text}");
        }
        for text in [
            "auth.example.com",
            "http://example.com",
            "https://example.com/api",
            "https://u:p@example.com",
            "ftp://example.com",
            "https://",
            "",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_mail_server_says_how_it_is_spoken_to() {
        let read = |text: &str| match text.parse::<MailDelivery>() {
            Ok(MailDelivery::Smtp { host, port, tls, user }) => Some((host, port, tls, user)),
            _ => None,
        };
        let known = |host: &str, port, tls, user: Option<&str>| {
            Some((host.to_owned(), port, tls, user.map(str::to_owned)))
        };
        let (a, b) = ("smtp://mail.example.com", "smtps://a%40example.com@mail.example.com");
        assert_eq!(read(a), known("mail.example.com", 587, MailTls::Later, None));
        assert_eq!(read(b), known("mail.example.com", 465, MailTls::AtOnce, Some("a@example.com")));
        assert_eq!(read("smtp://localhost:1025"), known("localhost", 1025, MailTls::None, None));
        for text in ["smtp://user:secret@host", "mail.example.com", "smtp://", "http://host", ""] {
            assert!(text.parse::<MailDelivery>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_database_has_a_host_and_a_name() {
        for text in [
            "sqlite",
            "sqlite:///var/lib/a.sqlite3",
            "postgres://u:p@db/x",
            "postgres:///x?host=/run/postgresql",
            "mysql://u@h/x",
        ] {
            assert!(text.parse::<Database>().is_ok(), "{text}");
        }
        for text in ["postgres://db", "postgres:///x", "oracle://db/x", "x", ""] {
            assert!(text.parse::<Database>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_that_a_check_refuses_is_none() {
        for (text, cure) in [
            ("postgres://user:p#ss@localhost/n", "write it as %23"),
            ("postgres://user:p/w@localhost/n", "write it as %2F"),
            ("mysql://user:p?w@localhost/n", "write it as %3F"),
            ("postgresql+psycopg2://u:p@localhost/x", "write postgres://..."),
            ("sqlite:///no/such/folder/db.sqlite3", "make the folder"),
        ] {
            let refused = text.parse::<Database>().unwrap_err();
            assert!(refused.contains(cure), "{text}: {refused}");
            assert!(!refused.contains("p#ss"), "{refused}");
        }
    }

    #[test]
    fn the_file_of_a_project_is_there() {
        let is_of = |text: &str| text.parse::<Database>().unwrap().is_of(FrontEnd::Django).is_ok();
        assert!(is_of("postgres://u:p@db/x"));
        assert!(is_of(concat!("sqlite://", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")));
        assert!(!is_of(concat!("sqlite://", env!("CARGO_MANIFEST_DIR"), "/no.sqlite3")));
        assert!(!is_of("sqlite"));
    }
}
