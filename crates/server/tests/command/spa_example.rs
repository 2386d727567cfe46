//! The single-page application of `examples/spa`, with this server and in a browser.

use std::path::Path;
use std::process::Command;

/// Runs a script of the application with Node.js.
fn node(arguments: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/spa");
    let mut node = Command::new("node");
    node.args(arguments).current_dir(folder);
    node.env("REST_AUTH_BINARY", env!("CARGO_BIN_EXE_rest-auth"));
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
}

#[test]
#[cfg_attr(not(spa), ignore = "needs REST_AUTH_TEST_SPA")]
fn the_client_of_the_application_is_that_of_its_configurations() {
    node(&["scripts/generate.mjs", "--check"]);
}

#[test]
#[cfg_attr(not(spa), ignore = "needs REST_AUTH_TEST_SPA")]
fn the_application_has_the_types_of_both_clients() {
    let vue_tsc = "node_modules/vue-tsc/bin/vue-tsc.js";
    node(&[vue_tsc]);
    node(&[vue_tsc, "--project", "tsconfig.two-hosts.json"]);
}

#[test]
#[cfg_attr(not(spa), ignore = "needs REST_AUTH_TEST_SPA")]
fn a_browser_goes_through_all_pages_on_one_domain() {
    node(&["--test", "--test-reporter=spec", "test/one-domain.test.mjs"]);
}

#[test]
#[cfg_attr(not(spa), ignore = "needs REST_AUTH_TEST_SPA")]
fn a_browser_goes_through_all_pages_on_two_hosts() {
    node(&["--test", "--test-reporter=spec", "test/two-hosts.test.mjs"]);
}

#[test]
#[cfg_attr(not(spa), ignore = "needs REST_AUTH_TEST_SPA")]
fn a_browser_goes_through_them_with_what_init_writes_for_one_domain() {
    node(&["--test", "--test-reporter=spec", "test/one-domain.init.test.mjs"]);
}

#[test]
#[cfg_attr(not(spa), ignore = "needs REST_AUTH_TEST_SPA")]
fn a_browser_goes_through_them_with_what_init_writes_for_two_hosts() {
    node(&["--test", "--test-reporter=spec", "test/two-hosts.init.test.mjs"]);
}
