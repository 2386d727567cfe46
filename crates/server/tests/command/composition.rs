//! What `docker/compose.yaml` starts, as plain processes with the configurations beside it: nginx in
//! front of the server, PostgreSQL, and a mail server.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::harness::{Answer, Folder, PATIENCE, Server, exchange, request};
use crate::mail_server::MailServer;

fn of_docker(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docker").join(name);
    fs::read_to_string(file).unwrap()
}

/// `docker/nginx.conf` in front of a server; it is killed when it is dropped.
struct Nginx {
    process: Child,
    port: u16,
}

impl Nginx {
    fn start(folder: &Folder, port: u16, server: &Server) -> Self {
        let site = of_docker("nginx.conf");
        let site = site.replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
        let site = site.replace("server:8000", &server.address().to_string());
        folder.write(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; pid nginx.pid; error_log stderr warn;
                 events {{ worker_connections 64; }}
                 http {{
                     access_log access.log;
                     client_body_temp_path temporary; proxy_temp_path temporary;
                     fastcgi_temp_path temporary; uwsgi_temp_path temporary;
                     scgi_temp_path temporary;
                     {site}
                 }}"
            ),
        );
        let process = Command::new(std::env::var_os("REST_AUTH_TEST_NGINX").unwrap())
            .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { process, port };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
    }

    fn send(&self, request: &str) -> Answer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        exchange(stream, request)
    }

    fn post(&self, path: &str, form: &Value) -> Answer {
        self.send(&request("POST", &format!("/api/auth/{path}"), &form.to_string()))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The server with `docker/rest-auth.toml` and the variables of the composition, at other addresses.
fn server(folder: &Folder, port: u16, database: &str, mail: &MailServer) -> Server {
    folder.write("auth.toml", &of_docker("rest-auth.toml"));
    folder.write("database_url", database);
    folder.write("secret_key", "a secret key of the composition, which is long enough to sign");
    let child = folder
        .command(&["serve"])
        .env("REST_AUTH__DATABASE__URL_FILE", "database_url")
        .env("REST_AUTH__SERVER__SECRET_KEY_FILE", "secret_key")
        .env("REST_AUTH__LOG__FORMAT", "json")
        .env("REST_AUTH__SERVER__BIND", "127.0.0.1:0")
        .env("REST_AUTH__SERVER__PUBLIC_URL", format!("http://localhost:{port}"))
        .env("REST_AUTH__SERVER__TRUSTED_PROXIES", "127.0.0.1")
        .env("REST_AUTH__EMAIL__HOST", "127.0.0.1")
        .env("REST_AUTH__EMAIL__PORT", mail.port().to_string())
        .spawn()
        .unwrap();
    Server::of(child)
}

#[test]
#[cfg_attr(
    not(all(nginx, postgres, smtp)),
    ignore = "needs REST_AUTH_TEST_NGINX, REST_AUTH_TEST_POSTGRES_URL and REST_AUTH_TEST_SMTP"
)]
fn a_user_registers_clicks_the_link_in_the_mail_and_logs_in() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::fresh(Backend::Postgres)).unwrap();
    let (folder, mail, port) = (Folder::new(), MailServer::start(), free_port());
    let server = server(&folder, port, database.url(), &mail);
    let nginx = Nginx::start(&folder, port, &server);
    assert_eq!(nginx.send(&request("GET", "/readyz", "")).status, 200);
    assert_eq!(nginx.send(&request("GET", "/", "")).status, 404);

    let password = "correct horse battery staple";
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": password,
        "password2": password});
    let registered = nginx.post("registration/", &form);
    assert_eq!(registered.status, 201, "{}", registered.body);
    let login = json!({"username": "ada", "password": password});
    assert_eq!(nginx.post("login/", &login).status, 400);

    let start = format!("http://localhost:{port}");
    let mails = mail.wait_for(1, PATIENCE);
    let text = mails[0].part("text/plain");
    let link = text.split_whitespace().find(|word| word.starts_with(&start));
    let path = link.unwrap_or_else(|| panic!("no link in {text}")).trim_start_matches(&start);
    let page = nginx.send(&request("GET", path, ""));
    assert!(page.status == 200 && page.body.contains("<form method=\"post\">"), "{}", page.body);
    assert_eq!(nginx.send(&request("POST", path, "")).status, 200);
    let answer = nginx.post("login/", &login);
    assert_eq!(answer.status, 204, "{}", answer.body);

    let log = fs::read_to_string(folder.path().join("access.log")).unwrap();
    let secret = path.trim_end_matches('/').rsplit('/').next().unwrap();
    assert!(log.contains("/api/auth/login/") && !log.contains(secret), "{log}");
}
