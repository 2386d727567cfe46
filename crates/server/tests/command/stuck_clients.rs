//! Clients that take no answers, and clients that take all places.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

use crate::harness::{Finished, Folder, PATIENCE, Server, exchange, request};
use crate::tls::{FILES, certify, over_tls};

/// How many connections an attack has; more than the server may open files.
const ATTACKERS: usize = 300;

/// So few open files that the connections of an attack do not fit.
const FEW_FILES: &str = "-n 256";

/// The shortest head that asks for a long answer.
const SCHEMA: &str = "GET /api/auth/schema/ HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The preface of HTTP/2, and settings in which the initial window is zero.
const SHUT_WINDOW: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0";

/// HEADERS of a GET of `/api/auth/schema/` at `localhost`, which end stream 1.
const SCHEMA_OVER_2: &[u8] =
    b"\0\0\x20\x01\x05\0\0\0\x01\x82\x86\x44\x11/api/auth/schema/\x41\x09localhost";

const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0pingpong";

/// Connects from an address of this machine.
fn connect_from(server: &Server, host: [u8; 4]) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((host, 0))).unwrap();
        // A client that does not read is to be full soon.
        socket.set_recv_buffer_size(8_192).unwrap();
        let stream = socket.connect(server.address()).await.unwrap().into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
        stream
    })
}

/// Connects as an attacker, from one of ten addresses.
fn attack(server: &Server, number: usize) -> TcpStream {
    let host = u8::try_from(2 + number % 10).unwrap();
    connect_from(server, [127, 0, 0, host])
}

/// What a server with short deadlines is configured with.
fn impatient() -> Folder {
    Folder::configured("[server]\nrequest_timeout = 1\n")
}

/// Somebody else is served, and soon.
fn is_served(server: &Server) {
    let begun = Instant::now();
    for _ in 0..5 {
        let stream = connect_from(server, [127, 0, 0, 1]);
        let answer = exchange(stream, &request("GET", "/api/auth/csrf/", ""));
        assert_eq!(answer.status, 204, "{}", answer.head);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "after {:?}", begun.elapsed());
}

/// Whether the server has closed a connection; what it sent before may be read first.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut buffer = [0; 4_096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

#[test]
fn pipelining_without_reading_shuts_nobody_out() {
    let folder = impatient();
    let server = folder.serve_within(FEW_FILES);
    let pipeline = SCHEMA.repeat(300);
    let mut stuck: Vec<TcpStream> = Vec::new();
    for number in 0..ATTACKERS {
        let mut stream = attack(&server, number);
        // The server stops reading at some time.
        let _ = stream.write_all(pipeline.as_bytes());
        stuck.push(stream);
    }
    is_served(&server);
    sleep(Duration::from_secs(3));
    is_served(&server);
    assert!(stuck.iter_mut().rev().take(20).all(is_closed), "some are still open");
}

#[test]
fn pipelining_over_tls_without_reading_shuts_nobody_out() {
    let folder = Folder::configured(&format!("{FILES}request_timeout = 1\n"));
    certify(&folder);
    let server = folder.serve_within(FEW_FILES);
    let is_served = || {
        let mut stream = over_tls(connect_from(&server, [127, 0, 0, 1]));
        let answer = exchange(&mut stream, &request("GET", "/api/auth/csrf/", ""));
        assert_eq!(answer.status, 204, "{}", answer.head);
    };
    let pipeline = SCHEMA.repeat(300);
    let mut stuck = Vec::new();
    for number in 0..ATTACKERS {
        let mut stream = over_tls(attack(&server, number));
        // The server may have closed it before the handshake was done, or stops reading.
        let _ = stream.write_all(pipeline.as_bytes());
        stuck.push(stream);
    }
    is_served();
    sleep(Duration::from_secs(3));
    is_served();
    let last = stuck.iter_mut().rev().take(20);
    assert!(last.map(|stream| &mut stream.sock).all(is_closed), "some are still open");
}

