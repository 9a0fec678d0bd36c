use crate::StoreError;
use crate::by_place::{ByPlace, Columns, columns};
use crate::connection::Transaction;
use crate::entity::{audit_checkpoint, audit_entry};
use crate::error::Attempted;
use audit::{AuditRecord, Digest, Events, Frontier, StoredEntry};
use chrono::{DateTime, Utc};
use kernel::PersonId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::sync::LazyLock;

/// Appends the events of an act, in its transaction.
pub(crate) async fn append(
    tx: &Transaction,
    at: DateTime<Utc>,
    node: &str,
    events: &Events,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(events.count());
    for event in events.iter() {
        let record = AuditRecord { at, node: node.to_owned(), event: event.clone() };
        let bytes =
            record.to_bytes().map_err(|cause| StoreError::Unrecordable(cause.to_string()))?;
        rows.push(NewEntry {
            at,
            category: event.category().name().to_owned(),
            event: event.name().to_owned(),
            outcome: event.outcome().name().to_owned(),
            actor: crate::national_identities::to_json(event.actor()),
            person_id: event.subject().map(PersonId::uuid),
            reference: event.reference().map(|reference| reference.as_str().to_owned()),
            leaf_hash: audit::leaf_hash(&bytes).as_bytes().to_vec(),
            body: String::from_utf8(bytes).expect("JSON is UTF-8"),
        });
    }
    if rows.len() <= FEW {
        for entry in rows {
            tx.write(&APPEND, entry.values()).await.attempted("append to the audit")?;
        }
        return Ok(());
    }
    for chunk in rows.chunks(500) {
        audit_entry::Entity::insert_many(chunk.iter().cloned().map(NewEntry::row))
            .exec_without_returning(tx)
            .await
            .attempted("append to the audit")?;
    }
    Ok(())
}

/// Nearly every act has one event or two: no text is made for them.
const FEW: usize = 4;
static APPEND: LazyLock<String> = LazyLock::new(|| NewEntry::insertion("audit_entry"));

/// An entry before the database numbers it.
#[derive(Clone)]
struct NewEntry {
    at: DateTime<Utc>,
    category: String,
    event: String,
    outcome: String,
    actor: String,
    person_id: Option<uuid::Uuid>,
    reference: Option<String>,
    leaf_hash: Vec<u8>,
    body: String,
}

impl NewEntry {
    fn row(self) -> audit_entry::ActiveModel {
        audit_entry::ActiveModel {
            seq: NotSet,
            at: Set(self.at),
            category: Set(self.category),
            event: Set(self.event),
            outcome: Set(self.outcome),
            actor: Set(self.actor),
            person_id: Set(self.person_id),
            reference: Set(self.reference),
            leaf_hash: Set(self.leaf_hash),
            body: Set(self.body),
            leaf_index: Set(None),
        }
    }
}

columns! {
    NewEntry { at, category, event, outcome, actor, person_id, reference, leaf_hash, body }
}

/// One entry as it lies in the base, sealed or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub category: String,
    pub event: String,
    pub outcome: String,
    pub person: Option<PersonId>,
    pub reference: Option<String>,
    /// The leaf's bytes, JSON.
    pub body: String,
    pub leaf_hash: Digest,
    /// Its number in the tree, given at sealing.
    pub index: Option<u64>,
}

/// The last state of the tree.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub frontier: Frontier,
    /// The signed checkpoint; empty before the first.
    pub note: String,
}

columns! {
    audit_entry::Model {
        seq, at, category, event, outcome, actor, person_id, reference, body, leaf_hash, leaf_index,
    }
}

/// Entries that no checkpoint covers yet, in both databases' words. SQLite's one writer gives numbers in the order in which
/// entries come to stand, and they are sealed in that order: what waits comes after the last sealed one, and is in no index. On
/// PostgreSQL a lower number may come to stand after a higher one.
struct Unsealed {
    whole: String,
    leaves: String,
    count: String,
    /// Entries without a seal that do not wait for one either, where there may be such.
    passed_over: Option<String>,
}

impl Unsealed {
    fn texts(waits: &str, passed_over: Option<&str>) -> Self {
        let columns = audit_entry::Model::listed("e");
        let rest = format!("FROM audit_entry e WHERE {waits}");
        Self {
            whole: format!("SELECT {columns} {rest} ORDER BY e.seq LIMIT $1"),
            leaves: format!("SELECT e.seq, e.leaf_hash {rest} ORDER BY e.seq LIMIT $1"),
            count: format!("SELECT COUNT(*) {rest}"),
            passed_over: passed_over.map(|passed| {
                format!("SELECT e.seq FROM audit_entry e WHERE {passed} ORDER BY e.seq LIMIT $1")
            }),
        }
    }

