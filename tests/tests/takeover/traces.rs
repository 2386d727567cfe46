//! What a server leaves behind in Django's tables: what Django itself would, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use rest_auth_store::testing::{Content, Row};
use rest_auth_tests::client::Client;
use rest_auth_tests::server::Server;
use serde_json::Value;

use crate::passwords::{by_name, is_let_in, is_renewed, log_in};
use crate::project::{Project, assert_none, literal, text};

fn is_ours(name: &str) -> bool {
    name.starts_with("rest_auth_")
}

/// Without the tables of ours and what belongs to them, and without our indexes on Django's.
fn of_django(content: Content) -> Content {
    let mut theirs = content;
    // The table of passkeys is made where the project's dj-rest-auth has none yet: Django takes it over
    // with `--fake-initial`.
    let is_ours = |table: &str| is_ours(table) || table == "passkeys_webauthncredential";
    theirs.0.retain(|table, _| !is_ours(table));
    let belongs = |row: &Row, column: &str| is_ours(row[column].trim_matches('\''));
    for (table, column) in [("sqlite_master", "tbl_name"), ("sqlite_sequence", "name")] {
        theirs.0.entry(table.to_owned()).or_default().retain(|row| !belongs(row, column));
    }
    let is_our_index = |row: &Row| row["name"].starts_with("'ix_rest_auth_user_");
    theirs.0.entry("sqlite_master".to_owned()).or_default().retain(|row| !is_our_index(row));
    theirs
}

#[tokio::test]
async fn the_start_adds_our_tables_and_changes_nothing() {
    let project = Project::load();
    let copy = project.copy();
    let before = copy.content().await;
    for (table, count) in project.fact("counts").as_object().expect("counts") {
        assert_eq!(&Value::from(before.0[table].len()), count, "{table}");
    }
    let variant = project.variants_with("SessionAuthentication")[0];
    let server = copy.serve(&project.config(variant), &project).await;
    Client::new(&server).get("/user/").await.is(403);
    let after = copy.content().await;
    assert!(after.0.keys().any(|table| is_ours(table)), "our tables are there");
    assert_none(&of_django(before).changes_to(&of_django(after)));
}

/// Uses everything once: each token, session and password. Passwords come last, for a hash that is
/// renewed ends the sessions that were opened with the former, here as in Django.
async fn use_everything(project: &Project, server: &Arc<Server>) {
    for token in project.list("/drf_tokens") {
        Client::new(server).with_token(text(token, "key")).get("/user/").await;
    }
    for session in project.list("/sessions") {
        let mut browser = Client::new(server);
        browser.cookies.insert("sessionid".to_owned(), text(session, "cookie").to_owned());
        browser.get("/user/").await;
    }
    for user in project.list("/users") {
        assert_eq!(log_in(server, &by_name(user)).await.is_ok(), is_let_in(user), "{user}");
    }
}

#[tokio::test]
async fn a_day_of_work_changes_what_django_would_change() {
    let project = Project::load();
    let variant = project.variants_with("TokenAuthentication")[0];
    let (copy, server) = project.server(variant).await;
    let mut before = of_django(copy.content().await);
    use_everything(&project, &server).await;
    let mut after = of_django(copy.content().await);

    let (users_before, users) = (take(&mut before, "auth_user"), take(&mut after, "auth_user"));
    assert_eq!(users_before.len(), users.len());
    for user in project.list("/users") {
        let id = literal(&user["id"]);
        let allowed = match (is_let_in(user), is_renewed(user)) {
            (true, true) => &["last_login", "password"][..],
            (true, false) => &["last_login"],
            (false, true) => &["password"],
            (false, false) => &[],
        };
        let changed = changed_columns(of_id(&users_before, &id), of_id(&users, &id));
        assert_eq!(changed, allowed, "{user}");
    }
    // Who logged in has a session and a token now; whoever had one has the same.
    let gone =
        |session: &&Value| matches!(text(session, "row_after"), "cycled" | "flushed" | "missing");
    let gone = project.list("/sessions").iter().filter(gone);
    let gone: BTreeSet<_> = gone.map(|session| literal(&session["cookie"])).collect();
    let sessions = take(&mut after, "django_session");
    for row in take(&mut before, "django_session") {
        assert_eq!(sessions.contains(&row), !gone.contains(&row["session_key"]), "{row:?}");
    }
    let tokens = take(&mut after, "authtoken_token");
    for row in take(&mut before, "authtoken_token") {
        assert!(tokens.contains(&row), "{row:?}");
    }
    assert_none(&before.changes_to(&after));
}

fn take(content: &mut Content, table: &str) -> Vec<Row> {
    content.0.remove(table).unwrap_or_else(|| panic!("no table {table}"))
}

fn of_id<'a>(rows: &'a [Row], id: &str) -> &'a Row {
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no row {id}"))
}

fn changed_columns<'a>(before: &'a Row, after: &Row) -> Vec<&'a str> {
    let changed = before.iter().filter(|(column, value)| after[*column] != **value);
    changed.map(|(column, _)| column.as_str()).collect()
}
