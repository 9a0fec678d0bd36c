use crate::StoreError;
use crate::by_place::{ByPlace, Columns, columns};
use crate::entity::{enrolment_code, means, operator};
use crate::error::Attempted;
use crate::people::People;
use authentication::{
    EnrolmentCode, EnrolmentProof, Holder, Means, MeansKind, MeansStatus, Operator, Verifier,
};
use chrono::{DateTime, Utc};
use kernel::{ActorId, EnrolmentCodeId, MeansId, OperatorId, PersonId, Role};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::sync::LazyLock;

/// Means of identification.
pub struct MeansTable<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> MeansTable<'_, C> {
    /// Locked for this act, its holder's row before it: what is decided on it stays true until the commit.
    pub async fn lock(&self, id: MeansId) -> Result<Option<Means>, StoreError> {
        self.hold_holder(means::Column::Id.eq(id.uuid())).await?;
        let row = means::Entity::find_by_id(id.uuid())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("lock a means")?;
        row.map(read).transpose()
    }

    pub async fn find(&self, id: MeansId) -> Result<Option<Means>, StoreError> {
        let row =
            means::Entity::find_by_id(id.uuid()).one(self.0).await.attempted("read a means")?;
        row.map(read).transpose()
    }

    /// All means of a person, oldest first; those of her operator account too.
    pub async fn of(&self, person: PersonId) -> Result<Vec<Means>, StoreError> {
        let rows = means::Entity::find()
            .filter(means::Column::PersonId.eq(person.uuid()))
            .order_by_asc(means::Column::IssuedAt)
            .order_by_asc(means::Column::Id)
            .all(self.0)
            .await
            .attempted("read means")?;
        rows.into_iter().map(read).collect()
    }

    /// Active cards, in the order of their ids, from behind one.
    pub async fn active_cards(
        &self,
        after: Option<MeansId>,
        most: u16,
    ) -> Result<Vec<Means>, StoreError> {
        let mut found = means::Entity::find()
            .filter(means::Column::Kind.eq(MeansKind::CpsCard.name()))
            .filter(means::Column::Status.eq(MeansStatus::Active.name()));
        if let Some(after) = after {
            found = found.filter(means::Column::Id.gt(after.uuid()));
        }
        let found = found.order_by_asc(means::Column::Id).limit(u64::from(most));
        let rows = found.all(self.0).await.attempted("read cards")?;
        rows.into_iter().map(read).collect()
    }

    async fn hold_holder(&self, of: SimpleExpr) -> Result<(), StoreError> {
        if self.0.get_database_backend() != DbBackend::Postgres {
            return Ok(()); // one writer at a time there
        }
        let found = means::Entity::find()
            .select_only()
            .column(means::Column::PersonId)
            .filter(of)
            .into_tuple::<uuid::Uuid>()
            .one(self.0)
            .await
            .attempted("read who holds a means")?;
        match found {
            Some(person) => People(self.0).hold(person.into()).await,
            None => Ok(()),
        }
    }

    /// Whether any operator holds an active means: before the first, the admin listener serves its enrolment alone.
    pub async fn any_operator_active(&self) -> Result<bool, StoreError> {
        let count = means::Entity::find()
            .filter(means::Column::OperatorId.is_not_null())
            .filter(means::Column::Status.eq(MeansStatus::Active.name()))
            .count(self.0)
            .await
            .attempted("count operators' means")?;
        Ok(count > 0)
    }

    pub async fn insert(&self, means: &Means) -> Result<(), StoreError> {
        means::Entity::insert(row(means)?.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("create a means")?;
        Ok(())
    }

    /// Saves what was read at `means.version`; the row then holds the next version.
    pub async fn save(&self, means: &Means) -> Result<(), StoreError> {
        let mut next = row(means)?;
        next.version += 1;
        let result = means::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(means::Column::Id.eq(means.id.uuid()))
            .filter(means::Column::Version.eq(means.version))
            .exec(self.0)
            .await
            .attempted("save a means")?;
        if result.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale { table: "means" }) }
    }
}

columns! {
    means::Model {
        id, person_id, operator_id, kind, label, serial, status, secret, credential_id, enrolment, issued_at, activated_at,
        expires_at, last_used_at, version,
    }
}

static BY_CREDENTIAL: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {} FROM means m WHERE m.credential_id = $1", means::Model::listed("m"))
});
static LOCKED: LazyLock<String> = LazyLock::new(|| format!("{} FOR UPDATE", *BY_CREDENTIAL));
const USED: &str = "UPDATE means SET secret = $1, last_used_at = $2, version = version + 1 \
                    WHERE id = $3 AND version = $4";

