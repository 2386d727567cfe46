//! Who may call an endpoint.

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody. Credentials that have ended, or that nobody understands, are as good as none, unless
    /// the configuration says otherwise: they must not bar their owner from a login or a reset.
    Anyone,
    /// Anybody, or a user for whom the request does something else: credentials in a header that are
    /// not valid refuse it. A link says nothing of a user, and credentials are ignored.
    AnyoneOrUser,
    /// Only a user who is logged in.
    LoggedIn,
    /// Anybody, and credentials in the request are ignored: the token endpoints.
    Unauthenticated,
    /// As `rest_auth.register` says: anybody, users, staff, or nobody.
    Registration,
}
