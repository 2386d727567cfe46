//! A provider on a local port.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// Answers by path, and remembers what it was asked.
pub(crate) struct Stub {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    /// The fields of a form.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        assert_eq!(self.header("content-type"), "application/x-www-form-urlencoded");
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.body).unwrap()
    }

    /// A header, empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Stub {
    /// Starts one that answers with these documents, by path; 404 to everything else. A text is sent
    /// as it is, and `{stub}` in it stands for the address. A number is the status of an empty object.
    pub(crate) fn start(answers: BTreeMap<String, Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (remembered, address) = (Arc::clone(&asked), url.clone());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = read(&connection);
                let (status, body) = match answers.get(&request.path) {
                    Some(Value::String(text)) => ("200".to_owned(), text.clone()),
                    Some(Value::Number(status)) => (status.to_string(), "{}".to_owned()),
                    Some(document) => ("200".to_owned(), document.to_string()),
                    None => ("404".to_owned(), "{}".to_owned()),
                };
                let body = body.replace("{stub}", &address);
                remembered.lock().unwrap().push(request);
                let length = body.len();
                write!(
                    connection,
                    "HTTP/1.1 {status} \r\ncontent-type: text/plain\r\nconnection: close\r\n\
                     content-length: {length}\r\n\r\n{body}"
                )
                .unwrap();
            }
        });
        Self { url, asked }
    }

    /// The only request for a path.
    pub(crate) fn only(&self, path: &str) -> Asked {
        let asked = self.asked.lock().unwrap();
        let mut found = asked.iter().filter(|request| request.path == path);
        let first = found.next().unwrap_or_else(|| panic!("{path} was not asked: {asked:?}"));
        assert!(found.next().is_none(), "{path} was asked twice: {asked:?}");
        first.clone()
    }

    /// The paths, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| request.path.clone()).collect()
    }
}

fn read(connection: &TcpStream) -> Asked {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    Asked { method, path: path.to_owned(), query, headers, body }
}
