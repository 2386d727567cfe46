//! The e-mail addresses of a profile.

use std::cmp::Reverse;
use std::collections::HashSet;

use rest_auth_domain::email::Email;

use crate::profile_email::ProfileEmail;
use crate::provider::Reported;

/// Which addresses count as verified (`VERIFIED_EMAIL`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrustedEmail<'a> {
    /// Those of which the provider says so.
    #[default]
    AsReported,
    /// All that the provider reports.
    All,
    /// Those too that are of exactly these domains.
    Domains(&'a [String]),
    /// None, whatever the provider says.
    Never,
}

impl TrustedEmail<'_> {
    /// Whether this address counts, of which the provider says this.
    fn verifies(self, address: &ProfileEmail) -> bool {
        match self {
            Self::AsReported => address.verified,
            Self::All => true,
            Self::Domains(domains) => {
                let domain = address.email.rsplit_once('@').map(|(_, domain)| domain);
                let is_trusted = |of: &str| domains.iter().any(|d| d.to_lowercase() == of);
                address.verified || domain.is_some_and(is_trusted)
            }
            Self::Never => false,
        }
    }
}

/// Every address that a provider reports, without duplicates and the best first: by primary, then
/// verified, then text descending, as allauth does. Those that are invalid, or change into
/// another one in lower case, are left out.
pub(crate) fn clean(reported: &Reported, trusted: TrustedEmail<'_>) -> Vec<ProfileEmail> {
    let mut addresses = reported.emails.clone();
    let main = reported.email.as_deref().and_then(Email::reported);
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
        address.verified = trusted.verifies(address);
    }
    addresses.sort_by_cached_key(|a| Reverse((a.primary, a.verified, a.email.clone())));
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(address.email.clone()));
    addresses
}
