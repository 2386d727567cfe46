//! The options of `rest-auth init`, one for each question.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::answer::{AppUrl, Database, FromAddress, FrontEnd, MailDelivery, PublicUrl};
use super::document::{self, Answers};
use super::files::{Files, Written};
use super::question::{self, Question};
use crate::cli::arguments::ConfigSource;
use crate::log;

/// The answers that are known. The rest is asked for.
#[derive(Args, Debug)]
pub(in crate::cli) struct Init {
    /// Who uses the API.
    #[arg(long, value_enum, value_name = "KIND")]
    front_end: Option<FrontEnd>,
    /// Address under which clients reach the server.
    #[arg(long)]
    url: Option<PublicUrl>,
    /// Address of the pages, with --front-end subdomains.
    #[arg(long, value_name = "URL")]
    app_url: Option<AppUrl>,
    /// sqlite, or the URL of a database. A password in it is written to a file of its own.
    #[arg(long, value_name = "URL")]
    database: Option<Database>,
    /// `console`, or the mail server: `smtp://user@host:587`, or `smtps://` for TLS from the start.
    #[arg(long, value_name = "URL")]
    mail: Option<MailDelivery>,
    /// File with the password of the user at the mail server.
    #[arg(long, value_name = "FILE")]
    mail_password_file: Option<PathBuf>,
    /// Sender of mails, as `Name <address>` or an address.
    #[arg(long, value_name = "ADDRESS")]
    sender: Option<FromAddress>,
    /// File with Django's `SECRET_KEY`, with --front-end django.
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
}

/// Asks, and writes the configuration and its secrets. Nothing that exists is overwritten.
pub(in crate::cli) fn run(source: &ConfigSource, init: Init) -> anyhow::Result<()> {
    let path = source.wanted();
    let mut files = Files::beside(&path);
    files.refuse_existing()?;
    let answers = ask(init, &mut files)?;
    let document = document::of(&answers, &mut files)?;
    for Written { path, about } in files.write(&document)? {
        log::tell(format_args!("{}: {about}", path.display()));
    }
    log::tell(next(&path, &answers));
    Ok(())
}

fn ask(init: Init, files: &mut Files) -> anyhow::Result<Answers> {
    let front_end = question::ask(init.front_end, &FRONT_END)?;
    let url = question::ask(init.url, &url(front_end))?;
    let app_url = match (front_end, init.app_url) {
        (FrontEnd::Subdomains, given) => {
            Some(question::ask_if(given, &APP_URL, |app: &AppUrl| app.is_beside(&url))?)
        }
        (_, Some(_)) => bail!("--app-url: only with --front-end subdomains"),
        (_, None) => None,
    };
    let question = database(front_end);
    let database = question::ask_if(init.database, &question, |found| found.is_of(front_end))?;
    let mail = question::ask(init.mail, &MAIL)?;
    if matches!(&mail, MailDelivery::Smtp { user: Some(_), .. }) {
        let text = "Password of that user at the mail server";
        files.mail_password = Some(secret(init.mail_password_file, "--mail-password-file", text)?);
    } else if init.mail_password_file.is_some() {
        bail!("--mail-password-file: only with a user at the mail server, smtp://user@host");
    }
    let default = format!("accounts@{}", url.host());
    let text = "Sender of mails";
    let sender = Question { option: "--sender", text, choices: &[], default: Some(&default) };
    let sender = question::ask(init.sender, &sender)?;
    if front_end == FrontEnd::Django {
        let text = "SECRET_KEY of the Django project";
        files.secret_key = Some(secret(init.secret_key_file, "--secret-key-file", text)?);
    } else if init.secret_key_file.is_some() {
        bail!("--secret-key-file: only with --front-end django");
    }
    Ok(Answers { front_end, url, app_url, database, mail, sender })
}

/// A secret, or the file that has it.
pub(super) enum SecretInput {
    /// It was typed, and is written to a file.
    Typed(String),
    /// It is in a file already.
    In(PathBuf),
}

fn secret(file: Option<PathBuf>, option: &str, text: &str) -> anyhow::Result<SecretInput> {
    Ok(match file {
        Some(path) => SecretInput::In(std::path::absolute(path)?),
        None => SecretInput::Typed(question::ask_secret(option, text)?),
    })
}

const FRONT_END: Question<'_> = Question {
    option: "--front-end",
    text: "Who uses the API?",
    choices: &[
        ("one-domain", "pages on the same domain, behind one proxy: sessions"),
        ("subdomains", "pages on another host of the same domain: JWTs in cookies"),
        ("phone", "an app on a phone or a desktop: JWTs"),
        ("services", "other services, which check tokens by themselves: signed JWTs"),
        ("django", "the clients of a Django project with dj-rest-auth, on its database"),
    ],
    default: Some("one-domain"),
};

const APP_URL: Question<'_> = Question {
    option: "--app-url",
    text: "Where are the pages? Such as https://app.example.com",
    choices: &[],
    default: None,
};

const MAIL: Question<'_> = Question {
    option: "--mail",
    text: "Which server delivers mails?",
    choices: &[
        ("console", "none: mails are printed, to try out"),
        ("smtp://user@host:587", "a mail server, with STARTTLS; smtps:// for TLS from the start"),
    ],
    default: Some("console"),
};

fn url(front_end: FrontEnd) -> Question<'static> {
    let text = match front_end {
        FrontEnd::OneDomain => "Where do browsers find pages and API? Such as https://example.com",
        _ => "Where do clients find the server? Such as https://auth.example.com",
    };
    Question { option: "--url", text, choices: &[], default: Some("http://localhost:8000") }
}

fn database(front_end: FrontEnd) -> Question<'static> {
    const FILE: (&str, &str) =
        ("sqlite", "a file beside the configuration; sqlite:///path for another");
    const POSTGRES: (&str, &str) = ("postgres://user:password@host/name", "PostgreSQL");
    const MYSQL: (&str, &str) = ("mysql://user:password@host/name", "MySQL or MariaDB");
    let (text, default) = match front_end {
        FrontEnd::Django => ("Where is the database of the project?", None),
        _ => ("Where are the data?", Some("sqlite")),
    };
    let choices: &[(&str, &str)] = match front_end {
        FrontEnd::Django => &[("sqlite:///path/db.sqlite3", "its file"), POSTGRES, MYSQL],
        _ => &[FILE, POSTGRES, MYSQL],
    };
    Question { option: "--database", text, choices, default }
}

/// What is to be done with the file.
fn next(path: &Path, answers: &Answers) -> String {
    let config = match path.to_str() {
        Some("rest-auth.toml") => String::new(),
        _ => format!(" --config {}", path.display()),
    };
    let mut lines = vec![format!("rest-auth check --deploy{config}")];
    if answers.front_end == FrontEnd::Django {
        lines.push(format!("rest-auth migrate --status{config}    # changes nothing"));
    }
    if !answers.database.is_file() {
        lines.push(format!("rest-auth migrate{config}"));
    }
    lines.push(format!("rest-auth serve{config}"));
    format!("\nNext:\n    {}", lines.join("\n    "))
}