    fn of(connection: &impl ConnectionTrait) -> &'static Self {
        match connection.get_database_backend() {
            DbBackend::Sqlite => &UNSEALED_SQLITE,
            _ => &UNSEALED_POSTGRES,
        }
    }
}

static UNSEALED_SQLITE: LazyLock<Unsealed> = LazyLock::new(|| {
    let last = "COALESCE((SELECT s.seq FROM audit_entry s \
                WHERE s.leaf_index IS NOT NULL ORDER BY s.leaf_index DESC LIMIT 1), 0)";
    let [waits, passed] =
        [">", "<="].map(|side| format!("e.leaf_index IS NULL AND e.seq {side} {last}"));
    Unsealed::texts(&waits, Some(&passed))
});
static UNSEALED_POSTGRES: LazyLock<Unsealed> =
    LazyLock::new(|| Unsealed::texts("e.leaf_index IS NULL", None));
const SEAL: &str = "UPDATE audit_entry SET leaf_index = $1 WHERE seq = $2 AND leaf_index IS NULL";
/// The same of many, `[[seq, index], …]` as JSON: one turn to the server, and one text however many they are.
const SEAL_MANY: &str = "UPDATE audit_entry SET leaf_index = (given.pair->>1)::bigint \
     FROM jsonb_array_elements($1::jsonb) AS given(pair) \
     WHERE audit_entry.seq = (given.pair->>0)::bigint AND audit_entry.leaf_index IS NULL";

