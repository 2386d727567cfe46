//! The configuration: `rest-auth check` and `rest-auth config`, and what no command accepts.

use crate::harness::Folder;

#[test]
fn an_error_ends_the_server_and_names_place_key_and_cure() {
    let folder = Folder::configured("[server]\nbnd = \"127.0.0.1:0\"\n");
    for command in [&["serve"][..], &["check"], &["config", "show"], &["user", "list"]] {
        let outcome = folder.run(command, "");
        assert_eq!(outcome.status, 1, "{command:?}");
        for part in ["auth.toml:2:1", "server.bnd", "server.bind"] {
            assert!(outcome.stderr.contains(part), "{command:?}: {}", outcome.stderr);
        }
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let outcome = Folder::new().run(&["check", "--config", "missing.toml"], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("missing.toml"), "{}", outcome.stderr);
}

#[test]
fn a_command_line_that_makes_no_sense_is_another_error() {
    for arguments in [&["sevre"][..], &["--bind", "nowhere"], &["--bind", "[::1]:0", "migrate"]] {
        assert_eq!(Folder::new().run(arguments, "").status, 2, "{arguments:?}");
    }
}

#[test]
fn check_passes_what_is_fine_and_advises_for_production() {
    let folder = Folder::new();
    let plain = folder.run(&["check"], "").ok();
    assert!(!plain.stdout.contains("server.secret_key"), "{}", plain.stdout);
    let deploy = folder.run(&["check", "--deploy"], "").ok();
    assert!(deploy.stdout.contains("warning: `server.secret_key` is not set"), "{}", deploy.stdout);
}

#[test]
fn the_values_that_hold_are_shown_without_secrets() {
    let secret = "fifty-characters-that-nobody-must-ever-read-anywhere-else";
    let folder = Folder::configured(&format!("[server]\nsecret_key = \"{secret}\"\n"));
    let shown = folder.run(&["config", "show"], "").ok();
    assert!(shown.stdout.contains("secret_key = \"********\"  # auth.toml:2:1"));
    assert!(!shown.stdout.contains(secret));
}

#[test]
fn the_example_is_a_configuration_that_works() {
    for profile in ["strict", "django"] {
        let folder = Folder::new();
        let example = folder.run(&["config", "example", "--profile", profile], "").ok();
        folder.write("auth.toml", &example.stdout);
        let shown = folder.run(&["config", "show"], "").ok();
        assert!(shown.stdout.contains(&format!("profile = \"{profile}\"  # auth.toml")));
    }
    let folder = Folder::new();
    assert_eq!(folder.run(&["config", "example", "--profile", "lax"], "").status, 2);
}

#[test]
fn the_schema_is_json() {
    let schema = Folder::new().run(&["config", "schema"], "").ok();
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
    assert_eq!(schema["type"], "object");
}

#[test]
fn the_openapi_document_needs_no_database_and_leaves_nothing_behind() {
    let config = "[database]\nurl = \"postgres://nobody@127.0.0.1:1/none\"\n";
    let folder = Folder::configured(config);
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    let document = folder.run(&["openapi"], "").ok();
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/login/"]["post"]["operationId"] == "login");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
}
