use crate::StoreError;
use crate::entity::{national_alias, register_change, register_standing};
use crate::error::Attempted;
use crate::national_identities::to_json;
use chrono::{DateTime, Utc};
use directory::{
    AliasOrigin, NationalAlias, RegisterChange, RegisterChangeKind, RegisterTold, ToldBy,
};
use kernel::{ActorId, IdNat, PersonId, RegisterChangeId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

/// What the register last said of the people we hold, what changed, and numbers that became others.
pub struct RegisterFollow<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> RegisterFollow<'_, C> {
    pub async fn told_all(&self) -> Result<Vec<RegisterTold>, StoreError> {
        let rows = register_standing::Entity::find()
            .all(self.0)
            .await
            .attempted("read what the register said")?;
        rows.into_iter().map(read_told).collect()
    }

    pub async fn told_of(&self, id_nat: &IdNat) -> Result<Option<RegisterTold>, StoreError> {
        let row = register_standing::Entity::find_by_id(id_nat.as_str())
            .one(self.0)
            .await
            .attempted("read what the register said")?;
        row.map(read_told).transpose()
    }

    pub async fn keep_told(&self, told: &[RegisterTold]) -> Result<(), StoreError> {
        let rows: Vec<register_standing::ActiveModel> =
            told.iter().map(|told| told_row(told).into_active_model()).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let replace = OnConflict::column(register_standing::Column::IdNat)
            .update_columns([
                register_standing::Column::Standing,
                register_standing::Column::ToldBy,
                register_standing::Column::AsOf,
                register_standing::Column::Absences,
                register_standing::Column::MissedAt,
            ])
            .to_owned();
        register_standing::Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.0)
            .await
            .attempted("keep what the register said")?;
        Ok(())
    }

    pub async fn insert_changes(&self, changes: &[RegisterChange]) -> Result<(), StoreError> {
        let rows: Vec<register_change::ActiveModel> =
            changes.iter().map(|change| change_row(change).into_active_model()).collect();
        if rows.is_empty() {
            return Ok(());
        }
        register_change::Entity::insert_many(rows)
            .exec_without_returning(self.0)
            .await
            .attempted("keep a change of the register")?;
        Ok(())
    }

    /// Changes that nobody looked at yet, the newest first.
    pub async fn open_changes(&self, limit: u64) -> Result<Vec<RegisterChange>, StoreError> {
        self.changes(false, limit).await
    }

    /// Changes that somebody looked at, the newest first.
    pub async fn settled_changes(&self, limit: u64) -> Result<Vec<RegisterChange>, StoreError> {
        self.changes(true, limit).await
    }

    async fn changes(&self, settled: bool, limit: u64) -> Result<Vec<RegisterChange>, StoreError> {
        let looked_at = match settled {
            true => register_change::Column::SettledAt.is_not_null(),
            false => register_change::Column::SettledAt.is_null(),
        };
        let rows = register_change::Entity::find()
            .filter(looked_at)
            .order_by_desc(register_change::Column::SeenAt)
            .order_by_desc(register_change::Column::Id)
            .limit(limit)
            .all(self.0)
            .await
            .attempted("read changes of the register")?;
        rows.into_iter().map(read_change).collect()
    }

    /// All changes about one person, the newest first.
    pub async fn changes_of(&self, person: PersonId) -> Result<Vec<RegisterChange>, StoreError> {
        let rows = register_change::Entity::find()
            .filter(register_change::Column::PersonId.eq(person.uuid()))
            .order_by_desc(register_change::Column::SeenAt)
            .order_by_desc(register_change::Column::Id)
            .all(self.0)
            .await
            .attempted("read changes of the register")?;
        rows.into_iter().map(read_change).collect()
    }

    pub async fn find_change(
        &self,
        id: RegisterChangeId,
    ) -> Result<Option<RegisterChange>, StoreError> {
        let row = register_change::Entity::find_by_id(id.uuid())
            .one(self.0)
            .await
            .attempted("read a change of the register")?;
        row.map(read_change).transpose()
    }

    /// False: somebody settled it before.
    pub async fn settle_change(
        &self,
        id: RegisterChangeId,
        by: &ActorId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let settled = register_change::ActiveModel {
            settled_at: Set(Some(at)),
            settled_by: Set(Some(to_json(by))),
            ..Default::default()
        };
        let updated = register_change::Entity::update_many()
            .set(settled)
            .filter(register_change::Column::Id.eq(id.uuid()))
            .filter(register_change::Column::SettledAt.is_null())
            .exec(self.0)
            .await
            .attempted("settle a change of the register")?;
        Ok(updated.rows_affected == 1)
    }

    /// The number that this one became.
    pub async fn alias_of(&self, former: &IdNat) -> Result<Option<IdNat>, StoreError> {
        let row = national_alias::Entity::find_by_id(former.as_str())
            .one(self.0)
            .await
            .attempted("read a former number")?;
        row.map(|row| read_alias(row).map(|alias| alias.id_nat)).transpose()
    }

    pub async fn aliases(&self) -> Result<Vec<NationalAlias>, StoreError> {
        let rows = national_alias::Entity::find()
            .order_by_asc(national_alias::Column::Former)
            .all(self.0)
            .await
            .attempted("read former numbers")?;
        rows.into_iter().map(read_alias).collect()
    }

    /// The database refuses a second successor of one number. False: one was kept before, by whomever.
    pub async fn insert_alias(&self, alias: &NationalAlias) -> Result<bool, StoreError> {
        let row = national_alias::Model {
            former: alias.former.to_string(),
            id_nat: alias.id_nat.to_string(),
            told_by: alias.origin.name().to_owned(),
            seen_at: alias.seen_at,
        };
        let inserted = national_alias::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.0)
            .await;
        match inserted {
            Ok(rows) => Ok(rows > 0),
            Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
            Err(error) => Err(StoreError::from_db("keep a former number", error)),
        }
    }
}