#[test]
fn a_shut_window_of_http2_with_pings_shuts_nobody_out() {
    let folder = impatient();
    let server = folder.serve_within(FEW_FILES);
    let mut stuck: Vec<TcpStream> = Vec::new();
    for number in 0..ATTACKERS {
        let mut stream = attack(&server, number);
        let _ = stream.write_all(&[SHUT_WINDOW, SCHEMA_OVER_2].concat());
        stuck.push(stream);
    }
    is_served(&server);
    for _ in 0..15 {
        for stream in &mut stuck {
            let _ = stream.write_all(PING);
        }
        sleep(Duration::from_millis(200));
    }
    is_served(&server);
    assert!(stuck.iter_mut().rev().take(20).all(is_closed), "some are still open");
}

#[test]
fn pings_alone_keep_no_connection_open() {
    let folder = impatient();
    let server = folder.serve();
    let mut stream = server.connect();
    stream.write_all(SHUT_WINDOW).unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        if stream.write_all(PING).is_err() {
            return;
        }
        sleep(Duration::from_millis(200));
    }
    panic!("the connection is still open");
}

#[test]
fn a_slow_reader_gets_the_whole_answer() {
    let folder = impatient();
    let server = folder.serve();
    let mut stream = server.connect();
    stream
        .write_all(SCHEMA.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 8_192]);
    loop {
        let read = stream.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..read]);
        sleep(Duration::from_millis(100));
    }
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap());
}

#[test]
fn ten_greedy_addresses_whose_requests_never_end_shut_nobody_out() {
    let folder = Folder::configured("[server]\nrequest_timeout = 20\n");
    let server = folder.serve_within(FEW_FILES);
    let whole = request("POST", "/api/auth/login/", "{\"username\": \"ada\"}");
    let mut held = Vec::new();
    for number in 0..ATTACKERS {
        let mut stream = attack(&server, number);
        let _ = stream.write_all(&whole.as_bytes()[..whole.len() - 5]);
        held.push(stream);
        if number % 100 == 99 {
            is_served(&server);
        }
    }
    is_served(&server);
    // Those that found a place last still have it, and are answered when they go on.
    let mut last = held.pop().unwrap();
    last.write_all(&whole.as_bytes()[whole.len() - 5..]).unwrap();
    let mut answer = String::new();
    last.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn one_address_holds_no_more_than_its_share() {
    let folder = Folder::configured("[server]\nmax_connections_per_address = 3\n");
    let server = folder.serve();
    let mut held: Vec<_> = (0..6).map(|_| connect_from(&server, [127, 0, 0, 2])).collect();
    let mut other = connect_from(&server, [127, 0, 0, 3]);
    // The server takes connections side by side, so any three of them may be the last.
    sleep(Duration::from_millis(500));
    assert!(is_answered(&mut other));
    let answered: Vec<bool> = held.iter_mut().map(is_answered).collect();
    assert_eq!(answered.iter().filter(|answered| **answered).count(), 3, "{answered:?}");
}

/// Whether a request gets an answer on this connection.
fn is_answered(stream: &mut TcpStream) -> bool {
    let request = request("GET", "/healthz", "");
    stream.write_all(request.as_bytes()).is_ok() && stream.read(&mut [0; 64]).is_ok_and(|n| n > 0)
}

#[test]
fn a_proxy_that_is_trusted_has_no_share() {
    let folder = Folder::configured(
        "[server]\nmax_connections_per_address = 3\ntrusted_proxies = [\"127.0.0.2\"]\n",
    );
    let server = folder.serve();
    let held: Vec<_> = (0..6).map(|_| connect_from(&server, [127, 0, 0, 2])).collect();
    for stream in held {
        assert_eq!(exchange(stream, &request("GET", "/healthz", "")).status, 200);
    }
}

#[test]
fn more_connections_than_open_files_are_told() {
    let folder = Folder::configured("[server]\nmax_connections = 1000000\n");
    let mut server = folder.serve_within(FEW_FILES);
    assert!(server.has_said("256 open files"), "{:#?}", server.said);
    assert_eq!(server.address().ip(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    server.signal("TERM");
    assert_eq!(server.end().code(), Some(0));
    let outcome = Finished::of(folder.within(FEW_FILES, &["check"]).spawn().unwrap());
    assert!(outcome.stdout.contains("server.max_connections"), "{}", outcome.stdout);
}
