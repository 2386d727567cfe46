//! Closes silent connections.
//!
//! Before a client has sent enough to tell HTTP/1 from HTTP/2, and after it has begun to speak
//! HTTP/2, no timer of the HTTP library runs: without one here, idle connections would pile up.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// Accepts connections. Small answers are sent without delay, and silent connections are closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long a client may send nothing. Clients send nothing while they wait for an answer, so
    /// this must be longer than the time of any answer.
    pub(super) silence: Duration,
}

impl<S> Accept<TcpStream, S> for Patience {
    type Stream = PatientStream;
    type Service = S;
    type Future = Ready<io::Result<(PatientStream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // Nagle's algorithm would delay the end of an answer until the client's delayed ACK.
        let taken = stream.set_nodelay(true);
        ready(taken.map(|()| (PatientStream::new(stream, self.silence), service)))
    }
}

/// A connection whose reads fail if no data arrives for too long.
#[derive(Debug)]
pub(super) struct PatientStream {
    stream: TcpStream,
    silence: Duration,
    end: Pin<Box<Sleep>>,
    waiting: bool,
}

impl PatientStream {
    fn new(stream: TcpStream, silence: Duration) -> Self {
        Self { stream, silence, end: Box::pin(sleep(silence)), waiting: false }
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Poll::Ready(outcome) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
            this.waiting = false;
            return Poll::Ready(outcome);
        }
        if !this.waiting {
            this.waiting = true;
            this.end.as_mut().reset(Instant::now() + this.silence);
        }
        ready!(this.end.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
