//! What ends everything that was handed out to a user.

use rest_auth_flows::accounts;
use rest_auth_flows::context::Context;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::mfa::reset;

use crate::fixture::*;
use crate::mfa::{code, first_step, verify, with_factor};

on_every_database!(
    disabling_a_user_ends_everything_for_good,
    logging_a_user_out_everywhere_ends_everything,
    a_password_that_an_administrator_sets_ends_everything,
    a_password_reset_ends_everything,
    deleting_a_user_ends_everything,
    refresh_tokens_end_with_the_rest,
    refresh_tokens_of_simplejwt_end_with_the_rest,
    refresh_tokens_that_django_issued_are_in_the_list_of_logins,
    what_one_user_does_leaves_others_alone,
);

/// One client for each way of being logged in: their servers differ, and all of them end in the same way.
struct Everywhere(Vec<(&'static str, Arc<Server>, Client)>);

impl Everywhere {
    async fn new(backend: Backend) -> Self {
        let mut clients = Vec::new();
        for (name, config) in [
            ("token", token_mode()),
            ("jwt", jwt_mode()),
            ("jwt cookie", jwt_cookie_mode()),
            ("session", session_mode()),
        ] {
            let server = server(backend, config).await;
            let (client, answer) = login(&server).await;
            let client = match name {
                "token" => client.with_token(&answer.text("key")),
                "jwt" => client.with_bearer(&answer.text("access")),
                _ => client,
            };
            clients.push((name, server, client));
        }
        let mut everywhere = Self(clients);
        everywhere.all_are(200, "after the login").await;
        everywhere
    }

    async fn all_are(&mut self, status: u16, when: &str) {
        for (name, _, client) in &mut self.0 {
            let answer = client.get("/user/").await;
            assert_eq!(answer.status(), status, "{name} {when}: {answer}");
        }
    }

    fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.0.iter().map(|(_, server, _)| server)
    }
}

async fn disabling_a_user_ends_everything_for_good(backend: Backend) {
    let mut everywhere = Everywhere::new(backend).await;
    for server in everywhere.servers() {
        change(server, "ada", json!({"is_active": false})).await;
    }
    everywhere.all_are(401, "while disabled").await;
    for server in everywhere.servers() {
        change(server, "ada", json!({"is_active": true})).await;
    }
    everywhere.all_are(401, "after being enabled again").await;
}

async fn logging_a_user_out_everywhere_ends_everything(backend: Backend) {
    let mut everywhere = Everywhere::new(backend).await;
    for server in everywhere.servers() {
        accounts::log_out_everywhere(server.auth(), "ada").await.expect("Ada is logged out");
    }
    everywhere.all_are(401, "after the logout").await;
}

async fn a_password_that_an_administrator_sets_ends_everything(backend: Backend) {
    let mut everywhere = Everywhere::new(backend).await;
    for server in everywhere.servers() {
        change(server, "ada", json!({"password": NEW_PASSWORD})).await;
    }
    everywhere.all_are(401, "after the change").await;
}

async fn a_password_reset_ends_everything(backend: Backend) {
    let mut everywhere = Everywhere::new(backend).await;
    for server in everywhere.servers() {
        let link = reset_link(server).await;
        confirm_reset(server, &link, NEW_PASSWORD).await.is(200);
    }
    everywhere.all_are(401, "after the reset").await;
}

async fn deleting_a_user_ends_everything(backend: Backend) {
    let mut everywhere = Everywhere::new(backend).await;
    for server in everywhere.servers() {
        let deletion = json!({"username": "ada", "delete": true});
        server.change_user(deletion).await.expect("the user is deleted");
    }
    everywhere.all_are(401, "after the deletion").await;
}

async fn refresh_tokens_end_with_the_rest(backend: Backend) {
    for how in ["disabled", "logged out", "changed"] {
        let server = server(backend, jwt_mode()).await;
        let (_, token) = jwt_pair(&server).await;
        match how {
            "disabled" => {
                change(&server, "ada", json!({"is_active": false})).await;
                change(&server, "ada", json!({"is_active": true})).await;
            }
            "logged out" => {
                accounts::log_out_everywhere(server.auth(), "ada").await.expect("a logout");
            }
            _ => change(&server, "ada", json!({"password": NEW_PASSWORD})).await,
        }
        let answer = refresh(&server, &token).await;
        assert_eq!(answer.status(), 401, "{how}: {answer}");
    }
}

/// Refresh tokens as Django issues them: without a family, and without an epoch.
fn simplejwt() -> Value {
    json!({
        "profile": "django",
        "apps": {"token_blacklist": true, "mfa": true},
        "rest_auth": {"use_jwt": true, "session_login": false, "jwt_auth_httponly": false,
            "revoke_on_password_change": true},
        "rest_framework": {"default_authentication_classes": ["jwt_cookie"]},
    })
}

async fn refresh_tokens_of_simplejwt_end_with_the_rest(backend: Backend) {
    for how in ["logged out", "set", "changed", "reset", "reset of factors", "deleted"] {
        let server = with_factor(backend, simplejwt()).await;
        create(&server, json!({"username": "bob", "password": PASSWORD})).await;
        let bobs = try_login(&mut Client::new(&server), "bob", PASSWORD).await.of(200);
        let step = first_step(&server).await;
        let done = verify(&mut Client::new(&server), &step, &code(&server)).await.of(200);
        let token = done.text("refresh");
        refresh(&server, &token).await.is(200);
        let auth = server.auth();
        match how {
            "logged out" => {
                accounts::log_out_everywhere(auth, "ada").await.expect("a logout");
            }
            "set" => change(&server, "ada", json!({"password": NEW_PASSWORD})).await,
            "changed" => {
                let form = password_change(PASSWORD, NEW_PASSWORD);
                let mut ada = bearer(&server, &done.text("access"));
                ada.post("/password/change/", &form).await.is(200);
            }
            "reset" => {
                let link = reset_link(&server).await;
                confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
            }
            "reset of factors" => {
                let links = LinkBase::configured("https://auth.example");
                let context = Context::for_command(auth, links);
                reset::all(auth, &context, "ada").await.expect("a reset");
            }
            _ => {
                accounts::delete(auth, "ada").await.expect("Ada is deleted");
            }
        }
        let answer = refresh(&server, &token).await;
        assert_eq!(answer.status(), 401, "{how}: {answer}");
        refresh(&server, &bobs.text("refresh")).await.is(200);
    }
}

/// Those that a project had before it took this server.
async fn refresh_tokens_that_django_issued_are_in_the_list_of_logins(backend: Backend) {
    let before = server(backend, simplejwt()).await;
    let (_, token) = jwt_pair(&before).await;
    let config = merged(&merged(&base(), &jwt_mode()), &json!({"apps": {"usersessions": true}}));
    let after = Server::start_beside(&config, before.database(), before.now()).await;
    let after = Arc::new(after.expect("the server starts"));
    let (access, own) = jwt_pair(&after).await;
    let mut ada = bearer(&after, &access);
    let logins = ada.get("/sessions/").await.of(200).document();
    assert_eq!(logins.as_array().map(Vec::len), Some(2), "{logins}");
    refresh(&after, &token).await.is(200);
    let proof = json!({"current_password": PASSWORD});
    ada.json("DELETE", "/sessions/", &proof).await.is(204);
    refresh(&after, &own).await.is(200);
    let (_, token) = jwt_pair(&before).await;
    accounts::log_out_everywhere(after.auth(), "ada").await.expect("a logout");
    refresh(&after, &token).await.is(401);
    refresh(&before, &token).await.is(401);
}

async fn what_one_user_does_leaves_others_alone(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let answer = try_login(&mut Client::new(&server), "bob", PASSWORD).await;
    let mut bob = Client::new(&server).with_token(&answer.text("key"));
    let (mut ada, _) = token_client(&server).await;
    ada.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    accounts::log_out_everywhere(server.auth(), "ada").await.expect("a logout");
    bob.get("/user/").await.is(200);
}
