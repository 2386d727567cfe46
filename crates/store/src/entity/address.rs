//! `account_emailaddress` and `account_emailconfirmation`.

use sea_orm::FromQueryResult;

use crate::addresses::Address;
use crate::confirmations::Confirmation;
use crate::id::Id;
use crate::time::DjangoTime;

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

#[derive(FromQueryResult)]
pub(crate) struct ConfirmationRow {
    c_id: Id,
    c_key: String,
    c_created: DjangoTime,
    c_sent: Option<DjangoTime>,
    #[sea_orm(nested)]
    address: AddressRow,
}

impl From<ConfirmationRow> for (Confirmation, Address) {
    fn from(row: ConfirmationRow) -> Self {
        let ConfirmationRow { c_id, c_key, c_created, c_sent, address } = row;
        let address = Address::from(address);
        let confirmation = Confirmation {
            id: c_id.0,
            address_id: address.id,
            key: c_key,
            created: c_created.0,
            sent: c_sent.map(|time| time.0),
        };
        (confirmation, address)
    }
}
