use crate::StoreError;
use crate::entity::doubt;
use crate::error::Attempted;
use crate::national_identities::to_json;
use chrono::{DateTime, Utc};
use directory::{Case, CaseKind, CaseState};
use identity::ExternalKey;
use kernel::{CaseId, IdNat, PersonId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, Statement, sea_query::OnConflict,
};

#[derive(FromQueryResult)]
struct WaitingRow {
    id: uuid::Uuid,
    state: String,
    person_id: Option<uuid::Uuid>,
    opened_at: DateTime<Utc>,
}

/// Cases: questions for a human. The database refuses the same question twice while it is open.
pub struct Cases<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Cases<'_, C> {
    pub async fn find(&self, id: CaseId) -> Result<Option<Case>, StoreError> {
        let row =
            doubt::Entity::find_by_id(id.uuid()).one(self.0).await.attempted("read a case")?;
        row.map(read).transpose()
    }

    /// Takes the row for this act and reads nothing: after the person whom it is about, before the accords about it.
    pub async fn hold(&self, id: CaseId) -> Result<(), StoreError> {
        if self.0.get_database_backend() != DbBackend::Postgres {
            return Ok(()); // one writer at a time there
        }
        let sql = "SELECT 1 FROM doubt WHERE id = $1 FOR UPDATE";
        let hold = Statement::from_sql_and_values(DbBackend::Postgres, sql, [id.uuid().into()]);
        self.0.execute_raw(hold).await.attempted("hold a case")?;
        Ok(())
    }

    pub async fn of(&self, person: PersonId) -> Result<Vec<Case>, StoreError> {
        let rows = doubt::Entity::find()
            .filter(doubt::Column::PersonId.eq(person.uuid()))
            .order_by_asc(doubt::Column::OpenedAt)
            .all(self.0)
            .await
            .attempted("read cases")?;
        rows.into_iter().map(read).collect()
    }

    /// Every question ever asked, open or decided: what must not be asked again. For runs.
    pub async fn all_keys(&self) -> Result<Vec<(String, CaseState)>, StoreError> {
        let rows = doubt::Entity::find().all(self.0).await.attempted("read cases")?;
        rows.into_iter().map(|row| read(row).map(|case| (case.dedupe_key, case.state))).collect()
    }

    /// Cases of one kind that a human decided.
    pub async fn decided(&self, kind: CaseKind) -> Result<Vec<Case>, StoreError> {
        let rows = doubt::Entity::find()
            .filter(doubt::Column::Kind.eq(kind.name()))
            .filter(doubt::Column::State.eq(CaseState::Decided.name()))
            .all(self.0)
            .await
            .attempted("read decided cases")?;
        rows.into_iter().map(read).collect()
    }

    /// Cases in one state, urgent first, then oldest.
    pub async fn in_state(&self, state: CaseState, limit: u64) -> Result<Vec<Case>, StoreError> {
        use sea_orm::QuerySelect;
        let rows = doubt::Entity::find()
            .filter(doubt::Column::State.eq(state.name()))
            .order_by_desc(doubt::Column::Priority)
            .order_by_asc(doubt::Column::Id)
            .limit(limit)
            .all(self.0)
            .await
            .attempted("read cases")?;
        rows.into_iter().map(read).collect()
    }

    /// Whom a question of this kind waits about, and since when.
    pub async fn waiting_about(
        &self,
        kind: CaseKind,
    ) -> Result<Vec<(CaseState, Option<PersonId>, DateTime<Utc>)>, StoreError> {
        use sea_orm::QuerySelect;
        let rows: Vec<WaitingRow> = doubt::Entity::find()
            .select_only()
            .columns([doubt::Column::Id, doubt::Column::State])
            .columns([doubt::Column::PersonId, doubt::Column::OpenedAt])
            .filter(doubt::Column::Kind.eq(kind.name()))
            .filter(doubt::Column::State.ne(CaseState::Decided.name()))
            .into_model()
            .all(self.0)
            .await
            .attempted("read waiting cases")?;
        rows.into_iter()
            .map(|row| {
                let state = CaseState::from_name(&row.state).ok_or_else(|| {
                    StoreError::Corrupt { table: "doubt", row: row.id.to_string(), column: "state" }
                })?;
                Ok((state, row.person_id.map(PersonId::from), row.opened_at))
            })
            .collect()
    }

    /// Opens a case. False: the same question is open already.
    pub async fn open(&self, case: &Case) -> Result<bool, StoreError> {
        let skip = OnConflict::new().do_nothing().to_owned();
        let opened = doubt::Entity::insert(row(case).into_active_model())
            .on_conflict(skip)
            .exec_without_returning(self.0)
            .await;
        match opened {
            Ok(inserted) => Ok(inserted > 0),
            Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
            Err(error) => Err(StoreError::from_db("open a case", error)),
        }
    }

    /// Saves what was read at `case.version`.
    pub async fn save(&self, case: &Case) -> Result<(), StoreError> {
        let mut next = row(case);
        next.version += 1;
        let result = doubt::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(doubt::Column::Id.eq(case.id.uuid()))
            .filter(doubt::Column::Version.eq(case.version))
            .exec(self.0)
            .await
            .attempted("save a case")?;
        if result.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale { table: "doubt" }) }
    }
}

fn row(case: &Case) -> doubt::Model {
    doubt::Model {
        id: case.id.uuid(),
        kind: case.kind.name().to_owned(),
        state: case.state.name().to_owned(),
        person_id: case.person.map(PersonId::uuid),
        source_id: case.source.map(Into::into),
        external_key: case.external_key.as_ref().map(|key| key.0.clone()),
        dedupe_key: case.dedupe_key.clone(),
        payload: case.payload.clone(),
        priority: case.priority,
        opened_at: case.opened_at,
        decided_at: case.decided_at,
        decided_by: case.decided_by.as_ref().map(to_json),
        decision: case.decision.clone(),
        note: case.note.clone(),
        version: case.version,
        assigned_to: case.assigned_to.map(PersonId::uuid),
        claims: case.claims.as_ref().map(IdNat::to_string),
    }
}

pub(crate) fn read(row: doubt::Model) -> Result<Case, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "doubt", row: id.clone(), column };
    let claims = row.claims.as_deref().map(str::parse);
    let decided_by = row.decided_by.as_deref().map(serde_json::from_str).transpose();
    Ok(Case {
        id: row.id.into(),
        kind: CaseKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        state: CaseState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        person: row.person_id.map(Into::into),
        source: row.source_id.map(Into::into),
        external_key: row.external_key.map(ExternalKey),
        dedupe_key: row.dedupe_key,
        payload: row.payload,
        priority: row.priority,
        opened_at: row.opened_at,
        decided_at: row.decided_at,
        decided_by: decided_by.map_err(|_| bad("decided_by"))?,
        decision: row.decision,
        note: row.note,
        version: row.version,
        assigned_to: row.assigned_to.map(Into::into),
        claims: claims.transpose().map_err(|_| bad("claims"))?,
    })
}
