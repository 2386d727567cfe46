//! The e-mail addresses of a profile.

use std::cmp::Reverse;
use std::collections::HashSet;

use rest_auth_domain::email::Email;

use crate::profile_email::ProfileEmail;
use crate::provider::Reported;

/// Which addresses count as verified although the provider does not say so (`VERIFIED_EMAIL`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrustedEmail<'a> {
    /// None.
    #[default]
    AsReported,
    /// All that the provider reports.
    All,
    /// Those of exactly these domains.
    Domains(&'a [String]),
}

impl TrustedEmail<'_> {
    fn covers(self, address: &str) -> bool {
        match self {
            Self::AsReported => false,
            Self::All => true,
            Self::Domains(domains) => address
                .rsplit_once('@')
                .is_some_and(|(_, of)| domains.iter().any(|d| d.to_lowercase() == of)),
        }
    }
}

/// Every address that a provider reports, without duplicates and the best first: by primary, then
/// verified, then text descending, as allauth does. Addresses that are invalid are left out.
pub(crate) fn clean(reported: &Reported, trusted: TrustedEmail<'_>) -> Vec<ProfileEmail> {
    let mut addresses = reported.emails.clone();
    let main = reported.email.as_deref().and_then(|text| Email::parse(text).ok());
    if let Some(main) = main
        && addresses.iter().all(|address| address.email != main.as_str())
    {
        addresses.push(ProfileEmail {
            email: main.into_string(),
            verified: reported.email_verified,
            primary: true,
        });
    }
    for address in &mut addresses {
        address.verified |= trusted.covers(&address.email);
    }
    addresses.sort_by_cached_key(|a| Reverse((a.primary, a.verified, a.email.clone())));
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(address.email.clone()));
    addresses
}
