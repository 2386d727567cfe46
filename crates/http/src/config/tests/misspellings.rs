//! What is said about misspelt names: Django's settings, of variables, of values.

use std::path::Path;

use crate::config::{ConfigFile, Loaded, load};

const PUBLIC: &str = include_str!("../../../../domain/src/jwt/keys/test-p256-public.pem");
const PRIVATE: &str = include_str!("../../../../domain/src/jwt/keys/test-p256.pem");

fn read_at(path: &Path, content: &str, variables: &[(&str, &str)]) -> Loaded {
    let owned = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    load(Some(ConfigFile { path, content }), owned)
}

fn messages(content: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let loaded = read_at(Path::new("auth.toml"), content, variables);
    loaded.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_pasted_dictionary_of_python_is_one_finding() {
    let pasted = "REST_AUTH = {\n    'USE_JWT': True,\n    'JWT_AUTH_COOKIE': 'access',\n    \
                  'TOKEN_MODEL': None,\n    'JWT_AUTH_HTTPONLY': False,\n}\n";
    let all = messages(pasted, &[]);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].starts_with("auth.toml:2:5: this is Python"), "{}", all[0]);
    assert!(all[0].contains("USE_JWT = true"), "{}", all[0]);
}

#[test]
fn a_setting_below_the_wrong_table_is_sent_to_its_own() {
    for (content, table) in [
        ("[REST_AUTH]\nACCOUNT_EMAIL_VERIFICATION = \"none\"", "account.email_verification"),
        ("[rest_auth]\nSIMPLE_JWT_ALGORITHM = \"RS256\"", "simple_jwt.algorithm"),
        ("[account]\nCSRF_COOKIE_NAME = \"csrf\"", "csrf.cookie_name"),
        ("server_bind = \"127.0.0.1:1\"", "server.bind"),
    ] {
        let all = messages(content, &[]);
        assert!(all[0].ends_with(&format!("did you mean `{table}`?")), "{all:?}");
    }
}

#[test]
fn variables_that_look_like_ours_get_the_right_name() {
    for (variable, meant) in [
        ("REST_AUTH_SERVER_BIND", "REST_AUTH__SERVER__BIND"),
        ("REST_AUTH_EMAIL__HOST", "REST_AUTH__EMAIL__HOST"),
        ("REST_AUTH_SERVER_SECRET_KEY_FILE", "REST_AUTH__SERVER__SECRET_KEY_FILE"),
        ("REST_AUTH_USE_JWT", "REST_AUTH__REST_AUTH__USE_JWT"),
        ("REST_AUTH__SERVER_BIND", "REST_AUTH__SERVER__BIND"),
    ] {
        let all = messages("", &[(variable, "x")]);
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(all[0].ends_with(&format!("did you mean `{meant}`?")), "{all:?}");
    }
}

#[test]
fn what_kubernetes_sets_for_a_service_of_this_name_is_left_alone() {
    let variables = [
        ("REST_AUTH_PORT", "tcp://10.0.0.1:8000"),
        ("REST_AUTH_SERVICE_HOST", "10.0.0.1"),
        ("REST_AUTH_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("REST_AUTH_CONFIG", "auth.toml"),
    ];
    assert_eq!(messages("", &variables), Vec::<String>::new());
}

#[test]
fn quotation_marks_in_a_variable_are_told_where_they_are_part_of_the_value() {
    for (variable, key) in [
        ("REST_AUTH__SERVER__SITE_NAME", "server.site_name"),
        ("REST_AUTH__SERVER__SECRET_KEY", "server.secret_key"),
        ("REST_AUTH__EMAIL__HOST", "email.host"),
    ] {
        let quoted = "\"abcdefghijklmnopqrstuvwxyz0123456789\"";
        let all = messages("", &[(variable, quoted)]);
        let told = format!("the quotation marks around `{key}` are part of its value");
        assert!(all[0].contains(&told), "{all:?}");
        assert!(!all[0].contains("abcdef"), "{all:?}");
    }
    assert_eq!(messages("", &[("REST_AUTH__LOG__LEVEL", "\"debug\"")]), Vec::<String>::new());
}

#[test]
fn a_refused_value_is_repeated_unless_it_is_a_secret() {
    let all = messages("[log]\nlevel = \"loud\"\n[rest_auth]\nregister = [1, 2]\n", &[]);
    assert!(all[0].ends_with("(it is \"loud\")"), "{all:?}");
    assert!(all[1].ends_with("(it is [1,2])"), "{all:?}");
    let variable = messages("", &[("REST_AUTH__SESSION__COOKIE_AGE", "soon")]);
    assert!(variable[0].ends_with("(it is \"soon\")"), "{variable:?}");
    let address = messages("[server]\npublic_url = \"https://u:hunter2@a.example\"", &[]);
    assert!(!address[0].contains("hunter2"), "{address:?}");
}

#[test]
fn keys_in_pem_come_from_files_and_from_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("private.pem"), PRIVATE).unwrap();
    std::fs::write(folder.path().join("public.pem"), PUBLIC).unwrap();
    let jwt = "[rest_auth]\nuse_jwt = true\njwt_auth_httponly = false\n\
               [simple_jwt]\nalgorithm = \"ES256\"\n";
    let files =
        format!("{jwt}signing_key_file = \"private.pem\"\nverifying_key_file = \"public.pem\"\n");
    let loaded = read_at(&folder.path().join("auth.toml"), &files, &[]);
    assert_eq!(loaded.findings, []);
    assert!(loaded.settings.simple_jwt.verifying_key.is_some());

    let one_line = |pem: &str| pem.replace('\n', "\\n");
    let (private, public) = (one_line(PRIVATE), one_line(PUBLIC));
    let variables = [
        ("REST_AUTH__SIMPLE_JWT__SIGNING_KEY", private.as_str()),
        ("REST_AUTH__SIMPLE_JWT__VERIFYING_KEY", public.as_str()),
    ];
    assert_eq!(messages(jwt, &variables), Vec::<String>::new());
}