impl<C: ByPlace> MeansTable<'_, C> {
    /// The key that bears this credential id. Nothing is held.
    pub async fn with_credential(&self, credential: &[u8]) -> Result<Option<Means>, StoreError> {
        self.of_credential(&BY_CREDENTIAL, credential).await
    }

    /// The key that bears this credential id, locked for this act, its holder's row before it.
    pub async fn by_credential(&self, credential: &[u8]) -> Result<Option<Means>, StoreError> {
        if self.0.get_database_backend() != DbBackend::Postgres {
            return self.with_credential(credential).await; // one writer at a time there
        }
        self.hold_holder(means::Column::CredentialId.eq(credential.to_vec())).await?;
        self.of_credential(&LOCKED, credential).await
    }

    async fn of_credential(
        &self,
        sql: &str,
        credential: &[u8],
    ) -> Result<Option<Means>, StoreError> {
        let rows = self.0.rows(sql, vec![credential.to_vec().into()], means::Model::first).await;
        rows.attempted("find a key")?.pop().map(read).transpose()
    }

    /// Saves what a use moved of what was read at `means.version`: its verifier (a counter) and when it was. No index is
    /// about either, and none is written.
    pub async fn used(&self, means: &Means) -> Result<(), StoreError> {
        let next = row(means)?;
        let values =
            vec![next.secret.into(), next.last_used_at.into(), next.id.into(), next.version.into()];
        let saved = self.0.write(USED, values).await.attempted("note the use of a means")?;
        if saved == 1 { Ok(()) } else { Err(StoreError::Stale { table: "means" }) }
    }
}

fn corrupt(table: &'static str, row: impl ToString, column: &'static str) -> StoreError {
    StoreError::Corrupt { table, row: row.to_string(), column }
}

fn row(means: &Means) -> Result<means::Model, StoreError> {
    let bad = |column| corrupt("means", means.id, column);
    let holder = means.holder.ok_or_else(|| bad("person_id"))?;
    let verifier = means.verifier.as_ref();
    Ok(means::Model {
        id: means.id.uuid(),
        person_id: holder.person().uuid(),
        operator_id: holder.operator().map(OperatorId::uuid),
        kind: means.kind.name().to_owned(),
        label: means.label.clone(),
        serial: means.serial.clone(),
        status: means.status.name().to_owned(),
        secret: verifier.map(Verifier::text).transpose().map_err(|_| bad("secret"))?,
        credential_id: verifier.and_then(Verifier::credential_id).map(<[u8]>::to_vec),
        enrolment: EnrolmentProof::text(means.enrolment.as_ref()),
        issued_at: means.issued_at,
        activated_at: means.activated_at,
        expires_at: means.expires_at,
        last_used_at: means.last_used_at,
        version: means.version,
    })
}

pub(crate) fn read(row: means::Model) -> Result<Means, StoreError> {
    let bad = |column| corrupt("means", row.id, column);
    let kind = MeansKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?;
    let verifier = row.secret.as_deref().map(|text| Verifier::from_text(kind, text)).transpose();
    Ok(Means {
        id: row.id.into(),
        kind,
        status: MeansStatus::from_name(&row.status).ok_or_else(|| bad("status"))?,
        holder: Some(holder(row.person_id, row.operator_id)),
        verifier: verifier.map_err(|_| bad("secret"))?,
        enrolment: EnrolmentProof::from_text(&row.enrolment).map_err(|_| bad("enrolment"))?,
        label: row.label,
        serial: row.serial,
        issued_at: row.issued_at,
        activated_at: row.activated_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        version: row.version,
    })
}

fn holder(person: uuid::Uuid, operator: Option<uuid::Uuid>) -> Holder {
    let person = PersonId::from(person);
    match operator {
        None => Holder::Person(person),
        Some(operator) => Holder::Operator { operator: operator.into(), person },
    }
}

/// Codes of the desk, and the first administrator's link.
pub struct EnrolmentCodes<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> EnrolmentCodes<'_, C> {
    pub async fn find(&self, id: EnrolmentCodeId) -> Result<Option<EnrolmentCode>, StoreError> {
        let row = enrolment_code::Entity::find_by_id(id.uuid())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("read an enrolment code")?;
        row.map(read_code).transpose()
    }

    pub async fn by_hash(&self, hash: &[u8; 32]) -> Result<Option<EnrolmentCode>, StoreError> {
        let row = enrolment_code::Entity::find()
            .filter(enrolment_code::Column::CodeHash.eq(hash.to_vec()))
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("find an enrolment code")?;
        row.map(read_code).transpose()
    }

    pub async fn insert(&self, code: &EnrolmentCode) -> Result<(), StoreError> {
        enrolment_code::Entity::insert(code_row(code).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("give an enrolment code")?;
        Ok(())
    }

    /// Ends the codes of an administration account that nobody used; how many there were.
    pub async fn end_unused_of(
        &self,
        operator: OperatorId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let ended = enrolment_code::Entity::update_many()
            .col_expr(enrolment_code::Column::ExpiresAt, Expr::value(now))
            .filter(enrolment_code::Column::OperatorId.eq(operator.uuid()))
            .filter(enrolment_code::Column::UsedAt.is_null())
            .filter(enrolment_code::Column::ExpiresAt.gt(now))
            .exec(self.0)
            .await
            .attempted("end enrolment codes")?;
        Ok(ended.rows_affected)
    }

    pub async fn save(&self, code: &EnrolmentCode) -> Result<(), StoreError> {
        enrolment_code::Entity::update_many()
            .set(code_row(code).into_active_model().reset_all())
            .filter(enrolment_code::Column::Id.eq(code.id.uuid()))
            .exec(self.0)
            .await
            .attempted("save an enrolment code")?;
        Ok(())
    }
}

