//! The configuration file that the answers make.

use std::fmt::Write as _;

use rest_auth_settings::toml_text;
use serde_json::{Value, json};

use super::answer::{AppUrl, Database, FromAddress, FrontEnd, MailDelivery, MailTls, PublicUrl};
use super::files::Files;

/// The port that a server listens at behind a proxy.
const PORT: u16 = 8000;

/// All answers.
pub(super) struct Answers {
    pub(super) front_end: FrontEnd,
    pub(super) url: PublicUrl,
    /// Where the pages are, if they have a host of their own.
    pub(super) app_url: Option<AppUrl>,
    pub(super) database: Database,
    pub(super) mail: MailDelivery,
    pub(super) sender: FromAddress,
}

/// A file that is being written.
#[derive(Default)]
struct Toml(String);

impl Toml {
    // Writing to a text cannot fail.

    fn comment(&mut self, text: &str) {
        for line in text.lines() {
            let _ = writeln!(self.0, "{}", format!("# {line}").trim_end());
        }
    }

    fn table(&mut self, name: &str) {
        let _ = writeln!(self.0, "\n[{name}]");
    }

    fn key(&mut self, name: &str, value: impl Into<Value>) {
        let _ = writeln!(self.0, "{name} = {}", toml_text::literal(&value.into()));
    }

    /// A key to switch on later.
    fn later(&mut self, name: &str, value: impl Into<Value>) {
        self.0.push('#');
        self.key(name, value);
    }
}

/// The text of the file. What is secret is kept in files beside it.
pub(super) fn of(answers: &Answers, files: &mut Files) -> anyhow::Result<String> {
    let mut toml = Toml::default();
    toml.comment(
        "Written by rest-auth init. `rest-auth config example` prints every key with its default,\n\
         `rest-auth check --deploy` what is missing, `rest-auth config show` what is in force.\n\
         Environment variables come first: REST_AUTH__SERVER__BIND=0.0.0.0:8000.",
    );
    if answers.front_end == FrontEnd::Django {
        toml.comment("\nThe defaults of dj-rest-auth: docs/django.md has the settings to copy.");
        toml.key("profile", "django");
    }
    server(&mut toml, answers, files);
    database(&mut toml, answers, files)?;
    mail(&mut toml, answers, files);
    match answers.front_end {
        FrontEnd::OneDomain => one_domain(&mut toml, answers),
        FrontEnd::Subdomains => subdomains(&mut toml, answers, files),
        FrontEnd::Phone => phone(&mut toml, answers, files),
        FrontEnd::Services => services(&mut toml, answers, files)?,
        FrontEnd::Django => django(&mut toml, answers),
    }
    if answers.front_end != FrontEnd::Django {
        passwords(&mut toml);
        languages(&mut toml);
    }
    Ok(toml.0)
}

fn server(toml: &mut Toml, answers: &Answers, files: &mut Files) {
    toml.table("server");
    toml.comment("The address at which clients reach this server. Links in mails begin with it.");
    toml.key("public_url", answers.url.text());
    toml.comment("What mails and passkeys call the site.");
    toml.key("site_name", answers.url.host());
    if answers.url.is_https() {
        toml.comment("Where it listens. A proxy in front of it speaks https.");
        toml.key("bind", format!("127.0.0.1:{PORT}"));
        toml.key("allowed_hosts", json!([answers.url.host()]));
        toml.comment("Proxies whose X-Forwarded-For is believed.");
        toml.key("trusted_proxies", json!(["127.0.0.1", "::1"]));
    } else if answers.front_end == FrontEnd::OneDomain && answers.url.port() != PORT {
        toml.comment(
            "Where it listens. What serves the pages at the address above passes /api/auth and the\n\
             links of mails on to it.",
        );
        toml.key("bind", format!("127.0.0.1:{PORT}"));
    } else {
        toml.comment("Where it listens.");
        toml.key("bind", format!("127.0.0.1:{}", answers.url.port()));
    }
    if answers.front_end == FrontEnd::Django {
        toml.comment(
            "Where the project mounts dj_rest_auth.urls, so that its clients find everything where it\n\
             was: correct it if that is another path.",
        );
        toml.key("base_path", "/dj-rest-auth");
    }
    toml.comment("Signs sessions and links. All instances need the same.");
    toml.key("secret_key_file", files.keep_secret_key());
    if answers.url.is_https() {
        toml.table("secure");
        toml.comment(
            "How the proxy tells https. It must remove the header from what clients send.",
        );
        toml.key("proxy_ssl_header", json!(["HTTP_X_FORWARDED_PROTO", "https"]));
    }
}

