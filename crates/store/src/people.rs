use crate::StoreError;
use crate::entity::{person, post};
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use directory::{Closing, Person, PersonState};
use identity::{BirthPlace, Names, Sex};
use kernel::PersonId;
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use std::str::FromStr;

/// People: one row each, for ever.
pub struct People<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> People<'_, C> {
    /// Whom a typed name may mean: a matricule, in whichever letters, or a whole mail. Two at most: more is nobody.
    pub async fn called(&self, name: &str, whole: &str) -> Result<Vec<PersonId>, StoreError> {
        let forms = [name.to_owned(), name.to_uppercase()];
        let by_matricule: Vec<uuid::Uuid> = post::Entity::find()
            .select_only()
            .column(post::Column::PersonId)
            .distinct()
            .filter(post::Column::Matricule.is_in(forms))
            .limit(2)
            .into_tuple()
            .all(self.0)
            .await
            .attempted("find a person by matricule")?;
        let by_mail: Vec<uuid::Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::Mail.eq(whole))
            .limit(2)
            .into_tuple()
            .all(self.0)
            .await
            .attempted("find a person by mail")?;
        let mut found: Vec<PersonId> =
            by_matricule.into_iter().chain(by_mail).map(PersonId::from).collect();
        found.sort();
        found.dedup();
        Ok(found)
    }

    pub async fn find(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        let row =
            person::Entity::find_by_id(id.uuid()).one(self.0).await.attempted("read a person")?;
        row.map(read).transpose()
    }

    /// Reads a person and holds the row until the act ends: what is issued and what is closed never cross (OP-09).
    pub async fn lock(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        let row = person::Entity::find_by_id(id.uuid())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("lock a person")?;
        row.map(read).transpose()
    }

    /// Takes the row for this act and reads nothing. The order in which an act takes rows is the same everywhere: the
    /// person, her means, her sessions, a family of tokens, tokens; none waits for another in a circle.
    pub async fn hold(&self, id: PersonId) -> Result<(), StoreError> {
        if self.0.get_database_backend() != DbBackend::Postgres {
            return Ok(()); // one writer at a time there
        }
        let hold = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT 1 FROM person WHERE id = $1 FOR UPDATE",
            [id.uuid().into()],
        );
        self.0.execute_raw(hold).await.attempted("hold a person")?;
        Ok(())
    }

    /// Those of the given ids that exist, in any order.
    pub async fn find_all(&self, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
        let mut people = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let rows = person::Entity::find()
                .filter(person::Column::Id.is_in(chunk.iter().map(|id| id.uuid())))
                .all(self.0)
                .await
                .attempted("read people")?;
            for row in rows {
                people.push(read(row)?);
            }
        }
        Ok(people)
    }

    /// The same, their rows taken for this act in the order of their ids: two acts on several people wait in no circle.
    pub async fn hold_all(&self, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
        let mut ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut people = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let rows = person::Entity::find()
                .filter(person::Column::Id.is_in(chunk.iter().copied()))
                .order_by_asc(person::Column::Id)
                .lock(LockType::Update)
                .all(self.0)
                .await
                .attempted("hold people")?;
            for row in rows {
                people.push(read(row)?);
            }
        }
        Ok(people)
    }

    /// Everybody after `after`, at most `limit`, by id: the bounded batches of a run.
    pub async fn batch_after(
        &self,
        after: Option<PersonId>,
        limit: u64,
    ) -> Result<Vec<Person>, StoreError> {
        let mut query = person::Entity::find().order_by_asc(person::Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(person::Column::Id.gt(after.uuid()));
        }
        let rows = query.all(self.0).await.attempted("read people")?;
        rows.into_iter().map(read).collect()
    }

    /// Those who may use anything, after `after`, at most `limit`, by id.
    pub async fn active_after(
        &self,
        after: Option<PersonId>,
        limit: u64,
    ) -> Result<Vec<Person>, StoreError> {
        let mut query = person::Entity::find()
            .filter(person::Column::State.eq(PersonState::Active.name()))
            .order_by_asc(person::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(person::Column::Id.gt(after.uuid()));
        }
        let rows = query.all(self.0).await.attempted("read people")?;
        rows.into_iter().map(read).collect()
    }

    /// Everybody. For runs, which compare with all; screens page instead.
    pub async fn all(&self) -> Result<Vec<Person>, StoreError> {
        let (mut people, mut after) = (Vec::new(), None);
        loop {
            let batch = self.batch_after(after, 5_000).await?;
            let Some(last) = batch.last() else { return Ok(people) };
            after = Some(last.id);
            people.extend(batch);
        }
    }

    /// People whose names hold every word of `text`, in the order of lists; at most `limit`.
    pub async fn search(&self, text: &str, limit: u64) -> Result<Vec<Person>, StoreError> {
        let mut query = person::Entity::find()
            .order_by_asc(person::Column::SortKey)
            .order_by_asc(person::Column::Id)
            .limit(limit);
        for word in identity::names::tokens(text) {
            query = query.filter(person::Column::SearchKey.contains(format!(" {word}")));
        }
        let rows = query.all(self.0).await.attempted("search people")?;
        rows.into_iter().map(read).collect()
    }

    /// Whom somebody planned to close by now, and who is not closed yet.
    pub async fn due_to_close(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<PersonId>, StoreError> {
        let due: Vec<uuid::Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::ClosedAt.lte(now))
            .filter(person::Column::State.ne(PersonState::Closed.name()))
            .order_by_asc(person::Column::ClosedAt)
            .limit(limit)
            .into_tuple()
            .all(self.0)
            .await
            .attempted("find who is to be closed")?;
        Ok(due.into_iter().map(PersonId::from).collect())
    }

    pub async fn insert_all(&self, people: &[Person]) -> Result<(), StoreError> {
        for chunk in people.chunks(500) {
            let rows = chunk.iter().map(|person| row(person).into_active_model());
            person::Entity::insert_many(rows)
                .exec_without_returning(self.0)
                .await
                .attempted("create people")?;
        }
        Ok(())
    }

    pub async fn insert(&self, person: &Person) -> Result<(), StoreError> {
        self.insert_all(std::slice::from_ref(person)).await
    }

    /// Saves what was read at `person.version`; the row then holds the next version.
    pub async fn save(&self, person: &Person) -> Result<(), StoreError> {
        let mut next = row(person);
        next.version += 1;
        let result = person::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(person::Column::Id.eq(person.id.uuid()))
            .filter(person::Column::Version.eq(person.version))
            .exec(self.0)
            .await
            .attempted("save a person")?;
        if result.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale { table: "person" }) }
    }

    /// How many people are in each state.
    pub async fn count(&self, state: Option<PersonState>) -> Result<u64, StoreError> {
        let mut query = person::Entity::find()
            .select_only()
            .column_as(Expr::col(person::Column::Id).count(), "n");
        if let Some(state) = state {
            query = query.filter(person::Column::State.eq(state.name()));
        }
        let counted: Option<i64> =
            query.into_tuple().one(self.0).await.attempted("count people")?;
        Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}

