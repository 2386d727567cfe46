//! What goes on when a change ends the credentials of a user.

use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_domain::session::SessionKey;
use rest_auth_store::{Epoch, Renewal, User};

use super::{KeptCredentials, session};
use crate::auth::Auth;
use crate::current_session::OpenSession;

/// Credentials that go on. The store writes them in the transaction of the change; until then
/// nothing has changed.
pub(crate) struct Continuing {
    renewal: Renewal,
    session: Option<Renewed>,
}

/// A session under a new key.
struct Renewed {
    former: SessionKey,
    session: OpenSession,
}

impl Continuing {
    /// Prepares a change after which `kept` goes on: the session, if it is the user's, under a new
    /// key. `password` is the hash of the new password, if it is the password that changes.
    pub(crate) fn prepare(
        auth: &Auth,
        user: &User,
        epoch: Epoch,
        password: Option<&EncodedPassword>,
        kept: KeptCredentials<'_>,
    ) -> Self {
        let own = kept.session.filter(|session| session.data.user_id() == Some(user.id));
        let renewed = own.map(|own| {
            let (session, row) = session::renewed(auth, own, user, password);
            (Renewed { former: own.key.clone(), session }, row)
        });
        let (session, row) = renewed.unzip();
        let token = kept.token.map(digest_of);
        let renewal = Renewal {
            epoch,
            asked_under: Some(user.epoch),
            session: row,
            token,
            family: kept.family,
            now: auth.now(),
        };
        Self { renewal, session }
    }

    /// Prepares a change after which nothing goes on that the epoch ends.
    pub(crate) fn nothing(auth: &Auth, epoch: Epoch) -> Self {
        Self { renewal: Renewal { epoch, ..Renewal::none(auth.now()) }, session: None }
    }

    /// What the store writes.
    pub(crate) fn renewal(&self) -> &Renewal {
        &self.renewal
    }

    /// The session of the request, once the change is written.
    pub(crate) fn into_session(self, auth: &Auth) -> Option<OpenSession> {
        let Renewed { former, session } = self.session?;
        auth.session_hints().forget(&former);
        if let Some(user_id) = session.data.user_id() {
            auth.session_hints().set(&session.key, user_id);
        }
        Some(session)
    }
}
