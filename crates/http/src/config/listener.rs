//! `[server]`, the part about the listener, and `[log]`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use rest_auth_settings::seconds;
use rest_auth_settings::{choices, settings};

choices! {
    /// Whether the listener speaks TLS.
    pub enum Tls {
        /// No TLS. A proxy may terminate it.
        Off = "off",
        /// With a certificate made at every start, for trying out.
        SelfSigned = "self_signed",
        /// With `server.tls_certificate_file` and `server.tls_private_key_file`.
        Files = "files",
    }
}

choices! {
    /// The form of log lines.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object per line.
        Json = "json",
    }
}

choices! {
    /// The least important lines that are logged.
    pub enum LogLevel {
        /// What broke.
        Error = "error",
        /// What looks wrong.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// Why requests were refused.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

settings! {
    /// The listener, addresses and limits.
    pub struct ServerSettings = "server" {
        /// Address and port to listen at.
        bind: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
        /// Whether the listener speaks TLS: `off`, `self_signed` or `files`.
        tls: Tls = Tls::Off,
        /// Certificate chain in PEM, for `tls = "files"`.
        tls_certificate_file: Option<PathBuf> = None,
        /// Private key in PEM, for `tls = "files"`.
        tls_private_key_file: Option<PathBuf> = None,
        /// How long requests under way may take when the server is told to stop.
        #[range(0.0, 3_600.0)]
        shutdown_timeout: Duration = seconds(30),
        /// Maximum number of open connections. A further one takes the place of one that serves no
        /// request, of whoever holds most; if there is none, it is closed at once. None: as many as
        /// the limit on open files allows, and at most 10000.
        #[range(1.0, 1_000_000.0)]
        max_connections: Option<u32> = None,
        /// Maximum number of open connections of one client: an IPv4 address or an IPv6 /64. A /56
        /// may hold twice as many, a /48 four times. Proxies of `server.trusted_proxies` are not
        /// limited by this.
        #[range(1.0, 1_000_000.0)]
        max_connections_per_address: u32 = 256,
    }
}

settings! {
    /// The log.
    pub struct LogSettings = "log" {
        /// `text` for people, `json` for machines.
        format: LogFormat = LogFormat::Text,
        /// The least important lines that are logged: `error`, `warn`, `info`, `debug`, `trace`.
        level: LogLevel = LogLevel::Info,
    }
}
