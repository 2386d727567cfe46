//! The socket, and the HTTP connections on it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use rest_auth_http::config::Settings;
use rest_auth_http::{Api, OverTls};
use tokio::net::TcpListener;

use super::connections::{ConnectionLimits, Connections, Proxies};
use super::idle_timeout::{self, IdleTimeout};
use super::open_files;
use super::signals::StopSignals;
use super::tls;
use crate::health;
use crate::migrated::{self, Migrated};

/// The maximum size of the head of an HTTP/1 request, in bytes.
const LONGEST_HEAD: usize = 64 * 1_024;

/// A listening socket with its TLS configuration.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    signals: StopSignals,
    shutdown_timeout: Duration,
    request_timeout: Duration,
    connections: Connections,
}

/// The API, once the database is migrated, with the pages for operators beside it.
pub(super) fn service(api: &Api, migrated: &Migrated) -> Router {
    let pages = health::routes(api.auth().clone(), migrated.clone());
    let refusal = from_fn_with_state(migrated.clone(), migrated::refuse_until_migrated);
    rest_auth_http::standalone(api).layer(refusal).merge(pages)
}

impl Listener {
    /// Listens where the settings say.
    ///
    /// # Errors
    /// If the address cannot be bound or the certificate cannot be used.
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let server = &settings.server;
        let tls = tls::open(server, settings.http.public_url.as_deref()).await?;
        let socket = TcpListener::bind(server.bind).await.with_context(|| {
            let bind = server.bind;
            format!("server.bind: cannot listen at {bind}; choose another address with --bind")
        })?;
        Ok(Self {
            address: socket.local_addr().context("server.bind")?,
            socket,
            tls,
            signals: StopSignals::take().context("signals")?,
            shutdown_timeout: server.shutdown_timeout,
            request_timeout: settings.http.request_timeout,
            connections: Connections::new(limits(settings)),
        })
    }

    /// The URL of the API.
    pub(super) fn url(&self, base_path: &str) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{}/", self.address, base_path.trim_end_matches('/'))
    }

    /// Answers requests until a signal arrives. Then it waits for the requests under way, at most
    /// for `server.shutdown_timeout`. A second signal ends the waiting.
    ///
    /// # Errors
    /// When the socket fails.
    pub(super) async fn serve(self, service: Router) -> anyhow::Result<()> {
        let handle = Handle::new();
        let stop = stop(self.signals, handle.clone(), self.shutdown_timeout);
        let mut server = Server::from_listener(self.socket).handle(handle);
        let http = server.http_builder();
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.request_timeout)
            .max_buf_size(LONGEST_HEAD);
        http.http2().timer(TokioTimer::new());
        let idle_timeout =
            IdleTimeout { connections: self.connections, limit: self.request_timeout };
        let service = service.layer(from_fn(idle_timeout::watch));
        let serving = async {
            match self.tls {
                None => server.acceptor(idle_timeout).serve(connected(service)).await,
                Some(config) => {
                    let acceptor = RustlsAcceptor::new(config).acceptor(idle_timeout);
                    let service = service.layer(Extension(OverTls));
                    server.acceptor(acceptor).serve(connected(service)).await
                }
            }
        };
        tokio::select! {
            outcome = serving => outcome.context("the listener failed"),
            () = stop => Ok(()),
        }
    }
}

/// How many connections may be open.
fn limits(settings: &Settings) -> ConnectionLimits {
    let by_address = settings.server.max_connections_per_address;
    let (networks, allauth) = (&settings.http.trusted_proxies, &settings.allauth);
    let behind_unnamed_proxies =
        allauth.trusted_proxy_count > 0 || allauth.trusted_client_ip_header.is_some();
    ConnectionLimits {
        all: open_files::max_connections(settings),
        by_address: usize::try_from(by_address).unwrap_or(usize::MAX / 4),
        proxies: if networks.is_empty() && behind_unnamed_proxies {
            Proxies::All
        } else {
            Proxies::In(networks.clone())
        },
    }
}

/// Adds the address of the peer to each request.
fn connected(service: Router) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    service.into_make_service_with_connect_info()
}

/// Stops accepting connections after the first signal, and completes after the second.
async fn stop(mut signals: StopSignals, handle: Handle<SocketAddr>, patience: Duration) {
    signals.next().await;
    let connections = handle.connection_count();
    tracing::info!(connections, "stopping");
    handle.graceful_shutdown(Some(patience));
    signals.next().await;
    tracing::warn!("stopping at once");
}
