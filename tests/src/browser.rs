//! A real browser, Chromium, asked by the protocol of `WebDriver` (W3C).
//!
//! `REST_AUTH_TEST_CHROMEDRIVER` names the program that starts it. Calls block: tests that ask a
//! server of their own process run it on a runtime with several threads.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How long anything may take: a busy machine starts a browser slowly.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long the browser is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// By this member a document refers to an element of a page.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the driver says once it listens, before the number of its port.
const STARTED: &str = "started successfully on port ";

/// Without a display, as any user, and without calls of its own to anywhere.
const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// One browser without a past. It ends with the test.
pub struct Browser {
    driver: Driver,
    session: String,
}

/// The program between the tests and the browser.
struct Driver {
    child: Child,
    port: u16,
    /// The driver ends if it cannot write any more.
    _output: BufReader<ChildStdout>,
}

/// Why the driver did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code of the protocol, such as `no such element`.
    pub error: String,
    /// The same for people.
    pub message: String,
}

#[expect(clippy::must_use_candidate, reason = "what the browser answers is often of no interest")]
impl Browser {
    /// Starts one. It takes any certificate.
    ///
    /// # Panics
    /// If the environment names no driver, or that starts no browser.
    #[must_use]
    pub fn start() -> Self {
        let driver = Driver::start();
        let options = json!({"args": ARGUMENTS});
        let wanted = json!({
            "acceptInsecureCerts": true,
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 30_000, "pageLoad": 30_000},
        });
        let asked = json!({"capabilities": {"alwaysMatch": wanted}});
        let session = match driver.ask("POST", "/session", Some(&asked)) {
            Ok(started) => started["sessionId"].as_str().expect("a session").to_owned(),
            Err(refused) => panic!("the browser does not start: {refused:?}"),
        };
        Self { driver, session }
    }

    /// Asks the driver for anything below `/session/<id>`.
    ///
    /// # Errors
    /// What the driver answers instead.
    pub fn try_post(&self, path: &str, document: &Value) -> Result<Value, Refused> {
        self.driver.ask("POST", &format!("/session/{}{path}", self.session), Some(document))
    }

    /// The same of what has to succeed.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn post(&self, path: &str, document: &Value) -> Value {
        match self.try_post(path, document) {
            Ok(value) => value,
            Err(refused) => panic!("{path} {document}: {refused:?}"),
        }
    }

    /// Asks the driver for what it knows.
    ///
    /// # Panics
    /// If it does not say.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.without_document("GET", path)
    }

    /// Tells the driver to remove something.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Value {
        self.without_document("DELETE", path)
    }

    #[track_caller]
    fn without_document(&self, method: &str, path: &str) -> Value {
        match self.driver.ask(method, &format!("/session/{}{path}", self.session), None) {
            Ok(value) => value,
            Err(refused) => panic!("{method} {path}: {refused:?}"),
        }
    }

    /// Goes to an address and waits for its page.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Where the browser is.
    ///
    /// # Panics
    /// If it is nowhere.
    #[must_use]
    #[track_caller]
    pub fn url(&self) -> String {
        self.get("/url").as_str().expect("an address").to_owned()
    }

    /// Waits until the browser is at an address that begins so, and tells the whole of it.
    ///
    /// # Panics
    /// If it does not get there.
    #[track_caller]
    pub fn arrives_at(&self, start: &str) -> String {
        let found = self.wait_for(|| Some(self.url()).filter(|url| url.starts_with(start)));
        found.unwrap_or_else(|| panic!("the browser stays {}", self.whereabouts()))
    }

    /// Presses what a CSS selector finds, as soon as it is there.
    ///
    /// # Panics
    /// If it does not appear.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let path = format!("/element/{}/click", self.find(selector));
        self.post(&path, &json!({}));
    }

    /// Writes into a field that a CSS selector finds, as soon as it is there.
    ///
    /// # Panics
    /// If it does not appear.
    #[track_caller]
    pub fn fill(&self, selector: &str, text: &str) {
        let path = format!("/element/{}/value", self.find(selector));
        self.post(&path, &json!({"text": text}));
    }

    /// The driver's name for the first element that a CSS selector finds, as soon as it is there.
    ///
    /// # Panics
    /// If it does not appear.
    #[must_use]
    #[track_caller]
    pub fn find(&self, selector: &str) -> String {
        let asked = json!({"using": "css selector", "value": selector});
        let found = self.wait_for(|| {
            let element = self.try_post("/element", &asked).ok()?;
            element[ELEMENT].as_str().map(str::to_owned)
        });
        found.unwrap_or_else(|| panic!("no {selector} {}", self.whereabouts()))
    }

    /// What the body of a function in the page returns; it has the arguments as `arguments`. A
    /// promise is waited for.
    ///
    /// # Panics
    /// If the function throws, or its promise is refused.
    #[track_caller]
    pub fn run(&self, function: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({"script": function, "args": arguments}))
    }

    /// Sends a JSON document from the page by `fetch`, with `options` on top of the usual: the status
    /// and the document of the answer, or the error of the browser.
    #[track_caller]
    pub fn fetch(&self, url: &str, options: &Value) -> Value {
        const FETCH: &str = "const [url, options] = arguments;
            return fetch(url, options).then(async (answer) => {
                const text = await answer.text();
                let document;
                try { document = JSON.parse(text); } catch { document = text; }
                return {status: answer.status, document};
            }, (error) => ({error: String(error)}));";
        self.run(FETCH, &[json!(url), options.clone()])
    }

    /// The cookies that the browser would send to where it is.
    ///
    /// # Panics
    /// If they are no list.
    #[must_use]
    #[track_caller]
    pub fn cookies(&self) -> Vec<Value> {
        self.get("/cookie").as_array().expect("a list of cookies").clone()
    }

    /// One of them.
    #[must_use]
    #[track_caller]
    pub fn cookie(&self, name: &str) -> Option<Value> {
        self.cookies().into_iter().find(|cookie| cookie["name"] == name)
    }

    /// What the page looks like, as PNG.
    ///
    /// # Panics
    /// If there is no picture.
    #[must_use]
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let picture = self.get("/screenshot");
        STANDARD.decode(picture.as_str().expect("a picture")).expect("base64")
    }

    /// Asks until there is an answer, or it has taken too long.
    pub fn wait_for<T>(&self, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(answer) = ask() {
                return Some(answer);
            }
            thread::sleep(PAUSE);
        }
        None
    }

    /// For the message of a test that fails.
    fn whereabouts(&self) -> String {
        let log = self.post("/se/log", &json!({"type": "browser"}));
        let text = self.run("return document.documentElement.innerText", &[]);
        format!("at {}: {text}\n{log:#}", self.url())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without this the browser would outlive its driver. It may have ended already.
        let _ = self.driver.ask("DELETE", &format!("/session/{}", self.session), None);
    }
}

