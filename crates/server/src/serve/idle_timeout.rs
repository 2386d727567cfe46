//! Accepts connections, and closes those on which nothing is served.
//!
//! The timers of the HTTP library cover the head of an HTTP/1 request. None of them runs before a
//! client has sent enough to tell HTTP/1 from HTTP/2, in HTTP/2, or while an answer waits for its
//! client: without one here such connections would pile up.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Extension;
use axum::extract::Request;
use axum::middleware::{AddExtension, Next};
use axum::response::Response;
use axum_server::accept::Accept;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tower::Layer as _;

use super::connections::{Connections, Place};
use super::progress::Progress;

/// Accepts connections as far as there is a place for them. Small answers are sent without delay.
#[derive(Clone, Debug)]
pub(super) struct IdleTimeout {
    /// The connections that are open, which have a limited number of places.
    pub(super) connections: Connections,
    /// How long a connection may serve nothing, while the server waits for its client.
    pub(super) limit: Duration,
}

impl<S> Accept<TcpStream, S> for IdleTimeout {
    type Stream = IdleTimeoutStream;
    type Service = AddExtension<S, Progress>;
    type Future = Ready<io::Result<(IdleTimeoutStream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream).map(|stream| {
            let service = Extension(stream.progress.clone()).layer(service);
            (stream, service)
        }))
    }
}

impl IdleTimeout {
    fn admit(&self, stream: TcpStream) -> io::Result<IdleTimeoutStream> {
        let progress = Progress::new(self.limit);
        let Some(place) = self.connections.admit(stream.peer_addr()?.ip(), &progress) else {
            // Nothing was sent, so nothing is lost by closing without the usual goodbye.
            stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        // Nagle's algorithm would delay the end of an answer until the client's delayed ACK.
        stream.set_nodelay(true)?;
        Ok(IdleTimeoutStream::new(stream, progress, place))
    }
}

/// Tells the connection of a request how far it is.
pub(super) async fn watch(
    Extension(progress): Extension<Progress>,
    request: Request,
    next: Next,
) -> Response {
    use axum::body::{Body, HttpBody as _};

    let served = progress.begin();
    let request = if request.body().is_end_stream() {
        request
    } else {
        let arrival = served.arriving();
        request.map(|body| Body::new(body.map_err(move |error| kept(&arrival, error))))
    };
    let response = next.run(request).await;
    served.answered(response.body().size_hint().upper().unwrap_or_default());
    response.map(|body| Body::new(body.map_err(move |error| kept(&served, error))))
}

/// Passes an error on. The closure that calls this lives as long as its body, and with it what it
/// keeps.
fn kept<K, E>(_keeps: &K, error: E) -> E {
    error
}

/// A connection whose reads and writes fail if nothing is served for too long.
#[derive(Debug)]
pub(super) struct IdleTimeoutStream {
    stream: TcpStream,
    progress: Progress,
    timer: Pin<Box<Sleep>>,
    /// Whether the client does not take what was written.
    is_blocked: bool,
    /// Kept until the connection ends.
    _place: Place,
}

impl IdleTimeoutStream {
    fn new(stream: TcpStream, progress: Progress, place: Place) -> Self {
        let timer = Box::pin(sleep_until(Instant::now()));
        Self { stream, progress, timer, is_blocked: false, _place: place }
    }

    /// Fails if nothing was served for too long, and otherwise has the task woken then.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.poll_end(cx).is_pending() {
            return Ok(());
        }
        tracing::debug!("a connection is closed that serves nothing");
        if self.is_blocked {
            // Closing would leave what the client does not take in the memory of the system.
            self.stream.set_zero_linger()?;
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Notes how a write came out.
    fn note(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.is_blocked = written.is_pending();
        if let Poll::Ready(Ok(bytes)) = written {
            self.progress.wrote(bytes, Instant::now());
        }
        written
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(end) = self.progress.end(cx.waker()) else { return Poll::Ready(()) };
            if end < self.timer.deadline() || self.timer.is_elapsed() {
                self.timer.as_mut().reset(end);
            }
            ready!(self.timer.as_mut().poll(cx));
            // The end may be later by now than it was when the timer was set.
            if end <= Instant::now() {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for IdleTimeoutStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        Pin::new(&mut this.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for IdleTimeoutStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let written = Pin::new(&mut this.stream).poll_write(cx, buffer);
        this.note(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, buffers);
        this.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
