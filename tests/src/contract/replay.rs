//! Runs the steps of one scenario.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::Value;

use super::answer::Answer;
use super::compare::{Comparer, Context, Keys, as_matcher, short};
use super::jar::Jar;
use super::mail::Mail;
use super::pattern::{self, Dot};
use super::report::StepFailure;
use super::request;
use super::response::{self, Rules};
use super::run::{Options, Quirks};
use super::stub::Stub;
use super::subject::{Factory, Subject};
use super::suite::Scenario;
use super::template::{Variables, plain_text};

/// How long an answer may take, in real time.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a mail may take, in real time: a server may send it after it answered.
const MAIL_TIMEOUT: Duration = Duration::from_secs(3);

/// How long mails of a quirk step, of which nothing is known, are waited for.
const QUIRK_MAIL_WAIT: Duration = Duration::from_millis(300);

const MAIL_POLL: Duration = Duration::from_millis(20);

/// Replays a scenario against a server of its own; tells what differed.
pub(crate) async fn scenario(
    scenario: &Scenario,
    factory: &dyn Factory,
    options: &Options,
) -> Vec<StepFailure> {
    if scenario.is_quirk && options.quirks == Quirks::Lenient {
        return Vec::new();
    }
    match Replay::start(scenario, factory, options).await {
        Ok(mut replay) => replay.run().await,
        Err(problem) => {
            vec![StepFailure { step: None, action: "start".to_owned(), problems: vec![problem] }]
        }
    }
}

/// Why a scenario cannot go on.
enum Stop {
    /// A quirk was not copied, as it should be, and the rest of the scenario builds on it.
    NotCopied,
    /// What is needed is not there.
    Broken(String),
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Broken(message)
    }
}

struct Replay<'a> {
    scenario: &'a Scenario,
    quirks: Quirks,
    subject: Box<dyn Subject>,
    stub: Option<Stub>,
    vars: Variables,
    jars: HashMap<String, Jar>,
}

impl<'a> Replay<'a> {
    async fn start(
        scenario: &'a Scenario,
        factory: &dyn Factory,
        options: &Options,
    ) -> Result<Self, String> {
        let mut vars = Variables::new(&scenario.config);
        let stub = match &scenario.provider_stub {
            Some(entries) => {
                Some(Stub::start(entries).await.map_err(|error| format!("stub: {error}"))?)
            }
            None => None,
        };
        // A scenario may name the stub in its configuration and have no use for it.
        let url = stub.as_ref().map_or("http://stub.invalid", Stub::url);
        let config = with_stub_url(&scenario.config, url);
        let subject = factory.start(config, &with_stub_url(&options.base, url)).await?;
        for user in &scenario.users {
            subject.create_user(user.clone()).await?;
        }
        if stub.is_some() {
            vars.set("stub", url);
        }
        let quirks = options.quirks;
        Ok(Self { scenario, quirks, subject, stub, vars, jars: HashMap::new() })
    }

    async fn run(&mut self) -> Vec<StepFailure> {
        let mut failures = Vec::new();
        for (index, step) in self.scenario.steps.iter().enumerate() {
            let (problems, flow) = match self.step(step).await {
                Ok(problems) => (problems, ControlFlow::Continue(())),
                Err(Stop::NotCopied) => break,
                Err(Stop::Broken(problem)) => (vec![problem], ControlFlow::Break(())),
            };
            if !problems.is_empty() {
                failures.push(StepFailure { step: Some(index), action: action(step), problems });
            }
            if flow.is_break() {
                break;
            }
        }
        failures
    }

    async fn step(&mut self, step: &Value) -> Result<Vec<String>, Stop> {
        if let Some(table) = step.get("request") {
            return self.request(step, table).await;
        }
        if let Some(expected) = step.get("mail") {
            return self.mail(expected, self.forgives(step)).await;
        }
        if let Some(seconds) = step.get("wait") {
            self.advance(seconds.as_f64().ok_or_else(|| format!("cannot wait {seconds}"))?)?;
        } else if let Some(left) = step.get("wait_totp") {
            self.wait_totp(left.as_f64().ok_or_else(|| format!("cannot wait_totp {left}"))?)?;
        } else if let Some(templates) = step.get("set") {
            for (name, template) in templates.as_object().into_iter().flatten() {
                let value = self.fill(template)?;
                self.vars.set(name, value);
            }
        } else if let Some(entries) = step.get("stub") {
            let stub = self.stub.as_ref().ok_or_else(|| "there is no stub".to_owned())?;
            stub.load(entries);
        } else if let Some(change) = step.get("change_user") {
            self.subject.change_user(self.fill(change)?).await?;
        } else {
            return Err(Stop::Broken(format!("unknown step {}", short(step))));
        }
        Ok(Vec::new())
    }