impl Driver {
    fn start() -> Self {
        let program = env::var_os("REST_AUTH_TEST_CHROMEDRIVER").expect("a driver");
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let port = loop {
            let mut said = String::new();
            let read = output.read_line(&mut said).expect("the driver says something");
            assert!(read > 0, "the driver ended");
            if let Some((_, port)) = said.trim_end().trim_end_matches('.').split_once(STARTED) {
                break port.parse().expect("a port");
            }
        };
        Self { child, port, _output: output }
    }

    /// One request on a connection of its own.
    fn ask(&self, method: &str, path: &str, document: Option<&Value>) -> Result<Value, Refused> {
        let body = document.map(Value::to_string).unwrap_or_default();
        let lost = |error: std::io::Error| Refused {
            error: "no answer".to_owned(),
            message: error.to_string(),
        };
        let text = self.exchange(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len(),
        ));
        let text = text.map_err(lost)?;
        let answer: Value = serde_json::from_str(&text)
            .map_err(|error| lost(std::io::Error::other(format!("{error}: {text}"))))?;
        let value = answer["value"].clone();
        match value.get("error").and_then(Value::as_str) {
            Some(error) if value.get("stacktrace").is_some() => Err(Refused {
                error: error.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
            _ => Ok(value),
        }
    }

    /// Sends a request and reads the body of the answer, as long as its head says.
    fn exchange(&self, request: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut header = String::new();
            stream.read_line(&mut header)?;
            let header = header.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        String::from_utf8(body).map_err(std::io::Error::other)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
