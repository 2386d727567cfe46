//! Which clients a user logs in from, and a mail about the first login from another.
//!
//! A client is recognized by its User-Agent without digits, so that it stays known after an update
//! of the browser, and by its network: the first 24 bits of an IPv4 address and 48 of an IPv6
//! address, about what one household, office or cell of a mobile network has. A thief elsewhere
//! differs in the network even with the same browser, and one in the same network most likely in
//! the browser. The database holds a digest of both together with the user's id. It reveals neither
//! of them, nor which users share a client.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::{ClientRecognition, KnownClient, Outgoing, User};

use crate::auth::Auth;
use crate::client::{Client, network_of};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action};
use crate::{notices, outbox};

/// `last_seen_at` of a client is written at most this often.
const LAST_SEEN_RESOLUTION: TimeDelta = TimeDelta::days(1);

/// Records the client of a login, and with `account.new_sign_in_notification` mails the user if they
/// have logged in before, but never from this client. A client that is known costs one query. Where
/// neither the notice nor a limit needs to know clients, this costs none.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn note_login(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<(), AuthError> {
    let notifies = auth.settings().account.new_sign_in_notification;
    if !notifies && !counts_guesses(auth) {
        return Ok(());
    }
    let now = auth.now();
    let known = known_client(user.id, &context.client);
    let mails = match auth.store().recognize_client(&known).await? {
        ClientRecognition::Known { last_seen_at } => {
            if now - last_seen_at >= LAST_SEEN_RESOLUTION {
                auth.store().touch_known_client(&known, now).await?;
            }
            return Ok(());
        }
        ClientRecognition::Stranger if notifies => notices::new_sign_in(auth, context, user),
        // No notice for a user's first login, including the one at registration.
        ClientRecognition::First | ClientRecognition::Stranger => Vec::new(),
    };
    let is_told = !mails.is_empty();
    if auth.store().remember_client(&known, &mails.into(), now).await? && is_told {
        events::record(auth, &context.client, Event::NewSignIn { user: user.id });
        outbox::wake(auth);
    }
    Ok(())
}

/// Whether a user has logged in from a client.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn is_known(
    auth: &Auth,
    user_id: i64,
    client: &Client,
) -> Result<bool, AuthError> {
    let found = auth.store().recognize_client(&known_client(user_id, client)).await?;
    Ok(matches!(found, ClientRecognition::Known { .. }))
}

/// Records a client on which a user has proven who they are without a login. Nobody is mailed.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn remember(auth: &Auth, user_id: i64, client: &Client) -> Result<(), AuthError> {
    if counts_guesses(auth) {
        let known = known_client(user_id, client);
        auth.store().remember_client(&known, &Outgoing::default(), auth.now()).await?;
    }
    Ok(())
}

/// Whether a limit lets known clients through.
fn counts_guesses(auth: &Auth) -> bool {
    [Action::LoginCode, Action::LoginFailedAccount]
        .into_iter()
        .any(|action| limits::is_limited(auth, action))
}

fn known_client(user_id: i64, client: &Client) -> KnownClient {
    KnownClient { user_id, digest: digest(user_id, client) }
}

fn digest(user_id: i64, client: &Client) -> String {
    let network = client.address.map_or_else(String::new, |address| network(address).to_string());
    digest_of(&format!("{user_id}\n{network}\n{}", family(&client.user_agent)))
}

/// The /24 or /48 that an address is in.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << 8))),
        v6 @ IpAddr::V6(_) => network_of(v6, 48),
    }
}

/// The User-Agent without versions.
fn family(user_agent: &str) -> String {
    user_agent.chars().filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/140.0.0.0 Safari/537.36";

    fn client(address: &str, user_agent: &str) -> String {
        let address = Some(address.parse().unwrap());
        digest(7, &Client { address, user_agent: user_agent.to_owned(), ..Client::default() })
    }

    #[test]
    fn an_update_or_a_neighbouring_address_makes_no_stranger() {
        let first = client("203.0.113.9", CHROME);
        assert_eq!(first, client("203.0.113.200", CHROME));
        assert_eq!(first, client("203.0.113.9", &CHROME.replace("140.0.0.0", "141.0.7390.54")));
        assert_eq!(first, client("::ffff:203.0.113.9", CHROME));
        let first = client("2001:db8:1:2::3", CHROME);
        assert_eq!(first, client("2001:db8:1:ffff::9", CHROME));
    }

    #[test]
    fn another_browser_network_or_user_does() {
        let first = client("203.0.113.9", CHROME);
        assert_ne!(first, client("203.0.114.9", CHROME));
        assert_ne!(first, client("203.0.113.9", &CHROME.replace("Chrome", "Firefox")));
        assert_ne!(first, client("203.0.113.9", &CHROME.replace("Linux", "Windows")));
        assert_ne!(client("2001:db8:1::3", CHROME), client("2001:db8:2::3", CHROME));
        let address = Some("203.0.113.9".parse().unwrap());
        assert_ne!(
            first,
            digest(8, &Client { address, user_agent: CHROME.to_owned(), ..Client::default() })
        );
    }
}
