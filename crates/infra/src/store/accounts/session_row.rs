//! A sign-in as it is stored.

use accounts::{AccountSession, Device, TokenHash};
use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp};
use uuid::Uuid;

use crate::{schema::sessions, store::Place};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(super) struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    token_hash: Option<Vec<u8>>,
    last_seen_at: Timestamp,
    ip: Option<String>,
    user_agent: Option<String>,
    proven_at: Timestamp,
    acted_by: Option<Uuid>,
    factor_due: bool,
}

impl From<&AccountSession> for SessionRow {
    fn from(session: &AccountSession) -> Self {
        Self {
            id: session.id.uuid(),
            user_id: session.user.uuid(),
            created_at: session.created_at,
            expires_at: session.expires_at,
            revoked_at: session.revoked_at,
            token_hash: Some(session.token.as_bytes().to_vec()),
            last_seen_at: session.last_seen_at,
            ip: session.device.ip.clone(),
            user_agent: session.device.user_agent.clone(),
            proven_at: session.proven_at,
            acted_by: session.acted_by.map(Id::uuid),
            factor_due: session.factor_due,
        }
    }
}

impl TryFrom<SessionRow> for AccountSession {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let token = row.token_hash.as_deref().and_then(TokenHash::from_bytes);
        Ok(Self {
            id: Id::from_uuid(row.id),
            user: Id::from_uuid(row.user_id),
            token: Place::new("sessions", row.id).word("token_hash", token)?,
            device: Device { ip: row.ip, user_agent: row.user_agent },
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            proven_at: row.proven_at,
            acted_by: row.acted_by.map(Id::from_uuid),
            factor_due: row.factor_due,
        })
    }
}