fn database(toml: &mut Toml, answers: &Answers, files: &mut Files) -> anyhow::Result<()> {
    toml.table("database");
    match &answers.database {
        Database::Sqlite(None) => {
            toml.comment("One server can use it, and migrates it by itself.");
            toml.key("url", files.database()?);
        }
        Database::Sqlite(Some(url)) => toml.key("url", url.as_str()),
        Database::Server(url) => {
            toml.comment("A file of its own has the URL, because a password may be in it.");
            toml.key("url_file", files.keep_database_url(url));
        }
    }
    Ok(())
}

fn mail(toml: &mut Toml, answers: &Answers, files: &mut Files) {
    toml.table("email");
    match &answers.mail {
        MailDelivery::Console => {
            toml.comment("Mails are printed. For real ones: smtp, with host, port and use_tls.");
            toml.key("backend", "console");
        }
        MailDelivery::Smtp { host, port, tls, user } => {
            toml.key("backend", "smtp");
            toml.key("host", host.as_str());
            toml.key("port", *port);
            match tls {
                MailTls::None => {}
                MailTls::Later => toml.key("use_tls", true),
                MailTls::AtOnce => toml.key("use_ssl", true),
            }
            if let Some(user) = user {
                toml.key("host_user", user.as_str());
            }
            if let Some(file) = files.keep_mail_password() {
                toml.key("host_password_file", file);
            }
        }
    }
    toml.key("default_from_email", answers.sender.0.as_str());
}

/// A page that the link of a mail may lead to.
fn reset_page(toml: &mut Toml, origin: &str) {
    toml.comment(
        "A page of yours behind the link of a mail. Without it this server shows its own:\n\
         docs/verification.md.",
    );
    toml.later("password_reset_url", format!("{origin}/password-reset/{{uid}}/{{token}}"));
}

/// How users of a page log in, and the other page behind a link.
fn page_accounts(toml: &mut Toml, origin: &str) {
    toml.table("account");
    toml.comment("Users log in by their name or by their e-mail address.");
    toml.key("login_methods", json!(["username", "email"]));
    toml.comment("They register with an address, and confirm it before they log in.");
    toml.key("signup_fields", json!(["username*", "email*", "password1*", "password2*"]));
    toml.key("email_verification", "mandatory");
    toml.comment("A page of yours, as rest_auth.password_reset_url.");
    toml.later("email_confirmation_url", format!("{origin}/verify-email/{{key}}"));
}

fn one_domain(toml: &mut Toml, answers: &Answers) {
    toml.table("rest_auth");
    toml.comment(
        "A login makes a session, whose cookie scripts cannot read. What changes something carries\n\
         the CSRF token: docs/clients.md.",
    );
    toml.key("token_model", false);
    reset_page(toml, &answers.url.text());
    page_accounts(toml, &answers.url.text());
}

fn subdomains(toml: &mut Toml, answers: &Answers, files: &mut Files) {
    let Some(app) = &answers.app_url else { return };
    toml.table("rest_auth");
    toml.comment("A login sets a pair of JWTs as cookies, which scripts cannot read.");
    toml.key("use_jwt", true);
    toml.key("session_login", false);
    toml.key("jwt_auth_cookie", "access");
    toml.key("jwt_auth_refresh_cookie", "refresh");
    reset_page(toml, &app.text());
    page_accounts(toml, &app.text());
    toml.table("rest_framework");
    toml.key("default_authentication_classes", json!(["jwt_cookie"]));
    jwt(toml, answers, files);
    toml.table("cors");
    toml.comment("Which pages may read answers.");
    toml.key("allowed_origins", json!([app.text()]));
    toml.key("allow_credentials", true);
    toml.table("csrf");
    toml.comment("Which pages may log in and change something.");
    toml.key("trusted_origins", json!([app.text()]));
    let domain = app.domain_with(&answers.url);
    if let Some(domain) = &domain {
        toml.comment("The page reads the token, so the cookie is for both hosts.");
        toml.key("cookie_domain", format!(".{domain}"));
        toml.table("passkeys");
        toml.comment("Passkeys work on every host of the domain.");
        toml.key("rp_id", domain.as_str());
        toml.key("rp_origins", json!([app.text()]));
    }
}

