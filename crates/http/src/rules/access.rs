//! Who may call an endpoint.

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody. Credentials that are shown must be good all the same.
    Anyone,
    /// Only a user who is logged in.
    LoggedIn,
    /// Anybody, and credentials are not looked at: the token endpoints.
    Unauthenticated,
    /// As `rest_auth.register` says: anybody, users, staff, or nobody.
    Registration,
}