/// The audit as it is kept.
pub struct AuditLog<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> AuditLog<'_, C> {
    pub async fn sealed(&self) -> Result<Sealed, StoreError> {
        let row = audit_checkpoint::Entity::find()
            .order_by_desc(audit_checkpoint::Column::Size)
            .one(self.0)
            .await
            .attempted("read the last checkpoint")?;
        let Some(row) = row else {
            return Ok(Sealed { frontier: Frontier::new(), note: String::new() });
        };
        let bad = || StoreError::Corrupt {
            table: "audit_checkpoint",
            row: row.size.to_string(),
            column: "frontier",
        };
        let subtrees: Result<Vec<Digest>, _> =
            row.frontier.chunks(32).map(Digest::try_from).collect();
        let size = u64::try_from(row.size).map_err(|_| bad())?;
        let frontier =
            Frontier::from_parts(size, subtrees.map_err(|_| bad())?).map_err(|_| bad())?;
        Ok(Sealed { frontier, note: row.note })
    }

    /// The checkpoint that was signed at this size.
    pub async fn note_at(&self, size: u64) -> Result<Option<String>, StoreError> {
        let row = audit_checkpoint::Entity::find_by_id(i64::try_from(size).unwrap_or(i64::MAX))
            .one(self.0)
            .await
            .attempted("read a checkpoint")?;
        Ok(row.map(|row| row.note))
    }

    /// Every signed checkpoint after `after` entries, in order.
    pub async fn notes(
        &self,
        after: Option<u64>,
        limit: u64,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let mut query = audit_checkpoint::Entity::find()
            .order_by_asc(audit_checkpoint::Column::Size)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(
                audit_checkpoint::Column::Size.gt(i64::try_from(after).unwrap_or(i64::MAX)),
            );
        }
        let rows = query.all(self.0).await.attempted("read checkpoints")?;
        Ok(rows.into_iter().map(|row| (u64::try_from(row.size).unwrap_or(0), row.note)).collect())
    }

    /// Sealed entries from the number `from` on, in order of their numbers.
    pub async fn entries(&self, from: u64, limit: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let rows = audit_entry::Entity::find()
            .filter(audit_entry::Column::LeafIndex.gte(i64::try_from(from).unwrap_or(i64::MAX)))
            .order_by_asc(audit_entry::Column::LeafIndex)
            .limit(limit)
            .all(self.0)
            .await
            .attempted("read the audit")?;
        rows.into_iter()
            .map(|row| {
                let entry = read(row)?;
                Ok(StoredEntry {
                    index: entry.index.unwrap_or(0),
                    bytes: entry.body.into_bytes(),
                    leaf_hash: entry.leaf_hash,
                })
            })
            .collect()
    }

    /// Entries not sealed yet, oldest first.
    pub async fn unsealed(&self, limit: u64) -> Result<Vec<AuditEntry>, StoreError> {
        let (sql, values) = (&Unsealed::of(self.0).whole, vec![at_most(limit)]);
        let rows = self.0.rows(sql, values, audit_entry::Model::first).await;
        rows.attempted("read what is to seal")?.into_iter().map(read).collect()
    }

    /// The same, what is to be sealed of them alone: where each stands, and its leaf.
    pub async fn to_seal(&self, limit: u64) -> Result<Vec<(i64, Digest)>, StoreError> {
        let (sql, values) = (&Unsealed::of(self.0).leaves, vec![at_most(limit)]);
        let rows = self.0.rows(sql, values, |row| Ok((row.get(0)?, row.get(1)?))).await;
        let leaf = |(seq, leaf): (i64, Vec<u8>)| {
            let bad = || StoreError::Corrupt {
                table: "audit_entry",
                row: seq.to_string(),
                column: "leaf_hash",
            };
            Ok((seq, Digest::try_from(&*leaf).map_err(|_| bad())?))
        };
        rows.attempted("read what is to seal")?.into_iter().map(leaf).collect()
    }

    /// How many wait for their seal.
    pub async fn count_unsealed(&self) -> Result<u64, StoreError> {
        let rows = self.0.rows(&Unsealed::of(self.0).count, Vec::new(), |row| row.get(0)).await;
        let count: Option<i64> = rows.attempted("count what is to seal")?.pop();
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Where entries stand that no seal will ever come to: on SQLite nothing is written before the last sealed one. On
    /// PostgreSQL there is none, whatever has no seal gets one.
    pub async fn passed_over(&self, limit: u64) -> Result<Vec<i64>, StoreError> {
        let Some(sql) = &Unsealed::of(self.0).passed_over else { return Ok(Vec::new()) };
        let rows = self.0.rows(sql, vec![at_most(limit)], |row| row.get(0)).await;
        rows.attempted("look for entries without a seal")
    }

    pub async fn count(&self) -> Result<u64, StoreError> {
        use sea_orm::sea_query::{Expr, ExprTrait};
        let counted: Option<i64> = audit_entry::Entity::find()
            .select_only()
            .column_as(Expr::col(audit_entry::Column::Seq).count(), "n")
            .into_tuple()
            .one(self.0)
            .await
            .attempted("count the audit")?;
        Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Gives numbers to entries and keeps the checkpoint that signs them. Upkeep: no act of anybody's.
    pub(crate) async fn write_seal(
        &self,
        numbered: &[(i64, u64)],
        frontier: &Frontier,
        note: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sealed = match self.0.get_database_backend() {
            DbBackend::Sqlite => {
                let mut sealed = 0;
                for (seq, index) in numbered {
                    let index = i64::try_from(*index).unwrap_or(i64::MAX);
                    let values = vec![index.into(), (*seq).into()];
                    sealed += self.0.write(SEAL, values).await.attempted("seal the audit")?;
                }
                sealed
            }
            _ => {
                let pairs = serde_json::json!(numbered).to_string();
                let sealed = self.0.write(SEAL_MANY, vec![pairs.into()]).await;
                sealed.attempted("seal the audit")?
            }
        };
        // Another node sealed one since it was read, maybe at another place: a checkpoint over this order would sign a
        // log that is not there.
        if sealed != numbered.len() as u64 {
            return Err(StoreError::Stale { table: "audit_entry" });
        }
        let row = audit_checkpoint::Model {
            size: i64::try_from(frontier.size()).unwrap_or(i64::MAX),
            root: frontier.root().as_bytes().to_vec(),
            frontier: frontier.subtrees().iter().flat_map(|node| *node.as_bytes()).collect(),
            note: note.to_owned(),
            at,
        };
        audit_checkpoint::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a checkpoint")?;
        Ok(())
    }
}

fn at_most(limit: u64) -> sea_orm::Value {
    i64::try_from(limit).unwrap_or(i64::MAX).into()
}

pub(crate) fn read(row: audit_entry::Model) -> Result<AuditEntry, StoreError> {
    let bad =
        |column| StoreError::Corrupt { table: "audit_entry", row: row.seq.to_string(), column };
    Ok(AuditEntry {
        leaf_hash: Digest::try_from(&*row.leaf_hash).map_err(|_| bad("leaf_hash"))?,
        index: row.leaf_index.map(u64::try_from).transpose().map_err(|_| bad("leaf_index"))?,
        seq: row.seq,
        at: row.at,
        category: row.category,
        event: row.event,
        outcome: row.outcome,
        person: row.person_id.map(Into::into),
        reference: row.reference,
        body: row.body,
    })
}

#[cfg(test)]
mod tests {
    use crate::StoreError;
    use crate::testing::on_each;
    use audit::AuditEvent;
    use kernel::{ActorId, PersonId, SeededRandomness};
    use sea_orm::ConnectionTrait;

    #[tokio::test]
    async fn what_waits_for_its_seal_is_what_came_after_the_last_one() {
        on_each(async |at| {
            let chance = SeededRandomness::new(1);
            let person = PersonId::new(&*at.clock, &chance);
            let read = || AuditEvent::PersonRead { by: ActorId::Nobody, person };
            let append = async |count: usize| {
                for _ in 0..count {
                    let tx = at.store.begin().await.expect("begun");
                    tx.commit(read()).await.expect("committed");
                }
            };
            let reader = at.store.read();
            assert!(reader.audit().to_seal(10).await.expect("read").is_empty());
            append(5).await;
            let all = reader.audit().to_seal(10).await.expect("read");
            let whole = reader.audit().unsealed(10).await.expect("read");
            let told: Vec<_> = whole.iter().map(|entry| (entry.seq, entry.leaf_hash)).collect();
            assert_eq!((all.len(), &all), (5, &told));
            let mut frontier = reader.audit().sealed().await.expect("read").frontier;
            let mut numbered = Vec::new();
            for (seq, leaf) in &all[..3] {
                numbered.push((*seq, frontier.size()));
                frontier.append(*leaf);
            }
            at.store.upkeep().seal(&numbered, &frontier, "note").await.expect("sealed");
            append(1).await;
            let left = reader.audit().to_seal(10).await.expect("read");
            assert_eq!((left.len(), &left[..2]), (3, &all[3..]));
            assert_eq!(reader.audit().to_seal(2).await.expect("read"), left[..2]);
            assert_eq!(reader.audit().count_unsealed().await.expect("counted"), 3);
            let entries = reader.audit().entries(0, 10).await.expect("read");
            assert_eq!(entries.iter().map(|entry| entry.index).collect::<Vec<_>>(), [0, 1, 2]);
            // What is sealed has its place for good.
            let again = at.store.upkeep().seal(&numbered[..1], &frontier, "note").await;
            assert!(matches!(again, Err(StoreError::Stale { .. })), "{again:?}");
            // And no two have one.
            let twice = [(left[0].0, 0)];
            at.store.upkeep().seal(&twice, &frontier, "note").await.expect_err("taken");
        })
        .await;
    }

    #[tokio::test]
    async fn lg_01_a_row_before_the_last_sealed_one_is_sealed_or_told() {
        on_each(async |at| {
            let read = || AuditEvent::PersonRead {
                by: ActorId::Nobody,
                person: PersonId::new(&*at.clock, &SeededRandomness::new(1)),
            };
            at.store.begin().await.expect("begun").commit(read()).await.expect("committed");
            let audit = at.store.read();
            let mut frontier = audit.audit().sealed().await.expect("read").frontier;
            let [(seq, leaf)] = audit.audit().to_seal(10).await.expect("read")[..] else {
                panic!("one entry")
            };
            frontier.append(leaf);
            at.store.upkeep().seal(&[(seq, 0)], &frontier, "note").await.expect("sealed");
            assert!(audit.audit().passed_over(10).await.expect("read").is_empty());

            let columns = "at, category, event, outcome, actor, leaf_hash, body";
            let slipped = format!(
                "INSERT INTO audit_entry (seq, {columns}) SELECT 0, {columns} FROM audit_entry"
            );
            let tx = at.store.begin().await.expect("begun");
            tx.execute_unprepared(&slipped).await.expect("slipped in");
            tx.commit(read()).await.expect("committed");
            let waiting = audit.audit().to_seal(10).await.expect("read");
            let waiting: Vec<i64> = waiting.into_iter().map(|(seq, _)| seq).collect();
            let passed = audit.audit().passed_over(10).await.expect("read");
            match at.store.backend() {
                "sqlite" => assert_eq!((waiting, passed), (vec![seq + 1], vec![0])),
                _ => assert_eq!((waiting, passed), (vec![0, seq + 1], vec![])),
            }
        })
        .await;
    }
}
