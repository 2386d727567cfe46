//! Machine codes.

use super::Message;

impl Message {
    /// The `code` that stands beside `detail` when this sentence refuses a request of the JWT part.
    ///
    /// simplejwt shows it in the answers of its own exceptions: a refused access token, refresh and
    /// verify. Where dj-rest-auth shows the same sentence by itself, at logout and in field errors,
    /// there is no code.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::TokenNotValidForAnyType
            | Self::TokenInvalid
            | Self::TokenExpired
            | Self::TokenWrongType
            | Self::TokenBlacklisted
            | Self::TokenWithoutId
            | Self::TokenWithoutType
            | Self::TokenWithoutClaim { .. }
            | Self::TokenWithoutUser
            | Self::NoRefreshToken => Some("token_not_valid"),
            Self::BearerHeaderParts => Some("bad_authorization_header"),
            Self::UserNotFound => Some("user_not_found"),
            Self::UserInactive => Some("user_inactive"),
            Self::PasswordChangedSince => Some("password_changed"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_jwt_part_has_codes() {
        assert_eq!(Message::TokenWithoutClaim { claim: "exp" }.code(), Some("token_not_valid"));
        assert_eq!(Message::PasswordChangedSince.code(), Some("password_changed"));
        assert_eq!(Message::NoActiveAccount.code(), None);
        assert_eq!(Message::UnknownToken.code(), None);
        assert_eq!(Message::UserInactiveOrDeleted.code(), None);
    }
}
