//! Two records that are one person: what moved from one to the other, and back.
use crate::StoreError;
use crate::entity::{
    account, doubt, means, national_identity, person_merge, post, register_change, source_record,
};
use crate::error::Attempted;
use crate::national_identities::to_json;
use chrono::{DateTime, Utc};
use kernel::{ActorId, ClientId, MeansId, MergeId, PersonId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What belonged to the absorbed record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moved {
    pub posts: Vec<Uuid>,
    pub accounts: Vec<Uuid>,
    pub national_identities: Vec<Uuid>,
    pub cases: Vec<Uuid>,
    pub register_changes: Vec<Uuid>,
    pub means: Vec<Uuid>,
    /// Source and key.
    pub records: Vec<(Uuid, String)>,
    /// What the absorbed record was before it was closed.
    pub state: String,
    pub closed_at: Option<DateTime<Utc>>,
    pub close_motive: Option<String>,
    /// What it no longer bears, so that nothing finds two people by it.
    pub mail: Option<String>,
    pub declared_rpps: Option<String>,
    /// The record that stays had none, and took it.
    pub mail_given: bool,
    pub rpps_given: bool,
    /// The national numbers of both at the merge: what is linked to another one came since.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// The applications that the absorbed record answered for, each with whether the other did too. Left out when empty:
    /// merges of before are sealed without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owned: Vec<(ClientId, bool)>,
    /// MAC of all this and of both records, by the appliance's key: what was written by another hand is not followed.
    #[serde(default)]
    pub seal: String,
}

impl Moved {
    /// What the seal is made over.
    pub fn sealed_text(&self, id: MergeId, kept: PersonId, absorbed: PersonId) -> String {
        let bare = Self { seal: String::new(), ..self.clone() };
        format!("{id}|{kept}|{absorbed}|{}", to_json(&bare))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub id: MergeId,
    pub kept: PersonId,
    pub absorbed: PersonId,
    pub merged_at: DateTime<Utc>,
    pub merged_by: ActorId,
    /// A word of the closed list.
    pub evidence: String,
    pub motive: String,
    pub moved: Moved,
    pub undone_at: Option<DateTime<Utc>>,
}

// By name: columns of SQLite come in no order of their own.
#[derive(FromQueryResult)]
struct RecordRow {
    source_id: Uuid,
    external_key: String,
}

pub struct Merges<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Merges<'_, C> {
    pub async fn find(&self, id: MergeId) -> Result<Option<Merge>, StoreError> {
        let row = person_merge::Entity::find_by_id(id.uuid());
        row.one(self.0).await.attempted("read a merge")?.map(read).transpose()
    }

    /// Those in force that concern this person, either side, the newest first.
    pub async fn of(&self, person: PersonId) -> Result<Vec<Merge>, StoreError> {
        let either = Condition::any()
            .add(person_merge::Column::Kept.eq(person.uuid()))
            .add(person_merge::Column::Absorbed.eq(person.uuid()));
        let rows = person_merge::Entity::find()
            .filter(either)
            .filter(person_merge::Column::UndoneAt.is_null())
            .order_by_desc(person_merge::Column::MergedAt)
            .order_by_desc(person_merge::Column::Id)
            .all(self.0)
            .await
            .attempted("read the merges of a person")?;
        rows.into_iter().map(read).collect()
    }

    /// Records that another one took in. For runs: nobody is found by them any more.
    pub async fn absorbed(&self) -> Result<BTreeSet<PersonId>, StoreError> {
        let rows: Vec<Uuid> = person_merge::Entity::find()
            .select_only()
            .column(person_merge::Column::Absorbed)
            .filter(person_merge::Column::UndoneAt.is_null())
            .into_tuple()
            .all(self.0)
            .await
            .attempted("read merged records")?;
        Ok(rows.into_iter().map(PersonId::from).collect())
    }

    /// The record that stands for this one: itself, or the one that took it in, however often.
    pub async fn survivor(&self, person: PersonId) -> Result<PersonId, StoreError> {
        let mut stands = person;
        let mut seen = BTreeSet::from([person]);
        loop {
            let next: Option<Uuid> = person_merge::Entity::find()
                .select_only()
                .column(person_merge::Column::Kept)
                .filter(person_merge::Column::Absorbed.eq(stands.uuid()))
                .filter(person_merge::Column::UndoneAt.is_null())
                .into_tuple()
                .one(self.0)
                .await
                .attempted("read who stands for a merged record")?;
            match next {
                // A record that was taken in takes none in: should two have taken each other in, nothing is asked for ever.
                Some(next) if !seen.insert(next.into()) => {
                    return Err(StoreError::Corrupt {
                        table: "person_merge",
                        row: next.to_string(),
                        column: "kept",
                    });
                }
                Some(next) => stands = next.into(),
                None => return Ok(stands),
            }
        }
    }

    pub async fn insert(&self, merge: &Merge) -> Result<(), StoreError> {
        let row = person_merge::Model {
            id: merge.id.uuid(),
            kept: merge.kept.uuid(),
            absorbed: merge.absorbed.uuid(),
            merged_at: merge.merged_at,
            merged_by: to_json(&merge.merged_by),
            evidence: merge.evidence.clone(),
            motive: merge.motive.clone(),
            moved: to_json(&merge.moved),
            undone_at: merge.undone_at,
            undone_by: None,
        };
        person_merge::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a merge")?;
        Ok(())
    }

    /// False: it was undone before.
    pub async fn undo(
        &self,
        id: MergeId,
        by: &ActorId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let undone = person_merge::Entity::update_many()
            .col_expr(person_merge::Column::UndoneAt, Expr::value(at))
            .col_expr(person_merge::Column::UndoneBy, Expr::value(to_json(by)))
            .filter(person_merge::Column::Id.eq(id.uuid()))
            .filter(person_merge::Column::UndoneAt.is_null())
            .exec(self.0)
            .await
            .attempted("undo a merge")?;
        Ok(undone.rows_affected == 1)
    }

    /// Gives all that one person has to another; what it was. Of means those alone that are named: a key names its
    /// holder itself.
    pub async fn give_all(
        &self,
        from: PersonId,
        to: PersonId,
        of_means: &[MeansId],
    ) -> Result<Moved, StoreError> {
        let mut moved = Moved::default();
        macro_rules! give {
            ($table:ident, $into:ident, $what:literal) => {
                moved.$into = $table::Entity::find()
                    .select_only()
                    .column($table::Column::Id)
                    .filter($table::Column::PersonId.eq(from.uuid()))
                    .order_by_asc($table::Column::Id)
                    .into_tuple()
                    .all(self.0)
                    .await
                    .attempted($what)?;
                let those = Condition::all().add($table::Column::PersonId.eq(from.uuid()));
                self.hand::<$table::Entity>($table::Column::PersonId, those, to).await?;
            };
        }
        give!(post, posts, "read posts to move");
        give!(account, accounts, "read accounts to move");
        give!(national_identity, national_identities, "read links to move");
        give!(doubt, cases, "read questions to move");
        self.touch_cases(&moved.cases).await?;
        give!(register_change, register_changes, "read changes to move");
        moved.means = of_means.iter().map(|id| id.uuid()).collect();
        self.hand_means(&moved.means, from, to).await?;
        let records: Vec<RecordRow> = source_record::Entity::find()
            .select_only()
            .columns([source_record::Column::SourceId, source_record::Column::ExternalKey])
            .filter(source_record::Column::PersonId.eq(from.uuid()))
            .order_by_asc(source_record::Column::SourceId)
            .order_by_asc(source_record::Column::ExternalKey)
            .into_model()
            .all(self.0)
            .await
            .attempted("read records to move")?;
        moved.records = records.into_iter().map(|row| (row.source_id, row.external_key)).collect();
        let those = Condition::all().add(source_record::Column::PersonId.eq(from.uuid()));
        self.hand::<source_record::Entity>(source_record::Column::PersonId, those, to).await?;
        Ok(moved)
    }

    /// Gives back what is still with `from`; whether every post was. Posts that a source wrote anew since are its
    /// caller's to sort.
    pub async fn give_back(
        &self,
        moved: &Moved,
        from: PersonId,
        to: PersonId,
    ) -> Result<bool, StoreError> {
        macro_rules! back {
            ($table:ident, $ids:expr) => {{
                let those = Condition::all()
                    .add($table::Column::PersonId.eq(from.uuid()))
                    .add($table::Column::Id.is_in($ids.iter().copied()));
                self.hand::<$table::Entity>($table::Column::PersonId, those, to).await?
            }};
        }
        let posts = back!(post, moved.posts);
        back!(account, moved.accounts);
        back!(national_identity, moved.national_identities);
        back!(doubt, moved.cases);
        self.touch_cases(&moved.cases).await?;
        back!(register_change, moved.register_changes);
        self.hand_means(&moved.means, from, to).await?;
        for (source, key) in &moved.records {
            let one = Condition::all()
                .add(source_record::Column::PersonId.eq(from.uuid()))
                .add(source_record::Column::SourceId.eq(*source))
                .add(source_record::Column::ExternalKey.eq(key.as_str()));
            self.hand::<source_record::Entity>(source_record::Column::PersonId, one, to).await?;
        }
        Ok(posts == moved.posts.len() as u64)
    }

    // The version of what is saved whole rises, so that nobody saves over the move what was read before it.
    async fn touch_cases(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        doubt::Entity::update_many()
            .col_expr(doubt::Column::Version, Expr::col(doubt::Column::Version).add(1))
            .filter(doubt::Column::Id.is_in(ids.iter().copied()))
            .exec(self.0)
            .await
            .attempted("move questions")?;
        Ok(())
    }

    async fn hand_means(
        &self,
        ids: &[Uuid],
        from: PersonId,
        to: PersonId,
    ) -> Result<(), StoreError> {
        means::Entity::update_many()
            .col_expr(means::Column::PersonId, Expr::value(to.uuid()))
            .col_expr(means::Column::Version, Expr::col(means::Column::Version).add(1))
            .filter(means::Column::PersonId.eq(from.uuid()))
            .filter(means::Column::Id.is_in(ids.iter().copied()))
            .exec(self.0)
            .await
            .attempted("move means")?;
        Ok(())
    }

    async fn hand<E: EntityTrait>(
        &self,
        column: E::Column,
        those: Condition,
        to: PersonId,
    ) -> Result<u64, StoreError> {
        let handed = E::update_many()
            .col_expr(column, Expr::value(to.uuid()))
            .filter(those)
            .exec(self.0)
            .await
            .attempted("move what a person has")?;
        Ok(handed.rows_affected)
    }
}

fn read(row: person_merge::Model) -> Result<Merge, StoreError> {
    let bad =
        |column| StoreError::Corrupt { table: "person_merge", row: row.id.to_string(), column };
    Ok(Merge {
        id: row.id.into(),
        kept: row.kept.into(),
        absorbed: row.absorbed.into(),
        merged_at: row.merged_at,
        merged_by: serde_json::from_str(&row.merged_by).map_err(|_| bad("merged_by"))?,
        moved: serde_json::from_str(&row.moved).map_err(|_| bad("moved"))?,
        evidence: row.evidence,
        motive: row.motive,
        undone_at: row.undone_at,
    })
}
