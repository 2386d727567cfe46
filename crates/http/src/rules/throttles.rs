//! The table of DRF's throttles: which requests are counted, and how many are allowed.

use std::collections::BTreeMap;

use rest_auth_flows::throttle::Rate;

use crate::settings::RestFrameworkSettings;
use crate::settings::rest_framework::ThrottleScope;

/// The throttles of the configuration.
#[derive(Debug)]
pub(crate) struct Throttles {
    classes: Vec<ThrottleScope>,
    rates: BTreeMap<String, Rate>,
    num_proxies: Option<u32>,
}

impl Throttles {
    /// The throttles and rates of `[rest_framework]`.
    pub(crate) fn new(settings: &RestFrameworkSettings) -> Self {
        let rates = settings.default_throttle_rates.iter().filter_map(|(scope, rate)| {
            let rate = (*rate)?;
            Some((scope.clone(), Rate::new(rate.requests, rate.per)))
        });
        Self {
            classes: settings.default_throttle_classes.clone(),
            rates: rates.collect(),
            num_proxies: settings.num_proxies,
        }
    }

    /// The scopes that count a request to an endpoint of this scope, each with its rate.
    pub(crate) fn counting(
        &self,
        scope: Option<&'static str>,
        is_logged_in: bool,
    ) -> impl Iterator<Item = (&'static str, Rate)> {
        self.classes.iter().filter_map(move |class| {
            let counted = match class {
                ThrottleScope::Anon => (!is_logged_in).then_some("anon"),
                ThrottleScope::User => Some("user"),
                ThrottleScope::Scoped => scope,
            };
            counted.and_then(|scope| Some((scope, *self.rates.get(scope)?)))
        })
    }

    /// Whether requests to an endpoint of this scope are counted.
    pub(crate) fn cover(&self, scope: Option<&'static str>) -> bool {
        [true, false].iter().any(|known| self.counting(scope, *known).next().is_some())
    }

    /// How many proxies add to `X-Forwarded-For`, if `rest_framework.num_proxies` says it.
    pub(crate) fn num_proxies(&self) -> Option<u32> {
        self.num_proxies
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;
    use crate::settings::ThrottleRate;

    fn throttles(classes: &[ThrottleScope], scope: &str) -> Throttles {
        let mut settings = RestFrameworkSettings::defaults(Profile::Strict);
        settings.default_throttle_classes = classes.to_vec();
        let rate = ThrottleRate { requests: 3, per: std::time::Duration::from_mins(1) };
        settings.default_throttle_rates.insert(scope.to_owned(), Some(rate));
        Throttles::new(&settings)
    }

    #[test]
    fn a_scope_counts_only_where_a_rate_is_set_for_it() {
        assert!(throttles(&[ThrottleScope::Scoped], "login").cover(Some("login")));
        assert!(!throttles(&[ThrottleScope::Scoped], "login").cover(Some("other")));
        assert!(!throttles(&[ThrottleScope::Scoped], "login").cover(None));
        assert!(!throttles(&[], "login").cover(Some("login")));
    }

    #[test]
    fn strangers_are_counted_as_such_until_they_log_in() {
        let anon = throttles(&[ThrottleScope::Anon], "anon");
        assert_eq!(anon.counting(None, false).count(), 1);
        assert_eq!(anon.counting(None, true).count(), 0);
        let both = throttles(&[ThrottleScope::User, ThrottleScope::Anon], "user");
        assert_eq!(both.counting(None, true).count(), 1);
    }
}
