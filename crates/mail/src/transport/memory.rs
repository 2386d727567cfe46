//! Messages kept in memory, for tests and for programs that embed the server.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::message::MailMessage;

/// The most messages that are kept; the oldest is dropped first.
const CAPACITY: usize = 1000;

/// The messages that were sent. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Mutex<VecDeque<MailMessage>>>);

impl Inbox {
    /// Takes all messages out, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<MailMessage> {
        self.messages().drain(..).collect()
    }

    /// The number of messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages().is_empty()
    }

    pub(crate) fn put(&self, message: MailMessage) {
        let mut messages = self.messages();
        if messages.len() >= CAPACITY {
            messages.pop_front();
        }
        messages.push_back(message);
    }

    fn messages(&self) -> MutexGuard<'_, VecDeque<MailMessage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