    /// Whether a step may come out as it likes.
    fn forgives(&self, step: &Value) -> bool {
        self.quirks == Quirks::Lenient && step.get("quirk").is_some()
    }

    fn fill(&self, value: &Value) -> Result<Value, String> {
        self.vars.fill(value, self.subject.now())
    }

    fn context(&self) -> Context<'_> {
        Context { vars: &self.vars, config: &self.scenario.config, now: self.subject.now() }
    }

    fn advance(&self, seconds: f64) -> Result<(), String> {
        let by = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
        self.subject.advance(by);
        Ok(())
    }

    /// Goes on to the next period of codes unless this many seconds are left of this one.
    fn wait_totp(&self, wanted: f64) -> Result<(), String> {
        let period = self.vars.totp_period();
        let now = self.subject.now();
        let passed = now.timestamp().checked_rem_euclid(period);
        let passed = passed.and_then(|passed| u32::try_from(passed).ok());
        let period = u32::try_from(period).ok().zip(passed);
        let (period, passed) = period.ok_or("mfa.totp_period is no length of time")?;
        let fraction = f64::from(now.timestamp_subsec_nanos()) / 1e9;
        let left = f64::from(period) - f64::from(passed) - fraction;
        if left < wanted { self.advance(left + 0.1) } else { Ok(()) }
    }

    async fn request(&mut self, step: &Value, table: &Value) -> Result<Vec<String>, Stop> {
        if let Some(stub) = &self.stub {
            stub.take_calls();
        }
        let answer = self.send(&self.fill(table)?).await?;
        // Captures first: an expectation may refer to what this very answer carries, as the
        // same token in the body and in a cookie.
        let capture = self.capture(&step["capture"], &answer);
        let lenient = self.forgives(step);
        let problems = if lenient { Vec::new() } else { self.compare(step, &answer) };
        match capture {
            Ok(()) => Ok(problems),
            Err(_) if lenient => Err(Stop::NotCopied),
            Err(missing) => Err(Stop::Broken([problems, vec![missing]].concat().join("; "))),
        }
    }

    async fn send(&mut self, table: &Value) -> Result<Answer, String> {
        let jar = self.jars.entry(table["jar"].as_str().unwrap_or("default").to_owned());
        let jar = jar.or_default();
        let cookies = match &table["cookies"] {
            Value::Bool(true) => {
                jar.for_path(table["path"].as_str().unwrap_or("/"), self.subject.now())
            }
            Value::Object(cookies) => cookies
                .iter()
                .map(|(name, value)| Ok((name.clone(), plain_text(value)?)))
                .collect::<Result<_, String>>()?,
            _ => Vec::new(),
        };
        let request = request::build(table, &cookies)?;
        let method = request.method().clone();
        let response = tokio::time::timeout(ANSWER_TIMEOUT, self.subject.send(request)).await;
        let response = response.map_err(|_| "no answer from the server".to_owned())?;
        let answer = Answer::new(&method, response, self.subject.now())?;
        for cookie in &answer.cookies {
            jar.store(cookie, answer.now);
        }
        Ok(answer)
    }

    fn capture(&mut self, wanted: &Value, answer: &Answer) -> Result<(), String> {
        for (name, source) in wanted.as_object().into_iter().flatten() {
            let value = answer.capture(source);
            let value = value.ok_or_else(|| format!("cannot capture {name:?} from {source}"))?;
            self.vars.set(name, value);
        }
        Ok(())
    }

    fn compare(&self, step: &Value, answer: &Answer) -> Vec<String> {
        let rules = Rules { extra_headers: &self.scenario.extra_headers, quirks: self.quirks };
        let context = Context { now: answer.now, ..self.context() };
        let mut problems = response::differences(&step["response"], answer, context, rules);
        if let (Some(expected), Some(stub)) = (step.get("provider_calls"), &self.stub) {
            let mut comparer = Comparer::new(context);
            comparer.value(expected, &stub.take_calls(), "provider_calls", Keys::AnyOrder);
            problems.append(&mut comparer.problems);
        }
        problems
    }

    async fn mail(&mut self, expected: &Value, lenient: bool) -> Result<Vec<String>, Stop> {
        if lenient {
            tokio::time::sleep(QUIRK_MAIL_WAIT).await;
            self.subject.new_mails().await;
            let captures = expected["capture"].as_object().is_some_and(|wanted| !wanted.is_empty());
            return if captures { Err(Stop::NotCopied) } else { Ok(Vec::new()) };
        }
        let count = expected["count"].as_u64().and_then(|count| usize::try_from(count).ok());
        let count = count.ok_or_else(|| "the mail step has no count".to_owned())?;
        let mails = self.mails(count).await;
        if mails.len() != count {
            let got: Vec<_> = mails.iter().map(|mail| mail.header("subject")).collect();
            let message = format!("mail: {} new messages, wanted {count}: {got:?}", mails.len());
            return Ok(vec![message]);
        }
        match mails.as_slice() {
            [] => Ok(Vec::new()),
            [mail] => self.one_mail(expected, mail),
            mails => Ok(recipients(&expected["to"], mails)),
        }
    }

    /// New mails, waiting a little for as many as there should be.
    async fn mails(&self, count: usize) -> Vec<Mail> {
        let deadline = tokio::time::Instant::now() + MAIL_TIMEOUT;
        let mut found = self.subject.new_mails().await;
        while found.len() < count && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(MAIL_POLL).await;
            found.append(&mut self.subject.new_mails().await);
        }
        found.iter().map(|message| Mail::parse(message)).collect()
    }

    fn one_mail(&mut self, expected: &Value, mail: &Mail) -> Result<Vec<String>, Stop> {
        let mut comparer = Comparer::new(self.context());
        for name in ["to", "from", "subject"] {
            let Some(want) = expected.get(name) else { continue };
            let want = if as_matcher(want).is_some() { want.clone() } else { self.fill(want)? };
            let got = Value::String(mail.header(name));
            comparer.value(&want, &got, &format!("mail {name}"), Keys::InOrder);
        }
        let mut problems = comparer.problems;
        for (name, pattern) in expected["capture"].as_object().into_iter().flatten() {
            let pattern = pattern.as_str().unwrap_or_default();
            let regex = pattern::search(pattern, Dot::StaysInLine)?;
            let found = regex.captures(&mail.text).and_then(|found| found.get(1));
            let text = found.map(|group| group.as_str()).ok_or_else(|| {
                let problem = format!("mail: no match for /{pattern}/ in {:?}", mail.text);
                [problems.as_slice(), &[problem]].concat().join("; ")
            })?;
            self.vars.set(name, text);
        }
        for needle in expected["contains"].as_array().into_iter().flatten() {
            let needle = plain_text(&self.fill(needle)?)?;
            if !mail.text.contains(&needle) {
                problems.push(format!("mail: text lacks {needle:?}"));
            }
        }
        Ok(problems)
    }
}

