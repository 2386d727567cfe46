//! What happens to the session and its cookie when a request has been answered
//! (Django's `SessionMiddleware`).

/// What the request did with its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionUse {
    /// Nobody looked at it.
    Untouched,
    /// It was read.
    Read,
    /// Something in it was set.
    Changed,
}

/// The state of things at the end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whether the request carried a session cookie, good or not.
    pub cookie_sent: bool,
    /// Whether the session has neither a key nor an entry: its key was implausible, or was looked
    /// up in vain, or the session was flushed. One that nobody looked at still has its key.
    pub empty: bool,
    /// What the request did with it.
    pub used: SessionUse,
    /// The status code of the answer.
    pub status: u16,
}

/// What to do with the row and the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatToDo {
    /// Nothing.
    Nothing,
    /// Write the row, then set the cookie. If the row has vanished meanwhile, the request was
    /// overtaken by a logout and fails.
    Save,
    /// Delete the cookie; there is no row.
    DeleteCookie,
}

impl Ending {
    /// Decides; `save_every_request` is the setting of that name.
    #[must_use]
    pub fn decide(&self, save_every_request: bool) -> WhatToDo {
        if self.cookie_sent && self.empty {
            return WhatToDo::DeleteCookie;
        }
        let to_save = self.used == SessionUse::Changed || save_every_request;
        // An answer that failed may have left the session half done.
        if to_save && !self.empty && self.status < 500 { WhatToDo::Save } else { WhatToDo::Nothing }
    }

    /// Whether the answer depends on the cookie and must say `Vary: Cookie`.
    #[must_use]
    pub fn varies(&self) -> bool {
        self.used >= SessionUse::Read || (self.cookie_sent && self.empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saving_every_request_still_spares_empty_sessions_and_failures() {
        let kept =
            Ending { cookie_sent: true, empty: false, used: SessionUse::Untouched, status: 200 };
        assert_eq!(kept.decide(false), WhatToDo::Nothing);
        assert_eq!(kept.decide(true), WhatToDo::Save);
        assert_eq!(Ending { status: 500, ..kept }.decide(true), WhatToDo::Nothing);
        let nobody = Ending { cookie_sent: false, empty: true, ..kept };
        assert_eq!(nobody.decide(true), WhatToDo::Nothing);
    }
}
