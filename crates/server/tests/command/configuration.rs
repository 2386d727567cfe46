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
    for arguments in [
        &["sevre"][..],
        &["--bind", "nowhere"],
        &["--bind", ":8000"],
        &["--bind", "[::1]:0", "migrate"],
    ] {
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

#[test]
fn the_openapi_document_for_generators_has_one_media_type_for_each_body() {
    let folder = Folder::new();
    let whole = folder.run(&["openapi"], "").ok().stdout;
    let lean = folder.run(&["openapi", "--json-only"], "").ok().stdout;
    for other in ["multipart/form-data", "application/x-www-form-urlencoded", "text/html"] {
        assert!(whole.contains(other), "{other}");
        assert!(!lean.contains(other), "{other}");
    }
    let [whole, lean] =
        [whole, lean].map(|text| serde_json::from_str::<serde_json::Value>(&text).unwrap());
    assert_eq!(whole["components"]["schemas"], lean["components"]["schemas"]);
    let paths = |document: &serde_json::Value| document["paths"].as_object().unwrap().len();
    assert_eq!(paths(&whole), paths(&lean));
}

#[test]
fn the_file_of_the_working_directory_is_found_and_named() {
    let folder = Folder::new();
    folder.write("rest-auth.toml", "[log]\nlevel = \"warn\"\n");
    let shown = folder.run(&["config", "show"], "").ok();
    assert!(shown.stdout.contains("level = \"warn\"  # rest-auth.toml:2:1"), "{}", shown.stdout);
    assert_eq!(shown.stderr, "configuration: rest-auth.toml\n");
    folder.write("other.toml", "[log]\nlevel = \"error\"\n");
    let named = folder.run(&["config", "show", "--config", "other.toml"], "").ok();
    assert!(named.stdout.contains("level = \"error\""), "{}", named.stdout);
    let nothing = Folder::new().run(&["config", "show"], "").ok();
    assert!(nothing.stderr.starts_with("configuration: no file"), "{}", nothing.stderr);
}

#[test]
fn commands_make_neither_a_database_nor_a_key() {
    let user = "{\"username\": \"ada\"}";
    for (content, cure) in [(None, "--config"), (Some(""), "`rest-auth migrate`")] {
        let folder = content.map_or_else(Folder::new, Folder::configured);
        let before = std::fs::read_dir(folder.path()).unwrap().count();
        for command in [
            &["user", "create"][..],
            &["user", "update"],
            &["user", "list"],
            &["user", "show", "ada"],
            &["user", "invite"],
            &["mail", "list"],
            &["mail", "retry", "--all-dead"],
        ] {
            let refused = folder.run(command, user);
            assert_eq!(refused.status, 1, "{command:?}");
            assert!(refused.stderr.contains("database.url"), "{}", refused.stderr);
            assert!(refused.stderr.contains(cure), "{command:?}: {}", refused.stderr);
        }
        if content.is_none() {
            assert_eq!(folder.run(&["migrate"], "").status, 1);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
    }
    // A database, and no key beside it.
    let folder = Folder::configured("");
    folder.run(&["migrate"], "").ok();
    let refused = folder.run(&["user", "create"], user);
    assert!(refused.stderr.contains("server.secret_key"), "{}", refused.stderr);
    assert!(!folder.path().join("rest-auth.sqlite3.secret-key").exists());
}

#[test]
fn what_serve_refuses_check_refuses() {
    let tls = "[server]\ntls = \"files\"\ntls_certificate_file = \"c.pem\"\n\
               tls_private_key_file = \"k.pem\"\n";
    for (content, key) in [
        (tls, "server.tls_certificate_file"),
        ("[database]\nurl = \"oracle://localhost/x\"\n", "database.url"),
        ("[database]\nurl = \"sqlite:///no/such/folder/a.db\"\n", "database.url"),
        ("[email]\nbackend = \"smtp\"\nhost = \"smtp.example.com:587\"\n", "email.host"),
        (
            "[rest_auth]\nuse_jwt = true\n[simple_jwt]\nalgorithm = \"ES256\"\n\
             signing_key = \"-----BEGIN ENCRYPTED PRIVATE KEY-----\"\n",
            "simple_jwt.signing_key",
        ),
    ] {
        let folder = Folder::configured(content);
        for command in [&["check"][..], &["serve", "--bind", "127.0.0.1:0"]] {
            let refused = folder.run(command, "");
            assert_eq!(refused.status, 1, "{command:?}: {content}");
            assert!(refused.stderr.contains(key), "{command:?}: {}", refused.stderr);
        }
    }
    let folder = Folder::configured(tls);
    folder.write("c.pem", "no certificate");
    folder.write("k.pem", "no key");
    let refused = folder.run(&["check"], "");
    assert!(refused.stderr.contains("server.tls_private_key_file"), "{}", refused.stderr);
}

#[test]
fn a_database_that_does_not_answer_is_told_once_with_its_address() {
    let config = "[database]\nurl = \"postgres://ada:hunter2@127.0.0.1:1/x\"\nacquire_timeout = 0.5\n\
                  connect_timeout = 0\n";
    let refused = Folder::configured(config).run(&["migrate"], "");
    assert_eq!(refused.status, 1);
    let line = refused.stderr.lines().last().unwrap();
    assert!(line.contains("database.url: postgres://ada:********@127.0.0.1:1/x: "), "{line}");
    assert_eq!(line.matches("refused").count(), 1, "{line}");
}
