//! Replays hand-made scenarios against a tiny server, so that passing and failing both show.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Factory, Options, Quirks, Report, Scenario, StepFailure, Subject, Suite, merged, run};

/// Counts logins, sends a mail for each, and asks a provider for a name.
struct Counter {
    provider: String,
    state: Mutex<State>,
}

struct State {
    now: DateTime<Utc>,
    users: Vec<String>,
    logins: u32,
    mails: Vec<Vec<u8>>,
}

struct Counters;

#[async_trait]
impl Factory for Counters {
    async fn start(&self, config: Value, base: &Value) -> Result<Box<dyn Subject>, String> {
        let config = merged(base, &config);
        if config["bad"] == true {
            return Err("unknown key bad".to_owned());
        }
        let now = DateTime::from_timestamp(config["start"].as_i64().unwrap(), 0).unwrap();
        let state = State { now, users: Vec::new(), logins: 0, mails: Vec::new() };
        let provider = config["provider"].as_str().unwrap_or("").to_owned();
        Ok(Box::new(Counter { provider, state: Mutex::new(state) }))
    }
}

impl Counter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn log_in(&self) -> Response<Bytes> {
        let mut state = self.state();
        state.logins += 1;
        let key = format!("k{}", state.logins);
        let mail = format!("To: a@b.example\r\nSubject: Login\r\n\r\nCode: {key}-code\r\n");
        state.mails.push(mail.into_bytes());
        Response::builder()
            .header("set-cookie", format!("sid={key}; Max-Age=60; Path=/"))
            .header("content-type", "application/json")
            .body(format!(r#"{{"key":"{key}","at":{}}}"#, state.now.timestamp()).into())
            .unwrap()
    }

    async fn ask_provider(&self) -> Response<Bytes> {
        let mut stream = TcpStream::connect(&self.provider["http://".len()..]).await.unwrap();
        stream.write_all(b"GET /name?v=1 HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        Response::new(answer.lines().last().unwrap_or("").to_owned().into())
    }
}

#[async_trait]
impl Subject for Counter {
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let cookie = request.headers().get("cookie");
        match request.uri().path() {
            "/login/" => self.log_in(),
            "/cookie/" => {
                Response::new(Bytes::copy_from_slice(cookie.map_or(b"", |c| c.as_bytes())))
            }
            "/users/" => Response::new(self.state().users.join(",").into()),
            "/provider/" => self.ask_provider().await,
            "/panic/" => panic!("at the disco"),
            _ => Response::new(request.into_body()),
        }
    }

    async fn create_user(&self, user: Value) -> Result<(), String> {
        let name = user["username"].as_str().ok_or("no username")?;
        self.state().users.push(name.to_owned());
        Ok(())
    }

    async fn change_user(&self, change: Value) -> Result<(), String> {
        let mut state = self.state();
        let gone = state.users.iter().position(|name| change["username"] == **name);
        state.users.remove(gone.ok_or("no such user")?);
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        self.state().now
    }

    fn advance(&self, by: Duration) {
        self.state().now += TimeDelta::from_std(by).unwrap();
    }

    async fn new_mails(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.state().mails)
    }
}

fn options() -> Options {
    Options { jobs: 2, base: json!({"start": 1_700_000_000}), ..Options::default() }
}

fn suite(scenarios: &[(&str, Value)]) -> Suite {
    let parse = |(name, table): &(&str, Value)| {
        Scenario::parse("made", name, table.to_string().as_bytes()).unwrap()
    };
    Suite { scenarios: scenarios.iter().map(parse).collect() }
}

fn replayed(table: Value, quirks: Quirks) -> Vec<StepFailure> {
    let options = Options { quirks, ..options() };
    let mut report = run(&suite(&[("one", table)]), &Counters, &options);
    report.results.remove(0).failures
}

fn problems(table: Value) -> Vec<String> {
    replayed(table, Quirks::Strict).into_iter().flat_map(|failure| failure.problems).collect()
}

