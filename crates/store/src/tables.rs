//! Which of Django's tables there are: a project has those of the applications that it installed.

use std::sync::atomic::Ordering;

use crate::Store;

impl Store {
    /// Whether users have address records. A project without allauth has none: the address in a
    /// user's own column is then all there is.
    #[must_use]
    pub fn has_addresses(&self) -> bool {
        self.present().addresses.load(Ordering::Relaxed)
    }

    /// Whether there is the table of Django REST framework's tokens.
    #[must_use]
    pub fn has_drf_tokens(&self) -> bool {
        self.present().tokens.load(Ordering::Relaxed)
    }

    /// Whether there are the tables of SimpleJWT's blacklist.
    #[must_use]
    pub fn has_blacklist(&self) -> bool {
        self.present().blacklist.load(Ordering::Relaxed)
    }

    /// Whether there is the table of dj-rest-auth's second factors.
    #[must_use]
    pub fn has_mfa(&self) -> bool {
        self.present().mfa.load(Ordering::Relaxed)
    }

    /// Whether there is the table of allauth's second factors.
    #[must_use]
    pub fn has_allauth_mfa(&self) -> bool {
        self.present().allauth_mfa.load(Ordering::Relaxed)
    }

    /// Whether there is the table of accounts at providers.
    #[must_use]
    pub fn has_social_accounts(&self) -> bool {
        self.present().social_accounts.load(Ordering::Relaxed)
    }

    /// Whether there is the table in which allauth lists sessions.
    #[must_use]
    pub fn has_user_sessions(&self) -> bool {
        self.present().user_sessions.load(Ordering::Relaxed)
    }

    /// Goes on as if there were no address records.
    pub fn ignore_addresses(&self) {
        self.present().addresses.store(false, Ordering::Relaxed);
    }

    /// Looks which tables Django has made, if it has made any.
    pub(crate) async fn look_for_tables(&self) {
        let tables = match rest_auth_migration::tables(self.reader()).await {
            Ok(tables) => tables,
            // Whoever uses the database next says what is wrong with it.
            Err(error) => return tracing::debug!(%error, "the tables cannot be listed"),
        };
        let is_empty = !tables.contains("auth_user");
        let present = self.present();
        for (flag, table) in [
            (&present.addresses, "account_emailaddress"),
            (&present.tokens, "authtoken_token"),
            (&present.blacklist, "token_blacklist_outstandingtoken"),
            (&present.allauth_mfa, "mfa_authenticator"),
            (&present.social_accounts, "socialaccount_socialaccount"),
            (&present.mfa, "dj_rest_auth_mfa_authenticator"),
            (&present.user_sessions, "usersessions_usersession"),
        ] {
            flag.store(is_empty || tables.contains(table), Ordering::Relaxed);
        }
    }
}
