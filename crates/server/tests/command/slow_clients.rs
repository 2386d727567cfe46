//! Clients that take their time.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::harness::Folder;

/// Waits until the server hangs up; panics if it does not.
fn end_of(mut stream: TcpStream) {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
}

#[test]
fn are_hung_up_on_wherever_they_stop() {
    let folder = Folder::configured("[server]\nrequest_timeout = 0.3\n");
    let server = folder.serve();
    let beginnings: [&[u8]; 4] = [
        b"",
        b"P",
        b"GET /healthz HTTP/1.1\r\nHost: local",
        // HTTP/2 as far as its preface and empty settings.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ];
    for beginning in beginnings {
        let mut stream = server.connect();
        stream.write_all(beginning).unwrap();
        end_of(stream);
    }
    assert_eq!(server.get("/healthz").status, 200);
}
