//! `examples/phone` does what it shows.

use std::path::Path;
use std::process::Command;

#[test]
#[cfg_attr(not(examples), ignore = "needs REST_AUTH_TEST_EXAMPLES")]
fn the_clients_of_the_phone_example_keep_renew_and_end_their_logins() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(root.join("examples/phone/run"))
        .env("REST_AUTH_BINARY", env!("CARGO_BIN_EXE_rest-auth"))
        .env("REST_AUTH_EXAMPLES", Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples"))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
}