/// Tokens in the body of the answer, for clients that keep them.
fn bearer(toml: &mut Toml) {
    toml.key("use_jwt", true);
    toml.key("session_login", false);
    toml.comment("Off: the body of the answer has the refresh token.");
    toml.key("jwt_auth_httponly", false);
}

fn phone(toml: &mut Toml, answers: &Answers, files: &mut Files) {
    toml.table("rest_auth");
    toml.comment(
        "A login answers with an access token for some minutes and a refresh token, which the app\n\
         keeps in the key store of the device: docs/clients.md, examples/phone.",
    );
    bearer(toml);
    jwt(toml, answers, files);
    toml.table("account");
    toml.comment("Codes to type in the app. Off: links, which open a page of this server.");
    toml.key("email_verification_by_code_enabled", true);
    toml.key("password_reset_by_code_enabled", true);
    toml.comment("Users log in by their e-mail address in place of a name.");
    toml.later("login_methods", json!(["email"]));
}

fn services(toml: &mut Toml, answers: &Answers, files: &mut Files) -> anyhow::Result<()> {
    toml.table("rest_auth");
    toml.comment("A login answers with an access token for some minutes and a refresh token.");
    bearer(toml);
    let (private, public) = files.keep_jwt_key_pair()?;
    toml.table("simple_jwt");
    toml.comment(&format!(
        "Services check access tokens with {public}: signature, exp, iss, aud, and\n\
         token_type = \"access\"."
    ));
    toml.key("algorithm", "ES256");
    toml.key("signing_key_file", private);
    parties(toml, answers);
    Ok(())
}

fn jwt(toml: &mut Toml, answers: &Answers, files: &mut Files) {
    toml.table("simple_jwt");
    toml.comment("Signs JWTs. Whoever has it can make them.");
    toml.key("signing_key_file", files.keep_jwt_key());
    parties(toml, answers);
}

/// Who issues tokens, and for whom.
fn parties(toml: &mut Toml, answers: &Answers) {
    toml.key("issuer", answers.url.text());
    toml.key("audience", answers.url.host());
}

fn django(toml: &mut Toml, answers: &Answers) {
    toml.table("auth");
    toml.comment(
        "AUTHENTICATION_BACKENDS of the project: \"model\" is Django's, \"allauth\" allauth's.",
    );
    toml.key("authentication_backends", json!(["model", "allauth"]));
    toml.comment("AUTH_PASSWORD_VALIDATORS of the project.");
    toml.key(
        "password_validators",
        json!([
            "user_attribute_similarity",
            "minimum_length",
            "common_password",
            "numeric_password",
        ]),
    );
    toml.table("rest_auth");
    toml.comment("REST_AUTH of the project. Further tables are SIMPLE_JWT and REST_FRAMEWORK.");
    toml.later("use_jwt", true);
    toml.comment(
        "The page of the project behind the links that reset passwords. Without it links begin with\n\
         server.public_url and have the paths of Django's own pages.",
    );
    let origin = answers.url.text();
    toml.later("password_reset_url", format!("{origin}/password-reset/{{uid}}/{{token}}"));
    toml.table("account");
    toml.comment("The same for links that confirm addresses.");
    toml.later("email_confirmation_url", format!("{origin}/verify-email/{{key}}"));
    toml.comment("Or this server shows pages of its own behind both.");
    toml.later("link_pages", true);
    if answers.url.is_https() {
        for table in ["session", "csrf"] {
            toml.table(table);
            toml.key("cookie_secure", true);
        }
    }
}

fn passwords(toml: &mut Toml) {
    toml.table("auth");
    toml.comment("15 characters where the password is the only factor (NIST SP 800-63B).");
    toml.key(
        "password_validators",
        json!([
            "user_attribute_similarity",
            {"name": "minimum_length", "min_length": 15},
            "common_password",
            "numeric_password",
        ]),
    );
}

fn languages(toml: &mut Toml) {
    toml.table("i18n");
    toml.comment("Mails, pages and answers in the language that a browser asks for. Off: English.");
    toml.later("negotiate_language", true);
}