fn told_row(told: &RegisterTold) -> register_standing::Model {
    register_standing::Model {
        id_nat: told.id_nat.to_string(),
        standing: to_json(&told.standing),
        told_by: told.by.name().to_owned(),
        as_of: told.as_of,
        absences: i64::from(told.absences),
        missed_at: told.missed_at,
    }
}

fn read_told(row: register_standing::Model) -> Result<RegisterTold, StoreError> {
    let id = row.id_nat.clone();
    let bad = |column| StoreError::Corrupt { table: "register_standing", row: id.clone(), column };
    Ok(RegisterTold {
        id_nat: row.id_nat.parse().map_err(|_| bad("id_nat"))?,
        standing: serde_json::from_str(&row.standing).map_err(|_| bad("standing"))?,
        by: ToldBy::from_name(&row.told_by).ok_or_else(|| bad("told_by"))?,
        as_of: row.as_of,
        absences: u32::try_from(row.absences).map_err(|_| bad("absences"))?,
        missed_at: row.missed_at,
    })
}

fn change_row(change: &RegisterChange) -> register_change::Model {
    register_change::Model {
        id: change.id.uuid(),
        person_id: change.person.uuid(),
        national_identity_id: change.national_identity.uuid(),
        kind: change.kind.name().to_owned(),
        was: change.was.clone(),
        became: change.became.clone(),
        told_by: change.by.name().to_owned(),
        seen_at: change.seen_at,
        settled_at: change.settled_at,
        settled_by: change.settled_by.as_ref().map(to_json),
    }
}

fn read_change(row: register_change::Model) -> Result<RegisterChange, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "register_change", row: id.clone(), column };
    let settled_by = row.settled_by.as_deref().map(serde_json::from_str).transpose();
    Ok(RegisterChange {
        id: row.id.into(),
        person: row.person_id.into(),
        national_identity: row.national_identity_id.into(),
        kind: RegisterChangeKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        was: row.was,
        became: row.became,
        by: ToldBy::from_name(&row.told_by).ok_or_else(|| bad("told_by"))?,
        seen_at: row.seen_at,
        settled_at: row.settled_at,
        settled_by: settled_by.map_err(|_| bad("settled_by"))?,
    })
}

fn read_alias(row: national_alias::Model) -> Result<NationalAlias, StoreError> {
    let id = row.former.clone();
    let bad = |column| StoreError::Corrupt { table: "national_alias", row: id.clone(), column };
    Ok(NationalAlias {
        former: row.former.parse().map_err(|_| bad("former"))?,
        id_nat: row.id_nat.parse().map_err(|_| bad("id_nat"))?,
        origin: AliasOrigin::from_name(&row.told_by).ok_or_else(|| bad("told_by"))?,
        seen_at: row.seen_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_each;
    use directory::RegisterStanding;

    fn id(text: &str) -> IdNat {
        text.parse().expect("id")
    }

    #[tokio::test]
    async fn what_the_register_said_is_kept_once_a_number() {
        on_each(async |test| {
            let at = "2026-11-22T05:00:00Z".parse().expect("time");
            let mut told = RegisterTold {
                id_nat: id("899900001233"),
                standing: RegisterStanding { family: "MARTIN".to_owned(), ..Default::default() },
                by: ToldBy::Extract,
                as_of: at,
                absences: 0,
                missed_at: None,
            };
            let tx = test.store.begin().await.expect("begin");
            tx.register_follow().keep_told(std::slice::from_ref(&told)).await.expect("keep");
            told.absences = 1;
            told.missed_at = Some(at);
            tx.register_follow().keep_told(std::slice::from_ref(&told)).await.expect("keep");
            assert_eq!(tx.register_follow().told_all().await.expect("read"), [told.clone()]);
            let alias = NationalAlias {
                former: id("899900009990"),
                id_nat: id("899900001233"),
                origin: AliasOrigin::Register,
                seen_at: at,
            };
            assert!(tx.register_follow().insert_alias(&alias).await.expect("keep"));
            let found = tx.register_follow().alias_of(&alias.former).await.expect("read");
            assert_eq!(found, Some(alias.id_nat.clone()));
            let other = "810001234567".parse().expect("a number");
            let again = NationalAlias { id_nat: other, ..alias.clone() };
            let kept = tx.register_follow().insert_alias(&again).await.expect("asked");
            assert!(!kept, "one successor");
            let found = tx.register_follow().alias_of(&alias.former).await.expect("read");
            assert_eq!(found, Some(alias.id_nat));
        })
        .await;
    }
}
