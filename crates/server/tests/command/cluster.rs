//! A database server of the test's own, which it stops and starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::daemon::{Daemon, Home, free_address, wait_until_listening};
use crate::harness::PATIENCE;

/// What kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    Mariadb,
}

impl Kind {
    /// The program that serves.
    fn server(self) -> PathBuf {
        let path = |variable| PathBuf::from(std::env::var_os(variable).unwrap());
        match self {
            Self::Postgres => path("REST_AUTH_TEST_POSTGRES_BIN").join("postgres"),
            Self::Mariadb => path("REST_AUTH_TEST_MARIADBD"),
        }
    }

    /// The program that makes what it serves.
    fn maker(self) -> PathBuf {
        match self {
            Self::Postgres => self.server().with_file_name("initdb"),
            Self::Mariadb => PathBuf::from("mariadb-install-db"),
        }
    }
}

/// A server with data of its own, that nobody else uses.
pub(crate) struct Cluster {
    kind: Kind,
    home: Home,
    address: SocketAddr,
    process: Option<Daemon>,
}

impl Cluster {
    pub(crate) fn start(kind: Kind) -> Self {
        let mut cluster = Self { kind, home: Home::new(), address: free_address(), process: None };
        cluster.create();
        cluster.come();
        cluster
    }

    /// The URL of a database on it that anybody may use.
    pub(crate) fn url(&self) -> String {
        match self.kind {
            Kind::Postgres => format!("postgres://postgres@{}/postgres", self.address),
            Kind::Mariadb => format!("mysql://root@{}/auth", self.address),
        }
    }

    fn create(&self) {
        // MariaDB takes a path that is not absolute for one below its programs.
        let data = format!("--datadir={}", self.home.path().join("data").display());
        let options: &[&str] = match self.kind {
            Kind::Postgres => {
                &["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
            }
            Kind::Mariadb => &[
                "--no-defaults",
                &data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
        };
        let made = self.home.command(&self.kind.maker()).args(options).status();
        assert!(made.unwrap().success(), "{}", self.home.log_of(&self.kind.maker()));
        // MariaDB runs this each time before anybody can connect.
        let first = "CREATE DATABASE IF NOT EXISTS auth;\n";
        std::fs::write(self.home.path().join("first.sql"), first).unwrap();
    }

    /// Starts it, on the data that it has.
    pub(crate) fn come(&mut self) {
        self.process = Some(Daemon(self.command().spawn().unwrap()));
        wait_until_listening(self.address);
    }

    fn command(&self) -> Command {
        let (port, home) = (self.address.port().to_string(), self.home.path().display());
        let mut command = self.home.command(&self.kind.server());
        match self.kind {
            Kind::Postgres => command
                .args(["-D", "data", "-h", "127.0.0.1", "-p", &port, "-k", ""])
                .args(["-c", "fsync=off"]),
            // Commits are with the system, and not on the disk: they outlive the process.
            Kind::Mariadb => command
                .args(["--no-defaults", "--bind-address=127.0.0.1", "--pid-file=pid"])
                .args([format!("--datadir={home}/data"), format!("--socket={home}/socket")])
                .args([format!("--port={port}"), format!("--init-file={home}/first.sql")])
                .args(["--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=2"]),
        };
        command
    }

    /// Stops it, by the signal of one of its ways to do so.
    pub(crate) fn go(&mut self, signal: &str) {
        let mut process = self.process.take().unwrap();
        let line = format!("kill -{signal} {}", process.0.id());
        assert!(Command::new("sh").arg("-c").arg(line).status().unwrap().success());
        let begun = Instant::now();
        while process.0.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "{}", self.home.log_of(&self.kind.server()));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
