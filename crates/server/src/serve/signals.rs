//! The signals of the operating system.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that mean nothing to a server and whose default is to end it: SIGXFSZ comes when a
/// file reaches the limit on its size, which is an error of that write, SIGHUP when a terminal is
/// closed, and the others when somebody takes the server for another program.
#[cfg(unix)]
const MEANINGLESS: [SignalKind; 9] = [
    SignalKind::hangup(),
    SignalKind::user_defined1(),
    SignalKind::user_defined2(),
    SignalKind::pipe(),
    SignalKind::alarm(),
    SignalKind::io(),
    SignalKind::from_raw(25), // SIGXFSZ
    SignalKind::from_raw(26), // SIGVTALRM
    SignalKind::from_raw(27), // SIGPROF
];

/// Has the server go on when a signal comes that means nothing to it.
///
/// # Errors
/// If the operating system refuses a handler.
#[cfg(unix)]
pub(super) fn ignore_meaningless() -> io::Result<()> {
    // A handler stays when what it reports to is dropped.
    MEANINGLESS.into_iter().try_for_each(|kind| signal(kind).map(drop))
}

/// Other systems send none of these.
#[cfg(not(unix))]
pub(super) fn ignore_meaningless() -> io::Result<()> {
    Ok(())
}

/// SIGTERM and SIGINT, from the time it is made. On other systems than Unix, Ctrl-C.
pub(super) struct StopSignals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
}

impl StopSignals {
    /// Installs the handlers: the signals no longer end the process.
    #[cfg(unix)]
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Installs the handlers: the signals no longer end the process.
    #[cfg(not(unix))]
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// SIGHUP, from the time it is made: reload files. Other systems have no such signal.
pub(super) struct ReloadSignals {
    #[cfg(unix)]
    hangup: Signal,
}

impl ReloadSignals {
    /// Installs the handler: the signal no longer ends the process.
    #[cfg(unix)]
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self { hangup: signal(SignalKind::hangup())? })
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        if self.hangup.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Installs the handler: the signal no longer ends the process.
    #[cfg(not(unix))]
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
