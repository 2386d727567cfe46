//! Messages kept in memory, for tests and for programs that embed the server.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::message::Message;

/// How many messages are kept if nobody takes them: the oldest goes first.
const CAPACITY: usize = 1000;

/// The messages that were sent. Clones show the same ones.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Mutex<VecDeque<Message>>>);

impl Inbox {
    /// Takes all messages out, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<Message> {
        self.messages().drain(..).collect()
    }

    /// How many messages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages().is_empty()
    }

    pub(crate) fn put(&self, message: Message) {
        let mut messages = self.messages();
        if messages.len() >= CAPACITY {
            messages.pop_front();
        }
        messages.push_back(message);
    }

    fn messages(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