fn recipients(expected: &Value, mails: &[Mail]) -> Vec<String> {
    let mut got: Vec<_> = mails.iter().map(|mail| mail.header("to")).collect();
    got.sort();
    let Some(expected) = expected.as_array() else {
        return Vec::new();
    };
    let mut wanted: Vec<_> = expected.iter().filter_map(Value::as_str).collect();
    wanted.sort_unstable();
    if got == wanted {
        return Vec::new();
    }
    vec![format!("mail: recipients {got:?}, wanted {wanted:?}")]
}

/// What a step does, for messages: method and path of a request, or the name of the step.
fn action(step: &Value) -> String {
    match step.get("request") {
        Some(request) => format!(
            "{} {}",
            request["method"].as_str().unwrap_or_default(),
            request["path"].as_str().unwrap_or_default()
        ),
        None => step.as_object().and_then(|step| step.keys().next()).cloned().unwrap_or_default(),
    }
}

fn with_stub_url(config: &Value, url: &str) -> Value {
    match config {
        Value::String(text) => text.replace("{{stub}}", url).into(),
        Value::Array(items) => items.iter().map(|item| with_stub_url(item, url)).collect(),
        Value::Object(table) => {
            let entries = table.iter();
            entries.map(|(key, value)| (key.clone(), with_stub_url(value, url))).collect()
        }
        other => other.clone(),
    }
}
