//! The sentence for each problem that the rules of this crate find.

use super::Message;
use crate::char_field::FieldProblem;
use crate::extra_field::DATE_FORMAT;
use crate::jwt::{TokenError, UserError};
use crate::password::PasswordProblem;
use crate::username::UsernameProblem;

impl From<FieldProblem> for Message {
    fn from(problem: FieldProblem) -> Self {
        match problem {
            FieldProblem::Required => Self::Required,
            FieldProblem::Null => Self::Null,
            FieldProblem::Blank => Self::Blank,
            FieldProblem::NotAString => Self::NotAString,
            FieldProblem::MaxLength(max_length) => Self::MaxLength { max_length },
            FieldProblem::MinLength(min_length) => Self::MinLength { min_length },
            FieldProblem::NullCharacters => Self::NullCharacters,
            FieldProblem::Surrogates(code) => {
                Self::SurrogateCharacters { code_point: format!("{code:X}") }
            }
            FieldProblem::InvalidEmail => Self::InvalidEmail,
            FieldProblem::NotAnInteger => Self::NotAnInteger,
            FieldProblem::TooLarge => Self::StringTooLarge,
            FieldProblem::MaxValue(max_value) => Self::MaxValue { max_value },
            FieldProblem::MinValue(min_value) => Self::MinValue { min_value },
            FieldProblem::NotABoolean => Self::NotABoolean,
            FieldProblem::NotADate => Self::NotADate { format: DATE_FORMAT },
        }
    }
}

impl From<UsernameProblem> for Message {
    fn from(problem: UsernameProblem) -> Self {
        match problem {
            UsernameProblem::TooShort(min_length) => Self::MinLength { min_length },
            UsernameProblem::TooLong(max_length) => Self::MaxLength { max_length },
            UsernameProblem::Characters => Self::InvalidUsername,
            UsernameProblem::Blacklisted => Self::UsernameBlacklisted,
        }
    }
}

impl From<PasswordProblem> for Message {
    fn from(problem: PasswordProblem) -> Self {
        match problem {
            PasswordProblem::TooSimilar { attribute } => Self::PasswordTooSimilar { attribute },
            PasswordProblem::TooShort { min_length } => Self::PasswordTooShort { min_length },
            PasswordProblem::TooCommon => Self::PasswordTooCommon,
            PasswordProblem::EntirelyNumeric => Self::PasswordEntirelyNumeric,
        }
    }
}

impl From<TokenError> for Message {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::TokenInvalid,
            TokenError::Expired => Self::TokenExpired,
            TokenError::Blacklisted => Self::TokenBlacklisted,
            TokenError::NoExpiry => Self::TokenWithoutClaim { claim: "exp" },
            TokenError::NoId => Self::TokenWithoutId,
            TokenError::NoType => Self::TokenWithoutType,
            TokenError::WrongType => Self::TokenWrongType,
        }
    }
}

impl From<UserError> for Message {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotNamed => Self::TokenWithoutUser,
            UserError::NotFound => Self::UserNotFound,
            UserError::Inactive => Self::UserInactive,
            UserError::PasswordChanged => Self::PasswordChangedSince,
        }
    }
}