fn login(key: &str) -> Value {
    json!({"request": {"method": "POST", "path": "/login/", "json": {}}, "response": {
        "status": 200, "headers": {"content-type": "application/json"},
        "json": {"key": key, "at": {"$epoch": "+0s"}},
        "set_cookies": [{"name": "sid", "value": {"$var": "key"}, "max_age": 60,
            "expires_delta_seconds": null, "path": "/", "domain": null, "secure": false,
            "httponly": false, "samesite": null, "deleted": false}]},
        "capture": {"key": "/key"}})
}

fn get(path: &str, cookies: &Value, text: &str) -> Value {
    json!({"request": {"method": "GET", "path": path, "cookies": cookies},
        "response": {"status": 200, "text": text}})
}

fn whole() -> Value {
    json!({"config": {"provider": "{{stub}}"},
    "users": [{"username": "ann"}, {"username": "bob"}],
    "provider_stub": [{"method": "GET", "path": "/name", "response": {"text": "Ann"}}],
    "steps": [
        login("k1"),
        {"mail": {"count": 1, "to": "a@b.example", "subject": "Login",
            "contains": ["Code: {{key}}"], "capture": {"code": "Code: (\\S+)"}}},
        {"set": {"old": "{{upper:code}}"}},
        {"request": {"method": "POST", "path": "/echo/", "json": {"c": "{{old}}"}},
         "response": {"status": 200, "json": {"c": "K1-CODE"}}},
        get("/cookie/", &json!(true), "sid=k1"),
        get("/cookie/", &json!({"x": "{{code}}"}), "x=k1-code"),
        {"wait": 59.5}, get("/cookie/", &json!(true), "sid=k1"),
        {"wait": 0.5}, get("/cookie/", &json!(true), ""),
        login("k2"), login("k3"),
        {"mail": {"count": 2, "to": ["a@b.example", "a@b.example"]}},
        {"change_user": {"username": "ann", "delete": true}},
        get("/users/", &json!(null), "bob"),
        {"request": {"method": "GET", "path": "/provider/"},
         "response": {"status": 200, "text": "Ann"},
         "provider_calls": [{"path": "/name", "method": "GET", "query": {"v": "1"}}]},
        {"stub": [{"method": "GET", "path": "/name", "response": {"text": "Bea"}}]},
        get("/provider/", &json!(null), "Bea"),
    ]})
}

#[test]
fn a_server_that_answers_as_recorded_passes() {
    assert_eq!(problems(whole()), Vec::<String>::new());
}

