//! A server behind nginx, which calls it by another name than visitors do, and a front end that
//! links in mails lead to.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};

use crate::harness::{Answer, Folder, PATIENCE, Server, exchange};

/// Visitors know the proxy as `auth.example.org` and the front end as `app.example.org`.
const CONFIG: &str = r#"
[server]
public_url = "https://auth.example.org"
allowed_hosts = ["auth.example.org"]
trusted_proxies = ["127.0.0.1"]
[email]
backend = "file"
file_path = "mails"
[account]
email_verification = "mandatory"
email_confirmation_url = "https://app.example.org/verify?key={key}"
password_reset_url = "https://app.example.org/reset/{uid}/{token}"
"#;

/// Where nginx says that visitors come from.
const VISITOR: &str = "203.0.113.7";

/// An nginx that runs; it is killed when it is dropped.
struct Nginx {
    process: Child,
    address: SocketAddr,
}

impl Nginx {
    /// Starts one in front of a server.
    fn before(server: &Server, folder: &Folder) -> Self {
        let program = env::var_os("REST_AUTH_TEST_NGINX").expect("REST_AUTH_TEST_NGINX");
        // Somebody may take the port before nginx does, but only who looks for one in this moment.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        folder.write(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; pid nginx.pid; error_log stderr warn;
                 events {{ worker_connections 64; }}
                 http {{
                     access_log off;
                     client_body_temp_path temporary; proxy_temp_path temporary;
                     fastcgi_temp_path temporary; uwsgi_temp_path temporary;
                     scgi_temp_path temporary;
                     server {{
                         listen {free};
                         location / {{
                             proxy_pass http://{};
                             proxy_set_header Host auth.example.org;
                             proxy_set_header X-Forwarded-For {VISITOR};
                             proxy_set_header X-Forwarded-Proto https;
                         }}
                     }}
                 }}",
                server.address()
            ),
        );
        let process = Command::new(program)
            .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { process, address: free };
        let begun = Instant::now();
        while TcpStream::connect(nginx.address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
    }

    /// Posts JSON as a visitor who lies about their address.
    fn post(&self, path: &str, json: &Value) -> Answer {
        self.send("POST", path, &json.to_string())
    }

    fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{method} /api/auth/{path} HTTP/1.1\r\nHost: evil.example\r\n\
             X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n\
             Connection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(stream, &request)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The mails of a folder, each of which is read once.
struct Mailbox {
    folder: PathBuf,
    read: BTreeSet<PathBuf>,
}

impl Mailbox {
    /// Waits for the next mail and returns its one address that begins like this.
    fn link(&mut self, start: &str) -> String {
        let begun = Instant::now();
        loop {
            let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
            let mails = files.map(|file| file.path());
            let mut mails = mails.filter(|path| path.extension().is_some_and(|end| end == "eml"));
            if let Some(mail) = mails.find(|path| !self.read.contains(path)) {
                let text = fs::read_to_string(&mail).unwrap();
                self.read.insert(mail);
                let text = text.replace("=\r\n", "").replace("=3D", "=");
                for foreign in ["evil.example", "auth.example.org", "localhost:", "127.0.0.1"] {
                    assert!(!text.contains(foreign), "{foreign} in {text}");
                }
                let link = text.split_whitespace().find(|word| word.starts_with(start));
                return link.unwrap_or_else(|| panic!("no {start} in {text}")).to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "no mail");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
#[cfg_attr(not(nginx), ignore = "needs REST_AUTH_TEST_NGINX")]
fn links_lead_to_the_front_end_and_work_through_the_proxy() {
    let folder = Folder::configured(CONFIG);
    let mut server = folder.serve();
    let nginx = Nginx::before(&server, &folder);
    let mut mailbox = Mailbox { folder: folder.path().join("mails"), read: BTreeSet::new() };
    let (password, other) = ("correct horse battery staple", "rotten donkey capacitor nail");

    let form = json!({"username": "ada", "email": "ada@example.com", "password1": password,
        "password2": password});
    let registered = nginx.post("registration/", &form);
    assert_eq!(registered.status, 201, "{}", registered.body);
    server.wait_for(VISITOR);
    let link = mailbox.link("https://app.example.org/verify?key=");
    let key = json!({"key": link.split_once("key=").unwrap().1});
    // A mail scanner that looks at what the front end would call uses nothing up.
    assert_eq!(nginx.send("GET", "registration/verify-email/", &key.to_string()).status, 405);
    let verified = nginx.post("registration/verify-email/", &key);
    assert_eq!(verified.status, 200, "{}", verified.body);
    assert_eq!(nginx.post("registration/verify-email/", &key).status, 404);
    let credentials = json!({"username": "ada", "password": password});
    assert_eq!(nginx.post("login/", &credentials).status, 200);

    let asked = nginx.post("password/reset/", &json!({"email": "ada@example.com"}));
    assert_eq!(asked.status, 200, "{}", asked.body);
    let link = mailbox.link("https://app.example.org/reset/");
    let mut parts = link.rsplit('/');
    let (token, uid) = (parts.next().unwrap(), parts.next().unwrap());
    let form = json!({"uid": uid, "token": token, "new_password1": other, "new_password2": other});
    assert_eq!(nginx.send("GET", "password/reset/confirm/", &form.to_string()).status, 405);
    let reset = nginx.post("password/reset/confirm/", &form);
    assert_eq!(reset.status, 200, "{}", reset.body);
    assert_eq!(nginx.post("password/reset/confirm/", &form).status, 400);
    assert_eq!(nginx.post("login/", &credentials).status, 400);
    let credentials = json!({"username": "ada", "password": other});
    assert_eq!(nginx.post("login/", &credentials).status, 200);
}
