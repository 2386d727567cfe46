//! `rest-auth init`

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rest_auth_http::config::{self, ConfigFile};

use crate::harness::{Finished, Folder};

const FRONT_ENDS: [&str; 5] = ["one-domain", "subdomains", "phone", "services", "django"];
const URLS: [(&str, &str); 2] = [
    ("https://auth.example.com", "https://app.example.com"),
    ("http://localhost:8000", "http://localhost:3000"),
];
const DATABASES: [&str; 3] = [
    "sqlite",
    "postgres://ada:db-secret@db.example.com/accounts",
    "mysql://ada@127.0.0.1/accounts",
];
const MAILS: [&str; 4] =
    ["console", "smtp://localhost:1025", "smtp://ada@mail.example.com", "smtps://mail.example.com"];

/// Stands for the database of a Django project: a file that is there.
const PROJECT: &str = concat!("sqlite://", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// What the answers themselves bring about, and nobody is kept from.
const EXPECTED: [&str; 4] = [
    "the database is SQLite",
    "`email.backend` delivers no mails",
    "`server.public_url` is http",
    "`email.default_from_email` is an address at localhost",
];

/// What the defaults of a Django project leave open.
const OF_DJANGO: [&str; 3] = [
    "passwords shorter than 15 characters",
    "`account.identify_by_proven_email` is off",
    "JWTs are signed with",
];

/// All options of one combination of answers.
fn options<'a>(
    front_end: &'a str,
    (url, app_url): (&'a str, &'a str),
    database: &'a str,
    mail: &'a str,
) -> Vec<&'a str> {
    let mut options = vec!["init", "--front-end", front_end, "--url", url];
    if front_end == "subdomains" {
        options.extend(["--app-url", app_url]);
    }
    let mut database = database;
    if front_end == "django" {
        options.extend(["--secret-key-file", "django-key"]);
        if database == "sqlite" {
            database = PROJECT;
        }
    }
    if mail.contains('@') {
        options.extend(["--mail-password-file", "mail-password"]);
    }
    options.extend(["--database", database, "--mail", mail, "--sender", "Example <a@example.com>"]);
    options
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("django-key", "the key of the project, which is long enough to sign with it\n");
    folder.write("mail-password", "a password\n");
    folder
}

fn init(folder: &Folder, options: &[&str], input: &str) -> Finished {
    folder.run(options, input)
}

fn written(folder: &Folder) -> String {
    fs::read_to_string(folder.path().join("rest-auth.toml")).unwrap()
}

/// What `check --deploy` says of the configuration, in this process: a hundred others take long.
fn findings(folder: &Folder) -> Vec<String> {
    let (path, content) = (folder.path().join("rest-auth.toml"), written(folder));
    let loaded =
        config::load(Some(ConfigFile { path: &path, content: &content }), std::iter::empty());
    let all = loaded.findings.iter().map(ToString::to_string);
    all.chain(config::deploy(&loaded.settings).iter().map(ToString::to_string)).collect()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn every_combination_of_answers_is_a_configuration_that_suits_production() {
    for front_end in FRONT_ENDS {
        for urls in URLS {
            for database in DATABASES {
                for mail in MAILS {
                    let folder = folder();
                    let options = options(front_end, urls, database, mail);
                    init(&folder, &options, "").ok();
                    let mut others = findings(&folder);
                    others.retain(|line| {
                        let known = EXPECTED.iter().any(|text| line.contains(text));
                        let django = OF_DJANGO.iter().any(|text| line.contains(text));
                        !(known || django && front_end == "django")
                    });
                    assert!(others.is_empty(), "{options:?}: {others:#?}\n{}", written(&folder));
                }
            }
        }
    }
}

#[test]
fn secrets_are_in_files_of_their_owner() {
    let folder = folder();
    let options = options("services", URLS[0], DATABASES[1], MAILS[2]);
    init(&folder, &options, "").ok();
    let text = written(&folder);
    assert!(!text.contains("db-secret"), "{text}");
    for name in ["secret-key", "database-url", "jwt-private.pem"] {
        let path = folder.path().join(format!("rest-auth.{name}"));
        assert_eq!(mode(&path), 0o600, "{name}");
        let secret = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret.trim()), "{name}");
    }
    let public = fs::read_to_string(folder.path().join("rest-auth.jwt-public.pem")).unwrap();
    assert!(public.starts_with("-----BEGIN PUBLIC KEY-----"), "{public}");
}