fn code_row(code: &EnrolmentCode) -> enrolment_code::Model {
    enrolment_code::Model {
        id: code.id.uuid(),
        person_id: code.holder.person().uuid(),
        operator_id: code.holder.operator().map(OperatorId::uuid),
        kind: code.kind.name().to_owned(),
        code_hash: code.hash.to_vec(),
        expires_at: code.expires_at,
        attempts: i64::from(code.tries),
        used_at: code.used_at,
        issued_by: serde_json::to_string(&code.given_by).expect("ids are JSON"),
        created_at: code.given_at,
    }
}

fn read_code(row: enrolment_code::Model) -> Result<EnrolmentCode, StoreError> {
    let bad = |column| corrupt("enrolment_code", row.id, column);
    let given_by: ActorId = serde_json::from_str(&row.issued_by).map_err(|_| bad("issued_by"))?;
    Ok(EnrolmentCode {
        id: row.id.into(),
        holder: holder(row.person_id, row.operator_id),
        kind: MeansKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        hash: row.code_hash.as_slice().try_into().map_err(|_| bad("code_hash"))?,
        given_by,
        given_at: row.created_at,
        expires_at: row.expires_at,
        tries: u32::try_from(row.attempts).map_err(|_| bad("attempts"))?,
        used_at: row.used_at,
    })
}

/// Administration accounts.
pub struct Operators<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Operators<'_, C> {
    pub async fn find(&self, id: OperatorId) -> Result<Option<Operator>, StoreError> {
        let row = operator::Entity::find_by_id(id.uuid())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("read an operator")?;
        row.map(read_operator).transpose()
    }

    pub async fn of(&self, person: PersonId) -> Result<Option<Operator>, StoreError> {
        let row = operator::Entity::find()
            .filter(operator::Column::PersonId.eq(person.uuid()))
            .one(self.0)
            .await
            .attempted("read an operator")?;
        row.map(read_operator).transpose()
    }

    pub async fn all(&self) -> Result<Vec<Operator>, StoreError> {
        let rows = operator::Entity::find()
            .order_by_asc(operator::Column::Id)
            .all(self.0)
            .await
            .attempted("read operators")?;
        rows.into_iter().map(read_operator).collect()
    }

    pub async fn insert(&self, operator: &Operator) -> Result<(), StoreError> {
        operator::Entity::insert(operator_row(operator).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("create an operator")?;
        Ok(())
    }

    /// Saves what was read at `operator.version`; the row then holds the next version.
    pub async fn save(&self, operator: &Operator) -> Result<(), StoreError> {
        let mut next = operator_row(operator);
        next.version += 1;
        let result = operator::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(operator::Column::Id.eq(operator.id.uuid()))
            .filter(operator::Column::Version.eq(operator.version))
            .exec(self.0)
            .await
            .attempted("save an operator")?;
        if result.rows_affected == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale { table: "operator" })
        }
    }
}

fn operator_row(operator: &Operator) -> operator::Model {
    operator::Model {
        id: operator.id.uuid(),
        person_id: operator.person.uuid(),
        roles: serde_json::to_string(&operator.roles).expect("roles are JSON"),
        enabled: operator.enabled,
        version: operator.version,
        created_at: operator.created_at,
    }
}

fn read_operator(row: operator::Model) -> Result<Operator, StoreError> {
    let roles: Vec<Role> =
        serde_json::from_str(&row.roles).map_err(|_| corrupt("operator", row.id, "roles"))?;
    Ok(Operator {
        id: row.id.into(),
        person: row.person_id.into(),
        roles,
        enabled: row.enabled,
        created_at: row.created_at,
        version: row.version,
    })
}

impl crate::Upkeep<'_> {
    /// One more ceremony was begun with this code, whatever comes of it.
    pub async fn count_code_try(&self, code: &EnrolmentCode) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        enrolment_code::Entity::update_many()
            .col_expr(
                enrolment_code::Column::Attempts,
                Expr::col(enrolment_code::Column::Attempts).add(1),
            )
            .filter(enrolment_code::Column::Id.eq(code.id.uuid()))
            .exec(&tx)
            .await
            .attempted("count a try of a code")?;
        tx.finish().await
    }
}
