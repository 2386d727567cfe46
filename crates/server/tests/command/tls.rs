//! `server.tls`

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use rcgen::generate_simple_self_signed;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use serde_json::json;

use crate::harness::{Answer, Folder, PATIENCE, Server, exchange, request};

/// Believes anybody.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A connection over TLS.
pub(crate) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Speaks TLS on a connection, with whoever is there.
pub(crate) fn over_tls(stream: TcpStream) -> TlsStream {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous))
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

/// Asks for a page over TLS and tells the certificate that the server showed.
fn get(server: &Server, path: &str) -> (Answer, Vec<u8>) {
    let mut stream = over_tls(server.connect());
    let answer = exchange(&mut stream, &request("GET", path, ""));
    let certificate = stream.conn.peer_certificates().unwrap()[0].to_vec();
    (answer, certificate)
}

/// Writes a certificate for `localhost` into a folder, as `certificate.pem` and `key.pem`.
pub(crate) fn certify(folder: &Folder) -> Vec<u8> {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    folder.write("certificate.pem", &made.cert.pem());
    folder.write("key.pem", &made.signing_key.serialize_pem());
    made.cert.der().to_vec()
}

/// A server that shows it.
pub(crate) const FILES: &str = "[server]\ntls = \"files\"\ntls_certificate_file = \"certificate.pem\"\n\
                     tls_private_key_file = \"key.pem\"\n";

#[test]
fn a_self_signed_certificate_is_made_at_start() {
    let folder = Folder::configured(
        "[server]\ntls = \"self_signed\"\npublic_url = \"https://localhost:8000\"\n\
         [secure]\nssl_redirect = true\n",
    );
    let server = folder.serve();
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    assert_eq!(get(&server, "/healthz").0.json(), json!({"status": "ok"}));
    // Whoever came by TLS is not sent to TLS.
    let user = get(&server, "/api/auth/user/").0;
    assert_eq!(user.status, 401, "{} {}", user.head, user.body);
}

#[test]
fn certificate_files_are_read_again_at_a_hangup() {
    let folder = Folder::configured(FILES);
    let first = certify(&folder);
    let mut server = folder.serve();
    assert_eq!(get(&server, "/healthz").1, first);
    let second = certify(&folder);
    server.signal("HUP");
    server.wait_for("was read again");
    assert_eq!(get(&server, "/healthz").1, second);
    folder.write("key.pem", "no key");
    server.signal("HUP");
    server.wait_for("cannot be read again");
    assert_eq!(get(&server, "/healthz").1, second);
}

#[test]
fn a_missing_certificate_ends_the_server_and_is_named() {
    let started = Instant::now();
    let outcome = Folder::configured(FILES).run(&["serve", "--bind", "127.0.0.1:0"], "");
    assert!(started.elapsed() < PATIENCE);
    assert_eq!(outcome.status, 1);
    for part in ["server.tls_certificate_file", "certificate.pem"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}