#[test]
fn two_servers_have_two_keys() {
    let keys = [0, 1].map(|_| {
        let folder = folder();
        init(&folder, &options("phone", URLS[0], "sqlite", "console"), "").ok();
        ["secret-key", "jwt-key"].map(|name| {
            fs::read_to_string(folder.path().join(format!("rest-auth.{name}"))).unwrap()
        })
    });
    let mut all: Vec<_> = keys.iter().flatten().collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn what_no_option_says_is_asked_and_asked_again() {
    let folder = folder();
    let answers = [
        "phones",
        "phone",
        "http://example.com",
        "https://auth.example.com/api",
        "https://auth.example.com",
        "",
        "smtp://ada:secret@mail.example.com",
        "smtp://ada@mail.example.com",
        "",
        "mail-secret",
        "nobody",
        "ada@example.com",
    ];
    let outcome = init(&folder, &["init"], &(answers.join("\n") + "\n")).ok();
    assert_eq!(outcome.stdout, "");
    assert_eq!(outcome.stderr.matches("once more:").count(), 6, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("mail-secret"), "{}", outcome.stderr);
    let text = written(&folder);
    assert!(text.contains("use_jwt = true") && text.contains("ada@example.com"), "{text}");
    let password = folder.path().join("rest-auth.mail-password");
    assert_eq!(fs::read_to_string(&password).unwrap(), "mail-secret\n");
    assert_eq!(mode(&password), 0o600);
    folder.run(&["check", "--deploy"], "").ok();
}

#[test]
fn nothing_is_overwritten() {
    for name in ["rest-auth.toml", "rest-auth.secret-key", "rest-auth.jwt-private.pem"] {
        let folder = folder();
        folder.write(name, "mine\n");
        let refused = init(&folder, &options("phone", URLS[0], "sqlite", "console"), "");
        assert_eq!(refused.status, 1);
        assert!(refused.stderr.contains(name), "{}", refused.stderr);
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), "mine\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}

#[test]
fn another_file_has_its_secrets_beside_it() {
    let folder = folder();
    fs::create_dir(folder.path().join("etc")).unwrap();
    let mut options = options("phone", URLS[0], "sqlite", "console");
    options.extend(["--config", "etc/accounts.toml"]);
    init(&folder, &options, "").ok();
    assert!(folder.path().join("etc/accounts.secret-key").is_file());
    folder.run(&["check", "--deploy", "--config", "etc/accounts.toml"], "").ok();
}

#[test]
fn an_answer_that_is_missing_or_does_not_fit_names_its_option() {
    let missing = init(&folder(), &["init", "--front-end", "phone"], "");
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("give --url"), "{}", missing.stderr);
    let wrong = init(&folder(), &["init", "--database", "oracle://db/x"], "");
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("--database"), "{}", wrong.stderr);
    let django = options("django", URLS[0], "postgres://db/x", "console");
    let django = django.iter().map(|text| if *text == "postgres://db/x" { "sqlite" } else { text });
    let refused = init(&folder(), &django.collect::<Vec<_>>(), "");
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("--database: name the file of the project"),
        "{}",
        refused.stderr
    );
    let other_site = ("https://auth.example.com", "https://app.example.org");
    let options = options("subdomains", other_site, "sqlite", "console");
    let refused = init(&folder(), &options, "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("--app-url"), "{}", refused.stderr);
}

#[test]
fn an_option_that_its_answer_has_no_use_for_is_refused() {
    for (front_end, option) in [
        ("phone", "--app-url=https://app.example.com"),
        ("phone", "--mail-password-file=mail-password"),
        ("one-domain", "--secret-key-file=django-key"),
    ] {
        let mut options = options(front_end, URLS[0], "sqlite", "console");
        options.push(option);
        let refused = init(&folder(), &options, "");
        assert_eq!(refused.status, 1, "{option}");
        let name = option.split('=').next().unwrap();
        assert!(refused.stderr.contains(&format!("{name}: only with")), "{}", refused.stderr);
    }
    let mut options = options("phone", URLS[0], "sqlite", "console");
    options.extend(["--config", "nowhere/accounts.toml"]);
    let refused = init(&folder(), &options, "");
    assert!(refused.stderr.contains("there is no folder nowhere"), "{}", refused.stderr);
}

#[test]
fn a_server_behind_pages_on_one_domain_leaves_them_their_port() {
    let bind = |front_end, url| {
        let folder = folder();
        init(&folder, &options(front_end, (url, "http://localhost:3000"), "sqlite", "console"), "")
            .ok();
        let text = written(&folder);
        text.lines().find(|line| line.starts_with("bind")).unwrap().to_owned()
    };
    assert_eq!(bind("one-domain", "http://localhost:8080"), "bind = \"127.0.0.1:8000\"");
    assert_eq!(bind("subdomains", "http://localhost:8080"), "bind = \"127.0.0.1:8080\"");
}

#[test]
fn the_server_runs_with_what_was_written() {
    for front_end in ["one-domain", "subdomains", "phone", "services"] {
        let folder = folder();
        init(&folder, &options(front_end, URLS[1], "sqlite", "console"), "").ok();
        let server = folder.serve();
        let form = |name| {
            serde_json::json!({"username": name, "email": format!("{name}@example.com"),
                "password1": "correct horse battery staple",
                "password2": "correct horse battery staple"})
        };
        let registered = server.post("registration/", &form("bob"));
        assert!(matches!(registered.status, 201 | 204), "{front_end}: {}", registered.body);
        let ada = serde_json::json!({"username": "ada", "email": "ada@example.com",
            "email_verified": true, "password": "correct horse battery staple"});
        folder.run(&["user", "create"], &ada.to_string()).ok();
        let login = serde_json::json!({"username": "ada",
            "password": "correct horse battery staple"});
        let answer = server.post("login/", &login);
        assert!(matches!(answer.status, 200 | 204), "{front_end}: {}", answer.body);
        let tokens_in_body = front_end == "phone" || front_end == "services";
        let shown = answer.body.contains("\"refresh\":\"ey");
        assert_eq!(shown, tokens_in_body, "{front_end}: {}", answer.body);
    }
}

#[test]
fn a_django_project_keeps_its_paths_and_its_database() {
    let django = |database| {
        let folder = folder();
        let outcome = init(&folder, &options("django", URLS[0], database, "console"), "");
        (folder, outcome)
    };
    let (folder, outcome) = django(DATABASES[1]);
    outcome.ok();
    assert!(written(&folder).contains("\nbase_path = \"/dj-rest-auth\""), "{}", written(&folder));
    let (_, refused) = django("sqlite:///tmp/there-is-no-such-project.sqlite3");
    assert_eq!(refused.status, 1);
    let told = "there is no /tmp/there-is-no-such-project.sqlite3";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
    let (_, refused) = django("postgres://ada:db#secret@db.example.com/accounts");
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("write it as %23"), "{}", refused.stderr);
}
