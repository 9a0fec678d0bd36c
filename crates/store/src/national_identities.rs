use crate::StoreError;
use crate::by_place::{ByPlace, Columns, Row};
use crate::entity::national_identity;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use directory::{CaseKind, CaseState, Channel, NationalIdentity, PersonState};
use kernel::{IdNat, NationalIdentityId, PersonId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use std::sync::LazyLock;

static IN_FORCE: LazyLock<String> = LazyLock::new(|| {
    let columns = national_identity::Model::listed("n");
    format!(
        "SELECT {columns} FROM national_identity n WHERE n.person_id = $1 AND n.ended_at IS NULL"
    )
});

/// Those in force, each with whether it stands: against a claim by HR of somebody else, against one by a card of somebody
/// else, and against her own card. See [`NationalIdentities::to_tell`].
static TO_TELL: LazyLock<String> = LazyLock::new(|| {
    let columns = national_identity::Model::listed("n");
    let waits = format!(
        "d.kind = '{}' AND d.state <> '{}'",
        CaseKind::NationalIdentity.name(),
        CaseState::Decided.name()
    );
    let (by_card, by_hand) = (Channel::CredentialProved.name(), Channel::HumanDecided.name());
    format!(
        "SELECT {columns}, CAST(CASE WHEN n.channel = '{by_card}' OR NOT (\
           n.channel <> '{by_hand}' AND n.is_rpps AND EXISTS (\
             SELECT 1 FROM person p JOIN doubt d ON d.person_id = p.id \
             WHERE p.declared_rpps = substr(n.id_nat, 2) AND p.id <> n.person_id \
               AND p.state <> '{closed}' AND {waits} \
               AND replace(d.dedupe_key, '|', ',') || ',' LIKE '%,' || n.id_nat || ',%') \
           OR EXISTS (SELECT 1 FROM doubt d WHERE d.claims = n.id_nat AND {waits}) \
           OR EXISTS (SELECT 1 FROM doubt d \
             WHERE d.person_id = n.person_id AND d.claims IS NOT NULL AND {waits})) \
         THEN 1 ELSE 0 END AS BIGINT) \
         FROM national_identity n WHERE n.person_id = $1 AND n.ended_at IS NULL",
        closed = PersonState::Closed.name()
    )
});

/// National identities in force. The database refuses a second person for an IdNat, and a second RPPS for a person.
pub struct NationalIdentities<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> NationalIdentities<'_, C> {
    pub async fn of(&self, person: PersonId) -> Result<Vec<NationalIdentity>, StoreError> {
        let values = vec![person.uuid().into()];
        let rows = self.0.rows(&IN_FORCE, values, national_identity::Model::first).await;
        rows.attempted("read national identities")?.into_iter().map(read).collect()
    }

    /// Those that applications may hear of. While somebody else claims a number, or her own card contradicts what is kept,
    /// neither is named by it until a human has answered (threats DA-12): a link by her own card stands all the same, and one
    /// that a human decided stands against HR's word. While one is held back, none is told in its place but an RPPS that
    /// stands: by another number she would be somebody else there.
    pub async fn to_tell(&self, person: PersonId) -> Result<Vec<NationalIdentity>, StoreError> {
        let values = vec![person.uuid().into()];
        let rows = self.0.rows(&TO_TELL, values, with_standing).await;
        let rows = rows.attempted("read national identities to tell")?;
        let all_stand = rows.iter().all(|(_, stands)| *stands);
        let told = rows.into_iter().filter(|(row, stands)| *stands && (all_stand || row.is_rpps));
        told.map(|(row, _)| read(row)).collect()
    }

    /// Those in force of the given people, in no order.
    pub async fn of_all(&self, people: &[PersonId]) -> Result<Vec<NationalIdentity>, StoreError> {
        let rows = national_identity::Entity::find()
            .filter(national_identity::Column::PersonId.is_in(people.iter().map(|id| id.uuid())))
            .filter(national_identity::Column::EndedAt.is_null())
            .all(self.0)
            .await
            .attempted("read national identities of people")?;
        rows.into_iter().map(read).collect()
    }

    pub async fn bearer(&self, id_nat: &IdNat) -> Result<Option<NationalIdentity>, StoreError> {
        let row = national_identity::Entity::find()
            .filter(national_identity::Column::IdNat.eq(id_nat.as_str()))
            .filter(national_identity::Column::EndedAt.is_null())
            .one(self.0)
            .await
            .attempted("read the bearer of a national identity")?;
        row.map(read).transpose()
    }

    /// All in force. For runs.
    pub async fn all(&self) -> Result<Vec<NationalIdentity>, StoreError> {
        let rows = national_identity::Entity::find()
            .filter(national_identity::Column::EndedAt.is_null())
            .all(self.0)
            .await
            .attempted("read national identities")?;
        rows.into_iter().map(read).collect()
    }

    pub async fn insert(&self, identity: &NationalIdentity) -> Result<(), StoreError> {
        let row = national_identity::Model {
            id: identity.id.uuid(),
            person_id: identity.person.uuid(),
            id_nat: identity.id_nat.to_string(),
            is_rpps: identity.id_nat.rpps().is_some(),
            channel: identity.channel.name().to_owned(),
            evidence: identity.evidence.clone(),
            decided_by: to_json(&identity.decided_by),
            verified_at: identity.verified_at,
            next_check: identity.next_check,
            ended_at: None,
        };
        national_identity::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("link a national identity")?;
        Ok(())
    }

    /// In force, to be verified again by this day, the most overdue first.
    pub async fn due(
        &self,
        by: chrono::NaiveDate,
        limit: u64,
    ) -> Result<Vec<NationalIdentity>, StoreError> {
        let rows = national_identity::Entity::find()
            .filter(national_identity::Column::EndedAt.is_null())
            .filter(national_identity::Column::NextCheck.lte(by))
            .order_by_asc(national_identity::Column::NextCheck)
            .order_by_asc(national_identity::Column::Id)
            .limit(limit)
            .all(self.0)
            .await
            .attempted("read national identities to verify")?;
        rows.into_iter().map(read).collect()
    }

    /// Verified again.
    pub async fn verified(
        &self,
        id: NationalIdentityId,
        at: DateTime<Utc>,
        next_check: chrono::NaiveDate,
    ) -> Result<(), StoreError> {
        let verified = national_identity::ActiveModel {
            verified_at: Set(at),
            next_check: Set(next_check),
            ..Default::default()
        };
        national_identity::Entity::update_many()
            .set(verified)
            .filter(national_identity::Column::Id.eq(id.uuid()))
            .exec(self.0)
            .await
            .attempted("verify a national identity again")?;
        Ok(())
    }

    /// Unlinks; the row stays, with its end.
    pub async fn end(&self, id: NationalIdentityId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let ended =
            national_identity::ActiveModel { ended_at: Set(Some(at)), ..Default::default() };
        national_identity::Entity::update_many()
            .set(ended)
            .filter(national_identity::Column::Id.eq(id.uuid()))
            .exec(self.0)
            .await
            .attempted("unlink a national identity")?;
        Ok(())
    }
}

fn with_standing(row: &Row<'_>) -> Result<(national_identity::Model, bool), DbErr> {
    let stands: i64 = row.get(national_identity::Model::NAMES.len())?;
    Ok((national_identity::Model::first(row)?, stands == 1))
}

/// Plain structs of ours always serialise.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain structs serialise")
}

pub(crate) fn read(row: national_identity::Model) -> Result<NationalIdentity, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "national_identity", row: id.clone(), column };
    Ok(NationalIdentity {
        id: row.id.into(),
        person: row.person_id.into(),
        id_nat: row.id_nat.parse().map_err(|_| bad("id_nat"))?,
        channel: Channel::from_name(&row.channel).ok_or_else(|| bad("channel"))?,
        evidence: row.evidence,
        decided_by: serde_json::from_str(&row.decided_by).map_err(|_| bad("decided_by"))?,
        verified_at: row.verified_at,
        next_check: row.next_check,
    })
}