#[test]
fn every_kind_of_step_can_fail() {
    for (pointer, value, problem) in [
        ("/steps/0/response/status", json!(201), "status: 200, wanted 201"),
        ("/steps/0/response/json/key", json!("k9"), r#"/key: wanted "k9", got "k1""#),
        ("/steps/0/capture/key", json!("/nokey"), r#"cannot capture "key" from "/nokey""#),
        ("/steps/1/mail/subject", json!("Logout"), r#"mail subject: wanted "Logout""#),
        ("/steps/1/mail/contains/0", json!("Code: x"), r#"mail: text lacks "Code: x""#),
        ("/steps/1/mail/capture/code", json!("(none)"), "mail: no match for /(none)/"),
        ("/steps/2/set/old", json!("{{what}}"), "unknown variable {{what}}"),
        ("/steps/6/wait", json!(60), r#"body: wanted "sid=k1", got """#),
        ("/steps/8/wait", json!(0.4), r#"body: wanted "", got "sid=k1""#),
        ("/steps/12/mail/to/0", json!("c@d"), "mail: recipients"),
        ("/steps/13/change_user/username", json!("eve"), "no such user"),
        ("/steps/15/provider_calls/0/path", json!("/x"), r#"provider_calls/0/path: wanted "/x""#),
        ("/steps/16/stub", json!([]), "body: wanted \"Bea\", got \"no such stub\""),
        ("/steps/16", json!({"dance": 1}), "unknown step"),
        ("/users/0", json!({}), "no username"),
        ("/config", json!({"bad": true}), "unknown key bad"),
    ] {
        let mut table = whole();
        *table.pointer_mut(pointer).unwrap() = value;
        let got = problems(table);
        let first = got.first().unwrap_or_else(|| panic!("{pointer} made no difference"));
        assert!(first.contains(problem), "{pointer}: {got:?}");
    }
}

#[test]
fn too_few_and_too_many_mails_are_told() {
    let got = problems(json!({"steps": [login("k1"), {"mail": {"count": 0}}]}));
    assert_eq!(got, [r#"mail: 1 new messages, wanted 0: ["Login"]"#]);
    let got = problems(json!({"steps": [{"mail": {"count": 1}}]}));
    assert_eq!(got, ["mail: 0 new messages, wanted 1: []"]);
}

#[test]
fn a_step_that_cannot_go_on_ends_the_scenario_and_others_do_not() {
    let wrong = get("/users/", &json!(null), "nobody");
    let failures =
        replayed(json!({"steps": [wrong, login("k9"), {"wait": -1}, wrong]}), Quirks::Strict);
    let steps: Vec<_> = failures.iter().map(|f| (f.step, f.action.as_str())).collect();
    assert_eq!(steps, [(Some(0), "GET /users/"), (Some(1), "POST /login/"), (Some(2), "wait"),]);
}

#[test]
fn quirks_are_compared_only_by_a_strict_replay() {
    let mut odd = login("k9");
    odd["quirk"] = json!("why");
    let mail = json!({"mail": {"count": 7}, "quirk": "why"});
    let table = json!({"steps": [odd, mail, get("/cookie/", &json!(true), "sid=k1")]});
    assert_eq!(replayed(table.clone(), Quirks::Lenient), []);
    assert_eq!(replayed(table, Quirks::Strict).len(), 2);

    odd["capture"] = json!({"key": "/nokey"});
    let table = json!({"steps": [odd, {"dance": 1}]});
    assert_eq!(replayed(table.clone(), Quirks::Lenient), []);
    assert_eq!(replayed(table, Quirks::Strict).len(), 1);

    let table = json!({"quirk": "why", "steps": [{"dance": 1}]});
    assert_eq!(replayed(table.clone(), Quirks::Lenient), []);
    assert_eq!(replayed(table, Quirks::Strict).len(), 1);
}

#[test]
fn wait_totp_goes_on_to_the_next_period_when_too_little_is_left() {
    let steps = |seconds: u32, wanted: &str| {
        let echo = json!({"request": {"method": "POST", "path": "/echo/",
            "json": {"code": "{{totp:s}}"}},
            "response": {"status": 200, "json": {"code": wanted}}});
        json!({"config": {"start": 59, "mfa": {"totp_digits": 8}},
            "steps": [{"set": {"s": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}},
                {"wait_totp": seconds}, echo]})
    };
    assert_eq!(problems(steps(1, "94287082")), Vec::<String>::new());
    assert_eq!(problems(steps(2, "37359152")), Vec::<String>::new());
    assert_eq!(problems(steps(2, "94287082")).len(), 1);
}

#[test]
fn scenarios_are_chosen_by_globs_and_a_panic_fails_only_its_own() {
    let panic = json!({"steps": [get("/panic/", &json!(null), "")]});
    let fine = json!({"steps": [login("k1")]});
    let scenarios = [("b", panic), ("c", fine.clone()), ("a", fine.clone()), ("d", fine)];
    let options = Options { only: vec!["made/[abc]".to_owned()], ..options() };
    let report: Report = run(&suite(&scenarios), &Counters, &options);
    let passed: Vec<_> = report.results.iter().map(|r| (r.path(), r.passes())).collect();
    let want = [("made/a", true), ("made/b", false), ("made/c", true)];
    assert_eq!(passed, want.map(|(path, passes)| (path.to_owned(), passes)));
    assert_eq!(report.known.len(), 4);
    let summary = report.summary("django");
    assert!(summary.contains("the server panicked: at the disco"), "{summary}");
    assert!(summary.ends_with("contract: 2 of 3 scenarios pass (profile django)"), "{summary}");
}
