//! A little HTTP server that plays the identity providers.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The largest request that is read, in bytes.
const MAX_REQUEST: u64 = 1024 * 1024;

/// The stub; it listens on a free port of the loopback interface until it is dropped.
#[derive(Debug)]
pub(crate) struct Stub {
    url: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Value>,
    calls: Vec<Value>,
}

impl Stub {
    /// Starts the stub with the answers of a `provider_stub` list.
    pub(crate) async fn start(entries: &Value) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let server = tokio::spawn(serve(listener, Arc::clone(&state)));
        let stub = Self { url, state, server };
        stub.load(entries);
        Ok(stub)
    }

    /// The base URL, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Replaces the answers, and forgets the calls.
    pub(crate) fn load(&self, entries: &Value) {
        let entries = entries.as_array().cloned().unwrap_or_default();
        *locked(&self.state) = State { entries, calls: Vec::new() };
    }

    /// The calls since the last time, in order.
    pub(crate) fn take_calls(&self) -> Value {
        Value::Array(std::mem::take(&mut locked(&self.state).calls))
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    // Dropped with this task, and then ends the connections too.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        connections.spawn(async move {
            // A client that hangs up is its own affair; the server under test tells the rest.
            let _ = answer_one(stream, &state).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Answers one request; the connection is closed after it, so none is reused by chance.
async fn answer_one(stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let Some(call) = read_call(&mut stream).await? else {
        return write(stream, 501, "text/plain", "only GET and POST").await;
    };
    let answer = {
        let mut state = locked(state);
        let answer = find(&state.entries, &call).cloned();
        state.calls.push(call);
        answer.unwrap_or_else(|| json!({"status": 404, "text": "no such stub"}))
    };
    if answer["drop"] == true {
        return stream.shutdown().await;
    }
    let (body, default_type) = match answer.get("json") {
        Some(value) => (value.to_string(), "application/json"),
        None => (answer["text"].as_str().unwrap_or("").to_owned(), "text/plain"),
    };
    let content_type = answer["content_type"].as_str().unwrap_or(default_type);
    write(stream, answer["status"].as_u64().unwrap_or(200), content_type, &body).await
}

async fn write(
    mut stream: BufReader<TcpStream>,
    status: u64,
    content_type: &str,
    body: &str,
) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Stub\r\nContent-Type: {content_type}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// Reads a request as the recordings tell of it; `None` if its method is not GET or POST.
async fn read_call(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Value>> {
    let mut limited = stream.take(MAX_REQUEST);
    let mut lines = VecDeque::new();
    loop {
        let mut line = Vec::new();
        let read = limited.read_until(b'\n', &mut line).await?;
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        match line.is_empty() {
            false => lines.push_back(line),
            true if read == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            true => break,
        }
    }
    let start = lines.pop_front().unwrap_or_default();
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    let read = limited.take(length).read_to_end(&mut body).await?;
    if u64::try_from(read).is_ok_and(|read| read < length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(call(&start, header("authorization"), &body))
}

fn call(start: &str, authorization: Option<&str>, body: &[u8]) -> Option<Value> {
    let mut words = start.split(' ');
    let method = words.next().filter(|method| ["GET", "POST"].contains(method))?;
    let target = words.next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut call = json!({"method": method, "path": path});
    if !query.is_empty() {
        call["query"] = pairs(query.as_bytes());
    }
    if !body.is_empty() {
        call["form"] = pairs(body);
    }
    if let Some(authorization) = authorization.filter(|value| !value.is_empty()) {
        call["authorization"] = authorization.into();
    }
    Some(call)
}

fn pairs(encoded: &[u8]) -> Value {
    let pairs = form_urlencoded::parse(encoded);
    let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// The answer of the first entry whose method, path and `match` fit.
fn find<'a>(entries: &'a [Value], call: &Value) -> Option<&'a Value> {
    let fits = |entry: &&Value| {
        entry["method"] == call["method"]
            && entry["path"] == call["path"]
            && ["query", "form"].iter().all(|part| covers(&call[part], &entry["match"][part]))
            && entry["match"].get("authorization").is_none_or(|want| *want == call["authorization"])
    };
    entries.iter().find(fits).map(|entry| &entry["response"])
}

/// Whether the wanted pairs are among those that were sent.
fn covers(sent: &Value, wanted: &Value) -> bool {
    wanted.as_object().into_iter().flatten().all(|(name, value)| sent.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn exchange(stub: &Stub, request: &str) -> String {
        let address = stub.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn post(path: &str, body: &str) -> String {
        let length = body.len();
        format!("POST {path} HTTP/1.1\r\nHost: x\r\ncontent-length: {length}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn the_first_entry_that_fits_answers() {
        let stub = Stub::start(&json!([
            {"method": "POST", "path": "/token", "match": {"form": {"code": "a b"}},
             "response": {"status": 201, "json": {"ok": 1}}},
            {"method": "POST", "path": "/token", "match": {"query": {"q": ""}},
             "response": {"text": "q", "content_type": "text/x"}},
            {"method": "POST", "path": "/token", "response": {"status": 400, "text": "bad"}},
        ]))
        .await
        .unwrap();
        let answer = exchange(&stub, &post("/token", "x=1&code=a+b")).await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(answer.contains("application/json") && answer.ends_with(r#"{"ok":1}"#));
        let answer = exchange(&stub, &post("/token?q=", "")).await;
        assert!(answer.contains("Content-Type: text/x\r\n") && answer.ends_with('q'), "{answer}");
        let answer = exchange(&stub, &post("/token", "code=b")).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("bad"), "{answer}");
        let answer = exchange(&stub, "GET /token HTTP/1.1\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert_eq!(
            stub.take_calls(),
            json!([
                {"method": "POST", "path": "/token", "form": {"x": "1", "code": "a b"}},
                {"method": "POST", "path": "/token", "query": {"q": ""}},
                {"method": "POST", "path": "/token", "form": {"code": "b"}},
                {"method": "GET", "path": "/token"},
            ])
        );
        assert_eq!(stub.take_calls(), json!([]));
    }

    #[tokio::test]
    async fn authorization_must_be_equal() {
        let stub = Stub::start(&json!([{"method": "GET", "path": "/me",
            "match": {"authorization": "Bearer x"}, "response": {"text": "me"}}]))
        .await
        .unwrap();
        let get = |value| format!("GET /me HTTP/1.1\r\nAuthorization: {value}\r\n\r\n");
        assert!(exchange(&stub, &get("Bearer x")).await.ends_with("me"));
        assert!(exchange(&stub, &get("Bearer y")).await.starts_with("HTTP/1.1 404 "));
        assert_eq!(stub.take_calls()[1]["authorization"], "Bearer y");
    }

    #[tokio::test]
    async fn hangs_up_and_takes_new_answers() {
        let drop = json!([{"method": "GET", "path": "/", "response": {"drop": true}}]);
        let stub = Stub::start(&drop).await.unwrap();
        assert_eq!(exchange(&stub, "GET / HTTP/1.1\r\n\r\n").await, "");
        stub.load(&json!([{"method": "GET", "path": "/", "response": {"text": "hi"}}]));
        assert_eq!(stub.take_calls(), json!([]));
        assert!(exchange(&stub, "GET / HTTP/1.1\r\n\r\n").await.ends_with("hi"));
        assert!(exchange(&stub, "PUT / HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 501 "));
    }
}
