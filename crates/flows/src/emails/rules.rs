//! Rules on the number of addresses, and on which can be removed.

use rest_auth_store::{Address, AddressLimit};

use crate::settings::AccountSettings;
use crate::settings::account::{EmailVerification, LoginMethod};

/// How many addresses a user may have.
pub(super) fn limit(settings: &AccountSettings) -> AddressLimit {
    match settings.max_email_addresses {
        _ if settings.change_email => AddressLimit::Replacement,
        Some(most) => AddressLimit::AtMost(usize::try_from(most).unwrap_or(usize::MAX)),
        None => AddressLimit::Unlimited,
    }
}

/// Whether an address can be removed.
pub(crate) fn may_go(settings: &AccountSettings, address: &Address, all: &[Address]) -> bool {
    let has_others = all.len() > 1;
    let is_last_verified = address.verified && all.iter().filter(|a| a.verified).count() == 1;
    let is_mandatory = settings.email_verification == EmailVerification::Mandatory;
    if (address.primary && has_others) || (is_mandatory && is_last_verified) {
        return false;
    }
    has_others || settings.login_methods.contains(&LoginMethod::Username)
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;

    fn address(id: i64, verified: bool, primary: bool) -> Address {
        Address { id, user_id: 1, email: format!("{id}@example.com"), verified, primary }
    }

    fn settings(methods: &[LoginMethod], verification: EmailVerification) -> AccountSettings {
        AccountSettings {
            login_methods: methods.to_vec(),
            email_verification: verification,
            ..AccountSettings::defaults(Profile::Strict)
        }
    }

    #[test]
    fn an_address_that_is_needed_stays() {
        use EmailVerification::{Mandatory, Optional};
        use LoginMethod::{Email, Username};
        let (primary, second) = (address(1, true, true), address(2, true, false));
        let claimed = address(3, false, false);
        let unproven = address(4, false, true);
        let by_name = settings(&[Username], Optional);
        let mandatory = settings(&[Username], Mandatory);
        let by_email = settings(&[Email], Optional);
        let table = [
            (&by_name, &primary, vec![&primary, &second], false),
            (&by_name, &second, vec![&primary, &second], true),
            (&by_name, &primary, vec![&primary], true),
            (&by_name, &claimed, vec![&primary, &claimed], true),
            (&mandatory, &primary, vec![&primary], false),
            (&mandatory, &second, vec![&primary, &second], true),
            (&mandatory, &second, vec![&unproven, &second], false),
            (&by_email, &primary, vec![&primary], false),
            (&by_email, &second, vec![&primary, &second], true),
        ];
        for (settings, address, all, expected) in table {
            let all: Vec<Address> = all.into_iter().cloned().collect();
            assert_eq!(may_go(settings, address, &all), expected, "{address:?} of {all:?}");
        }
    }
}
