//! Passkeys of the rows of three tables.

use rest_auth_domain::webauthn::allauth as format;
use rest_auth_domain::webauthn::authenticator_data::Backup;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};
use serde_json::Value;

use super::{Passkey, PasskeyKey, PasskeySource};
use crate::entity::rest_auth_passkey as twin;
use crate::entity::{mfa_authenticator as allauth, passkeys_webauthncredential as djangos};
use crate::factors::Times;
use crate::id::Id;
use crate::json::JsonColumn;

impl twin::Model {
    /// Whether it tells more of this passkey.
    pub(super) fn is_of(&self, key: PasskeyKey) -> bool {
        self.source == key.source.name() && self.row_id == key.row_id
    }
}

/// What every project's rows of allauth have.
#[derive(FromQueryResult)]
struct AllauthRow {
    id: Id,
    user_id: Id,
    data: JsonColumn,
}

/// The passkey of a row of dj-rest-auth.
pub(super) fn of_djangos(row: djangos::Model, twin: Option<&twin::Model>) -> Passkey {
    let djangos::Model {
        id,
        name,
        credential_id,
        public_key,
        sign_count,
        transports,
        discoverable,
        created_at,
        last_used_at,
        user_id,
    } = row;
    let transports = transports.0.as_array().into_iter().flatten().filter_map(Value::as_str);
    let passkey = Passkey {
        key: PasskeyKey { source: PasskeySource::DjRestAuth, row_id: id.0 },
        user_id: user_id.0,
        name,
        credential_id,
        public_key,
        sign_count: sign_count.get(),
        transports: transports.map(str::to_owned).collect(),
        discoverable,
        backup: None,
        created_at: Some(created_at.0),
        last_used_at: last_used_at.map(|time| time.0),
        has_twin: false,
    };
    with_twin(passkey, twin)
}

/// The rows of allauth that are passkeys.
pub(super) fn of_type_webauthn() -> Select<allauth::Entity> {
    allauth::Entity::find().filter(allauth::Column::Type.eq(format::TYPE))
}

/// The passkeys of rows of allauth. Rows that cannot be read are told in the log and left out.
pub(super) async fn of_allauth<C: ConnectionTrait>(
    db: &C,
    place: Expr,
) -> Result<Vec<Passkey>, DbErr> {
    let rows = of_type_webauthn()
        .filter(place)
        .order_by_asc(allauth::Column::Id)
        .select_only()
        .columns([allauth::Column::Id, allauth::Column::UserId, allauth::Column::Data])
        .into_model::<AllauthRow>();
    Ok(rows.all(db).await?.into_iter().filter_map(readable).collect())
}

fn readable(AllauthRow { id, user_id, data }: AllauthRow) -> Option<Passkey> {
    let read = match format::read(&data.0) {
        Ok(read) => read,
        Err(reason) => {
            tracing::warn!(row = id.0, %reason, "a passkey of allauth cannot be read");
            return None;
        }
    };
    Some(Passkey {
        key: PasskeyKey { source: PasskeySource::Allauth, row_id: id.0 },
        user_id: user_id.0,
        name: read.name,
        credential_id: read.id,
        public_key: read.public_key,
        sign_count: read.sign_count,
        transports: read.transports,
        discoverable: read.discoverable.unwrap_or(true),
        backup: Some(read.backup),
        created_at: None,
        last_used_at: None,
        has_twin: false,
    })
}

/// The passkey with the times of its row.
pub(super) fn with_times(passkey: Passkey, times: &Times) -> Passkey {
    match times.get(&passkey.key.row_id) {
        Some((made, used)) => Passkey { created_at: Some(*made), last_used_at: *used, ..passkey },
        None => passkey,
    }
}

/// The passkey with what is known beside its row. Of two counters the larger one counts: Django may
/// have seen uses that we have not.
pub(super) fn with_twin(passkey: Passkey, twin: Option<&twin::Model>) -> Passkey {
    let Some(twin) = twin else { return passkey };
    let twin::Model {
        source,
        row_id,
        credential_digest: _,
        user_id: _,
        sign_count,
        aaguid: _,
        backup_eligible,
        backed_up,
        user_verified: _,
        transports: _,
        last_ip: _,
    } = twin;
    if source != passkey.key.source.name() || *row_id != passkey.key.row_id {
        return passkey;
    }
    let count = u32::try_from(*sign_count).unwrap_or(u32::MAX);
    Passkey {
        sign_count: Ord::max(passkey.sign_count, count),
        backup: Some(Backup { eligible: *backup_eligible, state: *backed_up }),
        has_twin: true,
        ..passkey
    }
}