pub(crate) fn row(person: &Person) -> person::Model {
    let keys = person.keys();
    person::Model {
        id: person.id.uuid(),
        state: person.state.name().to_owned(),
        birth_family: person.names.birth_family.clone(),
        usage_family: person.names.usage_family.clone(),
        given: person.names.given.clone(),
        usual_given: person.names.usual_given.clone(),
        sort_key: keys.sort,
        search_key: keys.search,
        homonym_key: keys.homonym,
        sex: person.sex.map(|sex| sex_name(sex).to_owned()),
        birth_date: person.birth_date,
        birth_insee: person.birth_place.insee_code.clone(),
        birth_label: person.birth_place.label.clone(),
        mail: person.mail.clone(),
        declared_rpps: person.declared_rpps.as_ref().map(ToString::to_string),
        closed_at: person.closing.as_ref().map(|closing| closing.at),
        close_motive: person.closing.as_ref().map(|closing| closing.motive.clone()),
        created_at: person.created_at,
        version: person.version,
    }
}

fn sex_name(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "F",
        Sex::Male => "M",
    }
}

pub(crate) fn read(row: person::Model) -> Result<Person, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "person", row: id.clone(), column };
    let sex = match row.sex.as_deref() {
        None => None,
        Some("F") => Some(Sex::Female),
        Some("M") => Some(Sex::Male),
        Some(_) => return Err(bad("sex")),
    };
    let rpps = row.declared_rpps.as_deref().map(kernel::Rpps::from_str).transpose();
    Ok(Person {
        id: row.id.into(),
        state: PersonState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        names: Names {
            birth_family: row.birth_family,
            usage_family: row.usage_family,
            given: row.given,
            usual_given: row.usual_given,
        },
        sex,
        birth_date: row.birth_date,
        birth_place: BirthPlace { insee_code: row.birth_insee, label: row.birth_label },
        mail: row.mail,
        declared_rpps: rpps.map_err(|_| bad("declared_rpps"))?,
        closing: row
            .closed_at
            .map(|at| Closing { at, motive: row.close_motive.unwrap_or_default() }),
        created_at: row.created_at,
        version: row.version,
    })
}
