//! What the log says of requests and of what happens to accounts.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};

use crate::daemon::{Daemon, free_address};
use crate::harness::{Answer, Folder, Server, exchange, request};

const PASSWORD: &str = "correct-horse-9";

/// A server that writes its log as JSON and knows Ada.
fn serve(configuration: &str) -> (Folder, Server) {
    let folder = Folder::prepared(&format!("[log]\nformat = \"json\"\n{configuration}"));
    let ada =
        json!({"username": "ada", "password": PASSWORD, "first_name": "\u{20ac}".repeat(150)});
    folder.run(&["user", "create"], &ada.to_string()).ok();
    let server = folder.serve();
    (folder, server)
}

/// The next line about an event.
fn logged(server: &mut Server, event: &str) -> Value {
    serde_json::from_str(&server.wait_for(&format!("\"event\":\"{event}\""))).unwrap()
}

fn log_in(server: &Server, password: &str) -> Answer {
    server.post("login/", &json!({"username": "ada", "password": password}))
}

/// Sends a request with further headers.
fn send(server: &Server, method: &str, path: &str, headers: &str) -> Answer {
    let request = request(method, path, "{}").replacen("Host:", &format!("{headers}\r\nHost:"), 1);
    exchange(server.connect(), &request)
}

#[test]
fn a_failed_login_tells_user_and_address_and_its_request_a_number_of_milliseconds() {
    let (_folder, mut server) = serve("");
    assert_eq!(log_in(&server, "wrong").status, 400);
    let event = logged(&mut server, "login_failed");
    assert_eq!(event["address"], "127.0.0.1");
    assert_eq!((&event["user"], &event["outcome"]), (&json!(1), &json!("failure")));
    let line = server.wait_for("\"milliseconds\":");
    let line: Value = serde_json::from_str(&line).unwrap();
    assert!(line["milliseconds"].as_f64().is_some_and(|taken| taken > 0.0), "{line}");
    assert_eq!((&line["status"], &line["path"]), (&json!(400), &json!("/api/auth/login/")));
}

#[test]
fn a_limit_that_is_reached_is_named() {
    let (_folder, mut server) = serve("[account]\nrate_limits = { login = \"1/m/ip\" }\n");
    assert_eq!(log_in(&server, PASSWORD).status, 200);
    assert_eq!(log_in(&server, PASSWORD).status, 429);
    let event = logged(&mut server, "limit_reached");
    assert_eq!((&event["limit"], &event["address"]), (&json!("login"), &json!("127.0.0.1")));
}

#[test]
fn a_refresh_token_that_comes_again_is_told_with_its_user() {
    let (_folder, mut server) = serve(
        "[rest_auth]\nuse_jwt = true\njwt_auth_httponly = false\nsession_login = false\n\
         [simple_jwt]\nreuse_grace = 0\n",
    );
    let token = log_in(&server, PASSWORD).json()["refresh"].clone();
    let form = json!({"refresh": token});
    assert_eq!(server.post("token/refresh/", &form).status, 200);
    assert_eq!(server.post("token/refresh/", &form).status, 401);
    let event = logged(&mut server, "refresh_token_reused");
    assert_eq!((&event["user"], &event["address"]), (&json!(1), &json!("127.0.0.1")));
}

#[test]
fn a_header_of_a_kind_that_is_not_accepted_is_told_without_its_secret() {
    let (_folder, mut server) = serve(
        "level = \"debug\"\n[rest_auth]\nuse_jwt = true\nsession_login = false\n\
         jwt_auth_httponly = false\n[rest_framework]\n\
         default_authentication_classes = [\"jwt\"]\n",
    );
    let header = "Authorization: Token not-to-be-logged";
    assert_eq!(send(&server, "GET", "/api/auth/user/", header).status, 401);
    let event = logged(&mut server, "credentials_passed_over");
    assert_eq!((&event["scheme"], &event["accepted"]), (&json!("Token"), &json!("jwt")));
    server.wait_for("\"milliseconds\":");
    assert!(!server.has_said("not-to-be-logged"), "{:#?}", server.said);
}

#[test]
fn a_csrf_token_that_is_missing_is_told_with_the_reason() {
    let (_folder, mut server) = serve("[rest_auth]\ntoken_model = false\n");
    let head = log_in(&server, PASSWORD).head;
    let session = head.split("sessionid=").nth(1).unwrap().split(';').next().unwrap();
    let cookie = format!("Cookie: sessionid={session}");
    let refused = send(&server, "POST", "/api/auth/password/change/", &cookie);
    assert_eq!(refused.status, 403, "{}", refused.body);
    let event = logged(&mut server, "csrf_refused");
    assert_eq!(event["address"], "127.0.0.1");
    assert!(event["reason"].as_str().is_some_and(|reason| reason.contains("cookie")), "{event}");
}

#[test]
fn a_cookie_that_browsers_drop_is_told() {
    let claims: Vec<_> = (0..8).map(|number| format!("c{number} = \"first_name\"")).collect();
    let (_folder, mut server) = serve(&format!(
        "[rest_auth]\nuse_jwt = true\nsession_login = false\njwt_auth_cookie = \"access\"\n\
         jwt_auth_refresh_cookie = \"refresh\"\n[simple_jwt]\nclaims = {{ {} }}\n",
        claims.join(", ")
    ));
    assert_eq!(log_in(&server, PASSWORD).status, 200);
    let event = logged(&mut server, "cookie_too_large");
    assert_eq!(event["cookie"], "access");
    assert!(event["bytes"].as_u64().is_some_and(|bytes| bytes > 4_096), "{event}");
}

#[test]
fn what_a_proxy_says_is_told_once_if_it_is_no_address() {
    let folder = Folder::configured(
        "[log]\nformat = \"json\"\n[server]\ntrusted_proxies = [\"127.0.0.0/8\"]\n",
    );
    let mut server = folder.serve();
    for odd in ["X-Forwarded-For: nonsense", "X-Forwarded-For: 1.2.3.4.5", "Forwarded: for=\"[\""] {
        assert_eq!(send(&server, "GET", "/api/auth/user/", odd).status, 401, "{odd}");
    }
    let good = send(&server, "GET", "/api/auth/csrf/", "X-Forwarded-For: 192.0.2.7");
    assert_eq!(good.status, 204);
    server.wait_for("/api/auth/csrf/");
    let told: Vec<_> = server.said.iter().filter(|line| line.contains("is no address")).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("\"entry\":\"nonsense\""), "{told:?}");
}

/// The first line of a server whose standard error is a terminal.
fn first_line_on_terminal(variables: &[(&str, &str)]) -> String {
    let folder = Folder::prepared("");
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let other = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = folder.command(&["serve", "--bind", &free_address().to_string()]);
    command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(other);
    let _server = Daemon(command.spawn().unwrap());
    let mut lines = BufReader::new(File::from(terminal)).lines().map_while(Result::ok);
    lines.find(|line| line.contains("listening on")).unwrap()
}

#[test]
fn a_terminal_gets_colours_unless_the_user_wants_none() {
    const ESCAPE: char = '\u{1b}';
    assert!(first_line_on_terminal(&[]).contains(ESCAPE));
    assert!(first_line_on_terminal(&[("NO_COLOR", "")]).contains(ESCAPE));
    assert!(!first_line_on_terminal(&[("NO_COLOR", "1")]).contains(ESCAPE));
}
