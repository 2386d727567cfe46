//! Writes what the fuzzers begin with: credentials of every algorithm, and bodies in JSON.

use std::fs;
use std::path::Path;

use rest_auth_domain::encoding::from_base64url;
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SigningKey, SoftwareAuthenticator, SoftwareCeremony};

fn main() {
    for (number, algorithm) in CoseAlgorithm::ALL.into_iter().enumerate() {
        let asked = SoftwareCeremony::at("https://example.com", "example.com", "Y2hhbGxlbmdl");
        let key = SigningKey::generate(algorithm);
        write("passkeys", &format!("key-{number}"), b'k', &key.cose());
        let mut device = SoftwareAuthenticator::with(key, b"credential", b"1");
        let made = device.register(&asked, b"1");
        let object = made["response"]["attestationObject"].as_str().and_then(from_base64url);
        write("passkeys", &format!("object-{number}"), b'o', &object.expect("an object"));
        write("passkeys", &format!("made-{number}"), b'j', made.to_string().as_bytes());
        let used = device.log_in(&asked);
        let data = used["response"]["authenticatorData"].as_str().and_then(from_base64url);
        write("passkeys", &format!("data-{number}"), b'a', &data.expect("its data"));
        write("passkeys", &format!("used-{number}"), b'j', used.to_string().as_bytes());
    }
    let bodies = [
        r#"{"username": "ada", "password": "s\u00e9cret\ud83d\ude00", "a": [1, -0.5e3, null, true]}"#,
        r#"[NaN, -Infinity, 12345678901234567890123, "\ud800", {"a": 1, "a": {}}]"#,
        " \"\t\" ",
    ];
    for (number, body) in bodies.iter().enumerate() {
        write("json", &number.to_string(), 0, body.as_bytes());
    }
}

fn write(target: &str, name: &str, kind: u8, content: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("the folder");
    fs::write(folder.join(name), [&[kind], content].concat()).expect("the file");
}
