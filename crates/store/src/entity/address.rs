//! `account_emailaddress`.

use sea_orm::FromQueryResult;

use crate::addresses::Address;
use crate::id::Id;

/// The columns of [`AddressRow`].
macro_rules! address_columns {
    () => {
        r#""account_emailaddress"."id" AS "a_id",
        "account_emailaddress"."user_id" AS "a_user_id",
        "account_emailaddress"."email" AS "a_email",
        "account_emailaddress"."verified" AS "a_verified",
        "account_emailaddress"."primary" AS "a_primary""#
    };
}

pub(crate) use address_columns;

#[derive(FromQueryResult)]
#[expect(clippy::struct_field_names, reason = "prefixed, as joins name the columns")]
pub(crate) struct AddressRow {
    a_id: Id,
    a_user_id: Id,
    a_email: String,
    a_verified: bool,
    a_primary: bool,
}

impl From<AddressRow> for Address {
    fn from(row: AddressRow) -> Self {
        let AddressRow { a_id, a_user_id, a_email, a_verified, a_primary } = row;
        Self {
            id: a_id.0,
            user_id: a_user_id.0,
            email: a_email,
            verified: a_verified,
            primary: a_primary,
        }
    }
}
