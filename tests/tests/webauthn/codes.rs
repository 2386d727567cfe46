//! Authenticator apps and recovery codes of one side are good at the other.

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::clock::{Clock as _, SystemClock};
use rest_auth_domain::mfa::{TotpSecret, TotpShape};
use rest_auth_store::Backend;
use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::Subject as _;
use serde_json::{Value, json};

use crate::on_every_database;
use crate::project::{PASSWORD, Project};

on_every_database!(
    codes_of_both_packages_log_in_here_and_go_on_there,
    codes_set_up_here_are_good_there
);

/// The code that an app shows, by the clock of the server or that of Django.
fn shown(secret: &str, now: DateTime<Utc>) -> String {
    let shape = TotpShape::default();
    let step = shape.step(now).expect("a time of our days");
    TotpSecret::parse(secret).expect("a secret").code(step, shape)
}

/// Logs in a user by password and a code.
async fn log_in(project: &Project, user: &str, code: &str) -> Answer {
    let mut client = Client::new(&project.server);
    let form = json!({"username": user, "password": PASSWORD});
    let token = client.post("/login/", &form).await.of(200).text("ephemeral_token");
    client.post("/mfa/verify/", &json!({"ephemeral_token": token, "code": code})).await
}

/// A user, and the package that has made their codes.
#[derive(Clone, Copy)]
struct Owner {
    package: &'static str,
    name: &'static str,
}

impl Owner {
    /// Whether the package takes a code.
    fn is_let_in(self, project: &mut Project, kind: &str, code: &str) -> bool {
        let asked = json!({"username": self.name, "type": kind, "code": code});
        project.peer.tell(&format!("{}_accepts", self.package), asked)["accepted"] == true
    }
}

async fn codes_of_both_packages_log_in_here_and_go_on_there(backend: Backend) {
    let users = ["ada", "bob", "eve", "joe"];
    let mut project = Project::with(backend, &users).await;
    let packages = ["allauth", "dj_rest_auth"];
    let profiles = ["strict", "django"];
    let cases = profiles.iter().flat_map(|profile| packages.map(|package| (profile, package)));
    for ((profile, package), name) in cases.zip(users) {
        project.under(&json!({"profile": profile})).await;
        go_on(&mut project, Owner { package, name }).await;
    }
}

async fn go_on(project: &mut Project, owner: Owner) {
    let Owner { package, name } = owner;
    let made = project.peer.tell(&format!("{package}_codes"), json!({"username": name}));
    let secret = made["secret"].as_str().expect("a secret");
    let recovery = |index: usize| made["codes"][index].as_str().expect("a code");
    log_in(project, name, "000000").await.says(400, "code");
    let code = shown(secret, project.server.now());
    log_in(project, name, &code).await.is(200);
    log_in(project, name, &code).await.says(400, "code");
    for (here, there) in [(0, 1), (2, 3)] {
        log_in(project, name, recovery(here)).await.is(200);
        assert!(!owner.is_let_in(project, "recovery_codes", recovery(here)), "{package}");
        assert!(owner.is_let_in(project, "recovery_codes", recovery(there)), "{package}");
        log_in(project, name, recovery(there)).await.says(400, "code");
    }
    // A later code, for dj-rest-auth keeps the last one in the row.
    let later = SystemClock.now() + TimeDelta::seconds(30);
    assert!(owner.is_let_in(project, "totp", &shown(secret, later)), "{package}");
}

async fn codes_set_up_here_are_good_there(backend: Backend) {
    let owner = Owner { package: "dj_rest_auth", name: "ada" };
    let mut project = Project::with(backend, &["ada"]).await;
    project.under(&json!({"profile": "django"})).await;
    let mut client = project.client("ada").await;
    let begun = client.get("/mfa/totp/activate/").await.of(200);
    let secret = begun.text("secret");
    let form = json!({
        "activation_token": begun.text("activation_token"),
        "code": shown(&secret, project.server.now()),
    });
    let done: Value = client.post("/mfa/totp/activate/", &form).await.of(200).document();
    let recovery = |index: usize| done["recovery_codes"][index].as_str().expect("a code");
    assert!(owner.is_let_in(&mut project, "recovery_codes", recovery(0)));
    log_in(&project, "ada", recovery(0)).await.says(400, "code");
    log_in(&project, "ada", recovery(1)).await.is(200);
    assert!(!owner.is_let_in(&mut project, "recovery_codes", recovery(1)));
    let later = SystemClock.now() + TimeDelta::seconds(30);
    assert!(owner.is_let_in(&mut project, "totp", &shown(&secret, later)));
}
